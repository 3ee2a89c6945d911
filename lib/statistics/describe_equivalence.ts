import type { Equivalence } from "./equivalence.ts";
import type { Findings } from "./findings.ts";
import {
  counted,
  formatEstimate,
  formatPValue,
  formatSetting,
  formatShare,
  formatSigned,
} from "./format.ts";
import type { EquivalenceRegion } from "./region_of_baseline.ts";

/** δ of a region with its sign, such as `±0.02`. */
export function regionWords({ halfWidth }: { readonly halfWidth: number }): string {
  return `±${formatSetting(halfWidth)}`;
}

/**
 * Which differences a study declared to be too small to matter, and where that is not known, why.
 *
 * @param region What `equivalenceRegion` returned.
 * @returns One or two sentences.
 *
 * @example
 * ```ts
 * import { describeRegion } from "./describe_equivalence.ts";
 * import { equivalenceRegion } from "./equivalence_region.ts";
 * import { syntheticStudy } from "./testing/synthetic_study.ts";
 * import assert from "node:assert/strict";
 * const { study, runs } = syntheticStudy();
 * const record = { ...study, equivalence: { nats: 0.02 } };
 * assert.equal(
 *   describeRegion(equivalenceRegion({ record, records: runs })!),
 *   "Differences of the validation loss from −0.02 to +0.02 nats per token count as too small to matter, as " +
 *     "declared before the runs.",
 * );
 * ```
 */
export function describeRegion(
  { declared, halfWidth, unit, gain, unknown }: EquivalenceRegion,
): string {
  const start = halfWidth === null
    ? null
    : `Differences of the validation loss from −${formatSetting(halfWidth)} to +${
      formatSetting(halfWidth)
    } ${unit.words} count as too small to matter`;
  if (unknown === "differs") {
    return "The studies did not declare the same region of equivalence, so nothing is called equivalent.";
  }
  if (!("shareOfEarlyStopping" in declared)) return `${start}, as declared before the runs.`;
  const share = formatShare(declared.shareOfEarlyStopping);
  if (start !== null) {
    return `${start}: ${share} of what early stopping of the baseline gains (${
      formatEstimate(gain!)
    }), a share that was declared before the runs.`;
  }
  const reason = {
    missingRuns: "which is not known, because runs are missing",
    stopsEarly: "whose runs all stop early, so what that gains is not known",
    noGain: `which is nothing (${gain === null ? "" : formatSigned(gain.mean)})`,
  }[unknown!];
  return `Declared as too small to matter was ${share} of what early stopping of the baseline gains, ${reason}: ` +
    `nothing is called equivalent.`;
}

/**
 * Which differences a study declared to be too small to matter, and which of its runs may have been there before;
 * null where it declared none.
 */
export function describeDeclared(
  { region, copied, counts }: Pick<Findings, "region" | "copied" | "counts">,
): string | null {
  if (region === undefined) return null;
  return copied === 0
    ? describeRegion(region)
    : `${describeRegion(region)} ${copied} of ${counted(counts.completed, "completed run")} ${
      copied === 1 ? "was" : "were"
    } copied from other studies, which may have trained them before that.`;
}

/**
 * What is shown of the size of a difference, as part of a sentence: whether it lies in the region, with the p-value
 * of the two one-sided tests and the posterior probability.
 */
export function equivalenceWords(
  { test, adjustedPValue, withinRegion, posterior }: Equivalence,
): string {
  const text = formatPValue(adjustedPValue);
  const p = text.startsWith("<") ? `p ${text}` : `p = ${text}`;
  return `${withinRegion ? "within" : "not shown to be within"} ${
    regionWords({ halfWidth: test.region })
  } (${p} after Holm, posterior probability ${formatProbability(posterior.inside)})`;
}

/** A probability, never printed as 1 or 0. */
export function formatProbability(value: number): string {
  return value > 0.999 ? "> 0.999" : formatPValue(value);
}
