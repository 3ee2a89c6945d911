import { checkKeys } from "../core/check.ts";
import { integer, orNull } from "../core/options.ts";
import type { RandomStream } from "../core/random.ts";
import { beamSearch } from "./beam_search.ts";
import { checkDecoding, type CheckedDecoding, type DecodingOptions } from "./decoding_options.ts";
import type { LanguageModel } from "./model.ts";
import { readTokens } from "./read_tokens.ts";
import { penalized } from "./repetition_penalty.ts";
import { endsText, type WritesTokens } from "./stop_strings.ts";

/** Tokens that a model writes at once: at ten thousand a second a quarter of an hour. */
const longestGenerated = 1e7;

/** Tokens of a target that a model writes for a source. */
export const longestTarget = 100_000;

/** The options by which one token is chosen. */
export type ChoiceOptions = Pick<
  DecodingOptions,
  "temperature" | "topK" | "topP" | "minP" | "repetitionPenalty"
>;

type Choice = Required<ChoiceOptions>;

function checkChoice(subject: string, options: ChoiceOptions): Choice {
  checkKeys(subject, options, ["temperature", "topK", "topP", "minP", "repetitionPenalty"]);
  return checkDecoding(subject, options, {}) as CheckedDecoding;
}

/**
 * Chooses a token from logits: greedy, by temperature, top-k, top-p (nucleus, Holtzman et al. 2020) and
 * min-p (Nguyen et al. 2024), after a penalty on repetition (Keskar et al. 2019).
 *
 * The order is that of Hugging Face's transformers: repetition penalty, temperature, top-k, top-p on the
 * probabilities that are left, min-p. Of equal logits the lower id comes first; transformers' top-k keeps
 * all that are equal to the k-th.
 *
 * @param logits One score a token, `[vocabularySize]`.
 * @param options See {@link DecodingOptions}.
 * @param stream Draws one number, also when greedy, so that texts of different options stay paired.
 * @param read Token ids that were read or written before, for `repetitionPenalty`; none by default.
 * @returns A token id.
 *
 * @example
 * ```ts
 * import { chooseToken } from "./decoding.ts";
 * import { randomStream } from "../core/random.ts";
 * import assert from "node:assert/strict";
 * const stream = randomStream(1, "samples");
 * assert.equal(chooseToken(Float32Array.of(0, 3, 1), { temperature: 0 }, stream), 1);
 * assert.equal(chooseToken(Float32Array.of(0, 3, 1), { topK: 1 }, stream), 1);
 * const repeated = { temperature: 0, repetitionPenalty: 4 };
 * assert.equal(chooseToken(Float32Array.of(0, 3, 1), repeated, stream, [1]), 2);
 * ```
 */
export function chooseToken(
  logits: Float32Array,
  options: ChoiceOptions,
  stream: RandomStream,
  read: Iterable<number> = [],
): number {
  const checked = checkChoice("chooseToken", options);
  return chosenToken(penalized(logits, read, checked.repetitionPenalty), checked, stream);
}

/**
 * Probability of each token to be drawn by {@link chooseToken}, `[vocabularySize]`; 0 for those that are
 * not kept.
 */
export function tokenProbabilities(
  logits: Float32Array,
  options: ChoiceOptions,
  read: Iterable<number> = [],
): Float64Array {
  const checked = checkChoice("tokenProbabilities", options);
  const kept = keptTokens(penalized(logits, read, checked.repetitionPenalty), checked);
  const probabilities = new Float64Array(logits.length);
  kept.weights.forEach((weight, at) => probabilities[kept.tokens[at]] = weight / kept.mass);
  return probabilities;
}

/** The tokens that may be drawn, the most likely one first, with weights and their sum. */
function keptTokens(logits: Float32Array, { temperature, topK, topP, minP }: Choice) {
  const order = Array.from(logits.keys()).sort((a, b) => logits[b] - logits[a] || a - b);
  if (temperature === 0) return { tokens: order, weights: [1], mass: 1 };
  const tokens = topK === null ? order : order.slice(0, topK);
  // Relative to the most likely one, whose weight is 1.
  const all = tokens.map((token) => Math.exp((logits[token] - logits[order[0]]) / temperature));
  const total = all.reduce((sum, weight) => sum + weight, 0);
  let count = 0;
  let mass = 0;
  while (
    count < tokens.length && (count === 0 || (mass < topP * total && all[count] >= minP))
  ) mass += all[count++];
  return { tokens, weights: all.slice(0, count), mass };
}

