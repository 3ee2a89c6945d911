import { show } from "../core/check.ts";
import { canonicalJson } from "../core/json.ts";
import { tokenizersOfSides } from "../data/pair_tokens.ts";
import { tokenizerOf, type TokenizerSpecification } from "../data/tokenizers/kinds.ts";
import type { OwnIds } from "../data/tokenizers/tokenizer.ts";
import type { TokenAxis } from "../models/token_axes.ts";
import type { WeightsSource } from "../models/weights_folder.ts";
import { jsonIn } from "./model_weights.ts";
import { isPairSpecification, type Specification } from "./specification.ts";
import type { Vocabularies } from "./task.ts";

/** Where the numbers of each token of a model stand in a file. */
export interface RowOrder {
  /** Place of each token, −1 where the file does not have it. */
  readonly rows: Int32Array;
  /** How many tokens the file has; places behind them are none. */
  readonly known: number;
}

/** Marks that stand where a text ends. */
const endMarks = new Set(["<|end|>", "<end>"]);

/**
 * Where a file has the tokens of a model: by their text of a file that names its vocabulary, as those of
 * this library do, else by the ids that the tokenizer has in its own file.
 *
 * @param side Whose tokens.
 * @throws {RangeError} If the file's tokens are those of another tokenizer, or of none that is known.
 */
export function rowOrder(
  { metadata, called }: Pick<WeightsSource, "metadata"> & { readonly called: string },
  specification: Specification,
  vocabularies: Vocabularies,
  side: TokenAxis["side"],
): RowOrder {
  const key = side === "source" ? "sourceVocabulary" : "vocabulary";
  const tokens = vocabularies[key] ?? vocabularies.vocabulary;
  const marks = vocabularies.marks ?? marksOf(specification, side);
  if (metadata[key] === undefined && metadata.vocabulary === undefined) {
    return ownOrder(called, tokenizerOfSide(specification, side), tokens, marks);
  }
  refuseOtherTokenizer(called, metadata, specification);
  const stored = jsonIn(metadata, metadata[key] === undefined ? "vocabulary" : key) as string[];
  const storedMarks = vocabularies.marks === undefined ? marks : Number(metadata.marks ?? 0);
  // A text may hold the words of a mark.
  const places = (from: number, to: number) =>
    new Map(stored.slice(from, to).map((token, place) => [token, from + place]));
  const [ofMarks, ofTexts] = [
    places(0, storedMarks + 1),
    places(storedMarks + 1, stored.length),
  ];
  return {
    known: stored.length,
    rows: Int32Array.from(
      tokens,
      (token, id) => (id <= marks ? ofMarks : ofTexts).get(token) ?? -1,
    ),
  };
}

function ownOrder(
  called: string,
  tokenizer: TokenizerSpecification,
  tokens: readonly string[],
  marks: number,
): RowOrder {
  const own = ownIdsOf(called, tokenizer);
  const ids = new Map(own.tokens.map((token, id) => [token, id]));
  return {
    known: own.tokens.length,
    rows: Int32Array.from(tokens, (token, id) => {
      if (id === 0) return own.unknown ?? -1;
      if (id <= marks) return endMarks.has(token) ? own.end ?? -1 : -1;
      return ids.get(token) ?? -1;
    }),
  };
}

function ownIdsOf(called: string, tokenizer: TokenizerSpecification): OwnIds {
  const own = tokenizerOf(tokenizer).ownIds?.(tokenizer);
  if (own !== undefined) return own;
  throw new RangeError(
    `initialWeights: ${called} does not say which tokens its rows are, and the tokenizer ` +
      `${tokenizer.kind} has no ids of its own: take the model's tokenizerFile, or weights that this ` +
      `library wrote.`,
  );
}

/**
 * Refuses a file whose tokens are known to be other ones before a vocabulary is there.
 *
 * @param specification Whose tokenizers are ready.
 * @returns How many tokens a file without a vocabulary must have; null where its own says it.
 * @throws {RangeError} As {@link rowOrder}.
 */
export function checkTokensOf(
  { metadata, called }: Pick<WeightsSource, "metadata"> & { readonly called: string },
  specification: Specification,
): number | null {
  if (metadata.vocabulary === undefined) {
    return ownIdsOf(called, tokenizerOfSide(specification, "target")).tokens.length;
  }
  refuseOtherTokenizer(called, metadata, specification);
  return null;
}

/** Ids of pairs after the unknown token's that stand for no text. */
function marksOf(specification: Specification, side: TokenAxis["side"]): number {
  if (!isPairSpecification(specification)) return 0;
  return side === "source" ? 2 : 3;
}

function tokenizerOfSide(
  { tokenizer }: Specification,
  side: TokenAxis["side"],
): TokenizerSpecification {
  if (tokenizer.kind === "pairs" || tokenizer.kind === "completions") {
    return tokenizersOfSides(tokenizer)[side];
  }
  return tokenizer;
}

function refuseOtherTokenizer(
  called: string,
  metadata: WeightsSource["metadata"],
  { tokenizer }: Specification,
): void {
  const { tokenizer: other } = jsonIn(metadata, "specification") as Partial<Specification>;
  const same = other !== undefined &&
    canonicalJson(splitting(other)) === canonicalJson(splitting(tokenizer));
  if (same) return;
  throw new RangeError(
    `initialWeights: ${called} has the tokens of another tokenizer, ${
      show(other)
    }; the specification has ` +
      `${show(tokenizer)}.`,
  );
}

/** How a tokenizer splits, whatever it leaves out: where its file lies, how many tokens it keeps. */
function splitting(tokenizer: object): object {
  const {
    path: _,
    maximumVocabulary: __,
    minimumCount: ___,
    ...rest
  } = tokenizer as { readonly [option: string]: unknown };
  return rest;
}
