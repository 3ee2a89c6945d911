import type { CheckedDecoding } from "./decoding_options.ts";
import type { Decoder, LanguageModel } from "./model.ts";
import { readTokens } from "./read_tokens.ts";
import { penalized } from "./repetition_penalty.ts";

/** A text that beam search found. */
export interface FoundText {
  /** Token ids, without the end token. */
  readonly tokens: readonly number[];
  /** Sum of its tokens' log-probabilities over length^α, nats, the end token included in both. */
  readonly score: number;
}

/** What beam search reads of the options, and when a text ends. */
export interface BeamOptions
  extends Pick<CheckedDecoding, "beams" | "lengthPenalty" | "earlyStopping" | "repetitionPenalty"> {
  /** Tokens of a text at most. */
  readonly length: number;
  /** Token that ends a text; none if absent or null. */
  readonly endId?: number | null;
  /** Whether tokens end a text by what they say. */
  readonly ends: (tokens: readonly number[]) => boolean;
  /** Tokens that are never written. */
  readonly forbidden?: readonly number[];
}

/** A text that goes on: its tokens and the sum of their log-probabilities. */
interface Beam {
  readonly tokens: readonly number[];
  readonly sum: number;
}

/** A beam with one more token. */
interface Candidate {
  readonly beam: number;
  readonly token: number;
  readonly sum: number;
}

/** What the decoder reads next: a token of each text that goes on, and the row that it continues. */
export interface NextRows {
  readonly tokens: readonly number[];
  readonly from: readonly number[];
}

/** The search for one prompt or source. */
export interface BeamSearch {
  /**
   * Takes the scores of the texts that go on, of one text at first.
   *
   * @param logits `[texts × vocabularySize]`, a row a text.
   * @returns What to read next; null when the search has ended.
   */
  step(logits: Float32Array): NextRows | null;
  /** The texts that have ended, at most `beams`, the best first. */
  found(): FoundText[];
}

/**
 * Begins a beam search as Hugging Face's transformers does it: of the continuations of the texts that go
 * on, the 2 · `beams` with the largest sums of log-probabilities are looked at; those among the best
 * `beams` of them that have ended are kept by their score, and the best `beams` of those that have not go
 * on. `repetitionPenalty` changes log-probabilities, which are not made to sum to 1 again, and tokens that
 * are never written keep their share of the probability. Of equal sums the earlier text comes first, then
 * the lower id. Sums are in double precision, in transformers in single.
 *
 * Where there are fewer continuations than beams, fewer texts go on; transformers has copies of them.
 *
 * @param options See {@link BeamOptions}.
 * @param prompt Tokens that were read, for `repetitionPenalty`.
 */
export function startBeamSearch(options: BeamOptions, prompt: ArrayLike<number>): BeamSearch {
  const { beams, lengthPenalty, earlyStopping, length } = options;
  const [favoursLong, stopsFull] = [lengthPenalty > 0, earlyStopping === true];
  let live: readonly Beam[] = [{ tokens: [], sum: 0 }];
  let finished: readonly FoundText[] = [];

  /** Whether a text that goes on could still be better than the worst that has ended. */
  function canImprove(written: number): boolean {
    if (finished.length < beams) return true;
    if (stopsFull) return false;
    const reached = earlyStopping === "never" && favoursLong ? length : written;
    return live[0].sum / reached ** lengthPenalty > finished[beams - 1].score;
  }

  return {
    step(logits) {
      const written = live[0].tokens.length + 1;
      const ended: FoundText[] = [];
      const running: Beam[] = [];
      const from: number[] = [];
      for (const [rank, { beam, token, sum }] of best(live, logits, options, prompt).entries()) {
        const isEnd = token === options.endId;
        const tokens = isEnd ? live[beam].tokens : [...live[beam].tokens, token];
        if (isEnd || written === length || options.ends(tokens)) {
          if (rank < beams) ended.push({ tokens, score: sum / written ** lengthPenalty });
        } else if (running.length < beams) {
          running.push({ tokens, sum });
          from.push(beam);
        }
      }
      // A stable sort: of equal scores the earlier text stays.
      finished = [...finished, ...ended].sort((a, b) => b.score - a.score).slice(0, beams);
      live = running;
      if (live.length === 0 || !canImprove(written)) return null;
      return { tokens: live.map(({ tokens }) => tokens.at(-1)!), from };
    },
    found: () => [...finished],
  };
}

