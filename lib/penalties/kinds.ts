import {
  activationRegularizationPenalty,
  type ActivationRegularizationSpecification,
} from "./activation_regularization.ts";
import {
  confidencePenaltyPenalty,
  type ConfidencePenaltySpecification,
} from "./confidence_penalty.ts";
import {
  coupledWeightDecayPenalty,
  type CoupledWeightDecaySpecification,
} from "./coupled_weight_decay.ts";
import {
  decoupledWeightDecayPenalty,
  type DecoupledWeightDecaySpecification,
} from "./decoupled_weight_decay.ts";
import {
  decoupledDecayTowardsStartPenalty,
  type DecoupledDecayTowardsStartSpecification,
} from "./decoupled_decay_towards_start.ts";
import { elasticNetPenalty, type ElasticNetSpecification } from "./elastic_net.ts";
import { groupLassoPenalty, type GroupLassoSpecification } from "./group_lasso.ts";
import { kerasL2Penalty, type KerasL2Specification } from "./keras_l2.ts";
import { l1Penalty, type L1Specification } from "./l1.ts";
import { l2Penalty, type L2Specification } from "./l2.ts";
import { l2TowardsStartPenalty, type L2TowardsStartSpecification } from "./l2_towards_start.ts";
import { labelSmoothingPenalty, type LabelSmoothingSpecification } from "./label_smoothing.ts";
import { logitsL1Penalty, type LogitsL1Specification } from "./logits_l1.ts";
import type { ActivationPenalty } from "./loss_terms.ts";
import { maxNormPenalty, type MaxNormSpecification } from "./max_norm.ts";
import { ownPenaltyPenalty, type OwnPenaltySpecification } from "./own_penalty.ts";
import type { Penalty } from "./penalty.ts";
import {
  proximalElasticNetPenalty,
  type ProximalElasticNetSpecification,
} from "./proximal_elastic_net.ts";
import {
  proximalGroupLassoPenalty,
  type ProximalGroupLassoSpecification,
} from "./proximal_group_lasso.ts";
import { proximalL1Penalty, type ProximalL1Specification } from "./proximal_l1.ts";
import {
  proximalL1TowardsStartPenalty,
  type ProximalL1TowardsStartSpecification,
} from "./proximal_l1_towards_start.ts";
import { rDropPenalty, type RDropSpecification } from "./r_drop.ts";
import {
  temporalActivationRegularizationPenalty,
  type TemporalActivationRegularizationSpecification,
} from "./temporal_activation_regularization.ts";
import { tokensAheadPenalty, type TokensAheadSpecification } from "./tokens_ahead.ts";
import { unsquaredNormsPenalty, type UnsquaredNormsSpecification } from "./unsquared_norms.ts";

/** A penalty as plain JSON: on weights, or on what the model computes. */
export type PenaltySpecification = WeightPenaltySpecification | ActivationPenaltySpecification;

/** A penalty on weights, as plain JSON. */
export type WeightPenaltySpecification =
  | L1Specification
  | ProximalL1Specification
  | L2Specification
  | CoupledWeightDecaySpecification
  | DecoupledWeightDecaySpecification
  | ElasticNetSpecification
  | ProximalElasticNetSpecification
  | KerasL2Specification
  | GroupLassoSpecification
  | ProximalGroupLassoSpecification
  | UnsquaredNormsSpecification
  | MaxNormSpecification
  | L2TowardsStartSpecification
  | DecoupledDecayTowardsStartSpecification
  | ProximalL1TowardsStartSpecification
  | OwnPenaltySpecification;

/** A penalty on what a model computes, not on its weights, as plain JSON. */
export type ActivationPenaltySpecification =
  | LogitsL1Specification
  | ActivationRegularizationSpecification
  | TemporalActivationRegularizationSpecification
  | LabelSmoothingSpecification
  | ConfidencePenaltySpecification
  | RDropSpecification
  | TokensAheadSpecification;

type OfKind<Specification, Kind> = Extract<Specification, { readonly kind: Kind }>;

/** Every kind of penalty on weights. */
export const weightPenalties: {
  readonly [K in WeightPenaltySpecification["kind"]]: Penalty<
    OfKind<WeightPenaltySpecification, K>
  >;
} = {
  l1: l1Penalty,
  proximalL1: proximalL1Penalty,
  l2: l2Penalty,
  coupledWeightDecay: coupledWeightDecayPenalty,
  decoupledWeightDecay: decoupledWeightDecayPenalty,
  elasticNet: elasticNetPenalty,
  proximalElasticNet: proximalElasticNetPenalty,
  kerasL2: kerasL2Penalty,
  groupLasso: groupLassoPenalty,
  proximalGroupLasso: proximalGroupLassoPenalty,
  unsquaredNorms: unsquaredNormsPenalty,
  maxNorm: maxNormPenalty,
  l2TowardsStart: l2TowardsStartPenalty,
  decoupledDecayTowardsStart: decoupledDecayTowardsStartPenalty,
  proximalL1TowardsStart: proximalL1TowardsStartPenalty,
  ownPenalty: ownPenaltyPenalty,
};

/** Every kind of penalty on what a model computes. */
export const activationPenalties: {
  readonly [K in ActivationPenaltySpecification["kind"]]: ActivationPenalty<
    OfKind<ActivationPenaltySpecification, K>
  >;
} = {
  logitsL1: logitsL1Penalty,
  activationRegularization: activationRegularizationPenalty,
  temporalActivationRegularization: temporalActivationRegularizationPenalty,
  labelSmoothing: labelSmoothingPenalty,
  confidencePenalty: confidencePenaltyPenalty,
  rDrop: rDropPenalty,
  tokensAhead: tokensAheadPenalty,
};

/** Every kind of penalty. */
export const allPenalties = { ...weightPenalties, ...activationPenalties };

/** Names of the kinds of penalties. */
export const penaltyKinds = Object.keys(allPenalties) as readonly PenaltySpecification["kind"][];
