import { longestText } from "../../core/limits.ts";
import { integer, option, type Options, orAbsent, orNull, stated } from "../../core/options.ts";

/** Which tokens of the training part a vocabulary leaves to the unknown token. */
export interface RareTokenOptions {
  /**
   * Tokens that the training part has fewer times become the unknown token, which is thereby trained:
   * token w is known where count(w) ≥ minimumCount. From 1, which knows them all and is left out.
   *
   * @default {1}
   */
  readonly minimumCount?: number;
}

/** How many tokens a vocabulary has. */
export interface LimitedVocabulary extends RareTokenOptions {
  /**
   * Most tokens, of which the most frequent are kept, the unknown token counted; from 2, or null for
   * no limit.
   *
   * @default {null}
   */
  readonly maximumVocabulary: number | null;
}

/** How long a text is. */
export interface TextSize {
  /** Bytes in UTF-8. */
  readonly bytes: number;
  /** Unicode code points. */
  readonly characters: number;
  /**
   * Nats that it takes to write out what unknown tokens stand for; absent where there are none. They count
   * in bits per byte, not in losses per token.
   */
  readonly spelling?: number;
}

/** Tokens by the ids that the tokenizer has where it was made, which a model's rows go by. */
export interface OwnIds {
  readonly tokens: readonly string[];
  /** Its id for the unknown token here; null where it has none. */
  readonly unknown: number | null;
  /** Its id for the mark with which a text ends; null where it has none. */
  readonly end: number | null;
  /** Tokens that stand for no text of their own. */
  readonly specialTokens: readonly string[];
}

/** What is known of every kind of tokenizer. */
interface AnyTokenizer<Specification> {
  /** Its constructor: options in, plain JSON out. */
  readonly create: (options: never) => Specification;
  /** What its JSON holds besides the kind. */
  readonly options: Options;
  /** Refuses options that do not go together. */
  checkTogether?(specification: Specification): void;
  /** Refuses to split a text of a study that would have other tokens here. */
  refuseOtherSplitting?(specification: Specification): void;
  /** Its own ids, of what is ready; absent where training texts make the vocabulary. */
  ownIds?(specification: Specification): OwnIds;
  /** Loads what the specification names, once; it must be there before texts are encoded. */
  load?(specification: Specification): Promise<void>;
  /**
   * The first place at or after `from`, below the text's length or at its end, that no token goes over
   * whatever follows the text; −1 where there is none. After a line's end (`\n`) where absent.
   */
  firstCut?(specification: Specification, text: string, from: number): number;
  /** Text of tokens. */
  join(specification: Specification, tokens: readonly string[]): string;
  /**
   * Text of tokens after which others may follow, without a character whose bytes are not all there;
   * absent where a token is always whole characters.
   */
  joinBegun?(specification: Specification, tokens: readonly string[]): string;
  /** Tokens that stand for themselves alone and are never a part of a text around them; absent for none. */
  specialTokens?(specification: Specification): readonly string[];
  /** What of a text its tokens do not tell, such as "case"; null where joined they are the text. */
  lost(specification: Specification): string | null;
  /**
   * Nats that write out what an unknown token stands for, among all that a text can hold there and the
   * vocabulary has not; absent where that has no end, as with words.
   *
   * @param known Tokens of the vocabulary that stand for text, without the unknown one.
   */
  spelling?(known: number): number;
  /** How much text a token stands for, where that is not its own length. */
  sizeOf?(token: string): TextSize;
  /** Id 0, which stands for every token that a vocabulary lacks. */
  readonly unknown: string;
  /** What its tokens are, in sentences. */
  readonly unit: "bytes" | "characters" | "words" | "subwords";
  /** Tokens that are about as long as 50 characters. */
  readonly stretch: number;
  /** Whether a text may hold the unknown token itself, so that it is trained. */
  readonly textHoldsUnknown: boolean;
  /** What trains its unknown token, as advice. */
  readonly trainsUnknown: string;
}

