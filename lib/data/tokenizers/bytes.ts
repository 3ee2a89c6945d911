import { byteTokens, ofBytes, utf8Of } from "./_byte_tokens.ts";
import { IdList } from "./id_list.ts";
import type { SplittingTokenizer } from "./tokenizer.ts";

/** A tokenizer of bytes, as plain JSON. */
export interface BytesSpecification {
  /** Which tokenizer it is. */
  readonly kind: "bytes";
}

/**
 * A tokenizer of one token a byte of the text in UTF-8: a letter of English is one, of Greek two, a
 * Chinese character three, an emoji four. No text has an unknown token, whatever the training part
 * holds, and every text comes back to the byte.
 *
 * The vocabulary has always 257 tokens: byte b has the id b + 1 and is written as GPT-2 writes it; id 0
 * is the unknown token `�`, which stands for no byte and serves `maskedInputs` alone. Positions of folds
 * are bytes, so a span may begin or end inside of a character. Bytes that a model draws need not be
 * UTF-8: decoded, each longest part that begins a character, and each other byte, is one `�` (U+FFFD),
 * as the WHATWG's decoder and Python's `errors="replace"` have it.
 *
 * @returns Plain JSON.
 *
 * @example
 * ```ts
 * import { bytes } from "./bytes.ts";
 * import { splitTokens } from "./split.ts";
 * import { buildVocabulary } from "./vocabulary.ts";
 * import assert from "node:assert/strict";
 * const tokens = splitTokens(bytes(), "é 鲸\n");
 * assert.deepEqual(tokens, ["Ã", "©", "Ġ", "é", "²", "¸", "Ċ"]);
 * const vocabulary = buildVocabulary(bytes(), tokens);
 * assert.equal(vocabulary.size, 257);
 * assert.deepEqual([...vocabulary.encode(tokens)], [196, 170, 33, 234, 179, 185, 11]);
 * assert.equal(vocabulary.decode([196, 170, 234]), "é�");
 * ```
 */
export function bytes(): BytesSpecification {
  return { kind: "bytes" };
}

/** What is known of {@link bytes}. */
export const bytesTokenizer: SplittingTokenizer<BytesSpecification> = {
  ...ofBytes,
  create: bytes,
  options: {},
  *split(_, text) {
    for (const part of utf8Of("bytes", text)) for (const byte of part) yield byteTokens[byte];
  },
  vocabulary: () => [ofBytes.unknown, ...byteTokens],
  fixedVocabulary: true,
  encoder(_, ids) {
    const ofByte = Int32Array.from(byteTokens, (token) => ids.get(token)!);
    return (text) => {
      const found = new IdList();
      for (const part of utf8Of("bytes", text)) {
        // Int32Array.from with a function takes several times as long.
        const idsOfPart = new Int32Array(part.length);
        for (let at = 0; at < part.length; at++) idsOfPart[at] = ofByte[part[at]];
        found.append(idsOfPart);
      }
      return found.ids();
    };
  },
  unit: "bytes",
  stretch: 50,
  trainsUnknown: "Every byte is known: only masked inputs are the unknown token of bytes().",
};
