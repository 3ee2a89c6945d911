import {
  asymptoteInSize,
  type AsymptoteOptions,
  type AsymptotesInSize,
  type SizeCurve,
} from "../statistics/asymptote_in_size.ts";
import { describeAsymptotes } from "../statistics/describe_strength.ts";
import { endsInWords } from "../statistics/describe_worth.ts";
import { capitalize, counted, formatNumber, formatPoint } from "../statistics/format.ts";
import type { StudyRecords } from "../statistics/study_records.ts";
import { amountAxis, curveLayer, measuredLayer } from "./_law_layers.ts";
import { valueRange } from "./axes.ts";
import type { Chart, Layer } from "./chart.ts";
import { type Figure, figureOf } from "./figure.ts";
import { categoricalColors } from "./theme.ts";

/** Draws the losses of recipes against the number of weights, with their laws. */
export function asymptotesInSizeChart(found: AsymptotesInSize, folds: number): Chart {
  const curves = found.curves.filter(({ sizes }) => sizes.length > 0);
  const all = curves.flatMap(({ sizes }) => sizes);
  const amounts = [...new Set(all.map(({ amount }) => amount))].sort((a, b) => a - b);
  const reach = [amounts[0], amounts.at(-1)!] as const;
  return {
    title: titleOf(found),
    subtitle:
      `Validation loss on text that did not choose, mean over ${
        counted(folds, "fold")
      }, bars are one ` +
      `standard error. Each size has its own best strength and step. Curves: A N^−a + E, where the loss ` +
      `falls with size.`,
    alt: `Validation loss against the number of weights. ${describeAsymptotes(found).join(" ")}`,
    panels: [{
      x: amountAxis(amounts, "weights", reach, "weights"),
      y: {
        title: `validation loss (${found.unitOfLoss.words})`,
        range: valueRange(all.flatMap(({ loss: { mean, standardError } }) => [
          mean - (standardError ?? 0),
          mean + (standardError ?? 0),
        ])),
      },
      layers: curves.flatMap((curve, index): Layer[] => {
        const color = categoricalColors[index % categoricalColors.length];
        const name = nameOf(curve);
        return [
          ...(curve.fit.law === null
            ? []
            : [curveLayer(curve.fit.law, reach, { name, color, symbol: "N", legend: false })]),
          measuredLayer(name, color, curve.sizes, "weights"),
        ];
      }),
    }],
    width: 760,
    height: 460,
    legend: "bottom",
  };
}

function nameOf({ remedy, others }: SizeCurve): string {
  const name = remedy === "" ? "without remedy" : remedy;
  return Object.keys(others).length === 0 ? name : `${name}, ${formatPoint(others)}`;
}

/** The lowest asymptote, with its interval. */
function titleOf({ curves }: AsymptotesInSize): string {
  const fitted = curves.filter(({ fit }) => fit.law !== null);
  if (fitted.length === 0) return "No loss falls with the size of the model";
  const lowest = fitted.reduce((a, b) => b.fit.law!.asymptote < a.fit.law!.asymptote ? b : a);
  const { law, asymptoteInterval } = lowest.fit;
  return `${capitalize(nameOf(lowest))} has ${
    fitted.length === 1 ? "an" : "the lowest"
  } asymptote, ${formatNumber(law!.asymptote)}${
    asymptoteInterval === null ? "" : ` (95 % interval ${endsInWords(asymptoteInterval, 3)})`
  }`;
}

/**
 * Draws the losses of recipes against the size of the model, each size tuned, with the power law whose
 * asymptote recipes are compared by.
 *
 * @param study A study, or its records, with an axis of the model's size.
 * @param options As of `asymptoteInSize`.
 * @returns A figure that a notebook shows.
 * @throws {RangeError} As `asymptoteInSize`, and if no size has all its runs.
 *
 * @example
 * ```ts
 * import { plotAsymptotes } from "./asymptotes_in_size.ts";
 * import { sizeStudy } from "../statistics/testing/text_study.ts";
 * import assert from "node:assert/strict";
 * const { chart } = plotAsymptotes(sizeStudy());
 * assert.match(chart.title, /^Decoupled weight decay has an asymptote, 2\.\d{3} \(95 % interval/);
 * ```
 */
export function plotAsymptotes(study: StudyRecords, options: AsymptoteOptions = {}): Figure {
  const found = asymptoteInSize(study, options);
  if (found.curves.every(({ sizes }) => sizes.length === 0)) {
    throw new RangeError("plotAsymptotes: some size must have all its runs, found none.");
  }
  return figureOf(asymptotesInSizeChart(found, study.record.folds.length));
}
