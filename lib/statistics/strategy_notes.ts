import type { StudyRecord } from "../records/study_record.ts";
import type { PointSummary } from "./summarize.ts";

/**
 * What a reader of a study's numbers must know of how its points were searched, in sentences; none
 * for a study whose points were all trained to their end.
 *
 * @param study The study's record.
 * @param summaries Its points, as `summarizeTrials` gives them.
 */
export function strategyNotes(study: StudyRecord, summaries: readonly PointSummary[]): string[] {
  const { strategy } = study;
  switch (strategy?.kind) {
    case undefined:
      return [];
    case "successiveHalving": {
      const pruned = summaries.filter(({ counts }) => counts.pruned > 0).length;
      const { rungs, reductionFactor } = strategy;
      return [
        `Successive halving by ${reductionFactor} pruned ${pruned} of ${summaries.length} points on ` +
        `their fold means at ${rungs.length === 1 ? "step" : "steps"} ${
          rungs.join(", ")
        }. Pruned ` +
        `points are never selected and not compared with points of full length; what learns faster leads ` +
        `early in training, so that strong remedies and small learning rates are pruned more often.`,
      ];
    }
    case "treeParzenEstimator": {
      const { count, startup, seed } = strategy;
      if (count <= startup) {
        return [
          `No point was asked for by the tree-structured Parzen estimator: it is asked after ${startup} ` +
          `points of a Latin hypercube (startup), and the search ends at ${count} (count). With a ` +
          `larger count the study goes on from here.`,
        ];
      }
      return [
        `The points were asked for by a tree-structured Parzen estimator (${count} points in all, ` +
        `${startup} of a Latin hypercube to begin with, seed ${seed}) that minimizes the fold mean ` +
        `at the last step.`,
      ];
    }
    case "warmStartPath":
      return [
        `Each point begins with the weights of the next weaker point along ${strategy.axis}: this ` +
        `changes what is estimated, since a point was trained for the steps of all weaker ones too.`,
      ];
    case "empiricalMaximum":
      return [
        `The points look for the smallest ${strategy.axis} at which every trained target is zero; ` +
        `it is empirical and holds for these steps, this optimizer, these folds and seeds.`,
      ];
  }
}
