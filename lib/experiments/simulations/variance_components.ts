import { mean } from "../../statistics/estimate.ts";
import type { StudyRecords } from "../../statistics/study_records.ts";
import { groupRuns } from "../../statistics/summarize.ts";

/** Variances of what a held-out loss is made of, nats² per token. */
export interface VarianceComponents {
  /** Of folds: what all points and seeds of a fold share. */
  readonly fold: number;
  /** Of seeds in a fold: what all points share, such as initial weights and batches. */
  readonly foldSeed: number;
  /** Of points in a fold: what suits its text, whatever the seed. */
  readonly pointFold: number;
  /** Of single runs. */
  readonly residual: number;
}

/**
 * Estimates the variances of y[p, k, s] = mean of point p + fold k + seed s in fold k + point p in fold k +
 * residual, by the mean squares of a balanced study at its last step.
 *
 * With P points, K folds and S seeds, E MS(residual) = σ²_e on K (P − 1)(S − 1) degrees of freedom,
 * E MS(point × fold) = σ²_e + S σ²_pf, E MS(seed in fold) = σ²_e + P σ²_fs and E MS(fold) = σ²_e + S σ²_pf +
 * P σ²_fs + P S σ²_f; an estimate below 0 is 0.
 *
 * @param source A study of at least two points, folds and seeds.
 * @throws {RangeError} If a run is missing or there are fewer of any.
 *
 * Book: Searle, Casella and McCulloch, Variance Components, 1992, chapter 4.
 */
export function varianceComponents({ record, records }: StudyRecords): VarianceComponents {
  const losses = groupRuns(record, records).map(({ folds }) =>
    folds.map((runs) =>
      runs.flatMap(({ status, final }) => status === "completed" && final ? final.heldOutLoss : [])
    )
  );
  return componentsOf(losses, record.name);
}

/** The components of losses[point][fold][seed]. */
export function componentsOf(
  losses: readonly (readonly (readonly number[])[])[],
  name = "losses",
): VarianceComponents {
  const [points, folds, seeds] = [
    losses.length,
    losses[0]?.length ?? 0,
    losses[0]?.[0]?.length ?? 0,
  ];
  const balanced = losses.every((row) =>
    row.length === folds && row.every((cell) => cell.length === seeds)
  );
  if (!balanced || points < 2 || folds < 2 || seeds < 2) {
    throw new RangeError(
      `varianceComponents: ${name} must have all runs of at least 2 points, 2 folds and 2 seeds, found ` +
        `${points}, ${folds} and ${seeds}${balanced ? "" : " with runs missing"}.`,
    );
  }
  const cell = losses.map((row) => row.map(mean));
  const point = cell.map(mean);
  const at = (count: number) => Array.from({ length: count }, (_, index) => index);
  const foldMean = at(folds).map((k) => mean(cell.map((row) => row[k])));
  const seedMean = at(folds).map((k) => at(seeds).map((s) => mean(losses.map((row) => row[k][s]))));
  const all = mean(point);
  const sum = (values: readonly number[]) => values.reduce((total, value) => total + value ** 2, 0);
  const square = {
    residual: sum(
      losses.flatMap((row, p) =>
        row.flatMap((values, k) =>
          values.map((value, s) => value - cell[p][k] - seedMean[k][s] + foldMean[k])
        )
      ),
    ) / (folds * (points - 1) * (seeds - 1)),
    pointFold: seeds *
      sum(cell.flatMap((row, p) => row.map((value, k) => value - point[p] - foldMean[k] + all))) /
      ((points - 1) * (folds - 1)),
    foldSeed: points * sum(seedMean.flatMap((row, k) => row.map((value) => value - foldMean[k]))) /
      (folds * (seeds - 1)),
    fold: points * seeds * sum(foldMean.map((value) => value - all)) / (folds - 1),
  };
  const positive = (value: number) => Math.max(0, value);
  return {
    residual: square.residual,
    pointFold: positive((square.pointFold - square.residual) / seeds),
    foldSeed: positive((square.foldSeed - square.residual) / points),
    fold: positive(
      (square.fold - square.pointFold - square.foldSeed + square.residual) / (points * seeds),
    ),
  };
}
