import type { Findings } from "./findings.ts";
import { significanceLevel } from "./verdict.ts";
import { formatNumber, formatSigned } from "./format.ts";
import { detectableWords } from "./detectable_words.ts";
import type { PointSummary } from "./summarize.ts";

/** How a point's validation loss at the last step differs from the baseline's, with what a test says of it. */
export interface LossCost {
  /** Such as `0.142`: the size of the difference, nats per token. */
  readonly size: string;
  readonly higher: boolean;
  /** Whether the test, adjusted by Holm, shows a difference; null where there is no test. */
  readonly shown: boolean | null;
  /** What to put after the difference, such as ` (95 % interval −0.185 to −0.047, shown to differ)`. */
  readonly tested: string;
}

/**
 * The validation loss of a point against that of the baseline, for a sentence about its gap: "higher" alone
 * would claim what no test shows.
 *
 * @param findings What `findings` returned, with a complete baseline.
 * @param point A complete point.
 */
export function lossCost({ baseline, lossAtLastStep }: Findings, point: PointSummary): LossCost {
  const difference = point.lastStep!.estimates.validationLoss.mean -
    baseline!.lastStep!.estimates.validationLoss.mean;
  const compared = lossAtLastStep?.points.find(({ key }) => key === point.key);
  const interval = compared?.test?.interval ?? null;
  const adjusted = compared?.adjustedPValue ?? null;
  const shown = interval === null || adjusted === null ? null : adjusted < significanceLevel;
  return {
    size: formatNumber(Math.abs(difference)),
    higher: difference > 0,
    shown,
    tested: shown === null
      ? " (untested)"
      : ` (95 % interval ${formatSigned(interval![0])} to ${formatSigned(interval![1])}, ${
        shown ? "shown to differ" : `not shown to differ; ${detectableWords(compared!.detectable)}`
      })`,
  };
}
