import process from "node:process";
import type { JsonObject } from "../core/json.ts";
import type { FoldRecord, TokenSpan } from "../records/study_record.ts";
import { keptTokens } from "./kept_tokens.ts";
import { entropyOfCounts } from "./prepare.ts";
import type { TokenWriter } from "./stored_tokens.ts";
import { countCodePoints } from "./text.ts";
import type { TextSource } from "./text_source.ts";
import { cutBetweenTokens } from "./tokenizers/split.ts";
import type { TokenizerSpecification } from "./tokenizers/kinds.ts";
import { learnVocabulary, restoreVocabulary, type Vocabulary } from "./tokenizers/vocabulary.ts";
import type { Tokens } from "./tokens.ts";
import { writeInMemory } from "./write_in_memory.ts";

/**
 * The mark that stands before each span, so that its first token is predicted as well, and after each
 * document of a corpus of documents. It stands for no text.
 */
export const endMark = "<|end|>";

/** Id of {@link endMark}: the one after the unknown token's. */
export const endId = 1;

/** The mark with which a text ends, as a vocabulary has it; null for one without. */
export function endOf({ marks }: Pick<Vocabulary, "marks">): number | null {
  return marks === 0 ? null : endId;
}

/** What is counted of one side of a fold, the mark before each span left out. */
export type SideCounts = {
  readonly tokens: number;
  /** Tokens that the vocabulary does not know. */
  readonly unknown: number;
  /** Code points of its text. */
  readonly characters: number;
};

/** The tokens of a fold whose spans are in bytes. */
export interface FoldTokens {
  /** Learned from the training spans alone. */
  readonly vocabulary: Vocabulary;
  /** Tokens of each training span, {@link endMark} before the first. */
  readonly training: readonly Tokens[];
  readonly heldOut: readonly Tokens[];
  /** Absent where the fold has none. */
  readonly choosing?: readonly Tokens[];
  readonly counts: {
    readonly training: SideCounts;
    readonly heldOut: SideCounts;
    readonly choosing?: SideCounts;
  };
  /** −Σ p ln p over the frequencies p of the training tokens' ids, nats per token. */
  readonly unigramEntropy: number;
}

/** Where tokens are kept for other runs and processes. */
export interface KeptFor {
  /** The folder. */
  readonly store: string;
  /** What the text depends on. */
  readonly text: JsonObject;
}

/** What is kept beside tokens on the disk. */
type Said = {
  readonly vocabulary: readonly string[];
  /** Of a tokenizer that learns them. */
  readonly merges?: readonly string[];
  readonly counts: { readonly [side in Side]?: SideCounts };
  readonly unigramEntropy: number;
};

const sides = ["training", "heldOut", "choosing"] as const;
type Side = (typeof sides)[number];

/**
 * The tokens of a fold whose spans are in bytes: the vocabulary is learned from the texts of the training
 * spans, then each span is tokenized by itself. Memory holds a megabyte of the text at a time, and of the
 * tokens none where they are kept on the disk.
 *
 * @param text The text.
 * @param options `tokenizer`. `fold`: its spans begin and end at characters, of documents at their ends.
 * `kept`: where tokens are kept for other runs and processes; null, the default, for memory. `breathe`:
 * called now and then.
 *
 * @example
 * ```ts
 * import { foldTokens } from "./fold_tokens.ts";
 * import { textOf } from "./text_source.ts";
 * import { characters } from "./tokenizers/characters.ts";
 * import { readTokens } from "./tokens.ts";
 * import assert from "node:assert/strict";
 * const fold = { index: 0, training: [{ start: 0, end: 6 }], heldOut: [{ start: 6, end: 8 }] };
 * const options = { tokenizer: characters(), fold };
 * const { vocabulary, training, heldOut } = await foldTokens(textOf("aé鯨ø"), options);
 * assert.deepEqual(vocabulary.tokens, ["�", "<|end|>", "a", "é", "鯨"]);
 * assert.deepEqual([...readTokens(training[0])], [1, 2, 3, 4]);
 * assert.deepEqual([...readTokens(heldOut[0])], [1, 0]);
 * ```
 */
