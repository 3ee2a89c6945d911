import { canonicalJson } from "../../core/json.ts";
import { formatNumber } from "../../statistics/format.ts";
import type { StudyRecords } from "../../statistics/study_records.ts";
import { studyName } from "./all.ts";
import { renderOrigin } from "./kept_study.ts";
import { markdownTable } from "../markdown_table.ts";
import type { Claim, Reproduction } from "./reproduction.ts";
import { judge, type Judgement, largestHalfWidth, leastSeeds } from "./verdict.ts";

/** Name of the file in the study's folder. */
export const documentName = "reproduction.md";

/** A claim with ours. */
export interface JudgedClaim {
  readonly claim: Claim;
  readonly judgement: Judgement;
}

/** Every claim of a reproduction with what the records say. */
export function judgedClaims(reproduction: Reproduction, study: StudyRecords): JudgedClaim[] {
  return reproduction.claims.map((claim) => {
    const key = canonicalJson(claim.point);
    const values = study.record.seeds.flatMap((seed) =>
      study.records.filter((run) =>
        run.seed === seed && run.fold === 0 && run.status === "completed" &&
        canonicalJson(run.point) === key
      ).flatMap((run) => claim.read(run) ?? [])
    );
    return {
      claim,
      judgement: judge(claim.published, values, { publishedSeeds: claim.publishedSeeds }),
    };
  });
}

/** Every claim with ours over the seeds, the prediction interval and the verdict, as a Markdown table. */
export function claimsTable(reproduction: Reproduction, study: StudyRecords): string {
  const rows = judgedClaims(reproduction, study).map(({ claim, judgement }) => {
    const { values, mean, interval, relativeHalfWidth, detectable, verdict } = judgement;
    const show = (value: number | null) => formatNumber(value, claim.decimals);
    return [
      claim.what,
      show(claim.published),
      show(mean),
      interval === null ? "–" : `${show(interval[0])} to ${show(interval[1])}`,
      relativeHalfWidth === null ? "–" : `${(100 * relativeHalfWidth).toFixed(1)} %`,
      // A claim without a number has no difference to be seen.
      claim.published === null || detectable === null ? "–" : show(detectable),
      values.map(show).join(", ") || "–",
      values.length === 0 ? "not run" : verdict,
    ];
  });
  const titles = ["quantity", "published", "ours", "95 % prediction interval", "half-width"];
  return markdownTable([[...titles, "would be seen", "seeds", "verdict"], ...rows]);
}

/**
 * The report of a reproduction as Markdown: published numbers, ours with prediction interval and
 * verdict, and what differs. The same records give the same bytes.
 */
export function renderReproduction(reproduction: Reproduction, study: StudyRecords): string {
  const { record } = study;
  const quick = record.name === studyName(reproduction, true);
  return `# ${reproduction.title}

${
    quick
      ? "**A quick run, to see that everything is in place: its numbers reproduce nothing.**\n\n"
      : ""
  }Published: ${reproduction.source}.

${claimsTable(reproduction, study)}
The interval is that of ${publishedRuns(reproduction)} n seeds. A number is reproduced when it
lies inside; with fewer than ${leastSeeds} seeds, or a half-width above ${
    100 * largestHalfWidth
  } % of the mean, nothing is concluded.
Reproduced means that no difference was shown, not that there is none: "would be seen" is the smallest
difference that 80 % of such comparisons would call not reproduced, if runs vary as ours do.

## What differs from the published settings

${reproduction.differences.map((each) => `- ${each}\n`).join("")}
${renderOrigin(study)}`;
}

/** Of what the intervals of a reproduction are, in words. */
function publishedRuns({ claims }: Reproduction): string {
  const counts = new Set(claims.map(({ publishedSeeds = 1 }) => publishedSeeds));
  if (counts.size === 1 && counts.has(1)) return "one more run, x̄ ± t s √(1 + 1/n) over";
  const seeds = [...counts].sort((a, b) => a - b).join(" or ");
  return `the mean of as many runs as were published, m = ${seeds}, x̄ ± t s √(1/m + 1/n) over`;
}
