import type { TokenSpan } from "../../records/study_record.ts";
import type { JsonObject } from "../../core/json.ts";
import type { RunRecord } from "../../records/run_record.ts";
import type { StudyRecords } from "../../statistics/study_records.ts";
import { bordersOf, sizesOf, type SizeTruth } from "./truth_equivalence.ts";
import { average, deviation, fivePercent, holmOf, twoSided } from "./truth_statistics.ts";

/** What the records say of the arms of a study, computed by code that shares nothing with the library's. */
export interface ArmTruth {
  readonly name: string;
  readonly parent: string | null;
  readonly axes: readonly string[];
  readonly points: readonly JsonObject[];
  /** Point and step chosen for each fold, and its score there; null where something is missing. */
  readonly chosen: readonly { point: JsonObject; step: number; score: number }[] | null;
  /** Operations of all its trainings. */
  readonly flops: number;
}

/** An arm minus its parent over the folds. */
export interface ArmDifference {
  readonly mean: number;
  readonly low: number | null;
  readonly high: number | null;
  readonly p: number | null;
  readonly holm: number | null;
  /** Whether it lies in the region that the study declared; null without one, or without a test. */
  readonly size: SizeTruth | null;
}

const runsAt = ({ records }: StudyRecords, point: JsonObject, fold: unknown): RunRecord[] =>
  records.filter((run) => run.fold === fold && JSON.stringify(run.point) === JSON.stringify(point));

const hasChoosing = ({ record }: StudyRecords) =>
  record.folds.some(({ choosing }) => choosing !== undefined);

/** Arms of a study; with a budget each has the first of its points that fit. */
export function armsIn(study: StudyRecords, budget = Infinity): ArmTruth[] {
  return study.record.space.arms!.map(({ name, parent, dimensions }) => {
    const all = study.record.space.points.filter(({ arm }) => arm === name);
    const costs = all.map((point) => costOf(study, point));
    const fits = all.filter((_, index) =>
      all.length === 1 || costs.slice(0, index + 1).reduce((sum, each) => sum + each, 0) <= budget
    );
    return {
      name,
      parent,
      axes: Object.keys(dimensions),
      points: fits,
      chosen: choose(study, fits),
      flops: costs.reduce((sum, each) => sum + each, 0),
    };
  });
}

/** Three passes of two operations a weight of the kernels, for each token of each batch. */
function costOf(study: StudyRecords, point: JsonObject): number {
  return study.record.folds.flatMap(({ index }) => runsAt(study, point, index)).reduce(
    (sum, { parameters, curve }) => {
      const weights = parameters.filter(({ name }) => /^gru.*[kK]ernel$/.test(name))
        .reduce((total, { shape: [rows, columns] }) => total + rows * columns, 0);
      return sum + 6 * weights * (curve.at(-1)?.step ?? 0) * 4 * 16;
    },
    0,
  );
}

function choose(study: StudyRecords, points: readonly JsonObject[]): ArmTruth["chosen"] {
  const { folds, seeds } = study.record;
  const tried = points.map((point) => folds.map(({ index }) => runsAt(study, point, index)));
  if (tried.some((each) => each.some((runs) => runs.length < seeds.length))) return null;
  const places = tried.flatMap((byFold, index) => {
    const whole = byFold.flat().filter(({ status }) => status === "completed");
    const steps = whole.length === 0 ? [] : whole[0].curve.map(({ step }) => step);
    return steps.map((step) => ({ point: points[index], step, byFold }));
  });
  const lossAt = (runs: readonly RunRecord[], step: number, isChoice: boolean) =>
    average(runs.map(({ status, curve }) => {
      const at = curve.find((each) => each.step === step);
      if (status !== "completed" || at === undefined) return Infinity;
      return isChoice ? at.choosingLoss ?? at.heldOutLoss : at.heldOutLoss;
    }));
  const chosen = folds.map((_, fold) => {
    const values = places.map(({ byFold, step }) =>
      hasChoosing(study) ? lossAt(byFold[fold], step, true) : average(
        byFold.filter((_, other) => other !== fold).map((runs) => lossAt(runs, step, true)),
      )
    );
    const lowest = Math.min(...values);
    if (!Number.isFinite(lowest)) return null;
    const { point, step, byFold } = places[values.indexOf(lowest)];
    return { point, step, score: lossAt(byFold[fold], step, false) };
  });
  return chosen.every((each) => each !== null && Number.isFinite(each.score))
    ? chosen.map((each) => each!)
    : null;
}

