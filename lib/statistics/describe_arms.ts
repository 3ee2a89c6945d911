import type { ArmRecord } from "../records/study_record.ts";
import type { ArmEdge } from "./arm_edges.ts";
import { axesOfStudy } from "./axis_roles.ts";
import type { ArmsComparison, ArmVerdict, EqualFlops, TunedArm } from "./compare_arms.ts";
import { fewestTexts } from "./compare_arms_over_texts.ts";
import { corpusWords } from "./corpus_words.ts";
import { detectableWords } from "./detectable_words.ts";
import { describeRegion, equivalenceWords, regionWords } from "./describe_equivalence.ts";
import { counted, formatAxis, formatPValue, formatSigned } from "./format.ts";
import { type LossUnit, lossUnit } from "./study_loss.ts";
import type { TunedComparison } from "./tuned.ts";

/** One thing that a study of arms shows, in words. */
export interface ArmStatement {
  /** What it is about. */
  readonly topic:
    | "question"
    | "tuning"
    | "verdict"
    | "region"
    | "scope"
    | "caution"
    | "diverged"
    | "flops"
    | "equalFlops";
  /** Plain text, one or more sentences; losses in the study's unit. */
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
  const { study, arms, verdicts, equalFlops } = comparison;
  const here = study.corpus.pairs === undefined ? "this text" : "these pairs";
  const say = (topic: ArmStatement["topic"], text: string | null): ArmStatement[] =>
    text === null ? [] : [{ topic, text }];
  return [
    ...say("question", questionOf(comparison)),
    ...say("tuning", tuningOf(comparison)),
    ...verdicts.flatMap((verdict) =>
      say("verdict", describeVerdict(comparison, verdict, `On ${here}`))
    ),
    ...say("region", comparison.region ? describeRegion(comparison.region) : null),
    ...say(
      "scope",
      `The verdicts are about ${here}. Whether they hold in general would need at least ${fewestTexts} texts.`,
    ),
    ...say("caution", cautionOf(comparison)),
    ...arms.flatMap((arm) => say("diverged", divergedOf(arm))),
    ...say("flops", flopsOf(arms)),
    ...say("equalFlops", describeEqualFlops(comparison, equalFlops, `on ${here}`)),
  ];
}

function questionOf({ arms, study }: ArmsComparison): string {
  const judged = arms.map(({ arm }) =>
    arm.parent === null ? arm.name : `${arm.name}, judged against ${arm.parent}`
  );
  const tuned = arms.some(({ points }) => points.length > 1) ? " when each is tuned" : "";
  return `The study asks which of ${
    counted(arms.length, "arm")
  } has the lowest validation loss on ${corpusWords(study)}${tuned}: ${judged.join("; ")}.`;
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
  const what = several.length === 0
    ? "the step was"
    : view === "bestStep"
    ? "point and step were"
    : "the point at the end of training was";
  if (several.length === 0 && view === "lastStep") return sentences.join(" ");
  sentences.push(
    chosenBy === "choosingBlock"
      ? `In each fold ${what} chosen on one held-out block and scored on another; no model of the ` +
        `fold was trained on either block.`
      : `For each fold ${what} chosen on the other folds and scored on this one.`,
  );
  return sentences.join(" ");
}

function tunesLearningRate(study: ArmsComparison["study"]): boolean {
  return axesOfStudy(study).some(({ paths }) => paths.includes("optimizer.learningRate"));
}

/** Axes of training of an arm that decide what no axis of its parent decides. */
function unsharedTraining(
  study: ArmsComparison["study"],
  arm: ArmRecord,
  parent: ArmRecord,
): string[] {
  const axes = axesOfStudy(study);
  const tuned = axes.filter(({ name }) => name in parent.dimensions).flatMap(({ paths }) => paths);
  return axes.filter(({ name, role, paths }) =>
    role === "training" && name in arm.dimensions && !(name in parent.dimensions) &&
    !paths.every((path) => tuned.includes(path))
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
  { arms, study }: Pick<ArmsComparison, "arms" | "study">,
  { arm, parent, difference, verdict, edges }: ArmVerdict,
  where: string,
): string {
  const numbers = numbersOf(difference, lossUnit(study));
  switch (verdict) {
    case "lower":
    case "higher":
      return `${where} ${arm} has a ${verdict} validation loss than ${parent}${
        difference.equivalence?.withinRegion ? ", by less than the region" : ""
      }: ${numbers}.` +
        nextToParent(arms, arm);
    case "equivalent":
      return `${where} ${arm} and ${parent} are equivalent within ${
        regionWords({ halfWidth: difference.equivalence!.test.region })
      }: ${numbers}.` + nextToParent(arms, arm);
    case "notShown":
      return `${where} no difference between ${arm} and ${parent} is shown: ${numbers}; ` +
        `${detectableWords(difference.detectable)}.` +
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

function numbersOf(
  { test, adjustedPValue, equivalence }: TunedComparison,
  { words }: LossUnit,
): string {
  if (test === null) return "no test";
  const interval = test.interval === null ? "" : `, 95 % interval ${spanOf(test.interval)}`;
  const { degreesOfFreedom: df } = test;
  const p = adjustedPValue === null
    ? ""
    : `, p ${equals(formatPValue(adjustedPValue))} after Holm, ${df} ${
      df === 1 ? "degree" : "degrees"
    } of freedom`;
  const size = equivalence ? `, ${equivalenceWords(equivalence)}` : "";
  return `${formatSigned(test.mean)} ${words}${interval}${p}${size}`;
}

/** An interval in words, such as `−0.2 to +0.1`. */
export function spanOf([from, to]: readonly [number, number]): string {
  return `${formatSigned(from)} to ${formatSigned(to)}`;
}

/** A p-value with its sign, such as `= 0.031` or `< 0.001`. */
export function equals(value: string): string {
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
      ? `the ${
        end === "upper" ? "last step of a constant rate" : "untrained model"
      } was chosen (${often})`
      : `the ${formatAxis(axis)} chosen lies at the ${end} end of its range (${often})`;
  });
  const axes = edges.some(({ axis }) => axis !== null)
    ? ["the range grows for that axis in every arm"]
    : [];
  const steps = edges.some(({ axis, end }) => axis === null && end === "upper")
    ? ["every arm trains for more steps"]
    : [];
  const untrained = edges.some(({ axis, end }) => axis === null && end === "lower")
    ? ["some point of the arm learns"]
    : [];
  return `${named.join("; ")}. A better choice may lie beyond, so there is no verdict until ${
    [...axes, ...steps, ...untrained].join(" and ")
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
    : "The models that chose had trained on the text that is scored. A test that leaves this out calls arms " +
      "that are the same different in 7 to 12 % of studies (simulated, with 5 points and 10 folds), where 5 % " +
      "are meant; folds with a choosing block do not have this.";
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
  { verdicts, study }: ArmsComparison,
  { state, budget, arms, verdicts: repeated }: EqualFlops,
  where: string,
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
          ? `the verdict on ${verdict.arm} is the same (${
            numbersOf(verdict.difference, lossUnit(study))
          })`
          : `the verdict on ${verdict.arm} is another: ${
            lowerFirst(
              describeVerdict({ arms, study }, verdict, where),
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