export async function foldTokens(
  text: TextSource,
  { tokenizer, fold, kept = null, breathe = () => {} }: {
    readonly tokenizer: TokenizerSpecification;
    readonly fold: FoldRecord;
    readonly kept?: KeptFor | null;
    readonly breathe?: () => void;
  },
): Promise<FoldTokens> {
  const spansOf = (side: Side): readonly TokenSpan[] => fold[side] ?? [];
  // Where the tokens are made here it need not be restored: of fifty thousand tokens that takes a second.
  const here: { vocabulary?: Vocabulary } = {};
  const { spans, said } = await keptTokens<Said>({
    store: kept?.store ?? null,
    key: {
      text: kept?.text ?? null,
      tokenizer: { ...tokenizer },
      // What letters, digits, white space and lower case are, by which tokens are parted.
      unicode: process.versions.unicode ?? null,
      spans: sides.map((side) => spansOf(side).map(({ start, end }) => [start, end])),
    },
    breathe,
    make(begin) {
      const vocabulary = learnVocabulary(tokenizer, partsOf(spansOf("training")), [endMark]);
      here.vocabulary = vocabulary;
      const writer = begin(vocabulary.size);
      const counted = sides.map((side) =>
        writeSide({ text, tokenizer, vocabulary, writer, breathe }, spansOf(side))
      );
      return {
        vocabulary: vocabulary.tokens,
        ...(vocabulary.merges && { merges: vocabulary.merges }),
        counts: Object.fromEntries(
          sides.map((side, index) => [side, counted[index].counts] as const)
            .filter(([side]) => fold[side] !== undefined),
        ),
        unigramEntropy: entropyOfCounts(counted[0].frequencies),
      };
    },
  });
  function* partsOf(spans: readonly TokenSpan[]): Generator<string, void> {
    for (const span of spans) {
      for (const document of documentsOf(text, span)) {
        for (const part of cutBetweenTokens(tokenizer, piecesOf(text, document))) {
          breathe();
          yield part;
        }
      }
    }
  }
  const { training, heldOut, choosing } = said.counts;
  const [first, second] = [fold.training.length, fold.training.length + fold.heldOut.length];
  return {
    vocabulary: here.vocabulary ?? restoreVocabulary(tokenizer, said.vocabulary, 1, said.merges),
    training: spans.slice(0, first),
    heldOut: spans.slice(first, second),
    ...(fold.choosing && { choosing: spans.slice(second) }),
    counts: { training: training!, heldOut: heldOut!, ...(choosing && { choosing }) },
    unigramEntropy: said.unigramEntropy,
  };
}

/** Tokens of spans, in memory, by a vocabulary that is there. */
export function tokensOfSpans(
  text: TextSource,
  { tokenizer, vocabulary }: {
    readonly tokenizer: TokenizerSpecification;
    readonly vocabulary: Vocabulary;
  },
  spans: readonly TokenSpan[],
): { readonly spans: readonly Tokens[]; readonly counts: SideCounts } {
  const { writer, spans: tokens } = writeInMemory();
  const { counts } = writeSide(
    { text, tokenizer, vocabulary, writer, breathe: () => {} },
    spans,
  );
  return { spans: tokens, counts };
}

/** Writes the tokens of spans, and counts them. */
function writeSide(
  { text, tokenizer, vocabulary, writer, breathe }: {
    readonly text: TextSource;
    readonly tokenizer: TokenizerSpecification;
    readonly vocabulary: Vocabulary;
    readonly writer: TokenWriter;
    readonly breathe: () => void;
  },
  spans: readonly TokenSpan[],
) {
  const frequencies = new Float64Array(vocabulary.size);
  let characters = 0;
  const mark = Int32Array.of(endId);
  for (const span of spans) {
    writer.write(mark);
    for (const document of documentsOf(text, span)) {
      for (const part of cutBetweenTokens(tokenizer, piecesOf(text, document))) {
        breathe();
        characters += countCodePoints(part);
        const ids = vocabulary.encodeText(part);
        for (let at = 0; at < ids.length; at++) frequencies[ids[at]]++;
        writer.write(ids);
      }
      if (!document.ends) continue;
      writer.write(mark);
      frequencies[endId]++;
      writer.endDocument();
    }
    writer.endSpan();
  }
  const tokens = frequencies.reduce((sum, count) => sum + count, 0);
  const counts = { tokens, unknown: frequencies[vocabulary.unknownId], characters };
  return { counts, frequencies };
}

/** A part of a text that is tokenized by itself. */
interface Piece extends TokenSpan {
  /** Whether it ends where a document does. */
  readonly ends: boolean;
}

/** The documents of a span, whole or what of them lies in it; of one text the span itself. */
function* documentsOf(
  { documentEnds: ends }: TextSource,
  { start, end }: TokenSpan,
): Generator<Piece, void> {
  if (ends === null) {
    yield { start, end, ends: false };
    return;
  }
  for (let at = firstAfter(ends, start), from = start; from < end; at++) {
    const to = Math.min(end, ends[at]);
    yield { start: from, end: to, ends: to === ends[at] };
    from = to;
  }
}

/** Place of the first of ascending numbers that is larger. */
function firstAfter(numbers: Float64Array, value: number): number {
  let [low, high] = [0, numbers.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (numbers[middle] > value) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** Bytes of a text that are read at once. */
const pieceBytes = 1 << 20;

/** A part of a text in pieces that memory has room for. */
function* piecesOf(text: TextSource, { start, end }: TokenSpan): Generator<string, void> {
  for (let from = start; from < end;) {
    const to = from + pieceBytes < end ? text.boundary(from + pieceBytes, "backward") : end;
    yield text.read(from, to);
    from = to;
  }
}