/** Every arm with a parent minus it, adjusted by Holm; null where one has no score. */
export function armDifferences(
  study: StudyRecords,
  arms: readonly ArmTruth[],
): Map<string, ArmDifference | null> {
  const { tokens } = study.records.find(({ fold }) => fold !== "final")!;
  const runs = study.records.filter(({ fold }) => fold !== "final");
  const { corpus, folds } = study.record;
  const lengthOf = (spans: readonly TokenSpan[]) =>
    spans.reduce((sum, { start, end }) => sum + end - start, 0);
  const ratio = corpus.bytes !== undefined
    ? average(folds.map(({ heldOut }) => lengthOf(heldOut))) /
      average(folds.map(({ training }) => lengthOf(training)))
    : average(runs.map((run) => run.tokens.heldOut)) /
        average(runs.map((run) => run.tokens.training)) || tokens.heldOut;
  const children = arms.filter(({ parent }) => parent !== null);
  const raw = children.map((arm) => {
    const from = arms.find(({ name }) => name === arm.parent)!;
    if (arm.chosen === null || from.chosen === null) return null;
    const values = arm.chosen.map(({ score }, fold) => score - from.chosen![fold].score);
    const mean = average(values);
    if (values.length < 2) return { mean, low: null, high: null, p: null, values: null };
    // Folds that choose for each other depend on each other more.
    const widened = hasChoosing(study) ? ratio : 2.5 * ratio;
    const error = Math.sqrt(1 / values.length + widened) * deviation(values);
    const half = fivePercent(values.length - 1) * error;
    return {
      mean,
      low: mean - half,
      high: mean + half,
      p: twoSided(mean / error, values.length - 1),
      values,
    };
  });
  const holm = holmOf(raw.map((each) => each?.p ?? null), 0);
  const sizes = sizesOf(
    raw.map((each) => each?.values ?? null),
    bordersOf(study.record, null, null),
    hasChoosing(study) ? ratio : 2.5 * ratio,
    0,
  );
  return new Map(
    children.map(({ name }, index) => [
      name,
      raw[index] === null ? null : { ...raw[index]!, holm: holm[index], size: sizes[index] },
    ]),
  );
}

/** For how many folds a choice lies at an end of its range: no tried value beyond, or in its outer twentieth. */
export function foldsAtEnd(
  study: StudyRecords,
  { name, points, chosen }: ArmTruth,
  axis: string,
  end: string,
): number {
  const range = study.record.space.arms!.find((arm) => arm.name === name)!
    .dimensions[axis] as unknown as { kind: string; from: number; to: number };
  if (range.kind === "choice" || chosen === null) return 0;
  const scale = range.kind === "log" ? Math.log : (value: number) => value;
  const tried = points.map((point) => Number(point[axis]));
  if (new Set(tried).size < 2) return 0;
  return chosen.filter(({ point }) => {
    const value = Number(point[axis]);
    const share = (scale(value) - scale(range.from)) / (scale(range.to) - scale(range.from));
    const isUpper = value === Math.max(...tried) || share >= 0.95;
    const isLower = value === Math.min(...tried) || share <= 0.05;
    return end === "upper" ? isUpper : isLower && !isUpper;
  }).length;
}

/** For how many folds the last evaluation, or the untrained model, was chosen. */
export function foldsAtStep({ record }: StudyRecords, { chosen, points }: ArmTruth, end: string) {
  const specification = record.specifications[record.space.points.indexOf(points[0])];
  const { steps } = specification.training as { steps: number };
  return (chosen ?? []).filter(({ step }) => step === (end === "upper" ? steps : 0)).length;
}
