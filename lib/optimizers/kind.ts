import type { JsonObject } from "../core/json.ts";
import type { Options } from "../core/options.ts";
import type { KernelExports } from "../engine/kernel_exports.ts";
import type { DecoupledWeightDecaySpecification } from "../penalties/decoupled_weight_decay.ts";
import type { Averaging, ChangeAll } from "./_averaging.ts";
import type { ParameterDescription } from "../penalties/penalty.ts";
import type { Matrices } from "./_matrices.ts";
import type { EffectCoefficients } from "./_step.ts";
import type { OwnOptimizerPart } from "./define_optimizer.ts";

/** All that is known of one kind of optimizer; nothing of it loads tfjs. */
export type OptimizerKind<Specification> =
  & KnownOfOptimizer<Specification>
  & (OneRule<Specification> | SeveralRules<Specification>);

/** What an optimizer does that treats all parameters alike. */
export interface OneRule<Specification> {
  /** Names of what it remembers of each weight; all begin at 0. */
  slots(specification: Specification): readonly string[];
  /** What step number `step`, from 1, does at the learning rate η. */
  step(specification: Specification, learningRate: number, step: number): Step;
}

/** What an optimizer does that treats some parameters in another way than others. */
export interface SeveralRules<Specification> {
  /**
   * The rule of each parameter of a model, in their order.
   *
   * @param own The definition of an optimizer of the user's own; without it its rules make no step.
   * @throws {RangeError} If it has nothing to do for the model, or names what the model does not have.
   */
  rules(
    specification: Specification,
    parameters: readonly ParameterDescription[],
    own?: OwnOptimizerPart,
  ): readonly Rule[];
}

/** What an optimizer does to a parameter. */
export interface Rule {
  /** Names of what it remembers of each weight; all begin at 0. */
  readonly slots: readonly string[];
  /** What the optimizer's learning rate is multiplied by, for step and decay. */
  readonly rateFactor: number;
  /** Floating-point operations of the products of matrices that a step does; none where there are none. */
  readonly products?: number;
  /** Numbers that a step needs for itself and gives back; none where it changes weights one by one. */
  readonly scratch?: number;
  /** What step number `step`, from 1, does at the learning rate η, its factor included. */
  step(learningRate: number, step: number): Step;
}

interface KnownOfOptimizer<Specification> {
  /** Checks the options and fills in every default. */
  readonly create: (options: never) => Specification;
  /** What each option must be, and its default. */
  readonly options: Options;
  /** The step in a line of text, as a record's JSON has its options. */
  formula(optimizer: JsonObject): string;
  /** The same in TeX, without penalties; null where only the user's own code says it. */
  tex(optimizer: JsonObject): string | null;
  /** What options are for as axes of a study, where it is not the training. */
  readonly roles?: { readonly [option: string]: "strength" | "choice" };
  /** The decoupled decay that it makes itself. */
  readonly decay?: {
    /** As the penalty that it is; null for none. */
    of(specification: Specification): DecoupledWeightDecaySpecification | null;
    /** What to take to be without, in words. */
    readonly without: string;
  };
  /** Averages the weights, of which the mean is measured and kept. */
  averaging?(specification: Specification, changeAll: ChangeAll): Averaging;
  /** What of its options does nothing in a run of so many steps. */
  warnings?(specification: Specification, run: RunLength): string[];
}

/** What a warning needs to know of a run. */
export interface RunLength {
  readonly steps: number;
  /** Evaluations after that of the untrained model. */
  readonly evaluations: number;
  /** The same in words. */
  readonly afterwards: string;
}

/** One step of an optimizer, on whatever parameter follows its rule. */
export interface Step {
  /** Step per unit of a steady gradient, before the division by the denominator of each weight. */
  readonly size: number;
  /** Whether each weight has a denominator. */
  readonly perWeight: boolean;
  /** Numbers of the update, in single precision and in the kernel's order. */
  readonly coefficients: Float32Array;
  /** Changes the weights and what is remembered of them, in the order of the slots. */
  update(
    weights: Float32Array,
    gradient: Float32Array,
    slots: readonly Float32Array[],
    effects: EffectCoefficients,
    matrices: Matrices,
  ): void;
  /**
   * The same to the bit by a kernel; none where there is no kernel. Returns the `squaredNorm` of the
   * gradient where wanted, else 0.
   */
  updateByKernel?(
    kernels: KernelExports,
    addresses: Addresses,
    effects: EffectCoefficients,
    normWanted: boolean,
    matrices: Matrices,
  ): number;
  /**
   * Writes the inverse of each weight's denominator in single precision, as the update has it; only of steps
   * by a kernel that have denominators.
   */
  writeInverses?(inverses: Float32Array, slots: readonly Float32Array[]): void;
  /** Writes the step of each weight per unit of steady gradient, as the slots are after the update. */
  writeSizes(sizes: Float64Array, slots: readonly Float32Array[]): void;
}

/** Where one parameter, and what a step does to it, lies in the engine's memory. */
export interface Addresses {
  readonly weights: number;
  readonly gradient: number;
  readonly slots: readonly number[];
  /** Number of weights. */
  readonly count: number;
  /** The kernels' `Effects`. */
  readonly effects: number;
  /** The step's coefficients. */
  readonly coefficients: number;
}
