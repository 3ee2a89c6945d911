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
export { blockedFolds, type FoldsSpecification } from "./data/folds.ts";
export {
  characters,
  type TokenizerSpecification,
  type Vocabulary,
  words,
} from "./data/tokenizers.ts";

// Models
export { chooseToken, type DecodingOptions } from "./models/decoding.ts";
export * from "./models/gru_language_model.ts";
export {
  glorotUniform,
  type Initializer,
  normal,
  orthogonal,
  uniform,
  zeros,
} from "./models/initializers.ts";

// Penalties
export { coupledWeightDecay } from "./penalties/coupled_weight_decay.ts";
export { decoupledWeightDecay } from "./penalties/decoupled_weight_decay.ts";
export { elasticNet } from "./penalties/elastic_net.ts";
export { l1 } from "./penalties/l1.ts";
export { l2 } from "./penalties/l2.ts";
export { proximalElasticNet } from "./penalties/proximal_elastic_net.ts";
export { proximalL1 } from "./penalties/proximal_l1.ts";

// Optimizers
export { adam } from "./optimizers/adam.ts";
export { adamW } from "./optimizers/adam_w.ts";
export { sgd } from "./optimizers/sgd.ts";

// Training
export { bitsPerToken, perplexity } from "./training/evaluation.ts";
export type { Specification, SpecificationOptions } from "./training/specification.ts";
export { readTrainedModel, type TrainedModel } from "./training/trained_model.ts";

// Studies
export { lowestMean, oneStandardError } from "./studies/rule.ts";
export { grid, logSpace, points } from "./studies/space.ts";
export { runStudy } from "./studies/run_study.ts";
export { loadStudy, type ModelChoice, type Study } from "./studies/study.ts";
export type { KeepWeights, StudyOptions } from "./studies/options.ts";
export type { StudySelection } from "./studies/selection.ts";

// Figures and reports
export type { Figure } from "./plots/figure.ts";
export { plotHeatMaps } from "./plots/heat_maps.ts";
export { plotLearningCurves } from "./plots/learning_curves.ts";
export { plotGeneralizationGap, plotQuantity } from "./plots/quantity_by_axis.ts";
export { plotWeightHistogram } from "./plots/weight_histogram.ts";
export { writeReport } from "./reports/report.ts";
export { showFindings, showSamples } from "./reports/show.ts";

// What the files hold
export type { Json, JsonObject } from "./core/json.ts";
export type * from "./records/run_record.ts";
export type * from "./records/study_record.ts";

export { numericsVersion, version } from "./core/version.ts";
