import { lossUnit, symbols } from "./words.ts";
import { isSize, within } from "./regions.ts";
import { declaredIn } from "../truth_equivalence.ts";
import { short } from "./words.ts";
import type { Complaint } from "./words.ts";
import type { StudyRecords } from "../../../statistics/study_records.ts";
import {
  type ArmDifference,
  armDifferences,
  armsIn,
  type ArmTruth,
  foldsAtEnd,
  foldsAtStep,
} from "../truth_arms.ts";
import { inItsUnit } from "../truth_units.ts";
import { fivePercent, shownByMost } from "../truth_statistics.ts";
import { close, closeP, nearly } from "./words.ts";

const signed = "[+−]?\\d+\\.\\d{3}";
const numbers =
  `(?:no test|(${signed}) ${lossUnit}(?:, 95 % interval (${signed}) to (${signed}))?` +
  `(?:, p (=|<) (\\d\\.\\d+) after Holm, (\\d+) degrees? of freedom)?(?:, ${within})?)`;

/** What the patterns compare with: arms as they are, or at equal operations. */
interface Sides {
  readonly study: StudyRecords;
  readonly arms: readonly ArmTruth[];
  readonly differences: ReadonlyMap<string, ArmDifference | null>;
}

type Rule = readonly [pattern: string, check: (groups: string[], sides: Sides) => boolean];

const armOf = ({ arms }: Sides, name: string) => arms.find((arm) => arm.name === name)!;

/** Whether the twelve groups of `numbers` are those of an arm's difference. */
function areNumbers(groups: string[], sides: Sides, name: string): boolean {
  const found = sides.differences.get(name) ?? null;
  const [mean, low, high, sign, p, freedom, ...size] = groups;
  if (mean === undefined) return found === null;
  return found !== null && close(mean, found.mean) &&
    (low === undefined ? found.low === null : close(low, found.low) && close(high, found.high)) &&
    (p === undefined
      ? found.holm === null
      : closeP(sign, p, found.holm) && Number(freedom) === sides.study.record.folds.length - 1) &&
    (size[1] === undefined ? found.size === null : isSize(size.slice(0, 6), found.size));
}

/** Ends that withhold a verdict: all but the lower one of an axis that the parent lacks. */
function withholding(sides: Sides, arm: ArmTruth): string[] {
  const parent = arm.parent === null ? null : armOf(sides, arm.parent);
  const often = (count: number) => count > 0 && 2 * count >= sides.study.record.folds.length;
  return [
    ...arm.axes.flatMap((axis) =>
      ["lower", "upper"].filter((end) =>
        often(foldsAtEnd(sides.study, arm, axis, end)) &&
        (end === "upper" || parent === null || parent.axes.includes(axis))
      ).map((end) => `${axis} ${end}`)
    ),
    ...["lower", "upper"].filter((end) => often(foldsAtStep(sides.study, arm, end)))
      .map((end) => `step ${end}`),
  ];
}

const isWithheld = (sides: Sides, name: string) => {
  const arm = armOf(sides, name);
  return [arm, armOf(sides, arm.parent!)].some((each) => withholding(sides, each).length > 0);
};

/** The true difference that most studies of these arms show. */
function shownInArms({ study, differences }: Sides, { mean, low }: ArmDifference): number {
  const freedom = study.record.folds.length - 1;
  return (mean - low!) / fivePercent(freedom) * shownByMost(freedom, differences.size);
}

const symbolOf = (axis: string) => symbols[axis] ?? axis;

