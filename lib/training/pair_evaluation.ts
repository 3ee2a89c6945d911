import type { Batch } from "../data/batches.ts";
import {
  type BatchOfPairs,
  evaluatedPairs,
  evaluationPairBatches,
  type FullLengths,
} from "../data/pair_batches.ts";
import { tokenizersOfSides } from "../data/pair_tokens.ts";
import type { EncodedPair, PreparedPairs } from "../data/prepare_pairs.ts";
import { countBytes, countCodePoints } from "../data/text.ts";
import { textSizeOf, toldOf, type ToldText } from "../data/tokenizers/text_size.ts";
import type { EvaluatedText, RunRecord } from "../records/run_record.ts";
import type { FoldRecord } from "../records/study_record.ts";
import { countedTargets } from "./counted_targets.ts";
import type { AnyPairSpecification } from "./specification.ts";
import { type EvaluationBatches, evaluationBatchSize } from "./task.ts";

/** What an evaluation of pairs reads, as batches. */
export interface PairEvaluation extends EvaluationBatches {
  readonly training: readonly Batch[];
  readonly heldOut: readonly Batch[];
  readonly choosing?: readonly Batch[];
}

/**
 * What evaluations of a run on pairs read, and of folds that were laid before pairs have tokens what its record
 * says of their text.
 *
 * @param data The pairs of one fold.
 * @param options `unit`: of the fold. `batchOf` puts pairs side by side; `full`: see `pairBatch`.
 */
export function pairEvaluation(
  specification: Pick<AnyPairSpecification, "tokenizer" | "training">,
  data: PreparedPairs,
  { unit, batchOf, full }: {
    readonly unit: FoldRecord["unit"];
    readonly batchOf: BatchOfPairs;
    readonly full: FullLengths | null;
  },
): { readonly evaluation: PairEvaluation; readonly text: Pick<RunRecord["tokens"], "text"> } {
  const { tokenizer, training } = specification;
  const { evaluated, told } = evaluatedOf(specification, data, { unit });
  const batchSize = evaluationBatchSize(training.batchSize);
  const batches = mapSides(
    evaluated,
    (pairs) => evaluationPairBatches(pairs, { batchOf, batchSize }),
  );
  const tells = told !== null && full === null;
  return {
    evaluation: {
      ...batches,
      heldOutText: tells
        ? told.heldOut.lost ?? told.heldOut.size
        : textOfTargets(batches.heldOut, { ...data, tokenizer, full }),
      unknownId: data.targetVocabulary.unknownId,
    },
    text: tells ? { text: mapSides(told, textOf) } : {},
  };
}

/** Something of each side of a fold. */
interface Sides<Each> {
  readonly training: Each;
  readonly heldOut: Each;
  readonly choosing?: Each;
}

function mapSides<Each, Made>(
  { training, heldOut, choosing }: Sides<Each>,
  make: (each: Each) => Made,
): Sides<Made> {
  return {
    training: make(training),
    heldOut: make(heldOut),
    ...(choosing && { choosing: make(choosing) }),
  };
}

/**
 * The pairs that evaluations read, and what their tokens tell of the targets' texts; null where folds were laid
 * over tokens.
 */
export function evaluatedOf(
  { tokenizer, training }: Pick<AnyPairSpecification, "tokenizer" | "training">,
  data: PreparedPairs,
  { unit }: Pick<FoldRecord, "unit">,
): { readonly evaluated: Sides<readonly EncodedPair[]>; readonly told: Sides<ToldText> | null } {
  const { evaluationPairs, evaluationTokens } = training;
  const most = evaluationPairs === null
    ? { tokens: evaluationTokens ?? Infinity }
    : { pairs: evaluationPairs };
  const evaluated = mapSides<readonly EncodedPair[], readonly EncodedPair[]>(
    data,
    (pairs) => evaluatedPairs(pairs, most),
  );
  if (unit !== "pairs") return { evaluated, told: null };
  const { target } = tokenizersOfSides(tokenizer);
  const { targetVocabulary } = data;
  const unknownOf = (ids: Int32Array) =>
    ids.reduce((count, id) => count + (id === targetVocabulary.unknownId ? 1 : 0), 0);
  return {
    evaluated,
    told: mapSides(evaluated, (pairs) =>
      toldOf(target, targetVocabulary, {
        tokens: countTargetTokens(pairs),
        unknown: sum(pairs, (pair) => unknownOf(pair.target)),
        bytes: sum(pairs, ({ texts }) => countBytes(texts![1])),
        characters: sum(pairs, ({ texts }) => countCodePoints(texts![1])),
      })),
  };
}

/** What the record says of a text that an evaluation reads. */
const textOf = ({ tokens, size }: ToldText): EvaluatedText => ({ tokens, ...size });

/** How long the text of targets is; their ends are none. */
function textOfTargets(
  batches: readonly Batch[],
  { tokenizer, targetVocabulary, full }:
    & Pick<AnyPairSpecification, "tokenizer">
    & Pick<PreparedPairs, "targetVocabulary">
    & { readonly full: object | null },
) {
  if (full !== null) return "padding that counts";
  const { target } = tokenizersOfSides(tokenizer);
  return textSizeOf(target, targetVocabulary, countedTargets(batches), targetVocabulary.endId);
}

export function countTargetTokens(pairs: readonly EncodedPair[]): number {
  return sum(pairs, ({ target }) => target.length);
}

export function sum<T>(list: readonly T[], value: (item: T) => number): number {
  return list.reduce((total, item) => total + value(item), 0);
}
