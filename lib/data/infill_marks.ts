import { show } from "../core/check.ts";
import type { InfillMarks, Vocabulary } from "./tokenizers/vocabulary.ts";

/** What the marks are written as, in the order of their ids; a text may hold the same words as tokens. */
export const infillMarks = ["<|prefix|>", "<|suffix|>", "<|middle|>"] as const;

/** A vocabulary with marks of infilling. */
export type InfillVocabulary = Vocabulary & { readonly infillMarks: InfillMarks };

/**
 * A vocabulary with the marks of infilling behind its tokens, so that all ids stay: kept tokens serve models
 * with these marks and without. No text is encoded as one of them, and decoded they are no text.
 *
 * @param vocabulary Of a text, with a mark for its end.
 *
 * @example
 * ```ts
 * import { withInfillMarks } from "./infill_marks.ts";
 * import { characters } from "./tokenizers/characters.ts";
 * import { restoreVocabulary } from "./tokenizers/vocabulary.ts";
 * import assert from "node:assert/strict";
 * const plain = restoreVocabulary(characters(), ["�", "<|end|>", "a", "b"], 1);
 * const { size, infillMarks, decode } = withInfillMarks(plain);
 * assert.equal(size, 7);
 * assert.deepEqual(infillMarks, { prefixId: 4, suffixId: 5, middleId: 6 });
 * assert.equal(decode([4, 2, 5, 6, 3]), "ab");
 * ```
 */
export function withInfillMarks(vocabulary: Vocabulary): InfillVocabulary {
  const { size, tokens, decode, decodeBegun } = vocabulary;
  const text = (ids: ArrayLike<number>) =>
    Array.from(ids).filter((id) => id < size || id >= size + infillMarks.length);
  return {
    ...vocabulary,
    size: size + infillMarks.length,
    tokens: [...tokens, ...infillMarks],
    infillMarks: { prefixId: size, suffixId: size + 1, middleId: size + 2 },
    decode: (ids) => decode(text(ids)),
    decodeBegun: (ids) => decodeBegun(text(ids)),
  };
}

/**
 * The tokens of a stored vocabulary before its marks of infilling.
 *
 * @throws {RangeError} If it does not end with them.
 */
export function withoutInfillMarks(tokens: readonly string[]): readonly string[] {
  const last = tokens.slice(-infillMarks.length);
  if (last.join() === infillMarks.join()) return tokens.slice(0, -infillMarks.length);
  throw new RangeError(
    `Cannot build the model: its vocabulary must end with ${
      infillMarks.map(show).join(", ")
    }, found ` +
      `${last.map(show).join(", ")}.`,
  );
}
