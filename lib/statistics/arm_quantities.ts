import type { ArmsComparison, TunedArm } from "./compare_arms.ts";
import type { Reading } from "./compare.ts";
import { holm } from "./holm.ts";
import { type Estimate, estimateOverFolds } from "./estimate.ts";
import type { StudyRecords } from "./study_records.ts";
import { evaluationIn, type Quantity, readQuantity } from "./summarize.ts";
import { compareTunedReadings, groupsOf, type TunedComparison } from "./tuned.ts";

/** An arm minus its parent, in some quantity of what was chosen. */
export interface ArmDifference extends TunedComparison {
  /** Name of the arm. */
  readonly arm: string;
  /** Name of its parent. */
  readonly parent: string;
}

/**
 * A quantity of what was chosen for an arm, run by run: of each fold's choice, on that fold.
 *
 * @param comparison What `compareArms` gave for the same records.
 * @returns None where the arm was not scored.
 */
export function armReadings(
  source: StudyRecords,
  { view }: Pick<ArmsComparison, "view">,
  { tuning }: TunedArm,
  quantity: Quantity,
): Reading[] {
  if (tuning.state !== "tuned") return [];
  return tuning.choices.flatMap(({ fold, point, step }) => {
    const [group] = groupsOf(source, [point]);
    return group.folds.flat().filter((run) => run.fold === fold).map((run) => ({
      fold,
      seed: run.seed,
      value: readQuantity(
        evaluationIn(group, run, step === null ? "lastStep" : view, step)!,
        quantity,
      ),
    }));
  });
}

/** Mean and standard error over the folds of {@link armReadings}; null where the arm was not scored. */
export function armEstimate(
  source: StudyRecords,
  comparison: Pick<ArmsComparison, "view">,
  arm: TunedArm,
  quantity: Quantity,
): Estimate | null {
  const readings = armReadings(source, comparison, arm, quantity);
  return estimateOverFolds(
    source.record.folds.map(({ index }) =>
      readings.filter(({ fold }) => fold === index).map(({ value }) => value)
    ),
  );
}

/**
 * Each arm against its parent in a quantity of what was chosen by validation loss: what the choice cost or
 * bought beside it. Corrected resampled t-test, Holm over all arms with a parent.
 *
 * A quantity that was not what chose is described, not judged: no verdict on the arm hangs on it.
 *
 * @param source A study of arms, or its records.
 * @param comparison What `compareArms` gave for it.
 * @param quantity What is compared, such as `generalizationGap`.
 *
 * @example
 * ```ts
 * import { compareArms } from "./compare_arms.ts";
 * import { compareArmsIn } from "./arm_quantities.ts";
 * import { armsHandStudy } from "./testing/arms_hand_study.ts";
 * import assert from "node:assert/strict";
 * const source = armsHandStudy({
 *   none: { points: [{ x: 1 }], losses: [[[1, 2.0], [1, 2.1], [1, 2.2]]] },
 *   decay: { points: [{ x: 1 }], losses: [[[1, 1.5], [1, 1.7], [1, 1.6]]] },
 * });
 * const [{ foldDifferences }] = compareArmsIn(source, compareArms(source), "validationLoss");
 * assert.deepEqual(foldDifferences.map((each) => Number(each.toFixed(9))), [-0.5, -0.4, -0.6]);
 * ```
 */
export function compareArmsIn(
  source: StudyRecords,
  comparison: ArmsComparison,
  quantity: Quantity,
): ArmDifference[] {
  const { arms, verdicts } = comparison;
  const tunings = new Map(arms.map((arm) => [
    arm.arm.name,
    { ...arm.tuning, readings: armReadings(source, comparison, arm, quantity) },
  ]));
  const differences = verdicts.map(({ arm, parent }) =>
    compareTunedReadings(source, tunings.get(arm)!, tunings.get(parent)!)
  );
  const pValues = holm(differences.map(({ test }) => test?.pValue ?? null));
  return differences.map((difference, index) => ({
    ...difference,
    adjustedPValue: pValues[index],
    arm: verdicts[index].arm,
    parent: verdicts[index].parent,
  }));
}
