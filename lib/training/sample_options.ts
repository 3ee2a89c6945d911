import { checkInteger } from "../core/check.ts";
import { longestText } from "../core/limits.ts";
import { integer, number, orNotGiven, passed } from "../core/options.ts";
import { decoding } from "../models/decoding.ts";

/** Texts to draw from the trained model, for the record. */
export interface SampleSpecification {
  /**
   * How many texts, from 0.
   *
   * @default {1}
   */
  readonly count: number;
  /**
   * Tokens of each.
   *
   * @default {160}
   */
  readonly length: number;
  /**
   * Tokens of held-out text that the model reads first.
   *
   * @default {16}
   */
  readonly promptLength: number;
  /**
   * Logits are divided by it; 0 is greedy.
   *
   * @default {0.8}
   */
  readonly temperature: number;
  /**
   * Most likely tokens that are kept; null keeps all.
   *
   * @default {null}
   */
  readonly topK: number | null;
  /**
   * Probability that the kept tokens must reach.
   *
   * @default {1}
   */
  readonly topP: number;
  /**
   * Length of the n-grams, in tokens, by which the record says how much of each text is learned by
   * heart (see `sampleStatistics`). Absent for no such statistics.
   */
  readonly nGramLength?: number;
}

/** Targets to write for held-out sources with the trained model, for the record. */
export interface PairSampleSpecification {
  /**
   * How many sources, spaced evenly over the held-out ones, from 0.
   *
   * @default {3}
   */
  readonly count: number;
  /**
   * Logits are divided by it; 0 is greedy.
   *
   * @default {0}
   */
  readonly temperature: number;
  /**
   * Most likely tokens that are kept; null keeps all.
   *
   * @default {null}
   */
  readonly topK: number | null;
  /**
   * Probability that the kept tokens must reach.
   *
   * @default {1}
   */
  readonly topP: number;
}

/** Tokens that the texts of a record may have together. */
const mostSampleTokens = 1e6;

/** Options of decoding whose temperature is another by default. */
function decodedAt(temperature: number) {
  // Messages name them as functions that decode do.
  const join = ": " as const;
  const { topK, topP } = decoding;
  return {
    temperature: { ...orNotGiven(number({ from: 0 }, temperature)), join },
    topK: { ...topK, join },
    topP: { ...orNotGiven(topP), join },
  };
}

/** What {@link SampleSpecification} holds. */
export const textSamples = {
  count: orNotGiven(integer({ from: 0, to: mostSampleTokens }, 1)),
  length: orNotGiven(integer({ from: 1, to: mostSampleTokens }, 160)),
  promptLength: orNotGiven(integer({ from: 1, to: longestText }, 16)),
  ...decodedAt(0.8),
  nGramLength: passed<number | undefined>(),
};

/** What {@link PairSampleSpecification} holds. */
export const pairSamples = {
  count: orNotGiven(integer({ from: 0, to: mostSampleTokens }, 3)),
  ...decodedAt(0),
};

/**
 * Refuses more text than a record can hold, and n-grams that are longer than a text.
 *
 * @throws {RangeError} With what is allowed.
 */
export function checkTextSamples(
  { count, length, nGramLength }: Pick<SampleSpecification, "count" | "length" | "nGramLength">,
): void {
  if (count * length > mostSampleTokens) {
    throw new RangeError(
      `training.samples: count × length must be at most ${mostSampleTokens} tokens, found ` +
        `${count} × ${length}: with length ${length} count must be at most ` +
        `${Math.floor(mostSampleTokens / length)}.`,
    );
  }
  if (nGramLength !== undefined) {
    checkInteger("training.samples.nGramLength", nGramLength, { from: 1, to: length });
  }
}
