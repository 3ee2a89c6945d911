import type { JsonObject } from "../core/json.ts";

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

/** What penalties need to know about a parameter. */
export interface ParameterDescription {
  /** Unique in the model, such as `gru0/recurrentKernel`. */
  readonly name: string;
  readonly kind: ParameterKind;
  /** Layer it belongs to, such as `embedding`, `gru0`, `output`. */
  readonly layer: string;
  readonly shape: readonly number[];
}

/**
 * What all penalties together do to one parameter w with gradient g in one step, in this order:
 *
 * 1. g ← g + l1 · sign(w) + l2 · w (loss terms; sign(0) = 0), before clipping;
 * 2. clipping of all gradients by their global norm;
 * 3. w ← w − decay, where decay = (η or 1, see `decayScale`) · decoupledDecay · w;
 * 4. the optimizer's step;
 * 5. the proximal map of proximalL1 · ‖w‖₁ in the metric of the step.
 */
export interface StepEffect {
  /** Coefficient of Σ|w| in the loss. */
  readonly l1: number;
  /** α of ½ α Σw² in the loss. */
  readonly l2: number;
  /** Decay α taken from the weights beside the gradient; multiplied by η as PyTorch and Keras do. */
  readonly decoupledDecay: number;
  /** λ of the proximal map. */
  readonly proximalL1: number;
  /** `perWeight`: threshold ηλ/(√v̂+ε) under Adam; `scalar`: ηλ, which has other fixed points. */
  readonly proximalThreshold: "perWeight" | "scalar";
}
