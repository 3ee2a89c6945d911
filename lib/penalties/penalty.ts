import { checkOneOf, checkText, show } from "../core/check.ts";
import { stored } from "../core/left_out.ts";
import {
  type Checked,
  checkOptions,
  number,
  option,
  type Options,
  orAbsent,
} from "../core/options.ts";
import { type Schedule, scheduleOption } from "../core/schedule.ts";
import type { AxisRole } from "../records/study_record.ts";
import type { Groups } from "./groups.ts";

/** What a parameter is, for choosing targets; never guessed from its name. */
export type ParameterKind =
  /** Weights applied to a layer's input, also of the output layer. */
  | "kernel"
  /** Weights applied to the previous hidden state. */
  | "recurrentKernel"
  /** Table of token or position vectors. */
  | "embedding"
  | "bias"
  /** Gain and shift of a layer norm. */
  | "normalization"
  /** A matrix of a low-rank adapter, which a training has beside its model (`training.adapters`). */
  | "adapter";

/** Every kind of parameter of a model, in the order in which targets are written. */
export const parameterKinds: readonly ParameterKind[] = [
  "kernel",
  "recurrentKernel",
  "embedding",
  "bias",
  "normalization",
];

/** What targets may name: adapters are beside the model, which has none of its own. */
const targetKinds: readonly ParameterKind[] = [...parameterKinds, "adapter"];

/** Targets of a penalty when none are given: weight matrices, not biases, not embeddings. */
export const defaultTargets: readonly ParameterKind[] = ["kernel", "recurrentKernel"];

/** What penalties need to know about a parameter. */
export interface ParameterDescription {
  /** Unique in the model, such as `gru0/recurrentKernel`. */
  readonly name: string;
  /** What it is. */
  readonly kind: ParameterKind;
  /** Layer it belongs to, such as `embedding`, `gru0`, `output`. */
  readonly layer: string;
  /** Extents; a scalar has none. */
  readonly shape: readonly number[];
  /**
   * Matrices of one width that stand side by side in its columns, such as 3 of queries, keys and values.
   * What is left out is said by the layer's recurrent kernel (see `matricesOf`), or is 1.
   */
  readonly matrices?: number;
}

/**
 * What all penalties together do to one parameter w with gradient g in one step of learning rate η,
 * in this order:
 *
 * 1. g ← g + l1 · sign(w) + l2 · w + l2TowardsStart · (w − w₀) + groupLasso · c · w/‖w‖ (loss terms;
 *    sign(0) = 0, and 0 for a group whose weights are all 0; ‖w‖ is the norm of the weight's group, c the
 *    group's factor; w₀ the weight that the training began with, see `StartOf`);
 * 2. clipping of all gradients, by their global norm or by value;
 * 3. g ← g + coupledDecay · w (as PyTorch, whose `weight_decay` is added inside the optimizer);
 * 4. w ← w − (η · decoupledDecay + η/η₀ · scheduledDecay) · w, apart from the optimizer's step, which
 *    reads g alone (η₀ is the learning rate without its schedule); with cautiousDecay only the weights
 *    that the step does not move away from 0; with decayTowardsStart w − w₀ in place of w, and w₀ of 0;
 * 5. w ← argmin over x of ½ Σ d (x − w)² + proximalL1 · Σ|x| + ½ proximalL2 · Σx²
 *    + proximalGroupLasso · Σ c ‖x‖ over the groups, where d is the inverse of the step per unit of
 *    steady gradient (see `proximalThreshold`); with proximalTowardsStart |x − w₀| in place of |x|;
 * 6. w ← w · min(1, 1/(maxNorm · ‖w‖₂)) over the bounded groups.
 *
 * A coefficient of 0 leaves the bits as they are without it.
 */
