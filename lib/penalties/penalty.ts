import { checkNumber, checkOneOf, show } from "../core/check.ts";

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
  | "normalization";

/** Every kind of parameter, in the order in which targets are written. */
export const parameterKinds: readonly ParameterKind[] = [
  "kernel",
  "recurrentKernel",
  "embedding",
  "bias",
  "normalization",
];

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
}

/**
 * What all penalties together do to one parameter w with gradient g in one step of learning rate η,
 * in this order:
 *
 * 1. g ← g + l1 · sign(w) + l2 · w (loss terms; sign(0) = 0);
 * 2. clipping of all gradients by their global norm;
 * 3. g ← g + coupledDecay · w (as PyTorch, whose `weight_decay` is added inside the optimizer);
 * 4. w ← w − η · decoupledDecay · w, beside the optimizer's step, which reads g alone;
 * 5. w ← argmin over x of ½ d (x − w)² + proximalL1 · |x| + ½ proximalL2 · x², where d is the inverse
 *    of the step per unit of steady gradient (see `proximalThreshold`).
 *
 * A coefficient of 0 leaves the bits as they are without it.
 */
export interface StepEffect {
  /** λ of λ Σ|w| in the loss. */
  readonly l1: number;
  /** α of ½ α Σw² in the loss. */
  readonly l2: number;
  /** α of α · w added to the gradient after clipping. */
  readonly coupledDecay: number;
  /** α of η · α · w taken from the weights. */
  readonly decoupledDecay: number;
  /** λ of the proximal map. */
  readonly proximalL1: number;
  /** α of the proximal map. */
  readonly proximalL2: number;
  /**
   * `perWeight`: d = (√v̂ + ε)/η under Adam with v̂ the bias-corrected second moment of this step,
   * (1 − momentum)/η under SGD; `scalar`: d = 1/η always, which under Adam and momentum has other
   * fixed points than the minimum of loss + λ‖w‖₁.
   */
  readonly proximalThreshold: "perWeight" | "scalar";
}

/** The effect of no penalty. */
export const noEffect: StepEffect = {
  l1: 0,
  l2: 0,
  coupledDecay: 0,
  decoupledDecay: 0,
  proximalL1: 0,
  proximalL2: 0,
  proximalThreshold: "perWeight",
};

/**
 * What a penalty pulls at. Two penalties that pull at the same thing in the same parameter are a
 * contradiction: `absolute` |w| (by sub-gradient or proximal map), `square` w² (by a gradient or
 * proximal map), `decay` (by shrinking beside the gradient).
 */
export type Pull = "absolute" | "square" | "decay";

/** A penalty as the rest of the library sees it; users see its constructor. */
export interface Penalty<Specification> {
  /** What it pulls at. */
  readonly pulls: readonly Pull[];
  /** Its constructor, which is its validator: options in, plain JSON out. */
  create(options: never): Specification;
  /** What it does to a parameter that it targets. */
  effect(specification: Specification): Partial<StepEffect>;
  /** Its term of the objective for the weights of one parameter, summed in double precision. */
  value(specification: Specification, weights: Float32Array): number;
}

/** Returns a strength: a finite number from 0, or throws as `checkNumber`. */
export function checkStrength(name: string, value: unknown): number {
  return checkNumber(name, value, { from: 0 });
}

/** Returns the kinds of parameters that a penalty acts on, in their usual order, or throws. */
export function checkTargets(
  subject: string,
  targets: readonly ParameterKind[] = defaultTargets,
): readonly ParameterKind[] {
  const name = `${subject}: targets`;
  if (!Array.isArray(targets) || targets.length === 0) {
    throw new TypeError(
      `${name} must be a non-empty list of ${parameterKinds.join(", ")}, found ${show(targets)}.`,
    );
  }
  for (const kind of targets) checkOneOf(name, kind, parameterKinds);
  if (new Set(targets).size !== targets.length) {
    throw new RangeError(`${name} must name each kind once, found ${show(targets)}.`);
  }
  return parameterKinds.filter((kind) => targets.includes(kind));
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
