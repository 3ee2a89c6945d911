import type { ArmRecord } from "../records/study_record.ts";
import type { ArmEdge } from "./arm_edges.ts";
import { axesOfStudy } from "./axis_roles.ts";
import type { ArmsComparison, ArmVerdict, EqualFlops, TunedArm } from "./compare_arms.ts";
import { type ArmOverTexts, type ArmsOverTexts, fewestTexts } from "./compare_arms_over_texts.ts";
import { counted, formatAxis, formatPValue, formatSigned } from "./format.ts";
import type { TunedComparison } from "./tuned.ts";

/** One thing that a study of arms shows, in words. */
export interface ArmStatement {
  /** What it is about. */
  readonly topic:
    | "question"
    | "tuning"
    | "verdict"
    | "scope"
    | "caution"
    | "diverged"
    | "flops"
    | "equalFlops";
  /** Plain text, one or more sentences; losses in nats per token. */
  readonly text: string;
}

/**
 * Says in words what a comparison of arms asks, how each was tuned, what it shows and what it does not.
 *
 * @param comparison What `compareArms` returned.
 * @returns Statements in the order of a report; one verdict for each arm that has a parent.
 *
 * @example
 * ```ts
 * import { compareArms } from "./compare_arms.ts";
 * import { describeArms } from "./describe_arms.ts";
 * import { armsHandStudy } from "./testing/arms_hand_study.ts";
 * import assert from "node:assert/strict";
 * const tuned = (...losses: number[]) => ({
 *   points: [{ x: 1 }, { x: 2 }],
 *   losses: [losses.map((loss) => [1, loss] as const), losses.map(() => [2, 9] as const)],
 * });
 * const source = armsHandStudy({ none: tuned(2, 2.1, 2.2), decay: tuned(1.5, 1.7, 1.6) });
 * const [verdict] = describeArms(compareArms(source)).filter(({ topic }) => topic === "verdict");
 * assert.match(verdict.text, /^On this text decay has a lower validation loss than none: −0.500 nats/);
 * ```
 */
export function describeArms(comparison: ArmsComparison): ArmStatement[] {
  const { arms, verdicts, equalFlops } = comparison;
  const say = (topic: ArmStatement["topic"], text: string | null): ArmStatement[] =>
    text === null ? [] : [{ topic, text }];
  return [
    ...say("question", questionOf(comparison)),
    ...say("tuning", tuningOf(comparison)),
    ...verdicts.flatMap((verdict) =>
      say("verdict", describeVerdict(comparison, verdict, "On this text"))
    ),
    ...say(
      "scope",
      `The verdicts are about this text: whether they hold in general takes ${fewestTexts} texts or more.`,
    ),
    ...say("caution", cautionOf(comparison)),
    ...arms.flatMap((arm) => say("diverged", divergedOf(arm))),
    ...say("flops", flopsOf(arms)),
    ...say("equalFlops", describeEqualFlops(comparison, equalFlops)),
  ];
}

function questionOf({ arms }: ArmsComparison): string {
  const judged = arms.map(({ arm }) =>
    arm.parent === null ? arm.name : `${arm.name}, judged against ${arm.parent}`
  );
  return `The study asks which of ${
    counted(arms.length, "arm")
  } has the lowest validation loss when each is ` +
    `tuned: ${judged.join("; ")}.`;
}

function tuningOf({ study, arms, chosenBy, view }: ArmsComparison): string {
  const sentences: string[] = [];
  const several = arms.filter(({ points }) => points.length > 1);
  if (several.length > 0) {
    const [{ arm: { draw, count } }] = several;
    const ranges = several.map(({ arm }) =>
      `${arm.name} over ${Object.keys(arm.dimensions).map(formatAxis).join(", ")}`
    );
    sentences.push(
      `Tuned with ${counted(count, "point")} each: ${ranges.join("; ")} (${
        draw === "sobol" ? "a scrambled Sobol sequence" : "independent random points"
      }).`,
    );
  }
  for (const { arm } of arms.filter(({ points }) => points.length === 1)) {
    sentences.push(`${arm.name} is one point and was not tuned.`);
  }
  if (!tunesLearningRate(study)) sentences.push("The learning rate was not tuned in any arm.");
  for (const { arm } of arms) {
    const parent = arms.find((each) => each.arm.name === arm.parent)?.arm;
    const extra = parent === undefined ? [] : unsharedTraining(study, arm, parent);
    if (extra.length > 0) {
      sentences.push(
        `${arm.name} tunes ${extra.map(formatAxis).join(", ")}, which ${parent!.name} does not: ` +
          `their difference includes that of the tuning.`,
      );
    }
  }
  const what = view === "bestStep" ? "point and step were" : "the point at the end of training was";
  sentences.push(
    chosenBy === "choosingBlock"
      ? `For each fold ${what} chosen on one held-out block and scored on another; no model that ` +
        `chose or was scored had trained on either.`
      : `For each fold ${what} chosen on the other folds and scored on this one.`,
  );
  return sentences.join(" ");
}

