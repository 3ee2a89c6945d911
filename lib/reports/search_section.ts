import type { RunRecord } from "../records/run_record.ts";
import type { StudyRecord } from "../records/study_record.ts";
import { counted, formatNumber } from "../statistics/format.ts";
import { curvesOfPoints, type RungVerdict, rungVerdicts } from "../statistics/rungs.ts";
import { strategyOf } from "../studies/search/kinds.ts";
import type { PointSummary } from "../statistics/summarize.ts";
import { fragment, type Markup, table } from "./html.ts";

/** What successive halving keeps at a rung by default: a third. */
const reductionFactor = 3;
/** With fewer points there is nothing to prune. */
const fewestPoints = 2 * reductionFactor;

/**
 * How the points were searched, and what pruning on the fold mean would have done: for each step at
 * which the points were evaluated, whether the point that is best at the last step would have been
 * among the third that passes.
 */
export function searchSection(
  study: StudyRecord,
  runs: readonly RunRecord[],
  summaries: readonly PointSummary[],
): Markup {
  const notes = strategyOf(study.strategy).notes(summaries).map((note) =>
    fragment`<p>${note}</p>\n`
  );
  const curves = curvesOfPoints({ record: study, records: runs });
  const [first] = curves;
  const pruned = summaries.some(({ counts }) => counts.pruned > 0);
  const alike = curves.every(({ steps }) => steps.join() === first.steps.join());
  if (pruned || curves.length < fewestPoints || !alike || first.steps.length < 3) {
    return fragment`${notes}`;
  }
  const verdicts = first.steps.slice(1, -1).map((step) =>
    rungVerdicts(curves, { rungs: [step], reductionFactor })[0]
  );
  const discarding = verdicts.filter(({ discarded }) => discarded).length;
  return fragment`${notes}<details><summary>${
    discarding === 0
      ? "Early pruning at any evaluation would have kept the point that is best at the end"
      : `Early pruning would have lost the point that is best at the end at ${discarding} of ${
        counted(verdicts.length, "evaluation")
      }`
  }</summary>
${
    table<RungVerdict>(
      `Successive halving by ${reductionFactor} with one rung: the rank that the point with the ` +
        `lowest loss at the last step has there, of ${curves.length} points with all runs; ` +
        `nothing was pruned in this study.`,
      [
        { title: "rung at step", cell: ({ step }) => step },
        { title: "points that pass", cell: ({ passing }) => passing },
        { title: "rank of the best point", cell: ({ winnerRank }) => winnerRank },
        {
          title: "discarded",
          numeric: false,
          cell: ({ discarded }) => discarded ? "yes" : "no",
        },
        { title: "loss added", cell: ({ regret }) => formatNumber(regret, 4) },
      ],
      verdicts,
    )
  }</details>`;
}
