import type { FoldRecord, TokenSpan } from "../records/study_record.ts";
import type { LaidPair } from "./_pair_order.ts";
import {
  type AnyPairTokenizerSpecification,
  buildPairVocabulary,
  learnPairVocabulary,
  loadTextPairs,
  loadTokenPairs,
  type PairVocabulary,
  tokenizersOfSides,
} from "./pair_tokens.ts";
import type { PairCorpusSpecification, TextPair } from "./pairs.ts";
import { unigramEntropy, unknownShare } from "./prepare.ts";
import type { TokenizerSpecification } from "./tokenizers/kinds.ts";
import { joinTokens, readyTokenizer, tokensTell } from "./tokenizers/split.ts";

/**
 * A pair as token ids, each side closed by its end token; the begin token is not in it. A prompt is closed
 * by the begin token of its completion, so that both are one sequence when put together.
 */
export interface EncodedPair {
  readonly source: Int32Array;
  readonly target: Int32Array;
  /** Its texts, where folds were laid before pairs had tokens. */
  readonly texts?: TextPair;
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
  /** The held-out pairs as text, as their tokens tell it, unknown ones too. */
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
 * `completionTokenizer`. `fold`: spans of positions in what loadTokenPairs gives, or loadTextPairs with
 * `unit: "pairs"`, as makePairFolds gives them.
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
  for (const side of Object.values(tokenizersOfSides(tokenizer))) await readyTokenizer(side);
  return fold.unit === "pairs"
    ? prepared(await loadTextPairs(corpus, tokenizer), { tokenizer, fold, reading: texts })
    : prepared(await loadTokenPairs(corpus, tokenizer), { tokenizer, fold, reading: tokens });
}

/** How sides of pairs are read, as texts or as their tokens. */
interface Reading<Side extends string | readonly string[]> {
  learn(
    side: "source" | "target",
    tokenizer: TokenizerSpecification,
    training: readonly Side[],
  ): PairVocabulary;
  encode(vocabulary: PairVocabulary, side: Side): Int32Array;
  /** A side as its tokens tell it. */
  told(tokenizer: TokenizerSpecification, side: Side): string;
  /** What of a pair is kept beside its tokens. */
  kept(pair: LaidPair<Side>): Pick<EncodedPair, "texts">;
}

const tokens: Reading<readonly string[]> = {
  learn: (side, tokenizer, training) => buildPairVocabulary(side, tokenizer, training.flat()),
  encode: (vocabulary, side) => vocabulary.encode(side),
  told: joinTokens,
  kept: () => ({}),
};

const texts: Reading<string> = {
  learn: learnPairVocabulary,
  encode: (vocabulary, side) => vocabulary.encodeText(side),
  told: tokensTell,
  kept: ({ source, target }) => ({ texts: [source, target] }),
};

function prepared<Side extends string | readonly string[]>(
  pairs: readonly LaidPair<Side>[],
  { tokenizer, fold, reading }: {
    readonly tokenizer: AnyPairTokenizerSpecification;
    readonly fold: FoldRecord;
    readonly reading: Reading<Side>;
  },
): PreparedPairs {
  const cut = (spans: readonly TokenSpan[]) =>
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
  const { sourceVocabulary, targetVocabulary } = vocabulariesOf(tokenizer, training, reading);
  const encode = (pair: LaidPair<Side>): EncodedPair => {
    const source = reading.encode(sourceVocabulary, pair.source);
    return {
      source: closedSource(tokenizer, sourceVocabulary, source),
      target: closed(targetVocabulary, reading.encode(targetVocabulary, pair.target)),
      ...reading.kept(pair),
    };
  };
  const encoded = { training: training.map(encode), heldOut: heldOut.map(encode) };
  const targets = (list: readonly EncodedPair[]) => list.map(({ target }) => target);
  return {
    sourceVocabulary,
    targetVocabulary,
    ...encoded,
    ...(fold.choosing && { choosing: cut(fold.choosing).map(encode) }),
    heldOutTexts: heldOut.map(({ source, target }): TextPair => [
      reading.told(sides.source, source),
      reading.told(sides.target, target),
    ]),
    sourceUnknownShare: unknownShare(
      encoded.heldOut.map(({ source }) => source),
      sourceVocabulary,
    ),
    unknownShare: unknownShare(targets(encoded.heldOut), targetVocabulary),
    trainingUnknownShare: unknownShare(targets(encoded.training), targetVocabulary),
    unigramEntropy: unigramEntropy(targets(encoded.training), targetVocabulary.size),
  };
}

/** One vocabulary for each side, or of prompts with completions one for both. */
function vocabulariesOf<Side extends string | readonly string[]>(
  tokenizer: AnyPairTokenizerSpecification,
  training: readonly LaidPair<Side>[],
  { learn }: Reading<Side>,
): Pick<PreparedPairs, "sourceVocabulary" | "targetVocabulary"> {
  const sides = tokenizersOfSides(tokenizer);
  if (tokenizer.kind === "completions") {
    const both = training.flatMap(({ source, target }) => [source, target]);
    const vocabulary = learn("target", sides.target, both);
    return { sourceVocabulary: vocabulary, targetVocabulary: vocabulary };
  }
  return {
    sourceVocabulary: learn("source", sides.source, training.map(({ source }) => source)),
    targetVocabulary: learn("target", sides.target, training.map(({ target }) => target)),
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
