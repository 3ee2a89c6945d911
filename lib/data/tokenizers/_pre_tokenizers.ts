// `\s` of ECMAScript has U+FEFF and lacks U+0085; `\p{White_Space}` is `\s` of Rust, Oniguruma and Python.
const space = String.raw`\p{White_Space}`;

/** How a text is parted into words before bytes are merged: no token goes over a word's end. */
export const preTokenizers = {
  /** GPT-2 (Radford et al. 2019): words, numbers and runs of other signs, with the space before them. */
  gpt2: new RegExp(
    `'(?:[sdmt]|ll|ve|re)| ?\\p{L}+| ?\\p{N}+| ?[^${space}\\p{L}\\p{N}]+|` +
      `${space}+(?!\\P{White_Space})|${space}+`,
    "uy",
  ),
  /**
   * `cl100k_base` of GPT-4: as `gpt2`, with digits by threes, any one sign before a word, line ends after
   * signs and alone, and contractions in capitals too.
   */
  gpt4: new RegExp(
    `(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}|` +
      ` ?[^${space}\\p{L}\\p{N}]+[\\r\\n]*|${space}*[\\r\\n]+|` +
      `${space}+(?!\\P{White_Space})|${space}+`,
    "uy",
  ),
} as const;

/** Name of a pre-tokenizer. */
export type PreTokenizer = keyof typeof preTokenizers;

/** Gives the words of a text to `take`, in their order; together they are the text. */
export function splitWords(name: PreTokenizer, text: string, take: (word: string) => void): void {
  const word = preTokenizers[name];
  // Every character is of one of the expressions' classes, so each match begins where the last one ended.
  for (let at = 0; at < text.length;) {
    word.lastIndex = at;
    word.test(text);
    take(text.slice(at, at = word.lastIndex));
  }
}

/**
 * The first place from `from` on between a letter or digit and white space: all these expressions end a
 * word there, whatever stands around it. −1 where there is none.
 */
export function cutBetweenWords(text: string, from: number): number {
  const cut = /[\p{L}\p{N}](?=[ \n])/gu;
  cut.lastIndex = Math.max(0, from - 1);
  return cut.test(text) ? cut.lastIndex : -1;
}
