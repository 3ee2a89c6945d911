import { canonicalJson, type JsonObject } from "../core/json.ts";
import { checkOneOf } from "../core/check.ts";
import { checkOptions, orAbsent, text } from "../core/options.ts";
import { parameterCount } from "../records/parameter_count.ts";
import { axesOfStudy } from "./axis_roles.ts";
import { confidence, tunedView } from "./options.ts";
import { type PowerLawOverFolds, powerLawOverFolds } from "./power_law_over_folds.ts";
import { type LossUnit, lossUnit } from "./study_loss.ts";
import type { StudyRecords } from "./study_records.ts";
import type { PointRuns, View } from "./summarize.ts";
import { heldFixed } from "./text_axis.ts";
import {
  type LossAtAmount,
  scoreAmounts,
  sizesOfScored,
  type TrainedPoint,
  trainedPoints,
} from "./tuned_amounts.ts";

/** Options of {@link asymptoteInSize}. */
export interface AsymptoteOptions {
  /** Axis of the model's size; the one that there is when left out. */
  readonly axis?: string;
  /**
   * Trained to the end, or with the step chosen too.
   *
   * @default {"bestStep"}
   */
  readonly view?: View;
  /**
   * Of the intervals, from 0 to 1, both excluded.
   *
   * @default {0.95}
   */
  readonly confidence?: number;
}

const described = { axis: orAbsent(text()), view: tunedView, confidence };

/** How the loss of a recipe falls with the size of the model. */
export interface SizeCurve {
  /** What its points share besides. */
  readonly others: JsonObject;
  /** The remedies that it has, in words; empty for none. */
  readonly remedy: string;
  /** Ascending by weights, each tuned on text that does not score it. */
  readonly sizes: readonly LossAtAmount[];
  /** A · N^(−a) + E, with E its asymptote. */
  readonly fit: PowerLawOverFolds;
}

/** How the losses of recipes fall with the size of the model. */
export interface AsymptotesInSize {
  /** Name of the axis. */
  readonly axis: string;
  /** Unit of the losses. */
  readonly unitOfLoss: LossUnit;
  /** Where in training the losses are looked at. */
  readonly view: View;
  /** One for each recipe, and each setting of the other axes. */
  readonly curves: readonly SizeCurve[];
}

/**
 * The loss that a recipe comes to with ever larger models: E of L(N) = A · N^(−a) + E, with N the number of
 * weights, and each size tuned.
 *
 * A recipe is none of the remedies, or the same ones at any strength: at each size its strength, step and way
 * of training are chosen without reading the text that scores, as by `tuned`. Without tuning at each
 * size the loss of large models rises where they over-fit, and there is no such law. Intervals as
 * `powerLawOverFolds` gives them; those of two recipes are of the same folds, and no test of their difference.
 *
 * @param study A study, or its records, with an axis of role `size` of three or more values.
 * @param options See {@link AsymptoteOptions}.
 * @returns A curve for each recipe; with `tooFewAmounts` where it has fewer than three sizes.
 * @throws {RangeError} If there is no such axis, or there are several and none is asked for.
 *
 * Kim, Kotha, Liang and Hashimoto, Pre-training under infinite compute (ICLR 2026, arXiv 2509.14786), compare
 * recipes by E on one fixed text.
 *
 * @example
 * ```ts
 * import { asymptoteInSize } from "./asymptote_in_size.ts";
 * import { sizeStudy } from "./testing/text_study.ts";
 * import assert from "node:assert/strict";
 * const { curves } = asymptoteInSize(sizeStudy({ asymptote: 2 }));
 * const [low, high] = curves.find(({ remedy }) => remedy !== "")!.fit.asymptoteInterval!;
 * assert.ok(low < 2 && high > 2);
 * ```
 */
export function asymptoteInSize(
  study: StudyRecords,
  options: AsymptoteOptions = {},
): AsymptotesInSize {
  const { axis: asked, view, confidence } = checkOptions("asymptoteInSize", options, described);
  const { record } = study;
  const axis = sizeAxis(study, asked);
  const fixed = heldFixed(record, axis);
  const groups = Map.groupBy(
    trainedPoints(study, weightsOf).filter(({ amount }) => Number.isFinite(amount)),
    ({ group, remedy }) => `${canonicalJson(fixed(group.point))} ${remedy}`,
  );
  return {
    axis,
    unitOfLoss: lossUnit(record),
    view,
    curves: [...groups.values()].map((points) => ({
      others: fixed(points[0].group.point),
      remedy: points[0].remedy,
      ...curveOf(study, points, { view, confidence }),
    })),
  };
}

function curveOf(
  study: StudyRecords,
  points: readonly TrainedPoint[],
  { view, confidence }: { readonly view: View; readonly confidence: number },
) {
  const { scored } = scoreAmounts(study, points, () => view);
  const sizes = sizesOfScored(study, points, scored);
  const fit = powerLawOverFolds({
    amounts: scored.map(({ amount }) => amount),
    folds: study.record.folds.map((_, fold) => scored.map(({ loss }) => loss.foldMeans[fold])),
  }, { ...(sizes && { sizes }), confidence });
  return { sizes: scored.map(({ remedy: _, ...rest }) => rest), fit };
}

/** Weights of a point's models; NaN without a run. */
function weightsOf({ folds }: PointRuns): number {
  const run = folds.flat().find(({ parameters }) => parameters.length > 0);
  return run === undefined ? NaN : parameterCount(run.parameters);
}

function sizeAxis({ record }: StudyRecords, asked: string | undefined): string {
  const axes = axesOfStudy(record).filter(({ role }) => role === "size").map(({ name }) => name);
  if (asked !== undefined) return checkOneOf("asymptoteInSize: axis", asked, axes);
  if (axes.length === 1) return axes[0];
  throw new RangeError(
    `asymptoteInSize: the study must have one axis of the model's size, or axis say which, found ${
      axes.length === 0 ? "none" : axes.join(", ")
    }.`,
  );
}
