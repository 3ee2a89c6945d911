import type { AsymptotesInSize, SizeCurve } from "./asymptote_in_size.ts";
import type { BestStrength, BestStrengthLaw } from "./best_strength_law.ts";
import { amountInWords, endsInWords, formatLaw } from "./describe_worth.ts";
import {
  counted,
  formatAxis,
  formatNumber,
  formatPoint,
  formatSetting,
  listInWords,
} from "./format.ts";

/**
 * What `bestStrengthLaw` found, in sentences: the law with its interval, and of what values nothing is said.
 *
 * @param found What it found.
 *
 * @example
 * ```ts
 * import { bestStrengthLaw } from "./best_strength_law.ts";
 * import { describeBestStrength } from "./describe_strength.ts";
 * import { textStudy } from "./testing/text_study.ts";
 * import assert from "node:assert/strict";
 * const study = textStudy({ strengths: [0.03, 0.1, 0.3, 1, 3], best: { scale: 10, exponent: -0.4 } });
 * const [law] = describeBestStrength(bestStrengthLaw(study, { axis: "tokens" }));
 * assert.match(law, /^The best α goes as tokens\^−0\.\d{3} \(5 values, 95 % interval of the exponent/);
 * ```
 */
export function describeBestStrength(found: BestStrengthLaw): string[] {
  const { axis, strengthAxis, best, law, exponentInterval, confidence } = found;
  const [name, along] = [formatAxis(strengthAxis), formatAxis(axis)];
  const usable = best.filter(({ state }) => state === "found");
  const level = `${Number((100 * confidence).toPrecision(4))} % interval`;
  const shown = exponentInterval !== null && exponentInterval[0] <= 0 && exponentInterval[1] >= 0
    ? ` It is not shown to move with ${along}.`
    : "";
  return [
    law === null
      ? `No law of the best ${name} along ${along}: it is known at ${
        counted(usable.length, "value")
      }, and takes two.`
      : `The best ${name} goes as ${along}^${formatNumber(law.exponent)} (${
        counted(usable.length, "value")
      }${
        exponentInterval === null
          ? ""
          : `, ${level} of the exponent ${
            exponentInterval.map((each) => formatNumber(each)).join(" to ")
          }`
      }): ${usable.map((each) => bestInWords(each, along)).join("; ")}.${shown}`,
    ...withheld(best, along, name),
  ];
}

function bestInWords({ at, strength }: BestStrength, along: string): string {
  return `${formatSetting(strength)} at ${along} = ${formatSetting(at)}`;
}

const reasons: readonly (readonly [BestStrength["state"], (strength: string) => string])[] = [
  ["edge", () => "the lowest mean is at the edge of what was tried"],
  ["none", () => "no strength has a lower mean than none"],
  ["tooFew", () => "fewer than three strengths above 0 have all their runs"],
];

function withheld(best: readonly BestStrength[], along: string, strength: string): string[] {
  return reasons.flatMap(([state, reason]) => {
    const own = best.filter((each) => each.state === state).map(({ at }) => formatSetting(at));
    return own.length === 0
      ? []
      : [`No best ${strength} is given at ${along} = ${listInWords(own)}: ${reason(strength)}.`];
  });
}

/**
 * What `asymptoteInSize` found, in a sentence for each recipe.
 *
 * @param found What it found.
 *
 * @example
 * ```ts
 * import { asymptoteInSize } from "./asymptote_in_size.ts";
 * import { describeAsymptotes } from "./describe_strength.ts";
 * import { sizeStudy } from "./testing/text_study.ts";
 * import assert from "node:assert/strict";
 * const [, decay] = describeAsymptotes(asymptoteInSize(sizeStudy()));
 * assert.match(decay, /^With decoupled weight decay the validation loss falls with N weights as/);
 * ```
 */
export function describeAsymptotes(found: AsymptotesInSize): string[] {
  return found.curves.map((curve) => asymptoteInWords(found, curve));
}

function asymptoteInWords(
  { unitOfLoss }: AsymptotesInSize,
  { others, remedy, sizes, fit }: SizeCurve,
): string {
  const where = Object.keys(others).length === 0 ? "" : `, at ${formatPoint(others)},`;
  const subject = `${
    remedy === "" ? "Without remedy" : `With ${remedy}`
  }${where} the validation loss`;
  if (fit.state === "tooFewAmounts") {
    return `${subject} is known at ${counted(sizes.length, "size")}: a law takes three.`;
  }
  if (fit.law === null) return `${subject} does not fall with the size of the model.`;
  const interval = fit.asymptoteInterval === null
    ? ""
    : `, with an asymptote whose 95 % interval is ${endsInWords(fit.asymptoteInterval, 3)}`;
  return `${subject} falls with N weights as ${formatLaw(fit.law, "N")} ${unitOfLoss.words} ` +
    `(${counted(sizes.length, "size")} from ${amountInWords(sizes[0].amount)} to ${
      amountInWords(sizes.at(-1)!.amount)
    })${interval}.${
      fit.atBound === "asymptote"
        ? " The losses alone would put it below 0, so it is not known."
        : ""
    }`;
}
