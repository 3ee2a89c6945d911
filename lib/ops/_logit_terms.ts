import {
  type DistributionTerms,
  hasDistributionTerms,
  readDistributionTerms,
} from "./_distribution_terms.ts";
import { hardShare, type Reading, readSoftTargets, type SoftTargets } from "./_soft_targets.ts";

/** Terms of a training loss that read the logits themselves; see `linearCrossEntropy`. */
export interface LogitTerms extends DistributionTerms {
  /** c of c Σ|logit| over the counted rows; 0 when left out. */
  readonly logitsL1?: number;
  /** Share ε of each target's probability that is spread evenly over all tokens; 0 when left out. */
  readonly labelSmoothing?: number;
  /** Targets that a teacher gives besides the true ones; none when left out. */
  readonly softTargets?: SoftTargets;
}

/** Rows of logits, with what the terms need to know of them. */
export interface LogitRows extends LogitTerms {
  /** `[rows × vocabulary]`, before the softmax. */
  readonly logits: Float32Array<ArrayBufferLike>;
  readonly vocabulary: number;
  /** Token id that each row is to predict. */
  readonly targets: Int32Array;
  /** Weight of each row. */
  readonly mask?: Float32Array;
  /** Sum of the weights of all rows, also of those not given here. */
  readonly counted: number;
}

/** Whether there is any term to compute. */
export function hasLogitTerms(
  { logitsL1 = 0, labelSmoothing = 0, softTargets, ...others }: LogitTerms,
): boolean {
  return logitsL1 !== 0 || labelSmoothing !== 0 || softTargets !== undefined ||
    hasDistributionTerms(others);
}

/**
 * Reads all terms from rows of logits, before a softmax overwrites them.
 *
 * @returns The terms in double precision, and how to add their gradient to that of the rows, where
 * one is wanted.
 */
export function readLogitTerms(rows: LogitRows, gradientWanted: boolean): Reading {
  const { logitsL1 = 0, labelSmoothing = 0, softTargets } = rows;
  const kept = hardShare(softTargets);
  const readings: Reading[] = [];
  if (logitsL1 !== 0 || labelSmoothing !== 0) {
    readings.push(
      readPenalties({ ...rows, labelSmoothing: kept * labelSmoothing }, gradientWanted),
    );
  }
  if (softTargets !== undefined) {
    readings.push(
      readSoftTargets({ ...rows, count: rows.targets.length, softTargets }, gradientWanted),
    );
  }
  if (hasDistributionTerms(rows)) {
    readings.push(readDistributionTerms({ ...rows, count: rows.targets.length }, gradientWanted));
  }
  return {
    value: readings.reduce((sum, { value }) => sum + value, 0),
    addGradient: (...gradients) => readings.forEach((each) => each.addGradient(...gradients)),
  };
}

/**
 * Reads c Σ|l| + ε/counted · Σ (l_target − mean l) from rows of logits l. The second is what
 * cross-entropy with smoothed labels has beyond cross-entropy.
 */
function readPenalties(
  { logits, vocabulary, targets, mask, counted, logitsL1 = 0, labelSmoothing = 0 }: LogitRows,
  gradientWanted: boolean,
): Reading {
  const signs = gradientWanted && logitsL1 !== 0 ? new Int8Array(logits.length) : null;
  let value = 0;
  targets.forEach((target, row) => {
    const weight = mask === undefined ? 1 : mask[row];
    if (weight === 0) return;
    const start = row * vocabulary, end = start + vocabulary;
    let sum = 0, absolute = 0;
    for (let i = start; i < end; i++) {
      const logit = logits[i];
      sum += logit;
      absolute += Math.abs(logit);
      if (signs !== null) signs[i] = logit > 0 ? 1 : logit < 0 ? -1 : 0;
    }
    value += weight * logitsL1 * absolute +
      weight * labelSmoothing / counted * (logits[start + target] - sum / vocabulary);
  });
  return {
    value,
    addGradient(gradient, biasGradient) {
      targets.forEach((target, row) => {
        const weight = mask === undefined ? 1 : mask[row];
        if (weight === 0) return;
        const start = row * vocabulary;
        const moved = weight * labelSmoothing / counted;
        const add = (token: number, change: number) => {
          gradient[start + token] += change;
          if (biasGradient) biasGradient[token] += change;
        };
        for (let token = 0; token < vocabulary; token++) {
          const sign = signs === null ? 0 : signs[start + token];
          add(token, weight * logitsL1 * sign - moved / vocabulary);
        }
        add(target, moved);
      });
    },
  };
}
