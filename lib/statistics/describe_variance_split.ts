import { formatShare } from "./format.ts";
import type { VarianceSplit } from "./variance_split.ts";

/** Twice the seeds that lower a standard error by less than this would hardly have helped. */
const littleHelp = 0.05;

/**
 * Whether more seeds would have helped, from the split variances of a study's differences.
 *
 * @param splits Those that are split are counted; the others say nothing of seeds.
 * @returns A sentence, or null where no variance could be split.
 *
 * @example
 * ```ts
 * import { describeVarianceSplit } from "./describe_variance_split.ts";
 * import { varianceSplit } from "./variance_split.ts";
 * import assert from "node:assert/strict";
 * const pairs = [0, 1, 2].flatMap((fold) => [1, 2].map((seed) => ({
 *   fold, seed, difference: 9 * fold + ((fold + seed) % 2 === 0 ? 0.5 : -0.5),
 * })));
 * assert.match(
 *   describeVarianceSplit([varianceSplit(pairs)])!,
 *   /^Twice the seeds would have lowered the standard error by 0\.\d % .*: more seeds would hardly have helped\.$/,
 * );
 * ```
 */
export function describeVarianceSplit(splits: readonly VarianceSplit[]): string | null {
  const gains = splits.flatMap(({ twiceTheSeeds }) => twiceTheSeeds ?? [])
    .sort((a, b) => a.value - b.value);
  if (gains.length === 0) return null;
  const [{ interval }] = gains;
  const middle = (gains.length - 1) / 2;
  const [below, above] = [gains[Math.floor(middle)].value, gains[Math.ceil(middle)].value];
  const [median, most] = [(below + above) / 2, gains.at(-1)!.value];
  const start = gains.length === 1
    ? `Twice the seeds would have lowered the standard error by ${
      formatShare(most)
    } (95 % interval ${interval.map((each) => formatShare(each)).join(" to ")})`
    : `Twice the seeds would have lowered the standard errors of these ${gains.length} differences by ${
      formatShare(median)
    } in the median and ${formatShare(most)} at most`;
  return most < littleHelp
    ? `${start}: more seeds would hardly have helped.`
    : median < littleHelp
    ? `${start}: for most of them more seeds would hardly have helped.`
    : `${start}.`;
}
