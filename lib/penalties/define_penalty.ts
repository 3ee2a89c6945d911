import type * as tf from "@tensorflow/tfjs";
import { checkOneOf, show } from "../core/check.ts";
import type { JsonObject } from "../core/json.ts";
import { checkOptions, passed, text } from "../core/options.ts";
import { ownPartOptions } from "../core/own_module.ts";
import type { ParameterDescription } from "./penalty.ts";

/** What the term of a penalty of the user's own gets besides the weights. */
export interface OwnTerm<Options> {
  /** The penalty's options. */
  readonly options: Options;
  /** The parameter whose weights they are. */
  readonly parameter: ParameterDescription;
}

/** What the map of a penalty of the user's own gets besides the weights. */
export interface OwnStep<Options> extends OwnTerm<Options> {
  /** λ of this step, its schedule included. */
  readonly strength: number;
  /** η of this step. */
  readonly learningRate: number;
  /** Number of the step, from 1. */
  readonly step: number;
}

/** What a map can see of the step besides the weights after it, each as long as the weights. */
export interface OwnSeen {
  /** The weights before the step, to be read only. */
  readonly before: Float32Array;
  /**
   * u of the step: what the optimizer takes from the weights, w ← w − u, before decoupled decay and
   * proximal maps, η and momentum included; to be read only.
   */
  readonly update: Float32Array;
}

/** What {@link definePenalty} takes: a term of the loss or a map after each step. */
export type OwnPenaltyDefinition<Options extends JsonObject, Sees extends keyof OwnSeen = never> =
  & {
    /** What records and reports call it. */
    readonly name: string;
    /** What it does, in one line, for reports; λ is its strength. */
    readonly formula: string;
    /** Every option besides the strength with its default. */
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
      readonly sees?: undefined;
    }
    | {
      /** Changes the weights of one parameter in place, after the optimizer's step and all maps. */
      afterStep(weights: Float32Array, context: OwnStep<Options> & Pick<OwnSeen, Sees>): void;
      /** What of the step it reads: each is an array of 4 bytes a weight that is kept for it. */
      readonly sees?: readonly Sees[];
      readonly term?: undefined;
    }
  );

/** A definition whose option types are not known any more. */
export type AnyOwnPenalty = OwnPenaltyDefinition<any, any>;

/**
 * Defines a penalty of the user's own, either as a term of the loss or as a map on the weights after
 * each step. To be exported by a module of the project, which a study names with `ownPenalty`.
 *
 * A term is summed over the targeted parameters and multiplied by λ here: no ½, no mean. Its gradient
 * is tfjs's, which for |w| is −1 at 0 (`l1` has 0), and is clipped with the loss's. A map is called
 * once a parameter and step with λ and η; it is no term of the objective and counts 0 in the curve.
 * At strength 0 neither is called.
 *
 * A map whose `sees` names them gets the weights `before` the step, and the `update` u that the optimizer
 * took from them before decoupled decay and proximal maps: without these, w = before − u. With the library's
 * own steps that is η g for `sgd`, η m̂/(√v̂ + ε) for `adam` and `adamW`, η s NS(U) for a matrix of
 * `muon`, whose η of other parameters is not the `learningRate` that the map gets.
 *
 * @param definition `name`, `formula`, `defaults`, and `term` or `afterStep` with `sees`.
 * @returns The same.
 * @throws {TypeError | RangeError} If one of them is missing or of another type, both are given, or `sees`
 * names what there is not.
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
export function definePenalty<
  Options extends JsonObject = Record<string, never>,
  const Sees extends keyof OwnSeen = never,
>(definition: OwnPenaltyDefinition<Options, Sees>): OwnPenaltyDefinition<Options, Sees> {
  checkPenaltyDefinition("definePenalty", definition);
  return definition;
}

/** Refuses what is no definition of a penalty. */
export function checkPenaltyDefinition(subject: string, value: unknown): AnyOwnPenalty {
  const { term, afterStep, sees } = checkOptions(subject, value, {
    name: text(),
    formula: text(),
    defaults: ownPartOptions,
    term: passed<unknown>(),
    afterStep: passed<unknown>(),
    sees: passed<unknown>(),
  });
  if ((typeof term === "function") === (typeof afterStep === "function")) {
    throw new TypeError(
      `${subject}: either term or afterStep must be a function, found ${show(term)} and ` +
        `${show(afterStep)}.`,
    );
  }
  if (sees !== undefined) checkSees(`${subject}: sees`, sees, afterStep);
  return value as AnyOwnPenalty;
}

const seen: readonly (keyof OwnSeen)[] = ["before", "update"];

function checkSees(name: string, sees: unknown, afterStep: unknown): void {
  if (!Array.isArray(sees)) {
    throw new TypeError(`${name} must be a list of ${seen.join(", ")}, found ${show(sees)}.`);
  }
  for (const each of sees) checkOneOf(name, each, seen);
  if (new Set(sees).size !== sees.length) {
    throw new RangeError(`${name} must name each once, found ${show(sees)}.`);
  }
  if (typeof afterStep !== "function") {
    throw new TypeError(`${name} is for afterStep: a term sees the weights alone.`);
  }
}
