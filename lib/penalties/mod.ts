/**
 * Penalties, as notebooks specify them.
 *
 * @module
 */

export {
  type AnyOwnPenalty,
  definePenalty,
  type OwnPenaltyDefinition,
  type OwnSeen,
  type OwnStep,
  type OwnTerm,
} from "./define_penalty.ts";
export { ownPenalty, type OwnPenaltyOptions, type OwnPenaltySpecification } from "./own_penalty.ts";
export {
  activationRegularization,
  type ActivationRegularizationSpecification,
} from "./activation_regularization.ts";
export { confidencePenalty, type ConfidencePenaltySpecification } from "./confidence_penalty.ts";
export {
  coupledWeightDecay,
  type CoupledWeightDecaySpecification,
} from "./coupled_weight_decay.ts";
export {
  decoupledDecayTowardsStart,
  type DecoupledDecayTowardsStartSpecification,
} from "./decoupled_decay_towards_start.ts";
export {
  decoupledWeightDecay,
  type DecoupledWeightDecaySpecification,
} from "./decoupled_weight_decay.ts";
export { elasticNet, type ElasticNetSpecification } from "./elastic_net.ts";
export { groupLasso, type GroupLassoOptions, type GroupLassoSpecification } from "./group_lasso.ts";
export type { Grouping, Groups, GroupWeighting } from "./groups.ts";
export { type ZeroGroups, zeroGroups } from "./zero_groups.ts";
export { kerasL2, type KerasL2Specification } from "./keras_l2.ts";
export { l1, type L1Specification } from "./l1.ts";
export { l2, type L2Specification } from "./l2.ts";
export { labelSmoothing, type LabelSmoothingSpecification } from "./label_smoothing.ts";
export { logitsL1, type LogitsL1Specification } from "./logits_l1.ts";
export { maxNorm, type MaxNormSpecification } from "./max_norm.ts";
export type { ActivationOptions, ActivationSpecification } from "./loss_terms.ts";
export {
  proximalElasticNet,
  type ProximalElasticNetSpecification,
} from "./proximal_elastic_net.ts";
export {
  proximalGroupLasso,
  type ProximalGroupLassoSpecification,
} from "./proximal_group_lasso.ts";
export {
  proximalL1TowardsStart,
  type ProximalL1TowardsStartSpecification,
} from "./proximal_l1_towards_start.ts";
export { l2TowardsStart, type L2TowardsStartSpecification } from "./l2_towards_start.ts";
export { proximalL1, type ProximalL1Specification } from "./proximal_l1.ts";
export { rDrop, type RDropSpecification } from "./r_drop.ts";
export {
  temporalActivationRegularization,
  type TemporalActivationRegularizationSpecification,
} from "./temporal_activation_regularization.ts";
export { tokensAhead, type TokensAheadSpecification } from "./tokens_ahead.ts";
export { unsquaredNorms, type UnsquaredNormsSpecification } from "./unsquared_norms.ts";
export type {
  CommonOptions,
  CommonSpecification,
  ParameterDescription,
  ParameterKind,
  StepEffect,
  StrengthOptions,
  Targets,
} from "./penalty.ts";
export type {
  ActivationPenaltySpecification,
  PenaltySpecification,
  WeightPenaltySpecification,
} from "./kinds.ts";
