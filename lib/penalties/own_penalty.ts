import type * as tf from "@tensorflow/tfjs";
import { checkKeys, checkText, show } from "../core/check.ts";
import type { JsonObject } from "../core/json.ts";
import { checkOwnModule, type OwnModule, ownModuleKeys } from "../core/own_module.ts";
import {
  checkCommonOptions,
  checkStrength,
  commonOptionNames,
  type CommonOptions,
  type CommonSpecification,
  type ParameterDescription,
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

/** What the term of a penalty of the user's own gets beside the weights. */
export interface OwnTerm<Options> {
  /** The penalty's options. */
  readonly options: Options;
  /** The parameter whose weights they are. */
  readonly parameter: ParameterDescription;
}

/** What the map of a penalty of the user's own gets beside the weights. */
export interface OwnStep<Options> extends OwnTerm<Options> {
  /** λ of this step, its schedule included. */
  readonly strength: number;
  /** η of this step. */
  readonly learningRate: number;
  /** Number of the step, from 1. */
  readonly step: number;
}

/** What {@link definePenalty} takes: a term of the loss or a map after each step. */
export type OwnPenaltyDefinition<Options extends JsonObject> =
  & {
    /** What records and reports call it. */
    readonly name: string;
    /** What it does, in one line, for reports; λ is its strength. */
    readonly formula: string;
    /** Every option beside the strength with its default. */
    readonly defaults?: Options;
  }
  & (
    | {
      /**
       * Term of one parameter, a scalar; loss + λ Σ term over the targeted parameters, differentiated
       * by tfjs. Its gradient comes before clipping, as of `l1`.
       */
      term(weights: tf.Tensor, context: OwnTerm<Options>): tf.Tensor;
      readonly afterStep?: undefined;
    }
    | {
      /** Changes the weights of one parameter in place, after the optimizer's step and all maps. */
      afterStep(weights: Float32Array, context: OwnStep<Options>): void;
      readonly term?: undefined;
    }
  );

/** A definition whose option types are not known any more. */
export type AnyOwnPenalty = OwnPenaltyDefinition<any>;

/**
 * Defines a penalty of the user's own, either as a term of the loss or as a map on the weights after
 * each step. To be exported by a module of the project, which a study names with {@link ownPenalty}.
 *
 * A term is summed over the targeted parameters and multiplied by λ here: no ½, no mean. Its gradient
 * is tfjs's, which for |w| is −1 at 0 (`l1` has 0), and is clipped with the loss's. A map is called
 * once a parameter and step with λ and η; it is no term of the objective and counts 0 in the curve.
 * At strength 0 neither is called.
 *
 * @param definition `name`, `formula`, `defaults`, and `term` or `afterStep`.
 * @returns The same.
 * @throws {TypeError} If one of them is missing or of another type, or both are given.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { definePenalty } from "./own_penalty.ts";
 * import assert from "node:assert/strict";
 * const logarithm = definePenalty({
 *   name: "logarithm",
 *   formula: "loss + λ Σ ln(1 + |w|/ε)",
 *   defaults: { epsilon: 0.01 },
 *   term: (weights, { options: { epsilon } }) => tf.sum(tf.log1p(tf.div(tf.abs(weights), epsilon))),
 * });
 * assert.equal(logarithm.defaults?.epsilon, 0.01);
 * ```
 */
export function definePenalty<Options extends JsonObject = Record<string, never>>(
  definition: OwnPenaltyDefinition<Options>,
): OwnPenaltyDefinition<Options> {
  checkPenaltyDefinition("definePenalty", definition);
  return definition;
}

/** Refuses what is no definition of a penalty. */
export function checkPenaltyDefinition(subject: string, value: unknown): AnyOwnPenalty {
  checkKeys(subject, value, ["name", "formula", "defaults", "term", "afterStep"]);
  const { name, formula, defaults = {}, term, afterStep } = value as Record<string, unknown>;
  checkText(`${subject}: name`, name);
  checkText(`${subject}: formula`, formula);
  checkKeys(`${subject}: defaults`, defaults, Object.keys(defaults ?? {}));
  if ((typeof term === "function") === (typeof afterStep === "function")) {
    throw new TypeError(
      `${subject}: either term or afterStep must be a function, found ${show(term)} and ` +
        `${show(afterStep)}.`,
    );
  }
  return value as AnyOwnPenalty;
}

/** What {@link ownPenalty} takes; the type argument is the definition that the module exports. */
export interface OwnPenaltyOptions<Definition extends AnyOwnPenalty = AnyOwnPenalty>
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
 * Specifies a penalty that a module of the user's project defines with {@link definePenalty}.
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
export function ownPenalty<Definition extends AnyOwnPenalty = AnyOwnPenalty>(
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
  pulls: [],
  create: ownPenalty,
  effect: () => ({}),
  value: () => 0,
};
