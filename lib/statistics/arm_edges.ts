import type { JsonObject } from "../core/json.ts";
import type { RunRecord } from "../records/run_record.ts";
import type { ArmRecord, StudyRecord } from "../records/study_record.ts";
import { axesOfStudy, type Axis } from "./axis_roles.ts";
import { edgeOf, type End } from "./edges.ts";
import type { PointRuns, View } from "./summarize.ts";
import type { Choice, TunedReadings } from "./tuned.ts";

/** An end at which the choices of an arm lie. */
export interface ArmEdge {
  /** Name of the arm. */
  readonly arm: string;
  /** The axis; null for the step that was chosen, whose upper end is the last one. */
  readonly axis: string | null;
  /** Which end. */
  readonly end: End;
  /** For how many folds the choice lies there, at least half of them. */
  readonly folds: number;
  /** Of how many. */
  readonly of: number;
  /**
   * Whether the verdict is withheld: not at the lower end of a strength that the arm's parent does not have,
   * beyond which is the parent itself.
   */
  readonly withholds: boolean;
}

/**
 * The ends of its ranges at which the choices of an arm lie, for at least half of the folds: `edgeOf` each
 * chosen value among those that the arm drew. A step is at its end when the last evaluation of a learning
 * rate that never fell was chosen, and no axis of the arm decides how long is trained.
 *
 * @param study The study's record.
 * @param arm The arm.
 * @param groups The runs of its points that were tried.
 * @param tuning What was chosen for it.
 * @param view At `lastStep` no step was chosen.
 */
export function armEdges(
  study: StudyRecord,
  arm: ArmRecord,
  groups: readonly PointRuns[],
  tuning: TunedReadings,
  view: View,
): ArmEdge[] {
  const points = groups.map(({ point }) => point);
  const axes = new Map(axesOfStudy(study).map((axis) => [axis.name, axis]));
  const { choices } = tuning;
  const edges = Object.keys(arm.dimensions).flatMap((name) =>
    edgesOfAxis(study, arm, points, axes.get(name)!, choices)
  );
  const choosesLength = Object.keys(arm.dimensions).some((name) =>
    axes.get(name)!.paths.includes("training.steps")
  );
  if (view === "lastStep" || choosesLength) return edges;
  const last = choices.filter((choice) => isLastStep(runsOf(groups, choice), choice)).length;
  return 2 * last < choices.length || last === 0 ? edges : [...edges, {
    arm: arm.name,
    axis: null,
    end: "upper",
    folds: last,
    of: choices.length,
    withholds: true,
  }];
}

function edgesOfAxis(
  study: StudyRecord,
  arm: ArmRecord,
  points: readonly JsonObject[],
  { name, role }: Axis,
  choices: readonly Choice[],
): ArmEdge[] {
  const range = arm.dimensions[name];
  if (range.kind === "choice") return [];
  const tried = points.filter((point) => name in point)
    .map((point) => point[name] as number);
  const ends = choices.map(({ point }) =>
    name in point ? edgeOf(point[name] as number, tried, range) : null
  );
  const parent = study.space.arms?.find((each) => each.name === arm.parent);
  return (["lower", "upper"] as const).flatMap((end): ArmEdge[] => {
    const folds = ends.filter((each) => each === end).length;
    if (folds === 0 || 2 * folds < choices.length) return [];
    const nextToParent = end === "lower" && role === "strength" && parent !== undefined &&
      !(name in parent.dimensions);
    return [{
      arm: arm.name,
      axis: name,
      end,
      folds,
      of: choices.length,
      withholds: !nextToParent,
    }];
  });
}

function runsOf(groups: readonly PointRuns[], { point, fold }: Choice): readonly RunRecord[] {
  const group = groups.find((each) => each.point === point)!;
  return group.folds.flat().filter((run) => run.fold === fold);
}

function isLastStep(runs: readonly RunRecord[], { step }: Choice): boolean {
  return runs.length > 0 &&
    runs.every(({ final, curve, stoppedAtStep }) =>
      final !== null && stoppedAtStep === null && step === final.step &&
      final.learningRate >= Math.max(...curve.map(({ learningRate }) => learningRate))
    );
}
