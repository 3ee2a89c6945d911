import { tokenizerOf, type TokenizerSpecification } from "./kinds.ts";
import type { TextSize } from "./tokenizer.ts";
import type { Vocabulary } from "./vocabulary.ts";

const encoder = new TextEncoder();

/** How much text one known token of a tokenizer stands for. */
function sizeOfToken(tokenizer: TokenizerSpecification, token: string): TextSize {
  return tokenizerOf(tokenizer).sizeOf?.(token) ??
    { bytes: encoder.encode(token).length, characters: Array.from(token).length };
}

/**
 * How much text ids stand for, in bytes of UTF-8 and in code points.
 *
 * @param tokenizer The tokenizer.
 * @param vocabulary What numbered its tokens.
 * @param ids The ids.
 * @param marks How many ids after the unknown token's are marks of a model, which stand for no text; 0
 * by default.
 * @returns What is lost, in words, where the ids do not tell the text: what the tokenizer loses, or
 * unknown tokens.
 *
 * @example
 * ```ts
 * import { bytes } from "./bytes.ts";
 * import { characters } from "./characters.ts";
 * import { splitTokens } from "./split.ts";
 * import { textSizeOf } from "./text_size.ts";
 * import { buildVocabulary } from "./vocabulary.ts";
 * import assert from "node:assert/strict";
 * for (const tokenizer of [bytes(), characters()]) {
 *   const tokens = splitTokens(tokenizer, "né 鲸");
 *   const vocabulary = buildVocabulary(tokenizer, tokens);
 *   const size = textSizeOf(tokenizer, vocabulary, vocabulary.encode(tokens));
 *   assert.deepEqual(size, { bytes: 7, characters: 4 });
 * }
 * ```
 */
export function textSizeOf(
  tokenizer: TokenizerSpecification,
  { tokens, unknownId }: Pick<Vocabulary, "tokens" | "unknownId">,
  ids: Iterable<number>,
  marks = 0,
): TextSize | string {
  const lost = tokenizerOf(tokenizer).lost(tokenizer);
  if (lost !== null) return lost;
  const nothing = { bytes: 0, characters: 0 };
  const sizes = tokens.map((token, id) => id <= marks ? nothing : sizeOfToken(tokenizer, token));
  const total = { ...nothing };
  for (const id of ids) {
    if (id === unknownId) return "unknown tokens";
    total.bytes += sizes[id].bytes;
    total.characters += sizes[id].characters;
  }
  return total.characters === 0 ? "characters that are cut" : total;
}

/** What an evaluation reads of a text, and how much text that is. */
export interface ToldText {
  /** Tokens that are predicted: all but the mark before each span, of targets their ends too. */
  readonly tokens: number;
  /**
   * How much text that is. Unknown tokens do not say what they stand for; where the tokenizer knows among
   * how many it is, writing it out is counted, so that the whole is a code of the text: of characters
   * ln(1,112,064 − known ones) nats for each, one of all other code points.
   */
  readonly size: TextSize;
  /** What of it the tokens do not tell, in words; null where they tell it all. */
  readonly lost: string | null;
}

/** What tokens tell of a text that was counted, unknown tokens of it among them. */
export function toldOf(
  tokenizer: TokenizerSpecification,
  { size, marks }: Pick<Vocabulary, "size" | "marks">,
  { tokens, unknown, bytes, characters }: {
    readonly tokens: number;
    readonly unknown: number;
    readonly bytes: number;
    readonly characters: number;
  },
): ToldText {
  const { lost, spelling } = tokenizerOf(tokenizer);
  const missing = lost(tokenizer);
  const text = { bytes, characters };
  if (unknown === 0) return { tokens, size: text, lost: missing };
  if (spelling === undefined) return { tokens, size: text, lost: missing ?? "unknown tokens" };
  const spelled = unknown * spelling(size - marks - 1);
  return { tokens, size: { ...text, spelling: spelled }, lost: missing };
}
