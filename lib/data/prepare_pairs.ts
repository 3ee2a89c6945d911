import type { FoldRecord, TokenSpan } from "../records/study_record.ts";
import {
  type AnyPairTokenizerSpecification,
  buildPairVocabulary,
  loadTokenPairs,
  type PairVocabulary,
  tokenizersOfSides,
  type TokenPair,
} from "./pair_tokens.ts";
import type { PairCorpusSpecification, TextPair } from "./pairs.ts";
import { unigramEntropy, unknownShare } from "./prepare.ts";
import { joinTokens } from "./tokenizers/split.ts";

/**
 * A pair as token ids, each side closed by its end token; the begin token is not in it. A prompt is closed
 * by the begin token of its completion, so that both are one sequence when put together.
 */
export interface EncodedPair {
  readonly source: Int32Array;
  readonly target: Int32Array;
}

/** The pairs of one fold as a model reads them. */
export interface PreparedPairs {
  /** Built from the training pairs only; of prompts with completions the same one as the targets'. */
  readonly sourceVocabulary: PairVocabulary;
  /** Built from the training pairs only. */
  readonly targetVocabulary: PairVocabulary;
  readonly training: EncodedPair[];
  readonly heldOut: EncodedPair[];
  /** Held out as well, to choose by; absent where the fold has none. */
  readonly choosing?: EncodedPair[];
  /** The held-out pairs as text, tokens joined as their vocabulary decodes them, unknown ones too. */
  readonly heldOutTexts: TextPair[];
  /** Share of the held-out source tokens that the vocabulary does not know, 0 to 1. */
  readonly sourceUnknownShare: number;
  /** Share of the held-out target tokens that the vocabulary does not know, 0 to 1. */
  readonly unknownShare: number;
  /** The same of the training targets: above 0 where the unknown token is trained. */
  readonly trainingUnknownShare: number;
  /** Entropy of the training targets' frequencies, end tokens included, nats per token. */
  readonly unigramEntropy: number;
}

/**
 * Loads pairs and turns one fold of them into token ids.
 *
 * @param options `corpus` and `tokenizer`: their specifications, the latter by `pairTokenizer` or
 * `completionTokenizer`. `fold`: spans of positions in what
 * loadTokenPairs gives, as makePairFolds gives them.
 * @throws {RangeError} If a span leaves the list.
 * @throws {Error} As loadPairs throws.
 *
 * @example
 * ```ts
 * import { pairTokenizer } from "./pair_tokens.ts";
 * import { inlinePairs } from "./pairs.ts";
 * import { preparePairs } from "./prepare_pairs.ts";
 * import { words } from "./tokenizers/words.ts";
 * import assert from "node:assert/strict";
 * const { targetVocabulary, training, heldOut } = await preparePairs({
 *   corpus: inlinePairs([["go", "va"], ["run", "cours"]]),
 *   tokenizer: pairTokenizer({ source: words(), target: words() }),
 *   fold: { index: 0, training: [{ start: 0, end: 1 }], heldOut: [{ start: 1, end: 2 }] },
 * });
 * assert.deepEqual(targetVocabulary.tokens, ["<unk>", "<padding>", "<begin>", "<end>", "va"]);
 * assert.deepEqual([...training[0].target], [4, 3]);
 * assert.deepEqual([...heldOut[0].target], [0, 3]);
 * ```
 */
export async function preparePairs(
  options: {
    readonly corpus: PairCorpusSpecification;
    readonly tokenizer: AnyPairTokenizerSpecification;
    readonly fold: FoldRecord;
  },
): Promise<PreparedPairs> {
  const { corpus, tokenizer, fold } = options;
  const pairs = await loadTokenPairs(corpus, tokenizer);
  const cut = (spans: readonly TokenSpan[]): TokenPair[] =>
    spans.flatMap(({ start, end }) => {
      const inside = Number.isInteger(start) && Number.isInteger(end) && start >= 0 && start < end;
      if (!inside || end > pairs.length) {
        throw new RangeError(
          `preparePairs: a span must go from a whole number to a larger one up to ` +
            `${pairs.length}, found ${start} to ${end} in fold ${fold.index}.`,
        );
      }
      return pairs.slice(start, end);
    });
  const training = cut(fold.training);
  const heldOut = cut(fold.heldOut);
  const sides = tokenizersOfSides(tokenizer);
  const { sourceVocabulary, targetVocabulary } = vocabulariesOf(tokenizer, training);
  const encode = ({ source, target }: TokenPair): EncodedPair => ({
    source: closedSource(tokenizer, sourceVocabulary, sourceVocabulary.encode(source)),
    target: closed(targetVocabulary, targetVocabulary.encode(target)),
  });
  const prepared = { training: training.map(encode), heldOut: heldOut.map(encode) };
  const targets = (list: readonly EncodedPair[]) => list.map(({ target }) => target);
  return {
    sourceVocabulary,
    targetVocabulary,
    ...prepared,
    ...(fold.choosing && { choosing: cut(fold.choosing).map(encode) }),
    heldOutTexts: heldOut.map(({ source, target }): TextPair => [
      joinTokens(sides.source, source),
      joinTokens(sides.target, target),
    ]),
    sourceUnknownShare: unknownShare(
      prepared.heldOut.map(({ source }) => source),
      sourceVocabulary,
    ),
    unknownShare: unknownShare(targets(prepared.heldOut), targetVocabulary),
    trainingUnknownShare: unknownShare(targets(prepared.training), targetVocabulary),
    unigramEntropy: unigramEntropy(targets(prepared.training), targetVocabulary.size),
  };
}

/** One vocabulary for each side, or of prompts with completions one for both. */
function vocabulariesOf(
  tokenizer: AnyPairTokenizerSpecification,
  training: readonly TokenPair[],
): Pick<PreparedPairs, "sourceVocabulary" | "targetVocabulary"> {
  const { source, target } = tokenizersOfSides(tokenizer);
  if (tokenizer.kind === "completions") {
    const both = training.flatMap((pair) => [...pair.source, ...pair.target]);
    const vocabulary = buildPairVocabulary("target", target, both);
    return { sourceVocabulary: vocabulary, targetVocabulary: vocabulary };
  }
  return {
    sourceVocabulary: buildPairVocabulary("source", source, training.flatMap((all) => all.source)),
    targetVocabulary: buildPairVocabulary("target", target, training.flatMap((all) => all.target)),
  };
}

/** Ids of a source, then the mark that closes it: of a prompt the one with which completions begin. */
export function closedSource(
  { kind }: AnyPairTokenizerSpecification,
  { beginId, endId }: Pick<PairVocabulary, "beginId" | "endId">,
  ids: Int32Array,
): Int32Array {
  return followedBy(kind === "completions" ? beginId : endId, ids);
}

/** Ids, then the end token's. */
export function closed({ endId }: Pick<PairVocabulary, "endId">, ids: Int32Array): Int32Array {
  return followedBy(endId, ids);
}

function followedBy(mark: number, ids: Int32Array): Int32Array {
  const all = new Int32Array(ids.length + 1);
  all.set(ids);
  all[ids.length] = mark;
  return all;
}
