/**
 * Parsimony: experiment notebooks for one question, how should a text generator be regularized?
 *
 * A study is options in, JSON out: a search space, a function from a point to a specification, folds
 * and seeds. Loading this module starts no native code.
 *
 * @example
 * ```ts
 * import { adam, blockedFolds, characters, corpus, gruLanguageModel, grid } from "./mod.ts";
 * import assert from "node:assert/strict";
 * const space = grid({ lambda: [0, 1e-4], alpha: [0, 1] });
 * assert.equal(space.points.length, 4);
 * ```
 *
 * @module
 */

// Texts
export * from "./data/corpora.ts";
export { addDataset, type AddOptions } from "./data/add_dataset.ts";
export type { DatasetEntry, DatasetPart, DatasetSource } from "./data/catalogue.ts";
export * from "./data/documents/mod.ts";
export type { FoldTexts } from "./data/prepare.ts";
export { fetchDataset, type FetchedFile, type FetchOptions } from "./data/fetch_dataset.ts";
export { fixedSplit, type FixedSplitSpecification } from "./data/fixed_split.ts";
export { publishedSplit } from "./data/published_split.ts";
export { blockedFolds, type FoldsSpecification, type FoldUnit } from "./data/folds.ts";
export * from "./data/mod.ts";
export { bytes, type BytesSpecification } from "./data/tokenizers/bytes.ts";
export { characters, type CharactersSpecification } from "./data/tokenizers/characters.ts";
export type { TokenizerSpecification } from "./data/tokenizers/kinds.ts";
export {
  publishedTokenizer,
  type PublishedTokenizerName,
  type PublishedTokenizerSpecification,
} from "./data/tokenizers/published_tokenizer.ts";
export { spacedWords, type SpacedWordsSpecification } from "./data/tokenizers/spaced_words.ts";
export {
  bytePairs,
  type BytePairsOptions,
  type BytePairsSpecification,
} from "./data/tokenizers/byte_pairs.ts";
export type { LimitedVocabulary, RareTokenOptions } from "./data/tokenizers/tokenizer.ts";
export {
  tokenizerFile,
  type TokenizerFileOptions,
  type TokenizerFileSpecification,
} from "./data/tokenizers/tokenizer_file.ts";
export type { Vocabulary } from "./data/tokenizers/vocabulary.ts";
export { words, type WordsOptions, type WordsSpecification } from "./data/tokenizers/words.ts";

// Engines
export { type EngineChoice, type EngineInfo, type EngineName, useEngine } from "./engine/engine.ts";

// Models
export * from "./models/mod.ts";
export * from "./penalties/mod.ts";

// Own parts
export {
  type AnyOwnModel,
  defineModel,
  type OwnForward,
  type OwnModelDefinition,
  type OwnParameter,
  type OwnParameters,
  type OwnTensors,
} from "./models/define_model.ts";
export { ownModel, type OwnModelOptions, type OwnModelSpecification } from "./models/own_model.ts";
export {
  type AnyOwnOptimizer,
  defineOptimizer,
  type OwnOptimizerDefinition,
  type OwnOptimizerStep,
  type OwnUpdate,
} from "./optimizers/define_optimizer.ts";
export {
  ownOptimizer,
  type OwnOptimizerOptions,
  type OwnOptimizerSpecification,
} from "./optimizers/own_optimizer.ts";
export type { ModuleCode, OwnModule } from "./core/own_module.ts";
export * as ops from "./ops/ops.ts";
export { tf } from "./ops/tf.ts";

export { readSafetensors, type StoredTensor, writeSafetensors } from "./models/safetensors.ts";
export type { RecurrentModuleNames } from "./models/kind.ts";
export { weightsFromPyTorch, weightsToPyTorch } from "./models/pytorch_weights.ts";

// Penalties

// Optimizers
export { ema, type EmaOptions, type EmaSpecification } from "./averages/ema.ts";
export { swa, type SwaSpecification } from "./averages/swa.ts";
export { lastEvaluations, type LastEvaluationsSpecification } from "./averages/last_evaluations.ts";
export type { AverageSpecification } from "./averages/kinds.ts";
export type { ChosenAverage } from "./training/averaging.ts";

export { adam, type AdamOptions, type AdamSpecification } from "./optimizers/adam.ts";
export { adamW, type AdamWSpecification } from "./optimizers/adam_w.ts";
export { asgd, type AsgdOptions, type AsgdSpecification } from "./optimizers/asgd.ts";
export type { Clipping } from "./optimizers/clipping.ts";
export { muon, type MuonOptions, type MuonSpecification } from "./optimizers/muon.ts";
export type { OptimizerSpecification } from "./optimizers/optimizer.ts";
export { rmsprop, type RmspropOptions, type RmspropSpecification } from "./optimizers/rmsprop.ts";
export { sgd, type SgdSpecification } from "./optimizers/sgd.ts";

