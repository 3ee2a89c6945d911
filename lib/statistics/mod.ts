/**
 * What of the statistics is public; `lib/mod.ts` has it all.
 *
 * @module
 */

export { type EnsembleResult, ensembleResult } from "./ensemble_result.ts";
export { type EnsembleKind, ensemblesByKind, type SingleModel } from "./ensembles_by_kind.ts";
export type { ArmEdge } from "./arm_edges.ts";
export {
  asymptoteInSize,
  type AsymptoteOptions,
  type AsymptotesInSize,
  type SizeCurve,
} from "./asymptote_in_size.ts";
export {
  type BestStrength,
  type BestStrengthLaw,
  bestStrengthLaw,
  type BestStrengthOptions,
} from "./best_strength_law.ts";
export { isArmsStudy } from "./arms_study.ts";
export { type BootstrapInterval, bootstrapInterval, type BootstrapOptions } from "./bootstrap.ts";
export { compareWithBaseline, type Comparison, type PointComparison } from "./compare.ts";
export { adjustedOverTexts, type OnOneText, type OverTexts } from "./combine_studies.ts";
export {
  type BetweenStudies,
  type ManyStudies,
  type ManyStudiesOptions,
  type SharedText,
  type StudyAmongMany,
} from "./compare_many_studies.ts";
export { compareStudies, type StudyComparison, type TwoStudiesOptions } from "./compare_studies.ts";
export { contrast, type PointContrast, type TermOptions } from "./contrast.ts";
export * from "./linear_contrasts.ts";
export {
  type ArmPair,
  type ArmsComparison,
  type ArmVerdict,
  compareArms,
  type CompareArmsOptions,
  type EqualFlops,
  type FlopsOf,
  type TunedArm,
} from "./compare_arms.ts";
export {
  type ArmOverTexts,
  type ArmsOverTexts,
  type ArmsOverTextsPair,
  compareArmsOverTexts,
} from "./compare_arms_over_texts.ts";
export { correctedTTest, type TestResult } from "./corrected_t.ts";
export { type ArmStatement, describeArms } from "./describe_arms.ts";
export { describeArmsOverTexts } from "./describe_arms_over_texts.ts";
export { describeManyStudies } from "./describe_many_studies.ts";
export { describeAsymptotes, describeBestStrength } from "./describe_strength.ts";
export { describeWorth } from "./describe_worth.ts";
export * from "./detectable_difference.ts";
export { describeEdges, edgeOf, type PointEdge, pointEdges } from "./edges.ts";
export * from "./tuned_interval.ts";
export * from "./ensembles_as_points.ts";
export {
  type CorrelatedBayesianOptions,
  correlatedBayesianT,
  type DifferencePosterior,
} from "./correlated_bayesian_t.ts";
export {
  type Equivalence,
  type EquivalenceOptions,
  type EquivalenceTest,
  equivalenceTest,
} from "./equivalence.ts";
export { equivalenceRegion } from "./equivalence_region.ts";
export { describeRegion } from "./describe_equivalence.ts";
export type { EquivalenceRegion } from "./region_of_baseline.ts";
export { type Verdict, verdictOn } from "./verdict.ts";
export { type EffectSize, effectSize } from "./effect_size.ts";
export { type ExpectedBest, expectedBest, type ExpectedBestOptions } from "./expected_best.ts";
export { type CoincidingTraining, coincidingTrainingTexts } from "./fold_sizes.ts";
export { type GapTest, testGap } from "./generalization_gap.ts";
export { type Convergence, convergenceOf } from "./convergence.ts";
export * from "./hierarchical_t.ts";
export { holm } from "./holm.ts";
export { mean, standardDeviation } from "./estimate.ts";
export * from "./mean_interval.ts";
export type { Pairing } from "./pairing.ts";
export { describePlan } from "./describe_plan.ts";
export type { PlanModel } from "./plan_model.ts";
export * from "./plan_study.ts";
export { powerOf, type PowerOptions } from "./power.ts";
export {
  amountAt,
  fitPowerLaw,
  type MeasuredAmount,
  type PowerLaw,
  powerLawAt,
  type PowerLawFit,
  type PowerLawOptions,
} from "./power_law.ts";
export {
  type Ends,
  type FoldValues,
  type OverFoldsOptions,
  type PowerLawOverFolds,
  powerLawOverFolds,
} from "./power_law_over_folds.ts";
export { predictionInterval, type PredictionOptions } from "./prediction_interval.ts";
export * from "./selection_optimism.ts";
export {
  type StudyDifference,
  studyDifferences,
  type StudyDifferencesOptions,
} from "./study_differences.ts";
export { keptEvaluation, type Quantity, type View } from "./summarize.ts";
export {
  type DifferenceInStudy,
  type NamedContrast,
  sharedArms,
  type StudyContrast,
} from "./study_contrast.ts";
export * from "./texts_needed.ts";
export { textWarnings } from "./text_warnings.ts";
export { type CostMeasure, costsByPoint, type PointCost } from "./costs_by_point.ts";
export { forwardFlopsPerToken } from "../models/forward_flops.ts";
export { timescaleInEpochs, type TimescaleOptions } from "./timescale.ts";
export { sumOfCosts } from "./sum_of_costs.ts";
export { wholeCost } from "./whole_cost.ts";
export { trainingFlops } from "./training_flops.ts";
export {
  type Choice,
  compareTuned,
  tuned,
  type TunedComparison,
  type TunedReadings,
  type Tuning,
} from "./tuned.ts";
export {
  type KnownLoss,
  type UnknownTokens,
  unknownTokens,
  unknownTokenWarnings,
} from "./unknown_tokens.ts";
export * from "./variance_split.ts";
export { type SignedRankResult, wilcoxonSignedRank } from "./wilcoxon.ts";
export type { LossAtAmount } from "./tuned_amounts.ts";
export {
  type TextCurve,
  type Worth,
  type WorthInText,
  worthInText,
  type WorthOptions,
} from "./worth_in_text.ts";
export type { TextAxis } from "./text_axis.ts";
