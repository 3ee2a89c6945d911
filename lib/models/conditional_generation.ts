import { checkOptions, integer } from "../core/options.ts";
import type { RandomStream } from "../core/random.ts";
import type { PaddedSequences } from "../data/pair_batches.ts";
import type { PairVocabulary } from "../data/pair_tokens.ts";
import { chosenToken, decoding, type DecodingOptions, longestTarget } from "./decoding.ts";
import type { SequenceToSequenceModel } from "./model.ts";

/**
 * Writes a target for each source, token by token, until the end token. Padding and begin tokens are
 * never chosen.
 *
 * @param model A trained model.
 * @param source Sources side by side, each with its end token.
 * @param vocabulary Of the targets.
 * @param options How tokens are chosen (temperature 0 is greedy), and `maximumLength`: tokens after
 * which a target is cut, from 1.
 * @param stream Where the randomness comes from; a greedy choice draws nothing.
 * @returns The token ids of each target, without begin and end.
 */
export function writeTargets(
  model: SequenceToSequenceModel,
  source: PaddedSequences,
  vocabulary: PairVocabulary,
  options: DecodingOptions & { readonly maximumLength: number },
  stream: RandomStream,
): Int32Array[] {
  const written = Array.from({ length: source.batch }, (): number[] => []);
  for (const tokens of targetTokens(model, source, vocabulary, options, stream)) {
    tokens.forEach((token, row) => token !== null && written[row].push(token));
  }
  return written.map((tokens) => Int32Array.from(tokens));
}

/**
 * The same step by step: a token of each target as soon as it is chosen, null for one that has ended.
 * The model's state is freed when the last one was taken, or when the taker stops.
 */
export function* targetTokens(
  model: SequenceToSequenceModel,
  source: PaddedSequences,
  vocabulary: PairVocabulary,
  options: DecodingOptions & { readonly maximumLength: number },
  stream: RandomStream,
): Generator<(number | null)[], void> {
  const { maximumLength: maximum, ...decodedBy } = checkOptions("writeTargets", options, {
    maximumLength: integer({ from: 1, to: longestTarget }),
    ...decoding,
  });
  const { beginId, endId, paddingId } = vocabulary;
  const { batch } = source;
  const finished = new Array<boolean>(batch).fill(false);
  let last = new Int32Array(batch).fill(beginId);
  const decoder = model.decoder(source);
  try {
    for (let length = 0; length < maximum && finished.includes(false); length++) {
      const scores = decoder.next(last);
      const size = scores.length / batch;
      const chosen: (number | null)[] = new Array(batch).fill(null);
      last = last.map((_, row) => {
        if (finished[row]) return paddingId;
        const logits = scores.subarray(row * size, (row + 1) * size);
        logits[paddingId] = logits[beginId] = -Infinity;
        const token = decodedBy.temperature === 0
          ? mostLikely(logits)
          : chosenToken(logits, decodedBy, stream);
        if (token === endId) finished[row] = true;
        else chosen[row] = token;
        return token;
      });
      if (chosen.some((token) => token !== null)) yield chosen;
    }
  } finally {
    decoder.dispose();
  }
}

/** Id of the highest score, the lowest id of equal ones. */
export function mostLikely(logits: Float32Array): number {
  let best = 0;
  for (let id = 1; id < logits.length; id++) if (logits[id] > logits[best]) best = id;
  return best;
}
