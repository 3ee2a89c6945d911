import { constantSchedule, stepSchedule, warmUpSchedule } from "../../core/schedule.ts";
import { activationRegularization } from "../../penalties/activation_regularization.ts";
import { confidencePenalty } from "../../penalties/confidence_penalty.ts";
import { coupledWeightDecay } from "../../penalties/coupled_weight_decay.ts";
import { decoupledDecayTowardsStart } from "../../penalties/decoupled_decay_towards_start.ts";
import { decoupledWeightDecay } from "../../penalties/decoupled_weight_decay.ts";
import { elasticNet } from "../../penalties/elastic_net.ts";
import { groupLasso } from "../../penalties/group_lasso.ts";
import { kerasL2 } from "../../penalties/keras_l2.ts";
import { l1 } from "../../penalties/l1.ts";
import { l2 } from "../../penalties/l2.ts";
import { l2TowardsStart } from "../../penalties/l2_towards_start.ts";
import { labelSmoothing } from "../../penalties/label_smoothing.ts";
import { logitsL1 } from "../../penalties/logits_l1.ts";
import { maxNorm } from "../../penalties/max_norm.ts";
import { proximalElasticNet } from "../../penalties/proximal_elastic_net.ts";
import { proximalGroupLasso } from "../../penalties/proximal_group_lasso.ts";
import { proximalL1 } from "../../penalties/proximal_l1.ts";
import { proximalL1TowardsStart } from "../../penalties/proximal_l1_towards_start.ts";
import { rDrop } from "../../penalties/r_drop.ts";
import { temporalActivationRegularization } from "../../penalties/temporal_activation_regularization.ts";
import { tokensAhead } from "../../penalties/tokens_ahead.ts";
import { unsquaredNorms } from "../../penalties/unsquared_norms.ts";
import type { PenaltySpecification } from "../../penalties/kinds.ts";

/** A penalty, and one whose value is the quantity that it is to make smaller. */
export type Row = readonly [penalty: PenaltySpecification, quantity: PenaltySpecification];

const one = (penalty: PenaltySpecification): Row => [penalty, penalty];
const squares = l2({ strength: 1 });
const towards = l2TowardsStart({ strength: 1 });
/** Every penalty, at a strength that lets tiny models learn. */
export const penalties: readonly Row[] = [
  one(l1({ strength: 3e-3 })),
  one(proximalL1({ strength: 3e-3 })),
  one(l2({ strength: 1e-2 })),
  [coupledWeightDecay({ strength: 1e-2 }), squares],
  [decoupledWeightDecay({ strength: 0.1 }), squares],
  one(kerasL2({ strength: 1e-2 })),
  one(elasticNet({ l1Strength: 2e-3, l2Strength: 1e-2 })),
  one(proximalElasticNet({ l1Strength: 2e-3, l2Strength: 1e-2 })),
  one(groupLasso({ strength: 3e-3, groups: "row" })),
  one(proximalGroupLasso({ strength: 3e-3, groups: "row" })),
  one(unsquaredNorms({ strength: 1e-2 })),
  [maxNorm({ strength: 1.1, groups: "column" }), squares],
  one(l2TowardsStart({ strength: 1e-2 })),
  [decoupledDecayTowardsStart({ strength: 1 }), towards],
  one(proximalL1TowardsStart({ strength: 3e-3 })),
  one(logitsL1({ strength: 0.1, reduction: "mean" })),
  one(logitsL1({ strength: 5e-4 })),
  one(activationRegularization({ strength: 0.3 })),
  one(temporalActivationRegularization({ strength: 0.1 })),
  one(labelSmoothing({ strength: 0.1 })),
  one(confidencePenalty({ strength: 0.1 })),
  one(rDrop({ strength: 1 })),
  one(tokensAhead({ strength: 0.3, weights: [1, 0.5] })),
];

const byGroup = (groups: "tensor" | "column" | "unit"): Row[] => [
  one(groupLasso({ strength: 3e-3, groups })),
  one(proximalGroupLasso({ strength: 3e-3, groups })),
];
const rising = warmUpSchedule({ steps: 10, then: constantSchedule() });
const absolutes = l1({ strength: 1 });
const decay = decoupledWeightDecay({ strength: 0.1 });
const sparse = proximalL1({ strength: 2e-3 });
const rows = proximalGroupLasso({ strength: 2e-3, groups: "row" });

/** Other forms of penalties, and combinations of them, each with what it is to make smaller. */
export const penaltyForms: readonly {
  readonly penalties: readonly PenaltySpecification[];
  readonly quantities: readonly PenaltySpecification[];
}[] = [
  ...[
    ...byGroup("tensor"),
    ...byGroup("column"),
    ...byGroup("unit"),
    one(proximalL1({ strength: 3e-3, threshold: "scalar" })),
    [proximalL1({ strength: 6e-3, schedule: rising }), absolutes] as const,
    [l2({ strength: 3e-2, schedule: stepSchedule({ every: 4, factor: 0.5 }) }), squares] as const,
  ].map(([penalty, quantity]) => ({ penalties: [penalty], quantities: [quantity] })),
  {
    penalties: [proximalL1TowardsStart({ strength: 2e-3 }), l2TowardsStart({ strength: 1e-2 })],
    quantities: [proximalL1TowardsStart({ strength: 1 }), towards],
  },
  // What grows does not decay, so that the sum of squares need not be less.
  { penalties: [decoupledWeightDecay({ strength: 0.1, cautious: true })], quantities: [] },
  { penalties: [sparse, decay], quantities: [absolutes, squares] },
  { penalties: [sparse, rows], quantities: [absolutes, rows] },
  {
    penalties: [l1({ strength: 2e-3 }), l2({ strength: 1e-2 }), labelSmoothing({ strength: 0.1 })],
    quantities: [absolutes, squares],
  },
];
