import { canonicalJson } from "../core/json.ts";
import { formatNumber } from "../statistics/format.ts";
import type { StudyRecords } from "../statistics/study_records.ts";
import { digestRuns } from "../studies/digest.ts";
import { studyName } from "./all.ts";
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
    return { claim, judgement: judge(claim.published, values) };
  });
}

/**
 * The report of a reproduction as Markdown: published numbers, ours with prediction interval and
 * verdict, and what differs. The same records give the same bytes.
 */
export function renderReproduction(reproduction: Reproduction, study: StudyRecords): string {
  const { record, records } = study;
  const quick = record.name === studyName(reproduction, true);
  const rows = judgedClaims(reproduction, study).map(({ claim, judgement }) => {
    const { values, mean, interval, relativeHalfWidth, verdict } = judgement;
    const show = (value: number | null) => formatNumber(value, claim.decimals);
    return [
      claim.what,
      show(claim.published),
      show(mean),
      interval === null ? "–" : `${show(interval[0])} to ${show(interval[1])}`,
      relativeHalfWidth === null ? "–" : `${(100 * relativeHalfWidth).toFixed(1)} %`,
      values.map(show).join(", ") || "–",
      values.length === 0 ? "not run" : verdict,
    ];
  });
  const minutes = records.reduce((sum, run) => sum + run.durationSeconds, 0) / 60;
  const others = records.filter(({ status }) => status !== "completed").length;
  const { provenance, corpus } = record;
  return `# ${reproduction.title}

${
    quick
      ? "**A quick run, to see that everything is in place: its numbers reproduce nothing.**\n\n"
      : ""
  }Published: ${reproduction.source}.

${
    tableOf([
      [
        "quantity",
        "published",
        "ours",
        "95 % prediction interval",
        "half-width",
        "seeds",
        "verdict",
      ],
      ...rows,
    ])
  }
The interval is that of one more run, x̄ ± t s √(1 + 1/n) over n seeds. A number is reproduced when it
lies inside; with fewer than ${leastSeeds} seeds, or a half-width above ${
    100 * largestHalfWidth
  } % of the mean, nothing is concluded.

## What differs from the published settings

${reproduction.differences.map((each) => `- ${each}\n`).join("")}
## Where the numbers come from

${records.length} runs (${others} not completed), ${
    minutes.toFixed(1)
  } minutes of training in all, on
${provenance.cpu}, engine ${record.engine}, numerics version ${provenance.numericsVersion}, Parsimony
${provenance.parsimony}, Deno ${provenance.deno}. Corpus: ${corpus.name} (${corpus.licence}), SHA-256
\`${corpus.sha256}\`. Digest of the records: \`${digestRuns(records)}\`.

\`\`\`sh
deno task reproduce ${reproduction.name}${quick ? " --quick" : ""}
deno task verify results/${record.name} --sample 1
\`\`\`
`;
}

/** A Markdown table with aligned columns. */
function tableOf(rows: readonly (readonly string[])[]): string {
  const widths = rows[0].map((_, column) =>
    Math.max(...rows.map((row) => [...row[column]].length))
  );
  const line = (row: readonly string[]) =>
    `| ${row.map((cell, at) => cell + " ".repeat(widths[at] - [...cell].length)).join(" | ")} |\n`;
  const [header, ...body] = rows;
  return line(header) + line(widths.map((width) => "-".repeat(width))) + body.map(line).join("");
}
