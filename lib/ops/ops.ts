/**
 * Fused operations for models of the user's own: each has its gradient and runs on every engine, on
 * engines without a memory of their own by plain tfjs.
 *
 * @module
 */
export { causalAttention, type CausalAttentionOptions } from "./causal_attention.ts";
export { crossEntropy, type CrossEntropyOptions } from "./cross_entropy.ts";
export {
  dropout,
  type DropoutOptions,
  lockedDropout,
  type LockedDropoutOptions,
} from "./dropout.ts";
export { embedding, type EmbeddingOptions } from "./embedding.ts";
export { gelu, type GeluApproximation, type GeluOptions } from "./gelu.ts";
export { groupedAttention, type GroupedAttentionOptions } from "./grouped_attention.ts";
export { gru, type GruCell, type GruOptions } from "./gru.ts";
export { layerNorm, type LayerNormOptions } from "./layer_norm.ts";
export { linear, type LinearOptions } from "./linear.ts";
export { linearCrossEntropy, type LinearCrossEntropyOptions } from "./linear_cross_entropy.ts";
export { lstm, type LstmOptions, type LstmResult, type LstmState } from "./lstm.ts";
export { recomputed, type RecomputedOptions } from "./recomputed.ts";
export type { LaterTargets } from "./_distribution_terms.ts";
export type { SoftTargets } from "./_soft_targets.ts";
export { rmsNorm, type RmsNormOptions } from "./rms_norm.ts";
export { type RnnActivation, simpleRnn, type SimpleRnnOptions } from "./simple_rnn.ts";
export { rotary, type RotaryOptions } from "./rotary.ts";
export { swiglu, type SwigluOptions } from "./swiglu.ts";