const verdicts: readonly Rule[] = [
  [
    `[Oo]n this text (\\S+) has a (lower|higher) validation loss than (\\S+?)(, by less than the region)?: ${numbers}`,
    ([name, direction, parent, less, ...rest], sides) => {
      const found = sides.differences.get(name);
      return armOf(sides, name).parent === parent && areNumbers(rest, sides, name) &&
        found != null && found.holm !== null && found.holm < 0.05 && !isWithheld(sides, name) &&
        (less !== undefined) === ((found.size?.holm ?? 1) < 0.05) &&
        (direction === "lower") === (found.mean < 0);
    },
  ],
  [
    `[Oo]n this text (\\S+) and (\\S+) are equivalent within ±(\\S+): ${numbers}`,
    ([name, parent, width, ...rest], sides) => {
      const found = sides.differences.get(name);
      return armOf(sides, name).parent === parent && areNumbers(rest, sides, name) &&
        found?.size != null && width === short(found.size.width) && found.holm! >= 0.05 &&
        found.size.holm < 0.05 && !isWithheld(sides, name);
    },
  ],
  [
    `[Oo]n this text no difference between (\\S+) and (\\S+) is shown: ${numbers}; the power is 80 % only for a ` +
    `true difference of at least (\\d\\.\\d{3}), at the first step of Holm`,
    ([name, parent, ...rest], sides) => {
      const found = sides.differences.get(name);
      return armOf(sides, name).parent === parent && areNumbers(rest.slice(0, -1), sides, name) &&
        found != null && found.holm !== null && found.holm >= 0.05 &&
        (found.size?.holm ?? 1) >= 0.05 && !isWithheld(sides, name) &&
        nearly(rest.at(-1)!, shownInArms(sides, found));
    },
  ],
  [
    `[Tt]he verdict on (\\S+) against (\\S+) is withheld \\(${numbers}\\): (.*?)\\. A better choice may lie ` +
    `beyond, so there is no verdict until [^.]*`,
    ([name, parent, ...rest], sides) =>
      armOf(sides, name).parent === parent && areNumbers(rest.slice(0, 12), sides, name) &&
      isWithheld(sides, name) &&
      rest[12].split("; ").every((part) => {
        const [, end, list] = / ?(upper|lower|last step|untrained) .*\((.*)\)$/.exec(part) ?? [];
        const axis = /^the (\S+) chosen lies/.exec(part)?.[1];
        return list?.split(/, (?=\S+ for)/).every((each) => {
          const [, arm, count, of] = /^(\S+) for (\d+) of (\d+) folds?$/.exec(each)!;
          const own = armOf(sides, arm);
          const right = axis === undefined
            ? foldsAtStep(sides.study, own, end === "untrained" ? "lower" : "upper")
            : foldsAtEnd(sides.study, own, own.axes.find((one) => symbolOf(one) === axis)!, end);
          return right === Number(count) && Number(of) === sides.study.record.folds.length;
        });
      }),
  ],
  [
    "[Tt]here is no verdict on (\\S+) against (\\S+): [^.]*",
    ([name], sides) => sides.differences.get(name)?.p == null,
  ],
];

