import { entryOf } from "../core/entry_of.ts";
import type { JsonObject } from "../core/json.ts";
import { optimizerKinds } from "../optimizers/kinds.ts";

/** Formulas of the penalties as Parsimony computes them; λ, α are the strengths, η the rate. */
const penaltyFormulas: { readonly [kind: string]: string } = {
  l1: "loss + λ Σ|w|, by its sub-gradient: g ← g + λ · sign(w), sign(0) = 0, before clipping",
  proximalL1: "loss + λ Σ|w|, by its proximal map after each step: w ← sign(w) · max(|w| − s λ, 0)",
  l2: "loss + ½ α Σw²: g ← g + α w, before clipping",
  coupledWeightDecay: "g ← g + α w, after clipping and before the optimizer's momentum and moments",
  decoupledWeightDecay: "w ← w − η α w, beside the gradient, before the optimizer's step",
  kerasL2: "loss + λ Σw², without ½: g ← g + 2λ w, before clipping",
  groupLasso: "loss + λ Σ c ‖w‖₂ over groups: g ← g + λ c w/‖w‖₂, 0 for a group of zeros, before " +
    "clipping",
  proximalGroupLasso:
    "loss + λ Σ c ‖w‖₂ over groups, by its proximal map after each step, in the " +
    "metric of the step",
  unsquaredNorms:
    "loss + λ Σ ‖W‖₂ over tensors, norms not squared: g ← g + λ w/‖W‖₂, before clipping",
  elasticNet: "loss + λ Σ|w| + ½ α Σw², by its sub-gradient, before clipping",
  proximalElasticNet: "loss + λ Σ|w| + ½ α Σw², by its proximal map after each step: " +
    "w ← sign(w) · max(|w| − s λ, 0) / (1 + s α)",
  logitsL1: "training loss + λ Σ|logit|, not of weights; evaluation is the plain cross-entropy",
  activationRegularization: "training loss + α · mean h̃² of the last layer's outputs after dropout",
  temporalActivationRegularization:
    "training loss + β · mean (h_{t+1} − h_t)² of the last layer's outputs before dropout",
  labelSmoothing:
    "training loss (1 − ε) · cross-entropy + ε · mean over the vocabulary of −log p; " +
    "evaluation is the plain cross-entropy",
};

const thresholds: { readonly [threshold: string]: string } = {
  perWeight: "s is the optimizer's step per unit of a steady gradient (under Adam η/(√v̂ + ε) for " +
    "each weight)",
  scalar: "s is η for every weight, whatever the optimizer's step",
};

const weightings: { readonly [weighting: string]: string } = {
  squareRootOfSize: "c is √(weights of the group)",
  none: "c is 1",
};

/** What a penalty does, in one line; a kind that is not known here is shown by its name. */
export function penaltyFormula(penalty: JsonObject): string {
  const kind = String(penalty.kind);
  const own = kind === "ownPenalty" && typeof penalty.formula === "string" ? penalty.formula : null;
  const formula = own ?? entryOf(penaltyFormulas, kind) ?? "see its definition";
  const additions = [
    entryOf(thresholds, penalty.threshold),
    entryOf(weightings, penalty.weighting),
    penalty.reduction === undefined
      ? undefined
      : `the ${penalty.reduction} over batch × time × vocabulary`,
    penalty.groups === undefined ? undefined : `a group is a ${penalty.groups}`,
    penalty.scaledBy === "schedule"
      ? "not multiplied by η but by the factor of its schedule alone: w ← w − (η/η₀) α w"
      : undefined,
    penalty.schedule === undefined
      ? undefined
      : `strength multiplied by the schedule ${JSON.stringify(penalty.schedule)}`,
  ].filter((addition) => addition !== undefined);
  return [formula, ...additions].join("; ");
}

/** The optimizer's step in one line. */
export function optimizerFormula(optimizer: JsonObject): string {
  return entryOf(optimizerKinds, optimizer.kind)?.formula(optimizer) ?? "see its definition";
}
