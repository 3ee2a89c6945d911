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
export { groupedFolds, type PairFoldsSpecification, type PairFoldUnit } from "./pair_folds.ts";
export {
  pairTokenizer,
  type PairTokenizerOptions,
  type PairTokenizerSpecification,
} from "./pair_tokens.ts";
export { inlineRows, rowFile, type RowFileOptions, type RowOptions } from "./row_corpora.ts";
export { dialogueRows, type DialogueRowsSpecification } from "./rows/dialogue_rows.ts";
export { instructionRows, type InstructionRowsSpecification } from "./rows/instruction_rows.ts";
export type { RowsSpecification } from "./rows/kinds.ts";
export type { RowFormat } from "./rows/read_rows.ts";
export {
  inlinePairs,
  type OwnPairOptions,
  pairCorpus,
  type PairCorpusSpecification,
  pairFile,
  type PairLimits,
  type PairOptions,
  type TextPair,
} from "./pairs.ts";
