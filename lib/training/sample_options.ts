import { checkInteger } from "../core/check.ts";
import { longestText } from "../core/limits.ts";
import { integer, number, type Option, option, orNotGiven, passed } from "../core/options.ts";
import { checkDecoding, decoding, type DecodingOptions } from "../models/decoding_options.ts";

/** Texts to write with the trained model, for the record. */
export interface SampleSpecification extends Required<Omit<DecodingOptions, "temperature">> {
  /**
   * How many texts, from 0; with `beams` the best ones of a search, so at most as many.
   *
   * @default {1}
   */
  readonly count: number;
  /**
   * Tokens of each, at most.
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
   * Logits are divided by it; 0 is greedy, and all that there is with `beams`.
   *
   * @default {0.8}
   */
  readonly temperature: number;
  /**
   * Length of the n-grams, in tokens, by which the record says how much of each text is learned by
   * heart (see `sampleStatistics`); of a text that a stop string or its end makes shorter than that it says nothing.
   * Absent for no such statistics.
   */
  readonly nGramLength?: number;
}

/** Targets to write for held-out sources with the trained model, for the record. */
export interface PairSampleSpecification extends Required<Omit<DecodingOptions, "temperature">> {
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
}

/** Tokens that the texts of a record may have together. */
const mostSampleTokens = 1e6;

/** Options of decoding whose temperature is another by default; null is the default, too. */
function decodedAt(temperature: number) {
  // Messages name them as functions that decode do.
  const own = <T>(option: Option<T>) => ({ ...orNotGiven(option), join: ": " as const });
  return {
    temperature: own(number({ from: 0 }, temperature)),
    topK: own(decoding.topK),
    topP: own(decoding.topP),
    minP: own(decoding.minP),
    repetitionPenalty: own(decoding.repetitionPenalty),
    beams: own(decoding.beams),
    lengthPenalty: own(decoding.lengthPenalty),
    earlyStopping: own(decoding.earlyStopping),
    stopStrings: own(decoding.stopStrings),
  };
}

const [textDecoding, pairDecoding] = [decodedAt(0.8), decodedAt(0)];
const textOthers = {
  count: orNotGiven(integer({ from: 0, to: mostSampleTokens }, 1)),
  length: orNotGiven(integer({ from: 1, to: mostSampleTokens }, 160)),
  promptLength: orNotGiven(integer({ from: 1, to: longestText }, 16)),
  nGramLength: passed<number | undefined>(),
};
const pairOthers = { count: orNotGiven(integer({ from: 0, to: mostSampleTokens }, 3)) };

/** What {@link SampleSpecification} holds. */
export const textSamples = { ...textOthers, ...textDecoding };

/** What {@link PairSampleSpecification} holds. */
export const pairSamples = { ...pairOthers, ...pairDecoding };

/**
 * Checks the samples of texts and fills their defaults. Refuses more text than a record can hold, n-grams
 * that are longer than a text, and more texts than beams.
 *
 * @throws {TypeError | RangeError} With what is allowed.
 */
export const textSamplesOption = option((name, value): SampleSpecification => {
  const checked = checkDecoding(name, value, textOthers, textDecoding, ".");
  const { count, length, nGramLength, beams } = checked;
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
  if (beams > 1 && count > beams) {
    throw new RangeError(
      `training.samples.count must be at most beams ${beams}, whose best texts they are, found ${count}.`,
    );
  }
  return checked;
}, {});

/** The same for pairs. */
export const pairSamplesOption = option(
  (name, value): PairSampleSpecification =>
    checkDecoding(name, value, pairOthers, pairDecoding, "."),
  {},
);
