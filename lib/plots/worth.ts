import {
  amountInWords,
  describeWorth,
  formatLaw,
  worthInWords,
} from "../statistics/describe_worth.ts";
import { capitalize, counted, formatPoint } from "../statistics/format.ts";
import { powerLawAt } from "../statistics/power_law.ts";
import type { StudyRecords } from "../statistics/study_records.ts";
import {
  type TextCurve,
  type Worth,
  type WorthInText,
  worthInText,
  type WorthOptions,
} from "../statistics/worth_in_text.ts";
import { valueRange } from "./axes.ts";
import type { Chart, Layer, Panel } from "./chart.ts";
import { type Figure, figureOf } from "./figure.ts";
import { amountAxis, curveLayer, measuredLayer } from "./_law_layers.ts";
import { categoricalColors } from "./theme.ts";

/** An arrow goes so many times beyond the amounts that were measured, and then ends at the border. */
const farthest = 4;

/** Draws how the loss falls with text, and along the curve what remedies are worth. */
export function worthChart(found: WorthInText): Chart {
  const drawn = found.curves.filter(({ amounts }) => amounts.length > 0);
  const range = valueRange(drawn.flatMap(endsOf));
  return {
    title: titleOf(found),
    subtitle:
      `Validation loss on text that did not choose, mean over ${
        counted(found.folds, "fold")
      }, bars are one ` +
      `standard error. Curve: c + b n^−a through the losses without remedy, each stopped at its best ` +
      `step. Dashed: from what a remedy is trained on to the text that it is worth; rings lie beyond ` +
      `what was measured.`,
    alt: `Validation loss against training ${found.unit}. ${describeWorth(found).join(" ")}`,
    panels: drawn.map((curve) => panelOf(found, curve, range)),
    width: drawn.length > 1 ? Math.max(960, 380 * drawn.length) : 760,
    height: 460,
    legend: "bottom",
  };
}

function endsOf({ amounts, worths }: TextCurve): number[] {
  return [...amounts, ...worths].flatMap(({ loss: { mean, standardError } }) => [
    mean - (standardError ?? 0),
    mean + (standardError ?? 0),
  ]);
}

function panelOf(found: WorthInText, curve: TextCurve, range: readonly [number, number]): Panel {
  const { others, amounts, fit, worths } = curve;
  const reach = reachOf(curve);
  const remedies = [...Map.groupBy(worths, ({ remedy }) => remedy)];
  const without = categoricalColors[0];
  return {
    title: Object.keys(others).length === 0 ? undefined : formatPoint(others),
    x: amountAxis(amounts.map(({ amount }) => amount), found.unit, reach),
    y: { title: `validation loss (${found.unitOfLoss.words})`, range },
    layers: [
      ...(fit.law === null ? [] : [curveLayer(fit.law, reach)]),
      measuredLayer("without remedy", without, amounts, found.unit),
      ...remedies.flatMap(([remedy, own], index): Layer[] => {
        const color = categoricalColors[1 + index % (categoricalColors.length - 1)];
        return [
          measuredLayer(remedy, color, own, found.unit),
          ...(fit.law === null
            ? []
            : own.flatMap((worth) => arrowOf(fit.law!, worth, color, reach))),
        ];
      }),
    ],
  };
}

/** From the smallest amount that is shown to the largest. */
function reachOf({ amounts, worths }: TextCurve): readonly [number, number] {
  const [first, last] = [amounts[0].amount, amounts.at(-1)!.amount];
  const reached = worths.flatMap(({ amount, factor }) => factor === null ? [] : [amount * factor]);
  return [
    Math.max(first / farthest, Math.min(first, ...reached)),
    Math.min(last * farthest, Math.max(last, ...reached)),
  ];
}

/** From the remedy's amount to what it is worth, on the level at which the curve has that amount. */
function arrowOf(
  law: NonNullable<TextCurve["fit"]["law"]>,
  worth: Worth,
  color: string,
  [from, to]: readonly [number, number],
): Layer[] {
  const reached = worth.amount * worth.factor!;
  const end = Math.min(to, Math.max(from, reached));
  const level = powerLawAt(law, worth.amount) + worth.difference.mean;
  return [{
    kind: "line",
    name: worth.remedy,
    color,
    dash: true,
    width: 1.5,
    x: [Math.log10(worth.amount), Math.log10(end)],
    y: [level, level],
    legend: false,
  }, {
    kind: "marks",
    name: worth.remedy,
    symbol: worth.extrapolated ? "ring" : "diamond",
    color,
    x: [Math.log10(end)],
    y: [level],
    hover: [
      `${worth.remedy}, ${amountInWords(worth.amount)}: ${worthInWords(worth)}${
        end === reached ? "" : "; the mark is at the border of the figure"
      }`,
    ],
  }];
}

/** What the first remedy is worth at the largest amount, or how the loss falls. */
function titleOf(found: WorthInText): string {
  const curve = found.curves.find(({ fit, worths }) => fit.law !== null && worths.length > 0) ??
    found.curves[0];
  if (curve === undefined) return "No axis is an amount of training text";
  const where = found.curves.length > 1 && Object.keys(curve.others).length > 0
    ? `, at ${formatPoint(curve.others)}`
    : "";
  const { fit: { law }, worths } = curve;
  if (law === null) return `Validation loss against training ${found.unit}${where}`;
  if (worths.length === 0) {
    return `Without remedy the validation loss falls as ${
      formatLaw(law)
    } in training ${found.unit}${where}`;
  }
  const worth = worths.findLast(({ remedy }) => remedy === worths[0].remedy)!;
  return `${capitalize(worth.remedy)} on ${amountInWords(worth.amount)} ${found.unit} is ${
    worthInWords(worth)
  }${where}`;
}

/**
 * Draws the held-out loss against training text, without remedy with the fitted curve, and for each remedy
 * how far along the curve it is worth.
 *
 * @param study A study, or its records, with an axis of `trainingTokens` or `trainingBytes`.
 * @param options As of `worthInText`.
 * @returns A figure that a notebook shows.
 * @throws {RangeError} If the study has no such axis with two amounts without remedy.
 *
 * @example
 * ```ts
 * import { plotWorth } from "./worth.ts";
 * import { textStudy } from "../statistics/testing/text_study.ts";
 * import assert from "node:assert/strict";
 * const { chart } = plotWorth(textStudy());
 * assert.match(chart.title, /^Decoupled weight decay on 16,000 tokens is as good as 1\.\d\d times the text/);
 * ```
 */
export function plotWorth(study: StudyRecords, options: WorthOptions = {}): Figure {
  const found = worthInText(study, options);
  if (!found.curves.some(({ amounts }) => amounts.length > 0)) {
    throw new RangeError(
      "plotWorth: the study must have an axis of training text, trainingTokens or trainingBytes, with two " +
        "amounts at which there is no remedy; it has none.",
    );
  }
  return figureOf(worthChart(found));
}
