import {
  capitalize,
  counted,
  formatNumber,
  formatPoint,
  listInWords,
  thousands,
} from "./format.ts";
import type { Ends } from "./power_law_over_folds.ts";
import type { TextCurve, Worth, WorthInText } from "./worth_in_text.ts";

/**
 * What {@link worthInText} found, in sentences: for each curve how the loss without remedy falls with text,
 * then a sentence for each remedy.
 *
 * @param found What it found.
 * @returns None where no axis is an amount of text.
 *
 * @example
 * ```ts
 * import { describeWorth } from "./describe_worth.ts";
 * import { textStudy } from "./testing/text_study.ts";
 * import { worthInText } from "./worth_in_text.ts";
 * import assert from "node:assert/strict";
 * const [curve, decay] = describeWorth(worthInText(textStudy()));
 * assert.match(curve, /the validation loss falls with n training tokens as/);
 * assert.match(decay, /is as good as 1\.\d\d times the text/);
 * ```
 */
export function describeWorth(found: WorthInText): string[] {
  return found.curves.flatMap((curve) => {
    const where = Object.keys(curve.others).length === 0 ? "" : `At ${formatPoint(curve.others)}: `;
    const remedies = [...Map.groupBy(curve.worths, ({ remedy }) => remedy).values()];
    return [
      `${where}${curveInWords(found, curve)}`,
      ...(curve.fit.law === null
        ? []
        : remedies.map((worths) => `${where}${remedyInWords(found, worths)}`)),
    ];
  });
}

/** A power law as a formula, such as `1.830 + 54.4 · n^−0.523`. */
export function formatLaw(
  { asymptote, scale, exponent }: NonNullable<TextCurve["fit"]["law"]>,
  symbol = "n",
): string {
  return `${formatNumber(asymptote)} + ${formatNumber(scale, scale < 10 ? 3 : 1)} · ${symbol}^−${
    formatNumber(exponent)
  }`;
}

function curveInWords(found: WorthInText, { amounts, fit, leftOut }: TextCurve): string {
  const left = leftOut.length === 0
    ? ""
    : ` Without all their runs, or diverged, ${
      listInWords(leftOut.map(amountInWords))
    } are not among them.`;
  const start = "Without remedy, stopped at its best step, the validation loss";
  if (fit.state === "tooFewAmounts") {
    return `${start} is known at ${
      counted(amounts.length, "amount")
    } of text: a curve takes three, or ` + `two and a given asymptote.${left}`;
  }
  if (fit.law === null) {
    return `${start} does not fall with the training ${found.unit}, so nothing is worth an amount of ` +
      `text.${left}`;
  }
  const from = amountInWords(amounts[0].amount);
  const to = amountInWords(amounts.at(-1)!.amount);
  const level = `${confidenceInWords(found.confidence)} interval`;
  const intervals = [
    ...(fit.asymptoteInterval === null
      ? []
      : [`asymptote: ${level} ${endsInWords(fit.asymptoteInterval, 3)}`]),
    ...(fit.exponentInterval === null ? [] : [
      `exponent: ${fit.asymptoteInterval === null ? `${level} ` : ""}${
        endsInWords(fit.exponentInterval, 3)
      }`,
    ]),
  ];
  const bound = fit.atBound === "asymptote"
    ? " The losses alone would put the asymptote below 0, so it is not known."
    : fit.atBound === "exponent"
    ? " It falls from the smallest amount to the next alone, so the exponent is not known."
    : "";
  return `${start} falls with n training ${found.unit} as ${
    formatLaw(fit.law)
  } ${found.unitOfLoss.words} ` +
    `(${counted(amounts.length, "amount")} from ${from} to ${to}${
      intervals.length === 0 ? "" : `; ${intervals.join("; ")}`
    }).${bound}${left}`;
}

function remedyInWords(found: WorthInText, worths: readonly Worth[]): string {
  const level = `${confidenceInWords(found.confidence)} interval`;
  const parts = worths.map((worth, index) =>
    index === 0
      ? `${capitalize(worth.remedy)}, trained on ${amountInWords(worth.amount)} ${found.unit}, is ${
        worthInWords(worth, `${level} `)
      }`
      : `on ${amountInWords(worth.amount)}, ${worthInWords(worth)}`
  );
  return `${parts.join("; ")}.`;
}

/**
 * What a remedy is worth, such as `as good as 1.41 times the text (1.22 to 1.70)`.
 *
 * @param level What stands before the interval.
 */
export function worthInWords({ factor, interval, extrapolated }: Worth, level = ""): string {
  const between = interval === null || interval[0] === Infinity
    ? ""
    : ` (${level}${endsInWords(interval, 2)})`;
  const shown = interval === null || isShown(interval)
    ? ""
    : ", not shown to be worth more or less than no remedy";
  if (factor === Infinity) {
    return `as good as more than any amount of text, its loss being ${
      interval?.[0] === Infinity ? "shown to be " : ""
    }below the asymptote${between}${shown}`;
  }
  return `as good as ${factorInWords(factor!)} times the text${between}${shown}${
    extrapolated ? ", beyond the amounts that were measured" : ""
  }`;
}

/** Whether an interval of a factor excludes 1. */
function isShown([low, high]: Ends): boolean {
  return low > 1 || high < 1;
}

/** An interval of which an end may be open. */
export function endsInWords([low, high]: Ends, decimals: number): string {
  const shown = (end: number) => decimals === 2 ? factorInWords(end) : formatNumber(end, decimals);
  if (high === Infinity) {
    return low === 0 ? "without ends" : `from ${shown(low)} without an upper end`;
  }
  return low === 0 && decimals === 2
    ? `up to ${shown(high)} without a lower end`
    : `${shown(low)} to ${shown(high)}`;
}

/** A factor of text, such as `1.41`; of large ones, whole numbers. */
export function factorInWords(factor: number): string {
  return factor < 100 ? formatNumber(factor, 2) : thousands(Math.round(factor));
}

/** 16000 as `16,000`; up to 9999 as it is. */
export function amountInWords(amount: number): string {
  return amount < 10_000 ? String(amount) : thousands(amount);
}

function confidenceInWords(confidence: number): string {
  return `${Number((100 * confidence).toPrecision(4))} %`;
}
