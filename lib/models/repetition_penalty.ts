/**
 * Scores with those of some tokens penalized, in single precision: z/θ where z > 0, θz below. A copy,
 * unless θ is 1.
 */
export function penalized<Scores extends Float32Array | Float64Array>(
  scores: Scores,
  read: Iterable<number>,
  penalty: number,
): Scores {
  if (penalty === 1) return scores;
  const changed = scores.slice() as Scores;
  for (const token of read) {
    changed[token] = scores[token] < 0 ? scores[token] * penalty : scores[token] / penalty;
  }
  return changed;
}
