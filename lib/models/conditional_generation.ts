import { integer } from "../core/options.ts";
import type { RandomStream } from "../core/random.ts";
import type { PaddedSequences } from "../data/pair_batches.ts";
import type { PairVocabulary } from "../data/pair_tokens.ts";
import { searchBeams, startBeamSearch } from "./beam_search.ts";
import { chosenToken, longestTarget } from "./decoding.ts";
import { checkDecoding, type CheckedDecoding, type DecodingOptions } from "./decoding_options.ts";
import type { SequenceToSequenceModel } from "./model.ts";
import { penalized } from "./repetition_penalty.ts";
import { endsText } from "./stop_strings.ts";

/** How targets are written: decoding options, and tokens after which a target is cut, from 1. */
export type TargetOptions = DecodingOptions & { readonly maximumLength: number };

/**
 * Writes a target for each source, token by token, until the end token or a stop string. Padding and
 * begin tokens are never chosen.
 *
 * @param model A trained model.
 * @param source Sources side by side, each with its end token.
 * @param vocabulary Of the targets.
 * @param options How tokens are chosen (temperature 0 is greedy), and `maximumLength`.
 * @param stream Where the randomness comes from; greedy choice and beam search draw nothing.
 * @returns The token ids of each target, without begin and end; the last ones hold the stop string that
 * ended it, if one did.
 */
export function writeTargets(
  model: SequenceToSequenceModel,
  source: PaddedSequences,
  vocabulary: PairVocabulary,
  options: TargetOptions,
  stream: RandomStream,
): Int32Array[] {
  const written = Array.from({ length: source.batch }, (): number[] => []);
  for (const tokens of targetTokens(model, source, vocabulary, options, stream)) {
    tokens.forEach((token, row) => token !== null && written[row].push(token));
  }
  return written.map((tokens) => Int32Array.from(tokens));
}

/**
 * The same step by step: a token of each target as soon as it is chosen, null for one that has ended; with
 * `beams` all of them once the search has ended. The model's state is freed when the last one was taken,
 * or when the taker stops.
 */
export function targetTokens(
  model: SequenceToSequenceModel,
  source: PaddedSequences,
  vocabulary: PairVocabulary,
  options: TargetOptions,
  stream: RandomStream,
): Generator<(number | null)[], void> {
  const checked = checkDecoding("writeTargets", options, {
    maximumLength: integer({ from: 1, to: longestTarget }),
  });
  const ends = endsText(checked.stopStrings, vocabulary);
  return checked.beams > 1
    ? bestTargets(model, source, vocabulary, { ...checked, ends })
    : drawnTargets(model, source, vocabulary, { ...checked, ends }, stream);
}

type Writing = CheckedDecoding & {
  readonly maximumLength: number;
  readonly ends: (tokens: readonly number[]) => boolean;
};

function* bestTargets(
  model: SequenceToSequenceModel,
  source: PaddedSequences,
  { beginId, endId, paddingId }: PairVocabulary,
  { maximumLength: length, ...options }: Writing,
): Generator<(number | null)[], void> {
  const search = { ...options, length, endId, forbidden: [paddingId, beginId] };
  const searches = Array.from({ length: source.batch }, () => startBeamSearch(search, []));
  const decoder = model.decoder(source);
  try {
    const last = new Int32Array(source.batch).fill(beginId);
    const best = searchBeams(decoder, searches, last).map(([{ tokens }]) => tokens);
    const longest = Math.max(...best.map((tokens) => tokens.length));
    for (let place = 0; place < longest; place++) yield best.map((tokens) => tokens[place] ?? null);
  } finally {
    decoder.dispose();
  }
}

function* drawnTargets(
  model: SequenceToSequenceModel,
  source: PaddedSequences,
  { beginId, endId, paddingId }: PairVocabulary,
  options: Writing,
  stream: RandomStream,
): Generator<(number | null)[], void> {
  const { maximumLength, temperature, repetitionPenalty, ends } = options;
  const { batch } = source;
  const finished = new Array<boolean>(batch).fill(false);
  const written = Array.from(finished, (): number[] => []);
  let last = new Int32Array(batch).fill(beginId);
  const decoder = model.decoder(source);
  try {
    for (let length = 0; length < maximumLength && finished.includes(false); length++) {
      const scores = decoder.next(last);
      const size = scores.length / batch;
      const chosen: (number | null)[] = new Array(batch).fill(null);
      last = last.map((_, row) => {
        if (finished[row]) return paddingId;
        const own = scores.subarray(row * size, (row + 1) * size);
        const logits = penalized(own, new Set(written[row]), repetitionPenalty);
        logits[paddingId] = logits[beginId] = -Infinity;
        const token = temperature === 0 ? mostLikely(logits) : chosenToken(logits, options, stream);
        if (token === endId) finished[row] = true;
        else {
          chosen[row] = token;
          written[row].push(token);
          finished[row] = ends(written[row]);
        }
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
