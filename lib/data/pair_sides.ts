import { show } from "../core/check.ts";
import { longestText } from "../core/limits.ts";
import { integer, option, orNull } from "../core/options.ts";
import { tokenizerOf, type TokenizerSpecification, validateTokenizer } from "./tokenizers/kinds.ts";

const limit = orNull(integer({ from: 1, to: longestText }));

/** How long the sides of a pair may be, in tokens. */
export const pairLimits = { maximumSourceLength: limit, maximumTargetLength: limit };

/** How a side of a pair is split: by what needs no vocabulary, which folds have and pairs come before. */
export const sideTokenizer = option((name, value): TokenizerSpecification => {
  const tokenizer = validateTokenizer(value);
  if ("split" in tokenizerOf(tokenizer)) return tokenizer;
  throw new RangeError(
    `${name} must be one that splits without a vocabulary, since pairs are put together and left out by ` +
      `their tokens before folds are laid, found ${show(tokenizer.kind)}.`,
  );
});
