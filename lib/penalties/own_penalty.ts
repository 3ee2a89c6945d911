import { checkKeys, checkText } from "../core/check.ts";
import type { JsonObject } from "../core/json.ts";
import { checkOwnModule, type OwnModule, ownModuleKeys } from "../core/own_module.ts";
import {
  checkCommonOptions,
  checkStrength,
  commonOptionNames,
  type CommonOptions,
  type CommonSpecification,
  type Penalty,
} from "./penalty.ts";

/** A penalty of the user's own, as plain JSON. */
export interface OwnPenaltySpecification extends CommonSpecification, OwnModule {
  /** Which penalty it is. */
  readonly kind: "ownPenalty";
  /** What the module calls it; a study fills it in. */
  readonly name?: string;
  /** Its formula in words; a study fills it in. */
  readonly formula?: string;
  /** λ, what multiplies the term, or what the map gets. */
  readonly strength: number;
  /** Its other options; a study fills in those that are left out. */
  readonly options: JsonObject;
}

/** What of a definition says which options it takes; the rest of it needs tfjs. */
export interface WithDefaults {
  /** Every option beside the strength with its default. */
  readonly defaults?: any;
}

/** What {@link ownPenalty} takes; the type argument is the definition that the module exports. */
export interface OwnPenaltyOptions<Definition extends WithDefaults = WithDefaults>
  extends
    CommonOptions,
    Partial<Pick<OwnPenaltySpecification, "export" | "code" | "name" | "formula">> {
  /** Project-relative path of the module, such as `parts/logarithm.ts`. */
  readonly module: string;
  /** λ, a finite number from 0. */
  readonly strength: number;
  /** Options of the penalty that differ from its defaults. */
  readonly options?: Partial<NonNullable<Definition["defaults"]>>;
}

/**
 * Specifies a penalty that a module of the user's project defines with `definePenalty`.
 *
 * The study fills in the penalty's name and formula, its options' defaults, and a hash of the module
 * with everything that it imports: other code gives other run ids, and a process or machine whose files
 * differ refuses to train. Biases, embeddings and normalization parameters are outside unless `targets`
 * names them. What it pulls at is not known, so it may be combined with any other penalty.
 *
 * @param options.module Path of the module from the project's folder, with forward slashes.
 * @param options.export Name of the export; `default` by default.
 * @param options.strength λ, a finite number from 0; 0 gives the bits of no penalty.
 * @param options.options Options of the penalty that differ from its defaults.
 * @param options.targets Kinds of parameters it acts on.
 * @param options.layers Names of the layers it acts on; all if not given.
 * @param options.schedule How the strength changes over the steps; constant if not given.
 * @returns Plain JSON.
 * @throws {TypeError | RangeError} If the path leaves the project or an option is refused.
 *
 * @example
 * ```ts
 * import { ownPenalty } from "./own_penalty.ts";
 * import assert from "node:assert/strict";
 * const penalty = ownPenalty({ module: "parts/logarithm.ts", strength: 1e-4 });
 * assert.deepEqual(penalty.targets, ["kernel", "recurrentKernel"]);
 * assert.throws(() => ownPenalty({ module: "/etc/x.ts", strength: 1 }), /found "\/etc\/x.ts"/);
 * ```
 */
export function ownPenalty<Definition extends WithDefaults = WithDefaults>(
  options: OwnPenaltyOptions<Definition>,
): OwnPenaltySpecification {
  checkKeys("ownPenalty", options, [
    ...ownModuleKeys,
    ...["name", "formula", "strength", "options"],
    ...commonOptionNames,
  ]);
  const { name, formula, options: given = {} } = options;
  checkKeys("ownPenalty: options", given, Object.keys(given ?? {}));
  return {
    kind: "ownPenalty",
    ...checkOwnModule("ownPenalty", options),
    ...(name === undefined ? {} : { name: checkText("ownPenalty: name", name) }),
    ...(formula === undefined ? {} : { formula: checkText("ownPenalty: formula", formula) }),
    strength: checkStrength("ownPenalty: strength", options.strength),
    options: given as JsonObject,
    ...checkCommonOptions("ownPenalty", options),
  };
}

/** What is known of {@link ownPenalty} without its module; the training loop does the rest. */
export const ownPenaltyPenalty: Penalty<OwnPenaltySpecification> = {
  create: ownPenalty,
  name: ({ name }) => typeof name === "string" ? name : "own penalty",
  formula: ({ formula }) => typeof formula === "string" ? formula : "see its definition",
  tex: null,
  roles: {
    module: "choice",
    export: "choice",
    code: "choice",
    name: "choice",
    formula: "choice",
    strength: "strength",
    options: "own",
  },
  effect: () => ({}),
};
