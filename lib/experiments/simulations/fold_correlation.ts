import { checkInteger, checkKeys } from "../../core/check.ts";
import { mean, standardDeviation } from "../../statistics/estimate.ts";

/** How much differences of folds of one text have in common, over many texts. */
export interface FoldCorrelation {
  /** Folds of each text. */
  readonly folds: number;
  /** Texts. */
  readonly texts: number;
  /** The largest of all contrasts; it is of a strong difference. */
  readonly largest: number;
  /** Of the contrast whose mean over the texts is nearest to 0: next to no difference. */
  readonly weak: number;
}

/** Pseudo-counts of a back-off to the shorter context: weak to strong smoothing. */
const strengths = [0.5, 1, 2, 4, 8, 16];

/**
 * Measures how much folds of one text share, by models that are trained in no time: trigrams of
 * characters, smoothed towards bigrams and those towards single characters by a pseudo-count κ.
 *
 * P(c | a b) = (n(abc) + κ P(c | b)) / (n(ab) + κ), and so on down. κ is a strength of
 * regularization: too little over-fits. For each text and pair of strengths the difference of held-out
 * losses d_k is taken on each of K blocks, trained on the others. With variance σ²ρ shared by the
 * folds of a text and σ²(1 − ρ) of each, the variance of a text's mean is σ²(1 + (K − 1)ρ)/K, and that
 * of its folds σ²(1 − ρ); ρ is solved for from their means over the texts. An estimate below 0 is 0.
 *
 * @param texts Texts of about the same length, at least two.
 * @param options.folds K, from 2.
 * @param options.trainingTokens Train on the first characters of the other blocks only.
 * @returns ρ, the largest of 15 contrasts, and of the weakest difference.
 * @throws {RangeError} If there are fewer than two texts.
 */
export function foldCorrelation(
  texts: readonly string[],
  options: { readonly folds: number; readonly trainingTokens?: number },
): FoldCorrelation {
  checkKeys("foldCorrelation", options, ["folds", "trainingTokens"]);
  const folds = checkInteger("foldCorrelation: folds", options.folds, { from: 2 });
  if (texts.length < 2) {
    throw new RangeError(`foldCorrelation: there must be two texts, found ${texts.length}.`);
  }
  const losses = texts.map((text) =>
    lossesOfFolds(text, folds, options.trainingTokens ?? Infinity)
  );
  const pairs = strengths.flatMap((_, a) => strengths.slice(a + 1).map((_, b) => [a, a + 1 + b]));
  const contrasts = pairs.map(([a, b]) => {
    const differences = losses.map((text) => text.map((fold) => fold[b] - fold[a]));
    const means = differences.map(mean);
    const within = mean(differences.map((each) => standardDeviation(each) ** 2));
    const ratio = folds * standardDeviation(means) ** 2 / within;
    return { mean: mean(means), correlation: (ratio - 1) / (ratio + folds - 1) };
  });
  const largest = Math.max(0, ...contrasts.map(({ correlation }) => correlation));
  const weak = contrasts.reduce((best, each) =>
    Math.abs(each.mean) < Math.abs(best.mean) ? each : best
  );
  return { folds, texts: texts.length, largest, weak: Math.max(0, weak.correlation) };
}

function lossesOfFolds(text: string, folds: number, trainingTokens: number): number[][] {
  const characters = [...text];
  const places = new Map([...new Set(characters)].map((each, index) => [each, index]));
  const ids = Int32Array.from(characters, (each) => places.get(each)!);
  return Array.from({ length: folds }, (_, k) => {
    const [start, end] = [k, k + 1].map((at) => Math.floor(at * ids.length / folds));
    let left = trainingTokens;
    const training = [ids.subarray(0, start), ids.subarray(end)].map((part) => {
      const taken = part.subarray(0, Math.min(left, part.length));
      left -= taken.length;
      return taken;
    });
    return lossesOfStrengths(training, ids.subarray(start, end), places.size);
  });
}

/** Held-out loss of each strength, nats per character. */
function lossesOfStrengths(
  training: readonly Int32Array[],
  heldOut: Int32Array,
  size: number,
): number[] {
  const three = new Float64Array(size ** 3);
  const two = new Float64Array(size ** 2);
  const one = new Float64Array(size);
  const contexts = { two: new Float64Array(size ** 2), one: new Float64Array(size) };
  let total = 0;
  for (const part of training) {
    for (let at = 2; at < part.length; at++) {
      const [a, b, c] = [part[at - 2], part[at - 1], part[at]];
      three[(a * size + b) * size + c]++;
      two[b * size + c]++;
      one[c]++;
      contexts.two[a * size + b]++;
      contexts.one[b]++;
      total++;
    }
  }
  return strengths.map((strength) => {
    let loss = 0;
    for (let at = 2; at < heldOut.length; at++) {
      const [a, b, c] = [heldOut[at - 2], heldOut[at - 1], heldOut[at]];
      const single = (one[c] + 0.5) / (total + 0.5 * size);
      const pair = (two[b * size + c] + strength * single) / (contexts.one[b] + strength);
      loss -= Math.log(
        (three[(a * size + b) * size + c] + strength * pair) /
          (contexts.two[a * size + b] + strength),
      );
    }
    return loss / (heldOut.length - 2);
  });
}
