/** Targets that a teacher gives: a probability of every token in every row. */
export interface SoftTargets {
  /** Probabilities at the temperature, `[rows × vocabulary]`; each row sums to 1. */
  readonly probabilities: Float32Array;
  /** Share a of the loss that they make, from 0 to 1; the cross-entropy of the targets makes the rest. */
  readonly share: number;
  /** Temperature T by which logits are divided, above 0. */
  readonly temperature: number;
}

/** What terms add to a loss, and to the gradient of its logits. */
export interface Reading {
  /** In double precision. */
  readonly value: number;
  /** Adds their gradient to that of the rows, and to that of the bias. */
  addGradient(
    gradient: Float32Array<ArrayBufferLike>,
    biasGradient?: Float32Array<ArrayBufferLike>,
  ): void;
}

/** Rows of logits whose softmax at the temperature is compared with soft targets. */
interface SoftRows {
  readonly logits: Float32Array<ArrayBufferLike>;
  readonly vocabulary: number;
  /** How many rows. */
  readonly count: number;
  readonly mask?: Float32Array;
  readonly counted: number;
  readonly softTargets: SoftTargets;
}

/** Share of the loss that the cross-entropy of the targets keeps besides soft targets. */
export function hardShare(softTargets: SoftTargets | undefined): number {
  return softTargets === undefined ? 1 : 1 - softTargets.share;
}

/** The soft targets of some rows. */
export function softTargetsOfRows(
  { probabilities, ...rest }: SoftTargets,
  first: number,
  count: number,
  vocabulary: number,
): SoftTargets {
  const [start, end] = [first * vocabulary, (first + count) * vocabulary];
  return { ...rest, probabilities: probabilities.subarray(start, end) };
}

/** Refuses soft targets of another size. */
export function checkSoftTargets(
  subject: string,
  softTargets: SoftTargets | undefined,
  rows: number,
  vocabulary: number,
): void {
  if (softTargets === undefined || softTargets.probabilities.length === rows * vocabulary) return;
  throw new RangeError(
    `${subject}: softTargets must hold ${rows} × ${vocabulary} probabilities, found ` +
      `${softTargets.probabilities.length}.`,
  );
}

/**
 * Reads a T²/counted · Σ_i m_i Σ_v q_iv (ln q_iv − ln p_iv) with p = softmax(l/T) from rows of logits l,
 * in double precision. Its derivative by a logit is a T m_i/counted · (p_iv − q_iv).
 */
export function readSoftTargets(
  { logits, vocabulary, count, mask, counted, softTargets }: SoftRows,
  gradientWanted: boolean,
): Reading {
  const { probabilities, temperature } = softTargets;
  const colder = 1 / temperature, pull = softTargets.share * temperature / counted;
  const differences = gradientWanted ? new Float32Array(count * vocabulary) : null;
  const powers = new Float64Array(vocabulary);
  let value = 0;
  for (let row = 0, start = 0; row < count; row++, start += vocabulary) {
    const weight = mask === undefined ? 1 : mask[row];
    if (weight === 0) continue;
    let largest = -Infinity;
    for (let at = start; at < start + vocabulary; at++) {
      if (logits[at] > largest) largest = logits[at];
    }
    let sum = 0;
    for (let v = 0; v < vocabulary; v++) {
      sum += powers[v] = Math.exp((logits[start + v] - largest) * colder);
    }
    const logSum = Math.log(sum), scale = 1 / sum;
    const moved = weight * pull;
    let divergence = 0;
    for (let v = 0; v < vocabulary; v++) {
      const at = start + v, q = probabilities[at];
      if (q > 0) divergence += q * (Math.log(q) - (logits[at] - largest) * colder + logSum);
      if (differences !== null) differences[at] = moved * (powers[v] * scale - q);
    }
    value += moved * temperature * divergence;
  }
  return addedSlopes(value, differences, vocabulary);
}

/** A reading whose gradient is known already, a slope a logit; null where none is wanted. */
export function addedSlopes(
  value: number,
  slopes: Float32Array | null,
  vocabulary: number,
): Reading {
  return {
    value,
    addGradient(gradient, biasGradient) {
      for (let start = 0; start < slopes!.length; start += vocabulary) {
        for (let v = 0; v < vocabulary; v++) {
          const slope = slopes![start + v];
          gradient[start + v] += slope;
          if (biasGradient) biasGradient[v] += slope;
        }
      }
    },
  };
}
