/**
 * Pairs: where they come from, how they are split and folded.
 *
 * @module
 */

export {
  completionTokenizer,
  type CompletionTokenizerOptions,
  type CompletionTokenizerSpecification,
} from "./completion_tokens.ts";
export { groupedFolds, type PairFoldsSpecification } from "./pair_folds.ts";
export {
  pairTokenizer,
  type PairTokenizerOptions,
  type PairTokenizerSpecification,
} from "./pair_tokens.ts";
export {
  inlinePairs,
  type OwnPairOptions,
  pairCorpus,
  type PairCorpusSpecification,
  pairFile,
  type PairOptions,
  type TextPair,
} from "./pairs.ts";