function tunesLearningRate(study: ArmsComparison["study"]): boolean {
  return axesOfStudy(study).some(({ paths }) => paths.includes("optimizer.learningRate"));
}

/** Axes of training that an arm has and its parent has not. */
function unsharedTraining(
  study: ArmsComparison["study"],
  arm: ArmRecord,
  parent: ArmRecord,
): string[] {
  return axesOfStudy(study).filter(({ name, role }) =>
    role === "training" && name in arm.dimensions && !(name in parent.dimensions)
  ).map(({ name }) => name);
}

/** Why an arm has no score, as the end of a sentence. */
const unscored = {
  missingRuns: "not all its runs have ended",
  oneFold: "with one fold nothing else could choose",
  allDiverged: "on some fold every point of it diverged or failed",
  divergedWhereScored: "what the other folds chose diverged where it was to be scored",
} as const;

function describeVerdict(
  { arms }: Pick<ArmsComparison, "arms">,
  { arm, parent, difference, verdict, edges }: ArmVerdict,
  where: string,
): string {
  const numbers = numbersOf(difference);
  switch (verdict) {
    case "lower":
    case "higher":
      return `${where} ${arm} has a ${verdict} validation loss than ${parent}: ${numbers}.` +
        nextToParent(arms, arm);
    case "notShown":
      return `${where} no difference between ${arm} and ${parent} is shown: ${numbers}.` +
        nextToParent(arms, arm);
    case "withheld":
      return `The verdict on ${arm} against ${parent} is withheld (${numbers}): ` +
        `${describeEdges(edges)}`;
    case "none": {
      const reasons = arms.filter(({ arm: { name } }) => name === arm || name === parent)
        .flatMap(({ arm: { name }, tuning: { state } }) =>
          state === "tuned" ? [] : [`of ${name}, ${unscored[state]}`]
        );
      const why = reasons.length > 0
        ? reasons.join("; ")
        : difference.test?.state === "tooFewFolds"
        ? "one fold shows no noise"
        : "the differences of the folds do not vary";
      return `There is no verdict on ${arm} against ${parent}: ${why}.`;
    }
  }
}

function numbersOf({ test, adjustedPValue }: TunedComparison): string {
  if (test === null) return "no test";
  const interval = test.interval === null ? "" : `, 95 % interval ${spanOf(test.interval)}`;
  const { degreesOfFreedom: df } = test;
  const p = adjustedPValue === null
    ? ""
    : `, p ${equals(formatPValue(adjustedPValue))} after Holm, ${df} ${
      df === 1 ? "degree" : "degrees"
    } of freedom`;
  return `${formatSigned(test.mean)} nats per token${interval}${p}`;
}

function spanOf([from, to]: readonly [number, number]): string {
  return `${formatSigned(from)} to ${formatSigned(to)}`;
}

function equals(value: string): string {
  return value.startsWith("<") ? value : `= ${value}`;
}

/**
 * Where choices lie at the end of a range and what lifts the withholding, in two sentences: one place after
 * the other, each with its arms.
 *
 * @param edges Edges that withhold a verdict, at least one.
 */
export function describeEdges(edges: readonly ArmEdge[]): string {
  const places = Map.groupBy(edges, ({ axis, end }) => `${axis ?? ""} ${end}`);
  const named = [...places.values()].map((own) => {
    const [{ axis, end }] = own;
    const often = own.map(({ arm, folds, of }) => `${arm} for ${folds} of ${counted(of, "fold")}`)
      .join(", ");
    return axis === null
      ? `the last step of a constant rate was chosen (${often})`
      : `the ${formatAxis(axis)} chosen lies at the ${end} end of its range (${often})`;
  });
  const axes = edges.some(({ axis }) => axis !== null)
    ? ["the range grows for that axis in every arm"]
    : [];
  const steps = edges.some(({ axis }) => axis === null) ? ["every arm trains for more steps"] : [];
  return `${named.join("; ")}. A better choice may lie beyond, so there is no verdict until ${
    [...axes, ...steps].join(" and ")
  }.`;
}

/** An arm that comes next to its parent: the weakest strength was the best. */
function nextToParent(arms: readonly TunedArm[], name: string): string {
  const arm = arms.find((each) => each.arm.name === name)!;
  return arm.edges.filter(({ withholds }) => !withholds).map(({ axis, folds, of }) =>
    ` For ${folds} of ${counted(of, "fold")} the ${
      formatAxis(axis!)
    } chosen is among the smallest: ` +
    `beyond it lies ${arm.arm.parent} itself, so this withholds nothing.`
  ).join("");
}

