import { show } from "../core/check.ts";
import { longestText } from "../core/limits.ts";
import { integer, option, orNull } from "../core/options.ts";
import { tokenizerOf, type TokenizerSpecification, validateTokenizer } from "./tokenizers/kinds.ts";

const limit = orNull(integer({ from: 1, to: longestText }));

/** How long the sides of a pair may be, in tokens. */
export const pairLimits = { maximumSourceLength: limit, maximumTargetLength: limit };

/** How a side of a pair is split. */
export const sideTokenizer = option((_, value) => validateTokenizer(value));

/**
 * Refuses limits in tokens of pairs that have none before folds are laid.
 *
 * @throws {RangeError} With what takes their place.
 */
export function checkLimits<
  Specification extends {
    readonly maximumSourceLength: number | null;
    readonly maximumTargetLength: number | null;
  },
>(
  subject: string,
  specification: Specification,
  sides: readonly TokenizerSpecification[],
): Specification {
  const { maximumSourceLength: source, maximumTargetLength: target } = specification;
  const encoding = sides.find((side) => !("split" in tokenizerOf(side)));
  if (encoding === undefined || (source === null && target === null)) return specification;
  throw new RangeError(
    `${subject}: maximumSourceLength and maximumTargetLength must be null with ${encoding.kind}, whose tokens ` +
      `come after the folds, found ${show(source)} and ${show(target)}: leave long pairs out by ` +
      `maximumSourceBytes and maximumTargetBytes of the corpus.`,
  );
}