const rules: readonly Rule[] = [
  [
    "The study asks which of (\\d+) arms? has the lowest validation loss on (\\d+) (tokens|pairs|bytes) of (.+?)(?: when each is tuned)?: ([^.]*)\\.",
    ([count, size, unit, corpus, list], { arms, study: { record } }) =>
      corpus === record.corpus.name &&
      Number(size) === record.corpus[unit as "tokens"] &&
      Number(count) === arms.length &&
      list ===
        arms.map(({ name, parent }) => parent === null ? name : `${name}, judged against ${parent}`)
          .join("; "),
  ],
  [
    "Tuned with (\\d+) points? each: (.*?) \\((a scrambled Sobol sequence|independent random points)\\)\\.",
    ([count, list, draw], { arms, study }) => {
      const tuned = arms.filter(({ points }) => points.length > 1);
      return tuned.every(({ points }) => points.length === Number(count)) &&
        list === tuned.map(({ name, axes }) => `${name} over ${axes.map(symbolOf).join(", ")}`)
            .join("; ") &&
        study.record.space.arms!.every((arm) => (arm.draw === "sobol") === /Sobol/.test(draw));
    },
  ],
  [
    "(\\S+) is one point and was not tuned\\.",
    ([name], sides) => armOf(sides, name).points.length === 1,
  ],
  [
    "The learning rate was not tuned in any arm\\.",
    (_, { arms }) => arms.every(({ axes }) => !axes.includes("learningRate")),
  ],
  [
    "(\\S+) tunes ([^.:]*), which (\\S+) does not: their difference includes that of the tuning\\.",
    ([name, list, parent], sides) =>
      list.split(", ").every((axis) =>
        armOf(sides, name).axes.map(symbolOf).includes(axis) &&
        !armOf(sides, parent).axes.map(symbolOf).includes(axis)
      ),
  ],
  [
    "(?:In|For) each fold [a-z ]* chosen on (one held-out block|the other folds) and scored on [^.]*\\.",
    ([by], { study }) =>
      study.record.folds.every(({ choosing }) => (choosing !== undefined) === by.startsWith("one")),
  ],
  ...verdicts.map(([pattern, check]): Rule => [`${pattern}\\.`, check]),
  [
    "For (\\d+) of (\\d+) folds? the (\\S+) chosen is among the smallest: beyond it lies (\\S+) itself, so this withholds nothing\\.",
    ([count, of, axis, parent], sides) =>
      sides.arms.some((arm) =>
        arm.parent === parent && Number(of) === sides.study.record.folds.length &&
        arm.axes.some((each) =>
          symbolOf(each) === axis && !armOf(sides, parent).axes.includes(each) &&
          foldsAtEnd(sides.study, arm, each, "lower") === Number(count)
        )
      ),
  ],
  [
    `Differences of the validation loss from −(\\S+) to \\+(\\S+) ${lossUnit} count as too small to matter, as declared before the runs\\.`,
    ([low, high], { study: { record } }) =>
      low === high && Number(high) === declaredIn(record).border,
  ],
  // Under six texts no signed-rank test can reach 5 %.
  [
    "The verdicts are about this text\\. Whether they hold in general would need at least (\\d+) texts\\.",
    ([texts]) => 2 / 2 ** Number(texts) < 0.05 && 2 / 2 ** (Number(texts) - 1) >= 0.05,
  ],
  [
    "The models that chose had trained on the text that is scored\\. .* do not have this\\.",
    (_, { study }) => study.record.folds.every(({ choosing }) => choosing === undefined),
  ],
  [
    "Of (\\d+) points? of (\\S+) (?:(\\d+) diverged)?(?: and )?(?:(\\d+) failed)? on some fold: they count as tried, with an infinite loss there\\.",
    ([of, name, diverged = "0", failed = "0"], sides) => {
      const { points } = armOf(sides, name);
      const ended = (status: string) =>
        points.filter((point) =>
          sides.study.records.some((run) =>
            run.fold !== "final" && run.status === status &&
            JSON.stringify(run.point) === JSON.stringify(point)
          )
        ).length;
      return points.length === Number(of) && ended("diverged") === Number(diverged) &&
        ended("failed") === Number(failed);
    },
  ],
  [
    "Floating-point operations of all trainings on the folds: (.*)\\.$",
    ([list], { arms }) =>
      list === arms.map(({ name, flops }) => `${name} ${powers(flops)}`).join(", "),
  ],
  [
    "The tuned arms took the same number, so the verdicts are at equal compute\\.",
    (_, { arms }) => {
      const all = arms.filter(({ points }) => points.length > 1).map(({ flops }) => flops);
      return Math.max(...all) <= 1.01 * Math.min(...all);
    },
  ],
  [
    "At equal compute \\((\\S+), points in their drawn order as far as they fit: ([^)]*)\\) (.*)\\.$",
    ([budget, list, said], { arms, study }) => {
      const least = Math.min(
        ...arms.filter(({ points }) => points.length > 1).map(({ flops }) => flops),
      );
      const fitting = armsIn(study, least);
      const sides = { study, arms: fitting, differences: armDifferences(study, fitting) };
      const kept = fitting.map(({ name, points: { length } }) =>
        `${name} ${length} point${length === 1 ? "" : "s"}`
      );
      return budget === powers(least) && list === kept.join(", ") &&
        said.split(/; (?=the verdict on \S+ is (?:the same|another))/).every((part) => {
          const same = new RegExp(`^the verdict on (\\S+) is the same \\(${numbers}\\)$`).exec(
            part,
          );
          if (same !== null) return areNumbers(same.slice(2), sides, same[1]);
          const [, verdict] = /^the verdict on \S+ is another: (.*)$/.exec(part) ?? [];
          return verdict !== undefined && verdicts.some(([pattern, check]) => {
            const match = new RegExp(`^${pattern}$`).exec(verdict);
            return match !== null && check(match.slice(1), sides);
          });
        });
    },
  ],
];

const powers = (value: number) => value.toExponential(2).replace("+", "");

/** Reads a statement about arms from its front: what no rule matches, and what a rule finds wrong. */
export function readArms(recorded: StudyRecords, text: string): Complaint[] {
  const study = inItsUnit(recorded);
  const arms = armsIn(study);
  const sides = { study, arms, differences: armDifferences(study, arms) };
  const wrong: Complaint[] = [];
  let rest = text;
  while (rest !== "") {
    const found = rules.map(([pattern, check]) => ({
      check,
      match: new RegExp(`^${pattern}\\s*`).exec(rest),
    })).find(({ match }) => match !== null);
    if (found === undefined) return [...wrong, { sentence: rest, what: "could not be read" }];
    const match = found.match!;
    if (!found.check(match.slice(1), sides)) {
      wrong.push({ sentence: match[0].trim(), what: "not what the records say" });
    }
    rest = rest.slice(match[0].length);
  }
  return wrong;
}
