import { checkKeys, checkText, show } from "../core/check.ts";
import type { JsonObject } from "../core/json.ts";
import type { CallOwn } from "../core/own_module.ts";
import type { ParameterDescription } from "../penalties/penalty.ts";

/** What an optimizer of the user's own knows of a step of one parameter. */
export interface OwnOptimizerStep<Options, Slot extends string> {
  /** What it remembers of each weight, by the names in `slots`; 0 before the first step. */
  readonly slots: { readonly [Name in Slot]: Float32Array };
  /** η of this step, its schedule included. */
  readonly learningRate: number;
  /** Number of the step, from 1. */
  readonly step: number;
  /** The optimizer's options. */
  readonly options: Options;
  /** The parameter whose weights they are. */
  readonly parameter: ParameterDescription;
}

/** What an update of the user's own gets besides the gradient. */
export interface OwnUpdate<Options, Slot extends string> extends OwnOptimizerStep<Options, Slot> {
  /** The weights before the step, to be read only. */
  readonly weights: Float32Array;
}

/** What {@link defineOptimizer} takes. */
export interface OwnOptimizerDefinition<Options extends JsonObject, Slot extends string> {
  /** What records and reports call it. */
  readonly name: string;
  /** What a step does, in one line, for reports; η is the learning rate. */
  readonly formula: string;
  /** Every option besides the learning rate with its default. */
  readonly defaults?: Options;
  /** Names of what is remembered of each weight, such as `["velocity"]`; `[]` for nothing. */
  readonly slots: readonly Slot[];
  /**
   * Turns the gradient of one parameter, in place, into its update u, for w ← w − u, and brings its slots
   * up to date, in place too.
   */
  update(gradient: Float32Array, context: OwnUpdate<Options, Slot>): void;
  /**
   * Writes how far a step moves each weight per unit of a steady gradient, with the slots as they are
   * after the update; proximal penalties rely on it.
   */
  size?(sizes: Float64Array, context: OwnOptimizerStep<Options, Slot>): void;
}

/** A definition whose option and slot types are not known any more. */
export type AnyOwnOptimizer = OwnOptimizerDefinition<any, any>;

/**
 * Defines an optimizer of the user's own: what it remembers, and what it makes of a gradient. To be
 * exported by a module of the project, which a study names with `ownOptimizer`.
 *
 * Once a parameter and step, `update` gets the gradient after loss-term penalties, clipping and coupled
 * decay, and writes u over it, η included. The library does the rest as for every optimizer:
 * decoupled decay, w ← w − u, proximal maps, max-norm, averages, checkpoints of the slots.
 *
 * A step of the library's own optimizers rounds every product, sum, quotient and root to single precision
 * by `Math.fround`; what is stored in an array is rounded by that, what stands between is not. A definition
 * that does the same has the same bits. The functions must depend on their arguments only.
 *
 * The size s of a step of each weight is what proximal penalties divide by: the gradient g, held for
 * long, moves a weight by s g in a step. That is η for w ← w − η g, η/(1 − μ) with momentum μ,
 * η/(√v̂ + ε) for Adam. Without `size`, proximal penalties are refused, but for those of a scalar
 * threshold, which take η.
 *
 * @param definition `name`, `formula`, `defaults`, `slots`, `update`, `size`.
 * @returns The same.
 * @throws {TypeError | RangeError} If one of them is missing or of another type, or two slots have one name.
 *
 * @example
 * ```ts
 * import { defineOptimizer } from "./define_optimizer.ts";
 * import assert from "node:assert/strict";
 * const signs = defineOptimizer({
 *   name: "signs of the momentum",
 *   formula: "b ← μ b + (1 − μ) g, w ← w − η sign(b)",
 *   defaults: { momentum: 0.9 },
 *   slots: ["b"],
 *   update(g, { slots: { b }, learningRate, options: { momentum } }) {
 *     for (let i = 0; i < g.length; i++) {
 *       b[i] = momentum * b[i] + (1 - momentum) * g[i];
 *       g[i] = learningRate * Math.sign(b[i]);
 *     }
 *   },
 * });
 * assert.deepEqual(signs.slots, ["b"]);
 * ```
 */
export function defineOptimizer<
  Options extends JsonObject = Record<string, never>,
  const Slot extends string = never,
>(definition: OwnOptimizerDefinition<Options, Slot>): OwnOptimizerDefinition<Options, Slot> {
  checkOptimizerDefinition("defineOptimizer", definition);
  return definition;
}

/** Refuses what is no definition of an optimizer. */
export function checkOptimizerDefinition(subject: string, value: unknown): AnyOwnOptimizer {
  checkKeys(subject, value, ["name", "formula", "defaults", "slots", "update", "size"]);
  const { name, formula, defaults = {}, slots, update, size } = value as Record<string, unknown>;
  checkText(`${subject}: name`, name);
  checkText(`${subject}: formula`, formula);
  checkKeys(`${subject}: defaults`, defaults, Object.keys(defaults ?? {}));
  checkSlots(`${subject}: slots`, slots);
  if (typeof update !== "function") {
    throw new TypeError(`${subject}: update must be a function, found ${show(update)}.`);
  }
  if (size !== undefined && typeof size !== "function") {
    throw new TypeError(`${subject}: size must be a function or nothing, found ${show(size)}.`);
  }
  return value as AnyOwnOptimizer;
}

/** Names of what is remembered; they also name it in checkpoints. */
export function checkSlots(name: string, slots: unknown): readonly string[] {
  const allowed = `${name} must be a list of names such as ["velocity"], [] where nothing is ` +
    `remembered`;
  if (!Array.isArray(slots)) throw new TypeError(`${allowed}, found ${show(slots)}.`);
  for (const slot of slots) {
    if (typeof slot !== "string" || !/^[a-zA-Z]\w{0,63}$/.test(slot)) {
      throw new TypeError(
        `${allowed}; a name has letters, digits and _, found ${show(slot)}.`,
      );
    }
  }
  if (new Set(slots).size !== slots.length) {
    throw new RangeError(`${allowed}, each once; found ${show(slots)}.`);
  }
  return slots;
}

/** An optimizer of the user's own as it was loaded. */
export interface OwnOptimizerPart {
  readonly definition: AnyOwnOptimizer;
  readonly call: CallOwn;
}