function cautionOf({ chosenBy }: ArmsComparison): string | null {
  return chosenBy === "choosingBlock"
    ? null
    : `The models that chose had trained on the text that is scored: in simulations with 5 points and 10 ` +
      `folds arms that are the same differed in 7 to 12 % of such comparisons, where 5 % are meant. Folds ` +
      `with a choosing block do not have this.`;
}

function divergedOf({ arm, points, diverged, failed }: TunedArm): string | null {
  const found = [
    diverged > 0 ? `${diverged} diverged` : null,
    failed > 0 ? `${failed} failed` : null,
  ].filter((each) => each !== null);
  return found.length === 0
    ? null
    : `Of ${counted(points.length, "point")} of ${arm.name} ${
      found.join(" and ")
    } on some fold: they ` +
      `count as tried, with an infinite loss there.`;
}

function flopsOf(arms: readonly TunedArm[]): string {
  if (arms.some(({ flops }) => flops === null)) {
    return "How many floating-point operations the trainings took is not known for every arm.";
  }
  return `Floating-point operations of all trainings on the folds: ${
    arms.map(({ arm, flops }) => `${arm.name} ${formatFlops(flops!)}`).join(", ")
  }.`;
}

/** Operations to three digits, such as `1.23e12`. */
export function formatFlops(flops: number): string {
  return flops.toExponential(2).replace("+", "");
}

function describeEqualFlops(
  { verdicts }: ArmsComparison,
  { state, budget, arms, verdicts: repeated }: EqualFlops,
): string | null {
  switch (state) {
    case "unknown":
      return null;
    case "same":
      return "The tuned arms took the same number, so the verdicts are at equal compute.";
    case "noPoint":
      return `At equal compute (${
        formatFlops(budget!)
      }) not one point of some arm fits, so the verdicts ` +
        `cannot be repeated.`;
    case "compared": {
      const kept = arms.map(({ arm, points }) => `${arm.name} ${counted(points.length, "point")}`);
      const lines = repeated.map((verdict, index) =>
        verdict.verdict === verdicts[index].verdict
          ? `the verdict on ${verdict.arm} is the same (${numbersOf(verdict.difference)})`
          : `the verdict on ${verdict.arm} is another: ${
            lowerFirst(
              describeVerdict({ arms }, verdict, "on this text"),
            ).replace(/\.$/, "")
          }`
      );
      return `At equal compute (${
        formatFlops(budget!)
      }, points in their drawn order as far as they fit: ` +
        `${kept.join(", ")}) ${lines.join("; ")}.`;
    }
  }
}

function lowerFirst(text: string): string {
  return text[0].toLowerCase() + text.slice(1);
}

/**
 * Says in words what a comparison of arms over texts shows.
 *
 * @param comparison What `compareArmsOverTexts` returned.
 * @returns One sentence or more for each arm that has a parent, then one about the other pairs.
 */
export function describeArmsOverTexts({ verdicts, texts }: ArmsOverTexts): string[] {
  const number = counted(texts.length, "text");
  return verdicts.map((verdict) => {
    const { arm, from, interval } = verdict;
    if (verdict.verdict === "none") {
      return `There is no verdict on ${arm} against ${from} over ${number}: ${
        interval.state === "estimated"
          ? "it has no p-value"
          : "a text has no difference, or they do not vary"
      }.`;
    }
    const numbers = `${formatSigned(interval.mean)} nats per token${
      interval.interval === null ? "" : `, 95 % interval ${spanOf(interval.interval)}`
    }${
      verdict.adjustedPValue === null
        ? ""
        : `, p ${equals(formatPValue(verdict.adjustedPValue))} after Holm`
    }`;
    return sentenceOverTexts(verdict, numbers, number);
  });
}

function sentenceOverTexts(
  { arm, from, verdict, edges }: ArmOverTexts,
  numbers: string,
  texts: string,
): string {
  switch (verdict) {
    case "tooFewTexts":
      return `On these ${texts} ${arm} minus ${from} is ${numbers}; a verdict in general takes ` +
        `${fewestTexts}.`;
    case "withheld":
      return `The verdict on ${arm} against ${from} is withheld (${numbers}): in ${
        [...new Set(edges.map(({ study }) => study))].join(", ")
      } choices lie at the end of ${
        [...new Set(edges.map(({ axis }) => axis === null ? "training" : formatAxis(axis)))].join(
          ", ",
        )
      }, and a better one may lie beyond.`;
    case "notShown":
      return `No difference between ${arm} and ${from} is shown in general: ${numbers}, over ${texts}.`;
    default:
      return `In general, over ${texts}, ${arm} has a ${verdict} validation loss than ${from}: ${numbers}.`;
  }
}
