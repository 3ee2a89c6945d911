import { canonicalJson, type JsonObject } from "../../core/json.ts";
import type { CurvePoint, RunRecord } from "../../records/run_record.ts";
import type { TokenSpan } from "../../records/study_record.ts";
import type { StudyRecords } from "../../statistics/study_records.ts";
import { hasNone, type Remedied, remediesIn, sameElse } from "./truth_remedies.ts";
import { inItsUnit, marginOf } from "./truth_units.ts";
import { bordersOf, sizesOf, type SizeTruth } from "./truth_equivalence.ts";
import {
  average,
  deviation,
  fivePercent,
  holmOf,
  type Mean,
  over,
  twoSided,
} from "./truth_statistics.ts";

/**
 * What the records of a study say, computed by code that shares nothing with the library's: the
 * reader of its sentences compares them with this.
 *
 * @module
 */

/** Where a point is looked at: what its runs kept, or the one step that is best in the fold mean. */
export type Look = "last" | "best";

/** What is read off an evaluation. */
export type Read = "loss" | "training" | "gap" | "zeros" | "near" | "norm" | "unchanged";

const reads: { readonly [name in Read]: (at: CurvePoint) => number } = {
  loss: (at) => at.heldOutLoss,
  training: (at) => at.trainingLoss,
  gap: (at) => at.heldOutLoss - at.trainingLoss,
  zeros: (at) => at.countedWeights === 0 ? 0 : at.exactZeros / at.countedWeights,
  near: (at) => at.countedWeights === 0 ? 0 : at.nearZeros / at.countedWeights,
  norm: (at) => at.weightNorm,
  unchanged: ({ unchangedWeights = 0, comparedWeights = 0 }) =>
    comparedWeights === 0 ? 0 : unchangedWeights / comparedWeights,
};

/** A difference over folds by the corrected resampled t-test. */
export interface Difference {
  readonly mean: number;
  readonly low: number | null;
  readonly high: number | null;
  /** Of the mean, corrected; null where there is no test. */
  readonly error: number | null;
  /** Standard deviation over √K, as if folds were independent; null with one fold. */
  readonly plainError: number | null;
  readonly p: number | null;
  /** After Holm's adjustment over all points that are compared. */
  readonly holm: number | null;
}

/** A point of a study. */
export interface PointTruth extends Remedied {
  readonly point: JsonObject;
  readonly key: string;
  readonly complete: boolean;
  /** Completed runs by fold. */
  readonly runs: readonly (readonly RunRecord[])[];
  /** The step that is best in the fold mean; null where runs share none, or keep their own. */
  readonly bestStep: number | null;
  readonly lastStep: number | null;
  readonly entropy: number | null;
  /** Whether it learned more than counts, in a look. */
  learned(look: Look): boolean;
  mean(read: Read, look: Look): Mean | null;
  /** Mean loss on the tokens that training knows; null where that is not recorded. */
  known(look: Look): number | null;
  /** Held-out loss in the fold mean, at each step that all runs share. */
  course(): number[];
}

const lengthOf = (spans: readonly TokenSpan[]) =>
  spans.reduce((sum, { start, end }) => sum + end - start, 0);

/** What the records of a study say. */
export class Truth {
  readonly points: readonly PointTruth[];
  readonly baseline: PointTruth | null;
  /** Completed runs of the cross-validation, and how the others ended. */
  readonly counts: { readonly [status: string]: number };
  readonly #differences = new Map<string, Map<string, Difference | null>>();

  readonly study: StudyRecords;

  constructor(study: StudyRecords) {
    this.study = inItsUnit(study);
    const { record, records } = this.study;
    const folds = record.folds.map(({ index }) => index);
    this.points = record.space.points.map((point, place) =>
      pointOf(
        point,
        record.specifications[place],
        folds.map((fold) =>
          records.filter((run) =>
            run.fold === fold && canonicalJson(run.point) === canonicalJson(point) &&
            run.status === "completed"
          )
        ),
        { expected: folds.length * record.seeds.length, margin: marginOf(study) },
      )
    );
    const key = record.baseline === null ? null : canonicalJson(record.baseline);
    this.baseline = this.points.find((each) => each.key === key) ?? null;
    const crossed = records.filter(({ fold }) => fold !== "final");
    const expected = this.points.length * folds.length * record.seeds.length;
    const counts: { [status: string]: number } = { missing: expected - crossed.length };
    for (const status of ["completed", "diverged", "failed", "pruned"]) {
      counts[status] = crossed.filter((run) => run.status === status).length;
    }
    this.counts = counts;
  }

  /** All points but the baseline. */
  get others(): PointTruth[] {
    return this.points.filter((each) => each !== this.baseline);
  }

  /** Held-out text over training text of the folds, by their spans. */
  get ratio(): number {
    const { folds } = this.study.record;
    return average(folds.map(({ heldOut }) => lengthOf(heldOut))) /
      average(folds.map(({ training }) => lengthOf(training)));
  }

