import { type Schedule, scheduleOption } from "../core/schedule.ts";
import { type PenaltyKind, strength } from "./penalty.ts";

/**
 * What activation penalties add to the mean cross-entropy of a training batch, of logits l, outputs h of
 * the last layer and what dropout leaves of them, h̃:
 * loss + logitsL1Sum · Σ|l| + logitsL1Mean · mean|l| + outputSquares · mean h̃²
 * + outputDifferences · mean (h_{t+1} − h_t)² + labelSmoothing · mean (l_target − mean l)
 * − confidencePenalty · mean H(p) with p = softmax(l)
 * + rDrop · mean ½ (KL(p ‖ q) + KL(q ‖ p)), the other terms and the cross-entropy being the mean over two
 * passes with predictions p and q
 * + Σ_k tokensAhead[k − 2] · mean cross-entropy with the k-th token ahead, k = 2, 3, ….
 */
export interface LossTerms {
  /** λ of λ Σ|l| over batch × time × vocabulary. */
  readonly logitsL1Sum: number;
  /** λ of the mean of |l| over the same. */
  readonly logitsL1Mean: number;
  /** α of the mean square of the last layer's outputs after dropout. */
  readonly outputSquares: number;
  /** β of the mean square of their differences over time, before dropout. */
  readonly outputDifferences: number;
  /** ε: share of each target's probability that is spread evenly over all tokens. */
  readonly labelSmoothing: number;
  /** β of −β times the mean entropy of the predictions. */
  readonly confidencePenalty: number;
  /** α of the divergence of two passes; above 0 there are two. */
  readonly rDrop: number;
  /** λ w_k of the second token ahead, the third and so on; those of none are left out. */
  readonly tokensAhead: readonly number[];
}

/** The terms of no penalty. */
export const noTerms: LossTerms = {
  logitsL1Sum: 0,
  logitsL1Mean: 0,
  outputSquares: 0,
  outputDifferences: 0,
  labelSmoothing: 0,
  confidencePenalty: 0,
  rDrop: 0,
  tokensAhead: [],
};

/** What every activation penalty's specification holds: it acts on no parameter, so it has no targets. */
export interface ActivationSpecification {
  /** What multiplies its term, a finite number from 0; 0 gives the bits of no penalty. */
  readonly strength: number;
  /**
   * How the strength changes over the steps, such as `warmUpSchedule`; a constant one is left out.
   *
   * @default {constantSchedule()}
   */
  readonly schedule?: Schedule;
}

/** Options that every activation penalty takes. */
export type ActivationOptions = ActivationSpecification;

/** What an activation penalty takes that has no options of its own. */
export const activationOptions = { strength, schedule: scheduleOption };

/** A penalty on what a model computes, as the rest of the library sees it. */
export interface ActivationPenalty<Specification> extends PenaltyKind<Specification> {
  /** What it reads: the logits, which every model gives, or the outputs of the last layer. */
  readonly reads: "logits" | "outputs";
  /** What it adds to the loss, before its schedule multiplies the numbers. */
  terms(specification: Specification): Partial<LossTerms>;
}
