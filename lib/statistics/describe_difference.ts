import type { PointComparison } from "./compare.ts";
import { equivalenceWords } from "./describe_equivalence.ts";
import { formatPValue, formatSigned } from "./format.ts";
import type { LossUnit } from "./study_loss.ts";

/**
 * A paired difference in a unit, with its interval and p-value, or why there is none; where a region was declared,
 * with whether the difference lies in it.
 */
export function describeDifference(
  { test, adjustedPValue, equivalence }: Pick<
    PointComparison,
    "test" | "adjustedPValue" | "equivalence"
  >,
  { words }: LossUnit,
): string {
  if (test === null) return "not compared, because runs are missing";
  const size = `a difference of ${formatSigned(test.mean)} ${words}`;
  switch (test.state) {
    case "tested":
      return `${size} (95 % interval ${formatSigned(test.interval![0])} to ${
        formatSigned(test.interval![1])
      }, ${equation("p", test.pValue)}${
        adjustedPValue === null ? "" : `, ${equation("after Holm p", adjustedPValue)}`
      })${equivalence ? `, ${equivalenceWords(equivalence)}` : ""}`;
    case "identical":
      return "no difference at all: every pair is identical, which gives no p-value";
    case "constant":
      return `${size}, the same in every fold, which gives no p-value`;
    case "tooFewFolds":
      return `${size}, from one fold, which gives no p-value`;
  }
}

function equation(name: string, value: number | null): string {
  const text = formatPValue(value);
  return text.startsWith("<") ? `${name} ${text}` : `${name} = ${text}`;
}
