import type { JsonObject } from "../core/json.ts";
import type { RunRecord } from "../records/run_record.ts";
import type { StudyRecord } from "../records/study_record.ts";
import { chosenWeights } from "../statistics/chosen_weights.ts";
import { mean } from "../statistics/estimate.ts";
import { formatNumber } from "../statistics/format.ts";
import { groupRuns, keptEvaluation } from "../statistics/summarize.ts";
import { fragment, type Markup, table } from "./html.ts";
import { pointColumns } from "./sections.ts";
import { lossUnit } from "../statistics/study_loss.ts";

/** Held-out loss of one kind of weights at one point: the mean of the fold means. */
export interface AverageLoss {
  readonly point: JsonObject;
  /** `trained`, or the average in words. */
  readonly weights: string;
  readonly heldOutLoss: number;
}

/**
 * Held-out losses of the trained weights and of each average beside each other, at the evaluation that a
 * run kept; of points all of whose folds have them.
 */
export function averageLosses(study: StudyRecord, runs: readonly RunRecord[]): AverageLoss[] {
  return groupRuns(study, runs).flatMap(({ point, folds }) => {
    const kept = folds.map((runs) =>
      runs.map((run) => keptEvaluation({ record: study }, run)?.averages ?? [])
    );
    const names = new Set(kept.flat(2).map(({ weights }) => weights));
    return [...names].flatMap((weights) => {
      const losses = kept.map((fold) =>
        fold.flatMap((all) => all.find((each) => each.weights === weights)?.heldOutLoss ?? [])
      );
      if (losses.some((fold) => fold.length === 0)) return [];
      return [{ point, weights, heldOutLoss: mean(losses.map(mean)) }];
    });
  });
}

/** What averages of the weights lose, as a table; nothing of a study without any. */
export function averagesTable(
  study: StudyRecord,
  runs: readonly RunRecord[],
  axes: readonly string[],
): Markup | null {
  const rows = averageLosses(study, runs);
  if (rows.length === 0) return null;
  return fragment`<h3>Averages of the weights</h3>
<p>${
    chosenWeights(study) ?? "All other losses are of the trained weights."
  } Early stopping and selection read
those losses and no others; the samples and the kept weights of a run are of the same weights
(<code>chosenAverage</code>: the first average, if not said; or the trained weights).</p>
${
    table<typeof rows[number]>(
      `Held-out losses in ${
        lossUnit(study).words
      } of the weights that one training has side by side: means over ` +
        "folds of means over seeds, at the evaluation that a run kept.",
      [
        ...pointColumns<typeof rows[number]>(axes, ({ point }) => point),
        { title: "weights", numeric: false, cell: ({ weights }) => weights },
        { title: "held-out", cell: ({ heldOutLoss }) => formatNumber(heldOutLoss, 4) },
      ],
      rows,
    )
  }`;
}
