import { arena, withScratch } from "./_arena.ts";
import { elementAt as at, partsOf } from "./_parts.ts";
import type { Team } from "./_team.ts";
import type { KernelExports } from "./kernel_exports.ts";

/**
 * Kernels that work on rows and sum over them at once: here in two passes, one that is cut by rows and one
 * that is cut by columns, so that each sum is in the order in which one thread takes it.
 */
type Passes<Name extends keyof KernelExports> = (
  team: () => Team | null,
  direct: KernelExports,
) => KernelExports[Name];

/** Nanoseconds of a value. */
const normalizing = 1.2, summing = 0.5, exponential = 1.5, subtracting = 0.3;

/** Layer normalization backward. */
export const layerNormBackwardBy: Passes<"layerNormBackward"> =
  (teamNow, direct) => (rows, columns, x, gain, statistics, dy, dx, dgain, dshift) => {
    const team = teamNow();
    if (team === null || dgain === 0 || rows * columns * normalizing < team.smallestWork) {
      return direct.layerNormBackward(rows, columns, x, gain, statistics, dy, dx, dgain, dshift);
    }
    const byRows = partsOf(team, { count: rows, unit: 1, nanoseconds: columns * normalizing });
    byRows((r, rows, { layerNormBackward }) => {
      const [from, d, to] = [x, dy, dx].map((pointer) => at(pointer, r * columns));
      layerNormBackward(rows, columns, from, gain, at(statistics, 2 * r), d, to, 0, 0);
    });
    const byColumns = partsOf(team, { count: columns, unit: 4, nanoseconds: rows * summing });
    byColumns((j, count, { layerNormSums }) => {
      const [from, d, gains, shifts] = [x, dy, dgain, dshift].map((pointer) => at(pointer, j));
      layerNormSums(rows, count, columns, from, statistics, d, gains, shifts);
    });
  };

/** Root mean square normalization backward. */
export const rmsNormBackwardBy: Passes<"rmsNormBackward"> =
  (teamNow, direct) => (rows, columns, x, gain, inverses, dy, dx, dgain) => {
    const team = teamNow();
    if (team === null || dgain === 0 || rows * columns * normalizing < team.smallestWork) {
      return direct.rmsNormBackward(rows, columns, x, gain, inverses, dy, dx, dgain);
    }
    const byRows = partsOf(team, { count: rows, unit: 1, nanoseconds: columns * normalizing });
    byRows((r, rows, { rmsNormBackward }) => {
      const [from, d, to] = [x, dy, dx].map((pointer) => at(pointer, r * columns));
      rmsNormBackward(rows, columns, from, gain, at(inverses, r), d, to, 0);
    });
    const byColumns = partsOf(team, { count: columns, unit: 4, nanoseconds: rows * summing });
    byColumns((j, count, { rmsNormSums }) =>
      rmsNormSums(rows, count, columns, at(x, j), inverses, at(dy, j), at(dgain, j))
    );
  };

/** Softmax with cross-entropy; the losses of the rows are summed here, in their order. */
export const softmaxCrossEntropyBy: Passes<"softmaxCrossEntropy"> =
  (teamNow, direct) => (rows, columns, logits, targets, weights, scale, sums, bias) => {
    const team = teamNow();
    if (team === null || rows * columns * exponential < team.smallestWork) {
      return direct.softmaxCrossEntropy(
        ...[rows, columns, logits, targets, weights, scale, sums, bias] as const,
      );
    }
    return withScratch(2 * rows, "the losses of rows", (losses) => {
      const byRows = partsOf(team, { count: rows, unit: 1, nanoseconds: columns * exponential });
      byRows((r, rows, { softmaxOfRows, subtractTargets }) => {
        const scores = at(logits, r * columns), ids = at(targets, r), shares = at(weights, r);
        softmaxOfRows(rows, columns, scores, ids, shares, scale, bias, losses + 8 * r);
        if (scale === 0 || sums !== 0) return;
        subtractTargets(rows, columns, 0, columns, scores, ids, shares, scale, 0);
      });
      if (scale !== 0 && sums !== 0) {
        const byColumns = partsOf(team, {
          count: columns,
          unit: 4,
          nanoseconds: rows * subtracting,
        });
        byColumns((j, count, { subtractTargets }) =>
          subtractTargets(rows, columns, j, count, logits, targets, weights, scale, sums)
        );
      }
      return new Float64Array(arena().buffer, losses, rows).reduce((sum, loss) => sum + loss, 0);
    });
  };
