/**
 * Cuts special tokens out of a text: of several that begin at one place the longest, then on after it.
 *
 * @param tokens The special tokens.
 * @param text The text.
 * @param take What becomes of the parts, in their order: of `text` between special tokens, none of it empty,
 * and of each `special` token.
 */
export function cutSpecialTokens(
  tokens: readonly string[],
  text: string,
  take: {
    readonly text: (part: string) => void;
    readonly special: (token: string) => void;
  },
): void {
  let at = 0;
  if (tokens.length > 0) {
    const longestFirst = [...tokens].sort((a, b) => b.length - a.length);
    for (const { 0: token, index } of text.matchAll(anyOf(longestFirst))) {
      if (index > at) take.text(text.slice(at, index));
      take.special(token);
      at = index + token.length;
    }
  }
  if (at < text.length) take.text(at === 0 ? text : text.slice(at));
}

function anyOf(texts: readonly string[]): RegExp {
  return new RegExp(texts.map((each) => RegExp.escape(each)).join("|"), "gu");
}
