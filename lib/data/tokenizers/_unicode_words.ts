import process from "node:process";
import { show } from "../../core/check.ts";

/** Version of the ICU library whose rules and dictionaries part words here. */
export const icuVersion: string = process.versions.icu ?? "none";

// One locale for all machines: some languages part words at other places.
const segmenter = new Intl.Segmenter("en", { granularity: "word" });
const whiteSpace = /^\s+$/u;
const lineBreak = /^[\r\n\u2028\u2029]/;

/**
 * Splits a text at Unicode's word boundaries, losing nothing: the tokens joined are the text. One
 * space belongs to the token after it, every line break is a token, and so is other white space.
 */
export function splitUnicodeWords(text: string): string[] {
  const tokens: string[] = [];
  let space = "";
  for (const { segment } of segmenter.segment(text)) {
    if (!whiteSpace.test(segment)) {
      tokens.push(space + segment);
      space = "";
      continue;
    }
    if (space !== "") tokens.push(space);
    space = "";
    // Spaces side by side are one segment; the last one belongs to what follows.
    if (lineBreak.test(segment) || !segment.endsWith(" ")) tokens.push(segment);
    else {
      if (segment.length > 1) tokens.push(segment.slice(0, -1));
      space = " ";
    }
  }
  if (space !== "") tokens.push(space);
  return tokens;
}

/** The text itself; the unknown token, which no text splits into, stands apart from a word before it. */
export function joinUnicodeWords(tokens: readonly string[]): string {
  return tokens.map((token, index) => {
    const apart = token === "<unk>" && index > 0 && /\S$/u.test(tokens[index - 1]);
    return apart ? ` ${token}` : token;
  }).join("");
}

/**
 * Refuses a tokenizer whose words another version of ICU parted: the same text could have other
 * tokens here.
 *
 * @throws {Error} With both versions.
 */
export function refuseOtherIcu(icu: string): void {
  if (icu === icuVersion) return;
  throw new Error(
    `words: this text was split by ICU ${show(icu)}, and this Deno has ICU ${show(icuVersion)}, ` +
      `which may split it otherwise. Use the Deno version that study.json names, or begin the ` +
      `study anew under another name.`,
  );
}
