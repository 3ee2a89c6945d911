/**
 * What an ensemble averages at each token: `probabilities`, log((1/M) Σ_m softmax(z_m)), or `logits`,
 * log softmax((1/M) Σ_m z_m), the renormalized geometric mean of the probabilities.
 */
export type EnsembleMean = "probabilities" | "logits";

/** All means. */
export const ensembleMeans: readonly EnsembleMean[] = ["probabilities", "logits"];

/**
 * Log-probabilities of the mean of models, row by row.
 *
 * Each member's logits are normalized by log-sum-exp and averaged by log-mean-exp, both relative to the
 * largest term and in double precision, so that neither large logits nor tiny probabilities overflow or
 * vanish. Members are summed in their order.
 *
 * @param members Logits of each member, `[rows × size]`, at least one member.
 * @param size Tokens of the vocabulary.
 * @param mean What is averaged.
 * @returns Nats, `[rows × size]`; the exponentials of a row sum to 1.
 *
 * @example
 * ```ts
 * import { logMeans } from "./mean.ts";
 * import assert from "node:assert/strict";
 * // Probabilities (1/2, 1/2) and (1, 0).
 * const members = [Float32Array.of(0, 0), Float32Array.of(0, -Infinity)];
 * const means = Array.from(logMeans(members, 2, "probabilities"), Math.exp);
 * assert.ok(Math.abs(means[0] - 3 / 4) < 1e-12 && Math.abs(means[1] - 1 / 4) < 1e-12);
 * ```
 */
export function logMeans(
  members: readonly Float32Array[],
  size: number,
  mean: EnsembleMean,
): Float64Array {
  const result = new Float64Array(members[0].length);
  for (let start = 0; start < result.length; start += size) {
    rowOf[mean](members, start, result.subarray(start, start + size));
  }
  return result;
}

/**
 * The same of one token a row, in half the time: what a cross-entropy reads.
 *
 * @param targets Token ids, one a row.
 * @returns Nats, `[rows]`.
 */
export function targetLogMeans(
  members: readonly Float32Array[],
  size: number,
  targets: Int32Array,
  mean: EnsembleMean,
): Float64Array {
  return Float64Array.from(
    targets,
    (target, row) => targetOf[mean](members, row * size, size, target),
  );
}

type Members = readonly Float32Array[];

/** Writes the log-probabilities of a row. */
const rowOf: {
  readonly [Mean in EnsembleMean]: (members: Members, start: number, row: Float64Array) => void;
} = {
  probabilities(members, start, row) {
    const sums = members.map((logits) => logSumExp(logits, start, row.length));
    const terms = new Float64Array(members.length);
    for (let token = 0; token < row.length; token++) {
      members.forEach((logits, index) => terms[index] = logits[start + token] - sums[index]);
      row[token] = logMeanExp(terms);
    }
  },
  logits(members, start, row) {
    meanLogits(members, start, row);
    const sum = logSumExp(row, 0, row.length);
    for (let token = 0; token < row.length; token++) row[token] -= sum;
  },
};

const targetOf: {
  readonly [Mean in EnsembleMean]: (
    members: Members,
    start: number,
    size: number,
    target: number,
  ) => number;
} = {
  probabilities: (members, start, size, target) =>
    logMeanExp(
      Float64Array.from(
        members,
        (logits) => logits[start + target] - logSumExp(logits, start, size),
      ),
    ),
  logits(members, start, size, target) {
    const row = new Float64Array(size);
    meanLogits(members, start, row);
    return row[target] - logSumExp(row, 0, size);
  },
};

function meanLogits(members: Members, start: number, row: Float64Array): void {
  for (let token = 0; token < row.length; token++) {
    let sum = 0;
    for (const logits of members) sum += logits[start + token];
    row[token] = sum / members.length;
  }
}

function logMeanExp(terms: Float64Array): number {
  return logSumExp(terms, 0, terms.length) - Math.log(terms.length);
}

/** log Σ exp(x) of `size` values from `start` on; −∞ where all are −∞. */
function logSumExp(values: Float32Array | Float64Array, start: number, size: number): number {
  let largest = -Infinity;
  for (let at = start; at < start + size; at++) {
    // Written so that NaN stays.
    if (!(values[at] <= largest)) largest = values[at];
  }
  if (largest === -Infinity) return -Infinity;
  let sum = 0;
  for (let at = start; at < start + size; at++) sum += Math.exp(values[at] - largest);
  return largest + Math.log(sum);
}