  /** The corrected 95 % interval of a mean over folds; null with one fold. */
  interval({ mean, folds }: Mean): readonly [number, number] | null {
    if (folds.length < 2) return null;
    const half = fivePercent(folds.length - 1) * deviation(folds) *
      Math.sqrt(1 / folds.length + this.ratio);
    return [mean - half, mean + half];
  }

  /** A point minus the baseline; null where either lacks runs or cannot be read there. */
  difference(point: PointTruth, read: Read, look: Look, baseLook: Look = look): Difference | null {
    const name = `${read} ${look} ${baseLook}`;
    const known = this.#differences.get(name) ?? this.#family(read, look, baseLook);
    this.#differences.set(name, known);
    return known.get(point.key) ?? null;
  }

  #family(read: Read, look: Look, baseLook: Look): Map<string, Difference | null> {
    const { strategy } = this.study.record;
    const { baseline } = this;
    const raw = this.others.map((point) =>
      baseline === null ? null : this.#between(point, baseline, read, look, baseLook)
    );
    const entered = strategy?.kind === "successiveHalving" ? this.others.length : 0;
    const holm = holmOf(raw.map((each) => each?.p ?? null), entered);
    return new Map(
      this.others.map((point, index) => [
        point.key,
        raw[index] === null ? null : { ...raw[index], holm: holm[index] },
      ]),
    );
  }

  /** One point minus another, not adjusted. */
  #between(
    point: PointTruth,
    from: PointTruth,
    read: Read,
    look: Look,
    fromLook: Look,
  ): Difference | null {
    const own = point.complete ? point.mean(read, look) : null;
    const base = from.complete ? from.mean(read, fromLook) : null;
    if (own === null || base === null) return null;
    const values = own.folds.map((value, fold) => value - base.folds[fold]);
    const mean = average(values);
    const plainError = values.length < 2 ? null : deviation(values) / Math.sqrt(values.length);
    const none = { mean, low: null, high: null, error: null, plainError, p: null, holm: null };
    const spread = Math.max(...values) - Math.min(...values);
    const size = Math.max(...own.folds.map(Math.abs), ...base.folds.map(Math.abs));
    if (values.length < 2 || spread <= 1e-12 * size) return none;
    const error = Math.sqrt(1 / values.length + this.ratio) * deviation(values);
    const half = fivePercent(values.length - 1) * error;
    const p = twoSided(mean / error, values.length - 1);
    return { mean, low: mean - half, high: mean + half, error, plainError, p, holm: null };
  }

  /** Points with a remedy against those without that are the same in all else, adjusted together. */
  matched(): { point: PointTruth; from: PointTruth; difference: Difference | null }[] {
    return this.#pairs(
      this.points.filter((each) => !hasNone(each)),
      (point) => this.points.find((each) => hasNone(each) && sameElse(each, point)),
    );
  }

  /** Points with a teacher against those that are the same without one, adjusted together. */
  taught(): { point: PointTruth; from: PointTruth; difference: Difference | null }[] {
    const without = ({ specification }: PointTruth) =>
      JSON.stringify(specification, (key, value) => key === "teacher" ? undefined : value);
    return this.#pairs(
      this.points.filter(isTaught),
      (point) => this.points.find((each) => !isTaught(each) && without(each) === without(point)),
    );
  }

  #pairs(
    points: readonly PointTruth[],
    fromOf: (point: PointTruth) => PointTruth | undefined,
  ): { point: PointTruth; from: PointTruth; difference: Difference | null }[] {
    const pairs = points.flatMap((point) => {
      const from = fromOf(point);
      return from === undefined
        ? []
        : [{ point, from, difference: this.#between(point, from, "loss", "last", "last") }];
    });
    const holm = holmOf(pairs.map(({ difference }) => difference?.p ?? null), 0);
    return pairs.map(({ point, from, difference }, index) => ({
      point,
      from,
      difference: difference === null ? null : { ...difference, holm: holm[index] },
    }));
  }

  /** The border of the declared region on each fold; null where none was declared, or it is not known. */
  get borders(): readonly number[] | null {
    const { baseline } = this;
    if (baseline !== null && stopsEarly(baseline.specification)) return null;
    const at = (look: Look) => baseline?.complete ? baseline.mean("loss", look) : null;
    return bordersOf(this.study.record, at("last"), at("best"));
  }

  /** Whether a point's loss minus the baseline's lies in the declared region; null without a test. */
  size(point: PointTruth, look: Look, baseLook: Look): SizeTruth | null {
    const { others, baseline } = this;
    const values = others.map((each) =>
      this.difference(each, "loss", look, baseLook)?.p == null
        ? null
        : each.mean("loss", look)!.folds.map((loss, fold) =>
          loss - baseline!.mean("loss", baseLook)!.folds[fold]
        )
    );
    const entered = this.study.record.strategy?.kind === "successiveHalving" ? others.length : 0;
    return sizesOf(values, this.borders, this.ratio, entered)[others.indexOf(point)] ?? null;
  }

  /** A point minus the baseline in each fold where both have completed runs, over their seeds. */
  byFold(point: PointTruth, read: Read, look: Look): number[] {
    const { baseline } = this;
    if (baseline === null) return [];
    const at = (of: PointTruth, run: RunRecord) => {
      const evaluation = look === "last" || of.bestStep === null
        ? keptOf(run, of.specification)
        : run.curve.find(({ step }) => step === of.bestStep);
      return reads[read](evaluation!);
    };
    return point.runs.flatMap((runs, fold) => {
      const pairs = runs.flatMap((run) =>
        baseline.runs[fold].filter(({ seed }) => seed === run.seed).map((other) =>
          at(point, run) - at(baseline, other)
        )
      );
      return pairs.length === 0 ? [] : [average(pairs)];
    });
  }

  /** Scores on the final block, by seed; null where a refit is missing or has no evaluation there. */
  final(point: PointTruth, look: Look): { loss: number; training: number; count: number } | null {
    const refits = this.study.records.filter((run) =>
      run.fold === "final" && run.status === "completed" && canonicalJson(run.point) === point.key
    );
    const at = refits.map((run) =>
      this.study.record.refits === "chosenStep" && stopsEarly(point.specification)
        ? run.final
        : look === "last"
        ? keptOf(run, point.specification)
        : run.curve.find(({ step }) => step === point.bestStep)
    ).filter((each) => each !== undefined && each !== null);
    if (at.length === 0 || at.length < refits.length) return null;
    return {
      loss: average(at.map((each) => each.heldOutLoss)),
      training: average(at.map((each) => each.trainingLoss)),
      count: at.length,
    };
  }
}

function stopsEarly(specification: JsonObject): boolean {
  return ((specification.training as JsonObject)?.earlyStopping ?? null) !== null;
}

/** The evaluation of what a run kept: with early stopping its best, else its last. */
function keptOf(run: RunRecord, specification: JsonObject): CurvePoint | null {
  return stopsEarly(specification) ? run.best : run.final;
}

function pointOf(
  point: JsonObject,
  specification: JsonObject,
  runs: readonly (readonly RunRecord[])[],
  { expected, margin }: { readonly expected: number; readonly margin: number },
): PointTruth {
  const all = runs.flat();
  const stops = stopsEarly(specification);
  const steps = all.length === 0
    ? []
    : all[0].curve.map(({ step }) => step).filter((step) =>
      all.every(({ curve }) => curve.some((at) => at.step === step))
    );
  const chosenBy = (step: number) =>
    over(runs.map((fold) =>
      fold.map(({ curve }) => {
        const at = curve.find((each) => each.step === step)!;
        return at.choosingLoss ?? at.heldOutLoss;
      })
    ))!.mean;
  const bestStep = stops || steps.length === 0
    ? null
    : steps.reduce((best, step) => chosenBy(step) < chosenBy(best) ? step : best, steps[0]);
  const lastSteps = new Set(all.map((run) => keptOf(run, specification)?.step));
  const mean = (read: Read, look: Look): Mean | null => {
    if (look === "best" && !stops && bestStep === null) return null;
    return over(runs.map((fold) =>
      fold.map((run) => {
        const at = look === "last" || stops
          ? keptOf(run, specification)!
          : run.curve.find(({ step }) => step === bestStep)!;
        return reads[read](at);
      })
    ));
  };
  const entropies = runs.filter((fold) => fold.length > 0).map((fold) =>
    average(fold.map(({ tokens }) => tokens.unigramEntropy))
  );
  const entropy = entropies.length === 0 ? null : average(entropies);
  return {
    point,
    key: canonicalJson(point),
    specification,
    remedies: remediesIn(specification),
    complete: all.length === expected,
    runs,
    bestStep,
    lastStep: lastSteps.size === 1 ? [...lastSteps][0] ?? null : null,
    entropy,
    course: () =>
      steps.map((step) =>
        over(
          runs.map((fold) =>
            fold.map(({ curve }) => curve.find((at) => at.step === step)!.heldOutLoss)
          ),
        )!.mean
      ),
    known: (look) => {
      const values = runs.flatMap((fold) =>
        fold.map((run) =>
          (look === "last" || stops
            ? keptOf(run, specification)!
            : run.curve.find(({ step }) => step === bestStep)!).knownHeldOutLoss
        )
      ).filter((each) => each !== undefined);
      return values.length === 0 ? null : average(values);
    },
    learned: (look) => entropy !== null && (mean("training", look)?.mean ?? 9) <= entropy - margin,
    mean,
  };
}

/** Whether a point learns from a teacher. */
export function isTaught({ specification }: Pick<PointTruth, "specification">): boolean {
  const { training } = specification as { training?: { teacher?: object | null } };
  return (training?.teacher ?? null) !== null;
}