// Schedules of learning rates and strengths
export {
  type ConstantSchedule,
  constantSchedule,
  type CosineSchedule,
  cosineSchedule,
  type CyclicSchedule,
  cyclicSchedule,
  type Schedule,
  type StepSchedule,
  stepSchedule,
  type WarmUpSchedule,
  warmUpSchedule,
} from "./core/schedule.ts";
export {
  type PiecewiseLinearSchedule,
  piecewiseLinearSchedule,
  type SchedulePoint,
} from "./core/piecewise_linear_schedule.ts";

// Training
export { bleu } from "./training/bleu.ts";
export { chrf } from "./training/chrf.ts";
export { rougeL } from "./training/rouge_l.ts";
export type { WrittenMetric } from "./training/written_scores.ts";
export { editDistance } from "./core/edit_distance.ts";
export {
  bitsOfText,
  bitsPerByte,
  bitsPerCharacter,
  bitsPerToken,
  perplexity,
} from "./core/perplexity.ts";
export { lassoExample, sineRegression } from "./training/example_regressions.ts";
export * from "./training/linear_regression.ts";
export type {
  AnyPairSpecification,
  AnySpecification,
  CompletionSpecification,
  CompletionSpecificationOptions,
  PairSpecification,
  PairSpecificationOptions,
  Specification,
  SpecificationOptions,
  TextSpecification,
  TextSpecificationOptions,
} from "./training/specification.ts";
export type { PairSampleSpecification, SampleSpecification } from "./training/sample_options.ts";
export type {
  CommonTrainingSpecification,
  EarlyStopping,
  PairTrainingOptions,
  PairTrainingSpecification,
  TrainingLength,
  TrainingOptions,
  TrainingSpecification,
} from "./training/training_options.ts";
export type {
  WeightDropoutOptions,
  WeightDropoutSpecification,
} from "./training/dropout_options.ts";
export type {
  FillInTheMiddleOptions,
  FillInTheMiddleSpecification,
} from "./training/infilling_options.ts";
export type {
  AdapterOptions,
  AdapterSpecification,
  LearningRateFactors,
  ParameterSelection,
  TuningSpecification,
} from "./training/tuning_options.ts";
export type { TeacherOptions, TeacherSpecification } from "./training/teacher_options.ts";
export type { Sampling } from "./data/epochs.ts";
export type { DocumentWindows } from "./data/passages.ts";
export type { Tokens } from "./data/tokens.ts";
export { sampleStatistics } from "./training/sample_statistics.ts";
export type { GenerationOptions, Reader } from "./training/reader.ts";
export {
  givenWeights,
  type InitialWeights,
  type RunForFold,
  type WeightsOfFile,
  type WeightsOfFolder,
  type WeightsOfRun,
} from "./training/initial_weights_options.ts";
export {
  type PretrainedModel,
  pretrainedModel,
  type PretrainedModelOptions,
} from "./training/pretrained_model.ts";
export { saveModelFolder } from "./training/save_model_folder.ts";
export { startingModel } from "./training/starting_model.ts";
export {
  applyDifference,
  type HasWeights,
  weightsSha256,
  writeDifference,
} from "./training/difference.ts";
export { readTrainedModel, type TrainedModel } from "./training/trained_model.ts";
export type { SnapshotSpecification } from "./training/snapshots.ts";
export type { EnsembleMean } from "./ensembles/mean.ts";
export { meanOfModels, type TrainedEnsemble } from "./ensembles/mean_of_models.ts";
export { showGeneration } from "./studies/show_generation.ts";

// The articles
export type { Difference, Repair } from "./articles/article.ts";
export { articleOne, type ArticleOneOptions, stepsOfEpochs } from "./articles/article_one.ts";
export {
  articleTwo,
  type ArticleTwoRegressionOptions,
  type ArticleTwoSequenceOptions,
} from "./articles/article_two.ts";
export { type DataSizePoint, dataSizeRule } from "./articles/data_size_rule.ts";
export {
  type TimescalePoint,
  timescaleRule,
  type TimescaleRuleOptions,
} from "./articles/timescale_rule.ts";

// Simplification
export * from "./simplification/dead_units.ts";
export { pruneByMagnitude } from "./simplification/magnitude_pruning.ts";
export * from "./simplification/simplify.ts";
export type { WeightsFormat } from "./models/sparse_safetensors.ts";

// Studies
export { type ArmOptions, arms, type ArmsOptions } from "./studies/search/arms.ts";
export {
  choice,
  type Condition,
  type Dimension,
  integerRange,
  linearRange,
  logRange,
  when,
} from "./studies/search/dimensions.ts";
export { lowestMean, oneStandardError } from "./studies/plan/rule.ts";
export {
  joinSpaces,
  latinHypercube,
  randomSearch,
  type SearchOptions,
} from "./studies/search/random_search.ts";
export { bayesianSearch, type BayesianSearchOptions } from "./studies/search/bayesian_search.ts";
export {
  empiricalMaximum,
  type EmpiricalMaximumOptions,
} from "./studies/search/empirical_maximum.ts";
export { successiveHalving } from "./studies/search/successive_halving.ts";
export { warmStartPath } from "./studies/search/warm_start_path.ts";
export { type EmpiricalMaximum, empiricalMaximumOf } from "./studies/search/empirical_maximum.ts";
export { askTreeParzen, type Observation, startupPoints } from "./studies/search/tree_parzen.ts";
export {
  curvesOfPoints,
  type PointCurve,
  type RungVerdict,
  rungVerdicts,
} from "./statistics/rungs.ts";
export { grid, logSpace, points } from "./studies/search/space.ts";
export { runStudy } from "./studies/run_study.ts";
export type { EnsembleChoice, EnsembleOptions } from "./studies/plan/ensembles.ts";
export type { ModelChoice } from "./studies/plan/model_choice.ts";
export { loadStudy, type Study } from "./studies/study.ts";
export type { KeepWeights, StudyOptions } from "./studies/options.ts";
export type { SelectOptions, StudySelection } from "./studies/plan/selection.ts";