export interface StepEffect {
  /** λ of λ Σ|w| in the loss. */
  readonly l1: number;
  /** α of ½ α Σw² in the loss. */
  readonly l2: number;
  /** α of ½ α Σ(w − w₀)² in the loss. */
  readonly l2TowardsStart: number;
  /** α of α · w added to the gradient after clipping. */
  readonly coupledDecay: number;
  /** α of η · α · w taken from the weights. */
  readonly decoupledDecay: number;
  /** α of α · w taken from the weights, times the schedule's factor but not times η. */
  readonly scheduledDecay: number;
  /** Whether both leave alone the weights that the optimizer's step moves away from 0. */
  readonly cautiousDecay: boolean;
  /** Whether both take from w − w₀ in place of w. */
  readonly decayTowardsStart: boolean;
  /** λ of λ Σ c ‖w‖₂ over groups in the loss. */
  readonly groupLasso: number;
  /** λ of the proximal map of the same. */
  readonly proximalGroupLasso: number;
  /** What the groups of both are; null when neither acts. */
  readonly groups: Groups | null;
  /** 1/c of the bound ‖w‖₂ ≤ c of groups after the step. */
  readonly maxNorm: number;
  /** What the bounded groups are; null when none is. */
  readonly boundedGroups: Groups | null;
  /** λ of the proximal map. */
  readonly proximalL1: number;
  /** Whether proximalL1 is of |w − w₀| in place of |w|. */
  readonly proximalTowardsStart: boolean;
  /** α of the proximal map. */
  readonly proximalL2: number;
  /**
   * `perWeight`: d = (√v̂ + ε)/η under Adam with v̂ the bias-corrected second moment of this step,
   * (1 − momentum)/η under SGD, (1 − momentum) · denominator/η under RMSprop; `scalar`: d = 1/η
   * always, which under Adam and momentum has other fixed points than the minimum of loss + λ‖w‖₁.
   * The map of groups always takes the first.
   */
  readonly proximalThreshold: "perWeight" | "scalar";
}

/** The effect of no penalty. */
export const noEffect: StepEffect = {
  l1: 0,
  l2: 0,
  l2TowardsStart: 0,
  coupledDecay: 0,
  decoupledDecay: 0,
  scheduledDecay: 0,
  cautiousDecay: false,
  decayTowardsStart: false,
  groupLasso: 0,
  proximalGroupLasso: 0,
  groups: null,
  maxNorm: 0,
  boundedGroups: null,
  proximalL1: 0,
  proximalTowardsStart: false,
  proximalL2: 0,
  proximalThreshold: "perWeight",
};

/**
 * The weights w₀ that a parameter began with, by its place among a model's: those that the initializer drew
 * or that were loaded, before any step and whatever a warm start puts in their place.
 */
export type StartOf = (index: number) => Float32Array;

/** Which parameters a penalty acts on: those of these kinds, and of these layers if they are named. */
export interface Targets {
  /**
   * Kinds of parameters it acts on.
   *
   * @default {["kernel", "recurrentKernel"]}
   */
  readonly targets: readonly ParameterKind[];
  /** Layers it acts on, such as `gru0`, in the order of their names; all when there is no list. */
  readonly layers?: readonly string[];
}

/** What every penalty's specification holds besides its strengths. */
export interface CommonSpecification extends Targets {
  /**
   * How the strengths change over the steps, such as `warmUpSchedule`; a constant one is left out.
   *
   * @default {constantSchedule()}
   */
  readonly schedule?: Schedule;
}

/** Options that every penalty takes besides its strengths. */
export type CommonOptions = Partial<CommonSpecification>;

/** λ or α of a penalty, a finite number from 0. */
export const strength = number({ from: 0 });

/** Kinds of parameters that are acted on, in their usual order. */
export const targets = option(checkTargets, defaultTargets);

/** Options that every penalty takes besides its strengths. */
export const commonOptions = {
  targets,
  layers: orAbsent(option(checkLayers)),
  schedule: scheduleOption,
};

/** What a penalty takes besides its strengths, from what is its own. */
export function withCommonOptions<Own extends Options>(own: Own): Own & typeof commonOptions {
  return { ...own, ...commonOptions };
}

/** Options of a penalty whose only number is its strength. */
export interface StrengthOptions extends CommonOptions {
  /** λ or α, a finite number from 0. */
  readonly strength: number;
}

/** What a penalty takes whose only number is its strength. */
export const strengthOptions = withCommonOptions({ strength });

