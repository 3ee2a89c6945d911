import type * as tf from "@tensorflow/tfjs";
import { show } from "../core/check.ts";
import type { JsonObject } from "../core/json.ts";
import { checkOptions, passed, text } from "../core/options.ts";
import { ownPartOptions } from "../core/own_module.ts";
import type { ParameterDescription } from "./penalty.ts";

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
 * each step. To be exported by a module of the project, which a study names with `ownPenalty`.
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
 * import { definePenalty } from "./define_penalty.ts";
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
  const { term, afterStep } = checkOptions(subject, value, {
    name: text(),
    formula: text(),
    defaults: ownPartOptions,
    term: passed<unknown>(),
    afterStep: passed<unknown>(),
  });
  if ((typeof term === "function") === (typeof afterStep === "function")) {
    throw new TypeError(
      `${subject}: either term or afterStep must be a function, found ${show(term)} and ` +
        `${show(afterStep)}.`,
    );
  }
  return value as AnyOwnPenalty;
}
