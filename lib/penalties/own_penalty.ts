import type { JsonObject } from "../core/json.ts";
import { stored } from "../core/left_out.ts";
import { checkOptions, type Given, orAbsent, text } from "../core/options.ts";
import {
  checkOwnModule,
  type OwnModule,
  ownModuleOptions,
  ownPartOptions,
} from "../core/own_module.ts";
import { type CommonSpecification, type Penalty, strength, withCommonOptions } from "./penalty.ts";

/** A penalty of the user's own, as plain JSON. */
export interface OwnPenaltySpecification extends CommonSpecification, OwnModule {
  /** Which penalty it is. */
  readonly kind: "ownPenalty";
  /** What the module calls it; a study fills it in. */
  readonly name?: string;
  /** Its formula in words; a study fills it in. */
  readonly formula?: string;
  /** λ, what multiplies the term, or what the map gets; from 0, and 0 gives the bits of no penalty. */
  readonly strength: number;
  /** Its other options; a study fills in those that are left out. */
  readonly options: JsonObject;
}

/** What of a definition says which options it takes; the rest of it needs tfjs. */
export interface WithDefaults {
  /** Every option besides the strength with its default. */
  readonly defaults?: any;
}

/** What {@link ownPenalty} takes; the type argument is the definition that the module exports. */
export interface OwnPenaltyOptions<Definition extends WithDefaults = WithDefaults>
  extends Omit<Given<OwnPenaltySpecification, "export" | "targets">, "options"> {
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
 * @param options See {@link OwnPenaltySpecification}.
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
  const checked = checkOptions("ownPenalty", options, ownPenaltyOptions);
  const module = checkOwnModule("ownPenalty", checked);
  return stored({ kind: "ownPenalty", ...checked, ...module }, "penalties");
}

const ownPenaltyOptions = withCommonOptions({
  ...ownModuleOptions,
  name: orAbsent(text()),
  formula: orAbsent(text()),
  strength,
  options: ownPartOptions,
});

/** What is known of {@link ownPenalty} without its module; the training loop does the rest. */
export const ownPenaltyPenalty: Penalty<OwnPenaltySpecification> = {
  create: ownPenalty,
  options: ownPenaltyOptions,
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
