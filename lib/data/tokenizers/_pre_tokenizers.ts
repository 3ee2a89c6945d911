/** Gives the words of a text to `take`, in their order; together they are the text. */
export type WordSplitter = (text: string, take: (word: string) => void) => void;

const expressions = {
  gpt2: String.raw`'(?:[sdmt]|ll|ve|re)| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+`,
  gpt4: String
    .raw`(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+`,
} as const;

/** Name of a pre-tokenizer. */
export type PreTokenizer = keyof typeof expressions;

/**
 * How a text is parted into words before bytes are merged: no token goes over a word's end. `gpt2` as
 * GPT-2 (Radford et al. 2019), `gpt4` as `cl100k_base` and Llama 3.
 */
export const preTokenizers: { readonly [name in PreTokenizer]: WordSplitter } = {
  gpt2: everyMatch(expressions.gpt2),
  gpt4: everyMatch(expressions.gpt4),
};

/** What splits by an expression as others write it; null where it is not one of those above. */
export function splitterOf(expression: string): WordSplitter | null {
  const [name] = Object.entries(expressions).find(([, known]) => known === expression) ?? [];
  return name === undefined ? null : preTokenizers[name as PreTokenizer];
}

/** Digits apart from what is none: each by itself, or those side by side together. */
export const digits = {
  each: everyMatch(String.raw`\p{N}|\P{N}+`),
  together: everyMatch(String.raw`\p{N}+|\P{N}+`),
};

/** Splits, then splits each word again by the next one. */
export function inTurn(splitters: readonly WordSplitter[]): WordSplitter {
  return splitters.reduceRight<WordSplitter>(
    (rest, split) => (text, take) => split(text, (word) => rest(word, take)),
    (word, take) => take(word),
  );
}

function everyMatch(expression: string): WordSplitter {
  // `\s` of ECMAScript has U+FEFF and lacks U+0085; White_Space is `\s` of Rust, Oniguruma and Python.
  const word = new RegExp(
    expression.replaceAll(String.raw`\s`, String.raw`\p{White_Space}`)
      .replaceAll(String.raw`\S`, String.raw`\P{White_Space}`),
    "uy",
  );
  return (text, take) => {
    // Every character is of one of the expression's classes: each match begins where the last one ended.
    for (let at = 0; at < text.length;) {
      word.lastIndex = at;
      word.test(text);
      take(text.slice(at, at = word.lastIndex));
    }
  };
}

/**
 * The first place from `from` on between a letter or digit and white space: all these splitters end a word
 * there, whatever stands around it. −1 where there is none.
 */
export function cutBetweenWords(text: string, from: number): number {
  const cut = /[\p{L}\p{N}](?=[ \n])/gu;
  cut.lastIndex = Math.max(0, from - 1);
  return cut.test(text) ? cut.lastIndex : -1;
}
