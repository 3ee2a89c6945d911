import type { DataFrame } from "./_danfojs.js";
import { canonicalJson, type Json, type JsonObject } from "../core/json.ts";
import { checkOptions, oneOf, orAbsent } from "../core/options.ts";
import type { CurvePoint, RunRecord, RunStatus, TrainingCost } from "../records/run_record.ts";
import type { StudyRecord } from "../records/study_record.ts";
import { takenBy } from "../statistics/costs_by_point.ts";
import { view } from "../statistics/options.ts";
import type { StudyRecords } from "../statistics/study_records.ts";
import {
  currentRuns,
  inPlannedOrder,
  keptEvaluation,
  quantities,
  type Quantity,
  readQuantity,
  summarizeTrials,
  type View,
} from "../statistics/summarize.ts";
import { type Cell, frameOf, freeName, type Row } from "./_frame_of.ts";

/**
 * The runs of a study, one row each: point, fold, seed, status and the last evaluation; sorted by point,
 * seed and fold.
 *
 * Missing numbers (of a run that failed before its first evaluation) are NaN; danfojs's means and
 * `describe` cannot handle them, so take `{ status: "completed" }` before grouping. An axis that a point
 * lacks is null there. An axis called like a column of the frame, such as `seed`, is in `point.seed`.
 *
 * Losses are in the study's unit: nats per token, or bits per byte where it compares those. Where runs have
 * losses per byte and per character of the text, they are in `bitsPerByte` and
 * `bitsPerCharacter`. Where runs have averages of the weights, each has a column with its validation loss at that evaluation,
 * such as `validationLoss of EMA of 10 steps`; NaN before it begins. Where runs are on pairs, `pairAccuracy` is
 * the share of target tokens with the highest score, and `exactMatch`, `editDistance`, `chrf`, and where they
 * were asked for `bleu` and `rougeL`, score what the model wrote; NaN of a run that did not complete. Where they have costs, `flops`, `tokens`,
 * `weights` and `bytes` are those of the whole training.
 *
 * @param study A study, or its records.
 * @param options.status Only runs that ended so; all when left out.
 * @returns A danfojs frame that a cell shows as a table.
 */
export function runsFrame(
  study: StudyRecords,
  options: { readonly status?: RunStatus } = {},
): DataFrame {
  const runs = runsOf("runsFrame", study, options);
  return framePerPoint(
    study.record,
    runs.map((run) => {
      const kept = keptEvaluation(study, run);
      return {
        point: run.point,
        columns: {
          ...identity(run),
          step: kept?.step ?? NaN,
          ...reading(kept, runs),
          ...bitsOf(kept, runs),
          ...averagesOf(kept, runs),
          ...infillingOf(runs, run),
          ...pairsOf(runs, run),
          bestStep: run.best?.step ?? NaN,
          bestValidationLoss: run.best?.heldOutLoss ?? NaN,
          ...costsOf(runs, ({ cost }) => cost, run),
          seconds: run.durationSeconds,
          id: run.id,
        },
      };
    }),
  );
}

/**
 * The points of a study, one row each: completed runs, and mean and standard error over folds of every
 * quantity, in one view. Axes that a point lacks are null; one called like a column of the frame, such as
 * `complete`, is in `point.complete`.
 *
 * @param study A study, or its records.
 * @param options.view At the last step, or at each point's best step in the fold mean.
 * @returns A danfojs frame that a cell shows as a table.
 */
export function trialsFrame(
  study: StudyRecords,
  options: { readonly view?: View } = {},
): DataFrame {
  const { view: at } = checkOptions("trialsFrame", options, { view });
  const counting = new Set(
    study.records.filter(({ final }) => final?.comparedWeights !== undefined)
      .map(({ point }) => canonicalJson(point)),
  );
  return framePerPoint(
    study.record,
    summarizeTrials(study.record, study.records).map((summary) => {
      const looked = summary[at];
      const columns: Row = {
        completed: summary.counts.completed,
        complete: summary.complete,
        step: looked?.step ?? NaN,
      };
      for (const quantity of quantitiesOf(study.records)) {
        const none = quantity === "unchangedShare" && !counting.has(canonicalJson(summary.point));
        const estimate = none ? null : looked?.estimates[quantity];
        columns[quantity] = estimate?.mean ?? NaN;
        columns[`${quantity}Error`] = estimate?.standardError ?? NaN;
      }
      return { point: summary.point, columns };
    }),
  );
}

/**
 * The learning curves of a study, one row for each evaluation of each run. Axes that a point lacks are
 * null; one called like a column of the frame is beside it: `learningRate` is the rate of the step, and
 * `point.learningRate` the axis. Averages of the weights and costs have columns as in `runsFrame`; `flops` and
 * `tokens` are those up to the evaluation.
 *
 * @param study A study, or its records.
 * @param options.status Only runs that ended so; all when left out.
 * @returns A danfojs frame that a cell shows as a table.
 */
export function curvesFrame(
  study: StudyRecords,
  options: { readonly status?: RunStatus } = {},
): DataFrame {
  const runs = runsOf("curvesFrame", study, options);
  return framePerPoint(
    study.record,
    runs.flatMap((run) =>
      run.curve.map((at) => ({
        point: run.point,
        columns: {
          ...identity(run),
          step: at.step,
          ...costsOf(runs, takenAt(at.step), run),
          ...reading(at, runs),
          ...bitsOf(at, runs),
          ...averagesOf(at, runs),
          penalty: at.penalty,
          learningRate: at.learningRate,
          gradientNorm: at.gradientNorm ?? NaN,
        },
      }))
    ),
  );
}

const ofRuns = { status: orAbsent(oneOf(["completed", "diverged", "failed", "pruned"])) };

