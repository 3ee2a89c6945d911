import type * as tf from "@tensorflow/tfjs";
import { checkKeys, checkText, show } from "../core/check.ts";
import type { JsonObject } from "../core/json.ts";
import type { CallOwn } from "../core/own_module.ts";
import type { RandomStream } from "../core/random.ts";
import type { ParameterKind } from "../penalties/penalty.ts";
import type { Initializer } from "./initializers.ts";

/** A trainable parameter of a model of the user's own. */
export interface OwnParameter {
  /** What it is, for the targets of penalties. */
  readonly kind: ParameterKind;
  /** Extents, one to four. */
  readonly shape:
    | readonly [number]
    | readonly [number, number]
    | readonly [number, number, number]
    | readonly [number, number, number, number];
  /** How its weights begin, such as `glorotUniform()`; zeros if not given. */
  readonly initializer?: Initializer;
}

/** Parameters by name, `layer/name`. */
export interface OwnParameters {
  /** One parameter. */
  readonly [name: string]: OwnParameter;
}

/** The tensors of some parameters, of the rank of their shapes. */
export type OwnTensors<Parameters extends OwnParameters> = {
  readonly [Name in keyof Parameters]: Parameters[Name]["shape"] extends readonly [number]
    ? tf.Tensor1D
    : Parameters[Name]["shape"] extends readonly [number, number] ? tf.Tensor2D
    : Parameters[Name]["shape"] extends readonly [number, number, number] ? tf.Tensor3D
    : tf.Tensor4D;
};

/** What the forward pass of a model of the user's own gets. */
export interface OwnForward<Options, Parameters extends OwnParameters> {
  /** Weights by name. */
  readonly parameters: OwnTensors<Parameters>;
  /** Token ids that are read, `[time × batch]`: position t of window b is at t · batch + b. */
  readonly tokens: Int32Array;
  /** Positions of a window. */
  readonly time: number;
  /** Windows side by side. */
  readonly batch: number;
  /** Tokens that can be predicted. */
  readonly vocabularySize: number;
  /** The model's options. */
  readonly options: Options;
  /**
   * Stream for dropout's masks in training, such as those of `ops.dropout`, whose rates follow the
   * training's `dropoutSchedule`; null in evaluation.
   */
  readonly dropout: RandomStream | null;
}

/** What {@link defineModel} takes. */
export interface OwnModelDefinition<
  Options extends JsonObject,
  Parameters extends OwnParameters,
> {
  /** What records and reports call it. */
  readonly name: string;
  /** Every option with its default; a study may give other values of the same type. */
  readonly defaults: Options;
  /** Parameters for a vocabulary. */
  parameters(
    context: { readonly vocabularySize: number; readonly options: Options },
  ): Parameters;
  /**
   * Scores of what may follow each token, `[time · batch, vocabularySize]`; those of a position may
   * depend on the tokens up to it only.
   */
  logits(forward: OwnForward<Options, Parameters>): tf.Tensor2D;
  /** Positions that it can read at most when it writes; all if not given. */
  contextLength?(options: Options): number;
}

/** A definition whose option and parameter types are not known any more. */
export type AnyOwnModel = OwnModelDefinition<any, any>;

/**
 * Defines a language model of the user's own: its parameters and its forward pass, in tfjs or in the
 * library's fused operations (`ops`). To be exported by a module of the project, which a study names
 * with `ownModel`.
 *
 * The loss is the mean cross-entropy of the logits; tfjs differentiates it. The functions must depend
 * on their arguments only, randomness included (`dropout`): the record of a run says which code made
 * it, and the same code must give the same numbers. Tensors that they make are freed.
 *
 * @param definition `name`, `defaults`, `parameters`, `logits`, `contextLength`.
 * @returns The same.
 * @throws {TypeError} If one of them is missing or of another type.
 *
 * @example
 * ```ts
 * import { glorotUniform } from "./initializers.ts";
 * import { defineModel } from "./define_model.ts";
 * import * as ops from "../ops/ops.ts";
 * import assert from "node:assert/strict";
 * const bigram = defineModel({
 *   name: "bigram",
 *   defaults: { size: 16 },
 *   parameters: ({ vocabularySize: V, options: { size } }) => ({
 *     "embedding/table": { kind: "embedding", shape: [V, size], initializer: glorotUniform() },
 *     "output/kernel": { kind: "kernel", shape: [size, V], initializer: glorotUniform() },
 *   }),
 *   logits: ({ parameters: { "embedding/table": table, "output/kernel": kernel }, tokens }) =>
 *     ops.linear({ inputs: ops.embedding({ table, tokens }), kernel }),
 * });
 * assert.equal(bigram.name, "bigram");
 * ```
 */
export function defineModel<Options extends JsonObject, Parameters extends OwnParameters>(
  definition: OwnModelDefinition<Options, Parameters>,
): OwnModelDefinition<Options, Parameters> {
  checkModelDefinition("defineModel", definition);
  return definition;
}

/** Refuses what is no definition of a model. */
export function checkModelDefinition(subject: string, value: unknown): AnyOwnModel {
  checkKeys(subject, value, ["name", "defaults", "parameters", "logits", "contextLength"]);
  const definition = value as AnyOwnModel;
  checkText(`${subject}: name`, definition.name);
  checkKeys(`${subject}: defaults`, definition.defaults, Object.keys(definition.defaults ?? {}));
  for (const name of ["parameters", "logits", "contextLength"] as const) {
    const given = definition[name];
    if (typeof given === "function" || (name === "contextLength" && given === undefined)) continue;
    throw new TypeError(`${subject}: ${name} must be a function, found ${show(given)}.`);
  }
  return definition;
}

/** A model of the user's own as it was loaded. */
export interface OwnModelPart {
  readonly definition: AnyOwnModel;
  readonly call: CallOwn;
}