/** {@link chooseToken} by options that are checked and from scores that are penalized. */
export function chosenToken(
  logits: Float32Array,
  options: Choice,
  stream: RandomStream,
): number {
  const draw = stream.uniform();
  const { tokens, weights, mass } = keptTokens(logits, options);
  let rest = draw * mass;
  for (const [index, weight] of weights.entries()) {
    rest -= weight;
    if (rest < 0) return tokens[index];
  }
  return tokens[weights.length - 1];
}

/** How long a text of {@link generateTokens} is. */
export interface GenerationLength {
  /** Tokens to generate at most, from 1. */
  readonly length: number;
  /** Token after which the text has ended, and which is no part of it; null for none. */
  readonly endId?: number | null;
}

const generation = {
  length: integer({ from: 1, to: longestGenerated }),
  endId: orNull(integer({ from: 0 })),
};

/**
 * Continues a prompt, token by token, each as soon as it is chosen; with `beams` all of them once the
 * search has ended.
 *
 * @param model A trained model.
 * @param prompt Token ids that the model reads first, at least one.
 * @param options See {@link DecodingOptions} and {@link GenerationLength}.
 * @param stream Where the randomness comes from.
 * @param vocabulary How tokens are written, for `stopStrings`.
 * @returns The generated token ids, without the prompt; the last ones hold the stop string that ended the
 * text, if one did. The model's state is freed when the last one was taken, or when the taker stops (as
 * `for … of` does by `break`).
 * @throws {TypeError | RangeError} If an option is unknown, out of its range or contradicts another, or
 * the prompt is empty.
 */
export function generateTokens(
  model: LanguageModel,
  prompt: Int32Array,
  options: DecodingOptions & GenerationLength,
  stream: RandomStream,
  vocabulary?: WritesTokens,
): Generator<number, void> {
  const checked = checkDecoding("generate", options, generation);
  if (prompt.length === 0) throw new RangeError("generate: the prompt must hold at least 1 token.");
  const ends = endsText(checked.stopStrings, vocabulary);
  return checked.beams > 1
    ? bestOf(model, prompt, { ...checked, ends })
    : tokensOf(model, prompt, { ...checked, ends }, stream);
}

type Writing = CheckedDecoding & GenerationLength & {
  readonly ends: (tokens: readonly number[]) => boolean;
};

function* bestOf(model: LanguageModel, prompt: Int32Array, options: Writing) {
  yield* beamSearch(model, prompt, options)[0].tokens;
}

function* tokensOf(
  model: LanguageModel,
  prompt: Int32Array,
  options: Writing,
  stream: RandomStream,
): Generator<number, void> {
  const { length, endId, ends, repetitionPenalty } = options;
  const written: number[] = [];
  const read = new Set(prompt);
  const decoder = model.decoder(1);
  try {
    readTokens(decoder, Array.from(prompt.subarray(0, -1), (token) => Int32Array.of(token)));
    let logits = decoder.next(prompt.slice(-1));
    for (let position = 0; position < length; position++) {
      const token = chosenToken(penalized(logits, read, repetitionPenalty), options, stream);
      if (token === endId) return;
      yield token;
      written.push(token);
      if (ends(written)) return;
      read.add(token);
      if (position + 1 < length) logits = decoder.next(Int32Array.of(token));
    }
  } finally {
    decoder.dispose();
  }
}

/**
 * Several texts for one prompt: drawn one after the other, or with `beams` the best ones of the search.
 *
 * @param options See {@link DecodingOptions} and {@link GenerationLength}; `count`: how many, with `beams`
 * at most as many.
 */
export function generateTexts(
  model: LanguageModel,
  prompt: Int32Array,
  { count, ...options }: DecodingOptions & GenerationLength & { readonly count: number },
  stream: RandomStream,
  vocabulary?: WritesTokens,
): Int32Array[] {
  if ((options.beams ?? 1) === 1) {
    return Array.from(
      { length: count },
      () => generate(model, prompt, options, stream, vocabulary),
    );
  }
  const checked = checkDecoding("generate", options, generation);
  const ends = endsText(checked.stopStrings, vocabulary);
  return beamSearch(model, prompt, { ...checked, ends }).slice(0, count)
    .map(({ tokens }) => Int32Array.from(tokens));
}

/** All tokens of {@link generateTokens}. */
export function generate(
  model: LanguageModel,
  prompt: Int32Array,
  options: DecodingOptions & GenerationLength,
  stream: RandomStream,
  vocabulary?: WritesTokens,
): Int32Array {
  return Int32Array.from(generateTokens(model, prompt, options, stream, vocabulary));
}