/** The 2 · `beams` best continuations, the best first. */
function best(
  live: readonly Beam[],
  logits: Float32Array,
  { beams, repetitionPenalty, forbidden = [] }: BeamOptions,
  prompt: ArrayLike<number>,
): Candidate[] {
  const size = logits.length / live.length;
  const kept: Candidate[] = [];
  for (const [beam, { tokens, sum: before }] of live.entries()) {
    const read = repetitionPenalty === 1 ? [] : new Set([...Array.from(prompt), ...tokens]);
    const scores = penalized(
      logProbabilities(logits.subarray(beam * size, (beam + 1) * size)),
      read,
      repetitionPenalty,
    );
    for (const token of forbidden) scores[token] = -Infinity;
    for (const [token, score] of scores.entries()) {
      const sum = before + score;
      if (sum === -Infinity || (kept.length === 2 * beams && sum <= kept.at(-1)!.sum)) continue;
      const place = kept.findIndex((other) => other.sum < sum);
      kept.splice(place < 0 ? kept.length : place, 0, { beam, token, sum });
      if (kept.length > 2 * beams) kept.pop();
    }
  }
  return kept;
}

/** Natural logarithms of the softmax. */
function logProbabilities(logits: Float32Array): Float64Array {
  const largest = logits.reduce((most, logit) => Math.max(most, logit), -Infinity);
  const sum = logits.reduce((total, logit) => total + Math.exp(logit - largest), 0);
  const logSum = largest + Math.log(sum);
  return Float64Array.from(logits, (logit) => logit - logSum);
}

/**
 * Continues a prompt by beam search.
 *
 * @param model A trained model.
 * @param prompt Token ids that the model reads first, at least one.
 * @param options See {@link BeamOptions}.
 * @returns The texts that have ended, the best first, at most `beams`.
 */
export function beamSearch(
  model: LanguageModel,
  prompt: Int32Array,
  options: BeamOptions,
): FoundText[] {
  const decoder = model.decoder(1);
  const startTokens = Array.from(prompt);
  const last = startTokens.pop()!;
  try {
    readTokens(decoder, startTokens.map((token) => Int32Array.of(token)));
    return searchBeams(decoder, [startBeamSearch(options, prompt)], Int32Array.of(last))[0];
  } finally {
    decoder.dispose();
  }
}

/**
 * Goes on with searches side by side until all have ended, the texts of all of them in one batch.
 *
 * @param decoder Has read all but the last token of each text.
 * @param searches One a text.
 * @param last The last tokens.
 * @returns What each search found.
 */
export function searchBeams(
  decoder: Decoder,
  searches: readonly BeamSearch[],
  last: Int32Array,
): FoundText[][] {
  let going = searches.map((search) => ({ search, rows: 1 }));
  let logits = decoder.next(last);
  while (true) {
    const size = logits.length / going.reduce((sum, { rows }) => sum + rows, 0);
    const [tokens, from]: [number[], number[]] = [[], []];
    let start = 0;
    going = going.flatMap(({ search, rows }) => {
      const next = search.step(logits.subarray(start * size, (start + rows) * size));
      if (next !== null) {
        tokens.push(...next.tokens);
        from.push(...next.from.map((row) => start + row));
      }
      start += rows;
      return next === null ? [] : [{ search, rows: next.tokens.length }];
    });
    if (going.length === 0) return searches.map((search) => search.found());
    logits = decoder.next(Int32Array.from(tokens), Int32Array.from(from));
  }
}