/** A tokenizer that splits texts without a vocabulary, which counts of its tokens make. */
export interface SplittingTokenizer<Specification> extends AnyTokenizer<Specification> {
  /** Tokens of a text in their order; without `firstCut` none goes over a line's end (`\n`). */
  split(specification: Specification, text: string): Iterable<string>;
  /**
   * Tokens of a vocabulary by id, the unknown one first, from how often each stands in the training
   * part.
   */
  vocabulary(specification: Specification, counts: ReadonlyMap<string, number>): readonly string[];
  /** Whether the vocabulary is the same whatever the training part holds, so that none is counted. */
  readonly fixedVocabulary?: true;
  /** What encodes by a vocabulary as looking up each token that `split` gives, where it is faster. */
  encoder?(
    specification: Specification,
    ids: ReadonlyMap<string, number>,
  ): (text: string) => Int32Array;
}

/** The tokens of a vocabulary by id, the unknown one first, and what else encoding needs. */
export interface LearnedTokens {
  readonly tokens: readonly string[];
  /** `left right` of each merge, in their order; absent where the specification says them. */
  readonly merges?: readonly string[];
}

/** A tokenizer that has no tokens before it has a vocabulary, which it learns from texts or brings along. */
export interface EncodingTokenizer<Specification> extends AnyTokenizer<Specification> {
  /** The vocabulary of training texts, each of which may be a part of one that `firstCut` allows. */
  learn(specification: Specification, texts: Iterable<string>): LearnedTokens;
  /** Whether other training texts make other tokens; absent where they are brought along. */
  readonly learnsTokens?: true;
  /**
   * What encodes by a vocabulary.
   *
   * @param ids Id of each token, marks of a model not among them.
   * @param merges As `learn` gave them.
   * @throws {RangeError} If they do not belong together.
   */
  encoder(
    specification: Specification,
    ids: ReadonlyMap<string, number>,
    merges: readonly string[] | undefined,
  ): (text: string) => Int32Array;
}

/** All that is known of one kind of tokenizer. */
export type Tokenizer<Specification> =
  | SplittingTokenizer<Specification>
  | EncodingTokenizer<Specification>;

const count = integer({ from: 1, to: longestText });

/** {@link RareTokenOptions} as a function takes them, and as a specification states them. */
export const rareTokens = {
  given: {
    minimumCount: option((name, value) => {
      const checked = count.check(name, value);
      return checked === 1 ? undefined : checked;
    }, 1),
  },
  stated: { minimumCount: orAbsent(integer({ from: 2, to: longestText })) },
};

const limit = { maximumVocabulary: orNull(integer({ from: 2, to: longestText })) };

/** The same of {@link LimitedVocabulary}. */
export const limitedVocabulary = {
  given: { ...limit, ...rareTokens.given },
  stated: { ...rareTokens.stated, ...stated(limit) },
};

/**
 * Tokens that stand at least `minimumCount` times, in the order in which they first stand there, without
 * the unknown one.
 *
 * @throws {RangeError} If there is none of a `minimumCount` above 1.
 */
export function frequentTokens(
  { minimumCount = 1 }: RareTokenOptions,
  unknown: string,
  counts: ReadonlyMap<string, number>,
): string[] {
  const frequent = [...counts.keys()].filter((token) =>
    token !== unknown && counts.get(token)! >= minimumCount
  );
  if (frequent.length > 0 || minimumCount === 1) return frequent;
  throw new RangeError(
    `buildVocabulary: at least one token must stand minimumCount = ${minimumCount} times in the ` +
      `training part, found none of ${counts.size} different ones.`,
  );
}

/** What kinds of tokenizers whose tokens are words have in common. */
export const ofWords = {
  options: limitedVocabulary.stated,
  unknown: "<unk>",
  /** By falling frequency, equally frequent ones by UTF-16 code unit, cut at `maximumVocabulary`. */
  vocabulary(specification: LimitedVocabulary, counts: ReadonlyMap<string, number>): string[] {
    const tokens = frequentTokens(specification, ofWords.unknown, counts)
      .sort((a, b) => counts.get(b)! - counts.get(a)! || (a < b ? -1 : 1));
    return [ofWords.unknown, ...tokens].slice(0, specification.maximumVocabulary ?? undefined);
  },
  unit: "words",
  stretch: 10,
  textHoldsUnknown: true,
  trainsUnknown:
    "A tokenizer with maximumVocabulary or minimumCount: 2 trains it; characters() has few of them.",
} as const;

const lineBreak = /^[\r\n\u2028\u2029]/;

/** Tokens that match a pattern; every line break is written `\n`. */
export function matches(text: string, token: RegExp): string[] {
  return (text.match(token) ?? []).map((each) => lineBreak.test(each) ? "\n" : each);
}
