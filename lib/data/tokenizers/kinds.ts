import { checkOneOf, show } from "../../core/check.ts";
import { entryOf } from "../../core/entry_of.ts";
import { checkOptions, text } from "../../core/options.ts";
import { type BytePairsSpecification, bytePairsTokenizer } from "./byte_pairs.ts";
import { type BytesSpecification, bytesTokenizer } from "./bytes.ts";
import { type CharactersSpecification, charactersTokenizer } from "./characters.ts";
import {
  type PublishedTokenizerSpecification,
  publishedTokenizerTokenizer,
} from "./published_tokenizer.ts";
import { type SpacedWordsSpecification, spacedWordsTokenizer } from "./spaced_words.ts";
import type { Tokenizer } from "./tokenizer.ts";
import { type TokenizerFileSpecification, tokenizerFileTokenizer } from "./tokenizer_file.ts";
import { type WordsSpecification, wordsTokenizer } from "./words.ts";

/** How a text is split into tokens, as a specification holds it. */
export type TokenizerSpecification =
  | CharactersSpecification
  | WordsSpecification
  | SpacedWordsSpecification
  | BytesSpecification
  | BytePairsSpecification
  | TokenizerFileSpecification
  | PublishedTokenizerSpecification;

/** Every kind of tokenizer. */
export const tokenizerKinds: {
  readonly [Kind in TokenizerSpecification["kind"]]: Tokenizer<
    Extract<TokenizerSpecification, { kind: Kind }>
  >;
} = {
  characters: charactersTokenizer,
  words: wordsTokenizer,
  spacedWords: spacedWordsTokenizer,
  bytes: bytesTokenizer,
  bytePairs: bytePairsTokenizer,
  tokenizerFile: tokenizerFileTokenizer,
  publishedTokenizer: publishedTokenizerTokenizer,
};

/** What is known of the kind of a tokenizer. */
export function tokenizerOf({ kind }: TokenizerSpecification): Tokenizer<TokenizerSpecification> {
  return tokenizerKinds[kind] as Tokenizer<TokenizerSpecification>;
}

/** What is known of the kind that a record names: that of words for one that this version does not have. */
export function tokenizerNamed(kind: unknown) {
  return entryOf(tokenizerKinds, kind) ?? tokenizerKinds.words;
}

/**
 * Checks that a value read from JSON is the specification of a tokenizer.
 *
 * @throws {TypeError | RangeError} With the field, the value found and those allowed.
 */
export function validateTokenizer(value: unknown): TokenizerSpecification {
  const specification = value as TokenizerSpecification;
  refuseOfPairs(specification?.kind);
  checkOneOf("tokenizer: kind", specification?.kind, Object.keys(tokenizerKinds));
  const { options, checkTogether } = tokenizerOf(specification);
  checkOptions(specification.kind, specification, { kind: text(), ...options });
  checkTogether?.(specification);
  return specification;
}

/** Refuses tokenizers of pairs, by the corpora that they are for. */
function refuseOfPairs(kind: unknown): void {
  if (kind !== "pairs" && kind !== "completions") return;
  const name = kind === "pairs" ? "pairTokenizer" : "completionTokenizer";
  throw new RangeError(
    `tokenizer: kind must be one of ${Object.keys(tokenizerKinds).map(show).join(", ")}, found ${
      show(kind)
    }: ${name} is for corpora of pairs (inlinePairs, pairFile, inlineRows, rowFile).`,
  );
}
