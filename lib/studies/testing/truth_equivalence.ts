import type { Json } from "../../core/json.ts";
import type { StudyRecord } from "../../records/study_record.ts";
import type { Mean } from "./truth_statistics.ts";
import { average, deviation, holmOf, twoSided } from "./truth_statistics.ts";

/** Whether a difference lies in a region, computed by code that shares nothing with the library's. */
export interface SizeTruth {
  /** Mean of the borders over the folds. */
  readonly width: number;
  /** The larger p-value of the two one-sided tests. */
  readonly p: number;
  /** After Holm. */
  readonly holm: number;
  /** Of lying in the region, after the data. */
  readonly probability: number;
}

/** P(T below t) for Student's t. */
function below(t: number, degrees: number): number {
  const both = twoSided(t, degrees);
  return t < 0 ? both / 2 : 1 - both / 2;
}

/** What a study declared: one border, or a share of what stopping early gains. */
export function declaredIn({ equivalence }: StudyRecord): { border?: number; share?: number } {
  const given = (equivalence ?? {}) as { readonly [name: string]: Json };
  return {
    border: (given.nats ?? given.bits) as number | undefined,
    share: given.shareOfEarlyStopping as number | undefined,
  };
}

/** The border of each fold, given the losses at the last step and at the best one; null where it is not known. */
export function bordersOf(
  study: StudyRecord,
  last: Mean | null,
  best: Mean | null,
): readonly number[] | null {
  const { border, share } = declaredIn(study);
  if (border !== undefined) return study.folds.map(() => border);
  if (share === undefined || last === null || best === null) return null;
  const gains = last.folds.map((loss, fold) => share * (loss - best.folds[fold]));
  return average(gains) > 0 ? gains : null;
}

/**
 * Sizes of differences that are judged together.
 *
 * @param all Differences of the folds, null where there is no test.
 * @param borders What {@link bordersOf} gave.
 * @param ratio What stands for the dependence of the folds.
 * @param entered How many count in Holm's adjustment, if more than have a test.
 */
export function sizesOf(
  all: readonly (readonly number[] | null)[],
  borders: readonly number[] | null,
  ratio: number,
  entered: number,
): (SizeTruth | null)[] {
  const raw = all.map((values) => {
    if (values === null || borders === null) return null;
    const tail = (sign: number) => {
      const distances = values.map((each, fold) => borders[fold] + sign * each);
      const error = Math.sqrt(1 / values.length + ratio) * deviation(distances);
      return 1 - below(average(distances) / error, values.length - 1);
    };
    const [low, high] = [tail(1), tail(-1)];
    return { width: average(borders), p: Math.max(low, high), probability: 1 - low - high };
  });
  const holm = holmOf(raw.map((each) => each?.p ?? null), entered);
  return raw.map((each, index) => each === null ? null : { ...each, holm: holm[index]! });
}