// Statistics
export * from "./statistics/mod.ts";

// Verification
export * from "./verification/verify_study.ts";
export { verifyArchive, type VerifyArchiveOptions } from "./verification/verify_archive.ts";
export {
  type ArchiveOptions,
  writeArchive,
  type WrittenArchive,
} from "./verification/write_archive.ts";

// Figures and reports
export type { Chart } from "./plots/chart.ts";
export type { Figure } from "./plots/figure.ts";
export type { PlotlyFigure } from "./plots/plotly.ts";
export type { PrintedFigure, PrintOptions } from "./plots/print.ts";
export type { AxisOptions, Bars } from "./plots/axis_data.ts";
export { type CostedPoint, plotLossAgainstCost } from "./plots/loss_against_cost.ts";
export { plotArms } from "./plots/arms.ts";
export { plotForest } from "./plots/forest.ts";
export { plotExpectedBest } from "./plots/expected_best.ts";
export { type DifferencesOptions, plotDifferences } from "./plots/differences_by_axis.ts";
export {
  type ForgettingOptions,
  plotForgetting,
  type TextLosses,
  type TuningWay,
} from "./plots/forgetting.ts";
export { plotLinearContrasts } from "./plots/linear_contrasts.ts";
export { type FoldOptions, plotFolds } from "./plots/fold_strips.ts";
export { plotEnsembles } from "./plots/losses_by_members.ts";
export { plotHeatMaps } from "./plots/heat_maps.ts";
export { plotAsymptotes } from "./plots/asymptotes_in_size.ts";
export { plotBestStrength } from "./plots/best_strength.ts";
export { plotLossAgainstTimescale } from "./plots/loss_against_timescale.ts";
export { plotLosses } from "./plots/losses_by_axis.ts";
export { plotLearningCurves } from "./plots/learning_curves.ts";
export { type LossesAlongOptions, plotLossesAlong } from "./plots/losses_along_axes.ts";
export { plotGeneralizationGap, plotQuantity } from "./plots/quantity_by_axis.ts";
export { plotPlan } from "./plots/plan_power.ts";
export { plotVarianceSplit } from "./plots/variance_split.ts";
export { plotRegularizationPath } from "./plots/regularization_path.ts";
export type { PathOptions, WeightsAtStrength } from "./plots/weights_along_path.ts";
export {
  plotSizeAgainstLoss,
  type SizedModel,
  type SizeSeries,
} from "./plots/size_against_loss.ts";
export { plotSparsityAgainstLoss, type SparsityOptions } from "./plots/sparsity_against_loss.ts";
export { plotWeightHistogram } from "./plots/weight_histogram.ts";
export { type ChangedWeightsOptions, plotChangedWeights } from "./plots/changed_weights.ts";
export { plotWorth } from "./plots/worth.ts";
export { type NamedZeroGroups, plotZerosByGroup } from "./plots/zeros_by_group.ts";
export {
  type ComparisonOptions,
  type ManyComparisonOptions,
  writeComparison,
  writeMarkdownComparison,
} from "./reports/write_comparison.ts";
export { type CompiledPaper, compilePaper } from "./papers/compile_paper.ts";
export type { PaperAddition } from "./papers/paper_addition.ts";
export { type PaperOptions, writePaper } from "./papers/write_paper.ts";
export { type ReportOptions, writeMarkdownReport, writeReport } from "./reports/report.ts";
export { showArmsOverTexts } from "./reports/show_arms.ts";
export { showPlan } from "./reports/show_plan.ts";
export { showFindings, showSamples } from "./reports/show.ts";
export * from "./reports/show_section.ts";

// What the files hold
export type { RandomState, RandomStream } from "./core/random.ts";
export type { Json, JsonObject } from "./core/json.ts";
export type * from "./records/run_record.ts";
export { parameterCount } from "./records/parameter_count.ts";
export type { ConditionRecord, DimensionRecord } from "./records/dimension_record.ts";
export type {
  BayesianSearchRecord,
  EmpiricalMaximumRecord,
  StrategyRecord,
  SuccessiveHalvingRecord,
  WarmStartPathRecord,
} from "./records/strategy_record.ts";
export type * from "./records/study_record.ts";
export type { EquivalenceRecord } from "./records/equivalence_record.ts";

export { numericsVersion, version } from "./core/version.ts";