/** Specification of a penalty, as JSON has it, from its options and what they must be. */
export function specifyPenalty<Kind extends string, Described extends Options>(
  kind: Kind,
  options: unknown,
  described: Described,
): { readonly kind: Kind } & Checked<Described> {
  return stored({ kind, ...checkOptions(kind, options, described) }, "penalties");
}

/** Whether a penalty acts on a parameter. */
export function actsOn(
  { targets, layers }: Targets,
  { kind, layer }: { readonly kind: ParameterKind; readonly layer: string },
): boolean {
  return targets.includes(kind) && (layers === undefined || layers.includes(layer));
}

/** A kind on which both may act, or undefined; different layers never meet. */
export function commonTarget(first: Targets, second: Targets): ParameterKind | undefined {
  const { layers } = first;
  const meet = layers === undefined || second.layers === undefined ||
    layers.some((layer) => second.layers!.includes(layer));
  return meet ? first.targets.find((kind) => second.targets.includes(kind)) : undefined;
}

/** Words about a penalty: the same for all of a kind, or made of its options. */
export type Words<Specification> = string | ((penalty: Specification) => string);

/**
 * What every kind of penalty says of itself. Words are also made of records that others wrote, in which
 * an option may be missing.
 */
export interface PenaltyKind<Specification> {
  /** Its constructor, which is its validator: options in, plain JSON out. */
  create(options: never): Specification;
  /** What each option must be, and its default. */
  readonly options: Options;
  /** What the field calls it, in figures and tables. */
  readonly name: Words<Specification>;
  /** What it does, in one line; λ, α are its strengths, η the learning rate. */
  readonly formula: Words<Specification>;
  /** The same in TeX; null where only the user's own code says it. */
  readonly tex: Words<Specification> | null;
  /** What an axis of a study that sets one of its own options is for. */
  readonly roles: {
    readonly [Option in Exclude<keyof Specification, "kind" | keyof CommonSpecification>]: AxisRole;
  };
  /** What such an axis sets, where that is not the kind's name with the option's. */
  readonly optionNames?: { readonly [Option in keyof Specification]?: string };
}

/** A penalty on weights as the rest of the library sees it. */
export interface Penalty<Specification> extends PenaltyKind<Specification> {
  /**
   * What it does to a parameter that it targets, before its schedule multiplies the numbers. It also says
   * what its term of the objective is, and which other penalties it contradicts.
   */
  effect(specification: Specification): Partial<StepEffect>;
  /** How it groups the weights of a parameter; only of penalties that act on groups. */
  grouping?(specification: Specification): Pick<Groups, "by" | "weighting">;
}

/** The clauses of a formula in words that there are. */
export function clauses(...all: readonly (string | undefined)[]): string {
  return all.filter((clause) => clause).join("; ");
}

function checkTargets(name: string, targets: unknown): readonly ParameterKind[] {
  if (!Array.isArray(targets) || targets.length === 0) {
    throw new TypeError(
      `${name} must be a non-empty list of ${targetKinds.join(", ")}, found ${show(targets)}.`,
    );
  }
  for (const kind of targets) checkOneOf(name, kind, targetKinds);
  if (new Set(targets).size !== targets.length) {
    throw new RangeError(`${name} must name each kind once, found ${show(targets)}.`);
  }
  return targetKinds.filter((kind) => targets.includes(kind));
}

function checkLayers(name: string, layers: unknown): readonly string[] {
  if (!Array.isArray(layers) || layers.length === 0) {
    throw new TypeError(`${name} must be a non-empty list of layer names, found ${show(layers)}.`);
  }
  for (const layer of layers) checkText(name, layer);
  if (new Set(layers).size !== layers.length) {
    throw new RangeError(`${name} must name each layer once, found ${show(layers)}.`);
  }
  return layers.toSorted();
}

/** w − w₀ of every weight, in single precision. */
export function changesOf(weights: Float32Array, start: Float32Array): Float32Array {
  return weights.map((weight, index) => weight - start[index]);
}

/** Σ|w| in double precision, first to last. */
export function sumOfAbsoluteValues(weights: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < weights.length; i++) sum += Math.abs(weights[i]);
  return sum;
}

/** Σw² in double precision, first to last. */
export function sumOfSquares(weights: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < weights.length; i++) sum += weights[i] * weights[i];
  return sum;
}
