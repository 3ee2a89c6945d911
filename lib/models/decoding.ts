import { longestText } from "../core/limits.ts";
import { checkOptions, integer, number, orNull } from "../core/options.ts";
import type { RandomStream } from "../core/random.ts";
import type { LanguageModel } from "./model.ts";

/** How the next token is chosen. */
export interface DecodingOptions {
  /**
   * Logits are divided by it; 0 takes the most likely token (greedy), 1 samples the model as it is.
   *
   * @default {1}
   */
  readonly temperature?: number;
  /**
   * Keep only this many most likely tokens, from 1, or null for all.
   *
   * @default {null}
   */
  readonly topK?: number | null;
  /**
   * Keep the fewest most likely tokens whose probabilities reach this sum, in (0, 1]; 1 keeps all.
   *
   * @default {1}
   */
  readonly topP?: number;
}

/** Tokens that a model writes at once: at ten thousand a second a quarter of an hour. */
const longestGenerated = 1e7;

/** Tokens of a target that a model writes for a source. */
export const longestTarget = 100_000;

/** Options of {@link DecodingOptions}. */
export const decoding = {
  temperature: number({ from: 0 }, 1),
  topK: orNull(integer({ from: 1, to: longestText })),
  topP: number({ above: 0, to: 1 }, 1),
};

/**
 * Chooses a token from logits: greedy, by temperature, top-k and top-p (nucleus, Holtzman et al. 2020).
 *
 * The order is temperature, then top-k, then top-p on the probabilities that are left. Of equal
 * logits the lower id comes first.
 *
 * @param logits One score a token, `[vocabularySize]`.
 * @param options See {@link DecodingOptions}.
 * @param stream Draws one number, also when greedy, so that texts of different options stay paired.
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
 * ```
 */
export function chooseToken(
  logits: Float32Array,
  options: DecodingOptions,
  stream: RandomStream,
): number {
  const { temperature, topK, topP } = options;
  return chosenToken(
    logits,
    checkOptions("chooseToken", { temperature, topK, topP }, decoding),
    stream,
  );
}

/** {@link chooseToken} by options that are checked, for one token after the other. */
export function chosenToken(
  logits: Float32Array,
  { temperature, topK, topP }: Required<DecodingOptions>,
  stream: RandomStream,
): number {
  const draw = stream.uniform();
  const order = Array.from(logits.keys()).sort((a, b) => logits[b] - logits[a] || a - b);
  if (temperature === 0) return order[0];
  const kept = topK === null ? order : order.slice(0, topK);
  const weights = kept.map((token) => Math.exp((logits[token] - logits[order[0]]) / temperature));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  let count = 0;
  let mass = 0;
  while (count < kept.length && (count === 0 || mass < topP * total)) mass += weights[count++];
  let rest = draw * mass;
  for (let index = 0; index < count; index++) {
    rest -= weights[index];
    if (rest < 0) return kept[index];
  }
  return kept[count - 1];
}

/**
 * Continues a prompt, token by token, each as soon as it is chosen.
 *
 * @param model A trained model.
 * @param prompt Token ids that the model reads first, at least one.
 * @param options.length Tokens to generate, from 1.
 * @param stream Where the randomness comes from.
 * @returns The generated token ids, without the prompt. The model's state is freed when the last one was
 * taken, or when the taker stops (as `for … of` does by `break`).
 * @throws {TypeError | RangeError} If an option is unknown or out of its range, or the prompt is empty.
 */
export function generateTokens(
  model: LanguageModel,
  prompt: Int32Array,
  options: DecodingOptions & { readonly length: number },
  stream: RandomStream,
): Generator<number, void> {
  const { length, ...checked } = checkOptions("generate", options, {
    length: integer({ from: 1, to: longestGenerated }),
    ...decoding,
  });
  if (prompt.length === 0) throw new RangeError("generate: the prompt must hold at least 1 token.");
  return tokensOf(model, prompt, checked, length, stream);
}

function* tokensOf(
  model: LanguageModel,
  prompt: Int32Array,
  options: Required<DecodingOptions>,
  length: number,
  stream: RandomStream,
): Generator<number, void> {
  const decoder = model.decoder(1);
  try {
    let logits: Float32Array = new Float32Array();
    for (const token of prompt) logits = decoder.next(Int32Array.of(token));
    for (let position = 0; position < length; position++) {
      const token = chosenToken(logits, options, stream);
      yield token;
      if (position + 1 < length) logits = decoder.next(Int32Array.of(token));
    }
  } finally {
    decoder.dispose();
  }
}

/** All tokens of {@link generateTokens}. */
export function generate(
  model: LanguageModel,
  prompt: Int32Array,
  options: DecodingOptions & { readonly length: number },
  stream: RandomStream,
): Int32Array {
  return Int32Array.from(generateTokens(model, prompt, options, stream));
}
