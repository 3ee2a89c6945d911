import { tokenizerNamed } from "../data/tokenizers/kinds.ts";
import type { StudyRecord } from "../records/study_record.ts";

/**
 * What the tokens of a study do not tell of a text, in words, each once: none where joined they are the text.
 *
 * @example
 * ```ts
 * import { lostOfText } from "./lost_of_text.ts";
 * import assert from "node:assert/strict";
 * const [bytes, words] = [{ kind: "bytes" }, { kind: "words", lowercase: false }];
 * assert.deepEqual(lostOfText({ specifications: [{ tokenizer: bytes }] }), []);
 * const both = { specifications: [{ tokenizer: bytes }, { tokenizer: words }] };
 * assert.deepEqual(lostOfText(both), ["white space"]);
 * ```
 */
export function lostOfText({ specifications }: Pick<StudyRecord, "specifications">): string[] {
  const lost = specifications.map(({ tokenizer }) =>
    tokenizerNamed(Object(tokenizer).kind).lost(Object(tokenizer))
  );
  return [...new Set(lost.filter((each) => each !== null))];
}