function runsOf(subject: string, { record, records }: StudyRecords, options: object): RunRecord[] {
  const { status } = checkOptions(subject, options, ofRuns);
  const runs = byPoint(record, inPlannedOrder(record, currentRuns(record, records)));
  return status === undefined ? runs : runs.filter((run) => run.status === status);
}

/** Runs of a point together, in the order of the study's points. */
function byPoint({ space }: StudyRecord, runs: readonly RunRecord[]): RunRecord[] {
  const places = new Map(space.points.map((point, index) => [canonicalJson(point), index]));
  const place = ({ point }: RunRecord) => places.get(canonicalJson(point)) ?? places.size;
  return runs.toSorted((a, b) => place(a) - place(b));
}

function identity(run: RunRecord): Row {
  return {
    // One type a column: danfojs sorts and groups by it.
    fold: String(run.fold),
    seed: run.seed,
    status: run.status,
  };
}

/**
 * A frame of rows that each belong to a point, whose axes come first. An axis that is called like a
 * column of the frame would be overwritten by it, and gets `point.` before its name.
 */
export function framePerPoint(
  study: StudyRecord,
  rows: readonly { readonly point: JsonObject; readonly columns: Row }[],
): DataFrame {
  const taken = new Set(Object.keys(rows[0]?.columns ?? {}));
  const names = new Map<string, string>();
  for (const axis of new Set(study.space.points.flatMap((point) => Object.keys(point)))) {
    const name = freeName(axis, "point.", taken);
    taken.add(name);
    names.set(axis, name);
  }
  return frameOf(rows.map(({ point, columns }) => ({
    ...Object.fromEntries([...names].map(([axis, name]) => [name, cellOf(point[axis])])),
    ...columns,
  })));
}

function cellOf(value: Json | undefined): Cell {
  if (value === undefined) return null;
  if (typeof value === "number" || typeof value === "boolean") return value;
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** A column for each average of the weights that some of the runs have. */
function averagesOf(at: CurvePoint | null, runs: readonly RunRecord[]): Row {
  return Object.fromEntries(
    averageNames(runs).map((name) => [
      `validationLoss of ${name}`,
      at?.averages?.find(({ weights }) => weights === name)?.heldOutLoss ?? NaN,
    ]),
  );
}

/** Columns of the losses per byte and per character, where some of the runs have them. */
function bitsOf(at: CurvePoint | null, runs: readonly RunRecord[]): Row {
  if (runs.every(({ curve: [first] }) => first?.bitsPerByte === undefined)) return {};
  return { bitsPerByte: at?.bitsPerByte ?? NaN, bitsPerCharacter: at?.bitsPerCharacter ?? NaN };
}

/** Columns of how well models fill in the middle, where some of the runs say it. */
function infillingOf(runs: readonly RunRecord[], { infilling }: RunRecord): Row {
  if (runs.every(({ infilling }) => infilling === undefined)) return {};
  return {
    infillingLoss: infilling?.loss ?? NaN,
    infillingPrefixLoss: infilling?.prefixLoss ?? NaN,
    infillingExactMatch: infilling?.exactMatch ?? NaN,
  };
}

/** Columns of what models of pairs predict and write, where some of the runs say it. */
function pairsOf(runs: readonly RunRecord[], { pairs }: RunRecord): Row {
  if (runs.every(({ pairs }) => pairs === undefined)) return {};
  const scores = writtenScores.filter((score) =>
    runs.some(({ pairs }) => pairs?.written?.[score] !== undefined)
  );
  return {
    pairAccuracy: pairs?.tokenAccuracy ?? NaN,
    ...Object.fromEntries(scores.map((score) => [score, pairs?.written?.[score] ?? NaN])),
  };
}

const writtenScores = ["exactMatch", "editDistance", "chrf", "bleu", "rougeL"] as const;

function averageNames(runs: readonly RunRecord[]): readonly string[] {
  let names = known.get(runs);
  if (names === undefined) {
    const all = runs.flatMap(({ curve }) => curve.flatMap(({ averages = [] }) => averages));
    known.set(runs, names = [...new Set(all.map(({ weights }) => weights))]);
  }
  return names;
}

/** Asked for of every row. */
const known = new WeakMap<readonly RunRecord[], readonly string[]>();

/** Columns of the cost, where some of the runs have one. */
function costsOf(
  runs: readonly RunRecord[],
  read: (run: RunRecord) => TrainingCost | undefined,
  run: RunRecord,
): Row {
  if (runs.every(({ cost }) => cost === undefined)) return {};
  const { flops = null, tokens = NaN, weights = NaN, bytes = NaN } = read(run) ?? {};
  return { flops: flops ?? NaN, tokens, weights, bytes };
}

function takenAt(step: number) {
  return (run: RunRecord): TrainingCost | undefined =>
    run.cost && {
      ...run.cost,
      flops: takenBy(run, "flops", step),
      tokens: takenBy(run, "tokens", step)!,
    };
}

/** All quantities, that of weights that did not change where some run counts them. */
function quantitiesOf(runs: readonly RunRecord[]): readonly Quantity[] {
  const counted = runs.some(({ final }) => final?.unchangedWeights !== undefined);
  return quantities.filter((quantity) => counted || quantity !== "unchangedShare");
}

function reading(at: CurvePoint | null, runs: readonly RunRecord[]): Row {
  const read = (quantity: Quantity) => {
    const none = at === null || quantity === "unchangedShare" && at.comparedWeights === undefined;
    return none ? NaN : readQuantity(at, quantity);
  };
  return Object.fromEntries(quantitiesOf(runs).map((quantity) => [quantity, read(quantity)]));
}
