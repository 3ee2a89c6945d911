import { ema } from "../../averages/ema.ts";
import { lastEvaluations } from "../../averages/last_evaluations.ts";
import { swa } from "../../averages/swa.ts";
import { piecewiseLinearSchedule } from "../../core/piecewise_linear_schedule.ts";
import { muon } from "../../optimizers/muon.ts";
import type { OptimizerSpecification } from "../../optimizers/optimizer.ts";
import { confidencePenalty } from "../../penalties/confidence_penalty.ts";
import { decoupledWeightDecay } from "../../penalties/decoupled_weight_decay.ts";
import type { PenaltySpecification } from "../../penalties/kinds.ts";
import { maxNorm } from "../../penalties/max_norm.ts";
import { proximalL1TowardsStart } from "../../penalties/proximal_l1_towards_start.ts";
import { rDrop } from "../../penalties/r_drop.ts";
import { tokensAhead } from "../../penalties/tokens_ahead.ts";
import type { TrainingOptions } from "../training_options.ts";

/** What a remedy changes in a specification. */
export interface Remedy {
  /** Options of the model. */
  readonly model?: object;
  /** The optimizer in place of the one that there is. */
  readonly optimizer?: OptimizerSpecification;
  /** Penalties beside those that there are. */
  readonly penalties?: readonly PenaltySpecification[];
  /** Options of training; averages stand beside those that there are. */
  readonly training?: Partial<TrainingOptions>;
}

/** Point of the run that teaches. */
export const teacherPoint = { remedy: "none" };

/**
 * Remedies against over-fitting by name, for runs of a few steps: `remedies_test.ts` trains each pair of them
 * in four models, and stops and resumes it. A remedy that comes later gets its line here.
 */
export const remedies: Readonly<Record<string, Remedy>> = {
  "EMA": { training: { averages: [ema({ decay: 0.7 })] } },
  "SWA": { training: { averages: [swa({ start: 1, every: 1 })] } },
  "mean of evaluations": { training: { averages: [lastEvaluations({ count: 2 })] } },
  "Muon": { optimizer: muon({ learningRate: 0.02, decay: 0 }) },
  "cautious decay": { penalties: [decoupledWeightDecay({ strength: 0.5, cautious: true })] },
  "bound of norms": { penalties: [maxNorm({ strength: 2, groups: "column" })] },
  "confidence penalty": { penalties: [confidencePenalty({ strength: 0.3 })] },
  "R-Drop": { penalties: [rDrop({ strength: 1 })] },
  "tokens ahead": {
    penalties: [tokensAhead({
      strength: 1,
      weights: [1, 0.5],
      schedule: piecewiseLinearSchedule({ steps: 4, points: [[0, 1], [1, 0]] }),
    })],
  },
  "micro-batches": { training: { microBatchSize: 2 } },
  "sparse difference": { penalties: [proximalL1TowardsStart({ strength: 0.01 })] },
  "sharpness": { training: { sharpnessRadius: 0.1 } },
  "weight dropout": { training: { weightDropout: { rate: 0.3 } } },
  "falling dropout": {
    training: { dropoutSchedule: piecewiseLinearSchedule({ steps: 4, points: [[0, 1], [1, 0]] }) },
  },
  "masked inputs": { training: { maskedInputs: 0.3 } },
  "fill in the middle": { training: { fillInTheMiddle: { rate: 0.8, heldOutPieces: 3 } } },
  "stochastic depth": { model: { stochasticDepth: 0.5 } },
  "attention dropout": { model: { attentionDropout: 0.3 } },
  "epochs": { training: { sampling: "epochs" } },
  "carried state": { training: { carriedState: true } },
  "frozen": { training: { frozen: [{ kinds: ["bias"] }] } },
  "adapters": {
    training: { adapters: { rank: 1, kinds: ["embedding"], others: "trained" } },
  },
  "rates by layer": { training: { learningRateFactors: { perBlock: 0.5 } } },
  "distillation": { training: { teacher: { point: teacherPoint, share: 0.5 } } },
};
