import { checkNumber, checkOneOf, show } from "../core/check.ts";
import { canonicalJson, type JsonObject } from "../core/json.ts";
import { checkOptions } from "../core/options.ts";
import { detectableOf, prunedKeys, readPoint } from "./compare.ts";
import { correctedTTest, type TestResult } from "./corrected_t.ts";
import { type EffectSize, effectSize } from "./effect_size.ts";
import { mean } from "./estimate.ts";
import { type Equivalence, equivalencesOf } from "./equivalence.ts";
import { equivalenceRegion } from "./equivalence_region.ts";
import type { EquivalenceRegion } from "./region_of_baseline.ts";
import { foldSizes } from "./fold_sizes.ts";
import { holm } from "./holm.ts";
import { quantity, view, views } from "./options.ts";
import { type LossUnit, lossUnit } from "./study_loss.ts";
import type { StudyRecords } from "./study_records.ts";
import { groupRuns, type Quantity, summarizeTrials, type View } from "./summarize.ts";
import type { PairedDifference } from "./variance_split.ts";

/** One point of a contrast. */
export interface LinearContrastTerm {
  /** A point of the study. */
  readonly point: JsonObject;
  /** What its value is multiplied by. */
  readonly weight: number;
  /** Where in training it is looked at; as the others of the contrast when left out. */
  readonly view?: View;
}

/** A question asked of several points at once: Σ weight · value, with weights that sum to 0. */
export interface LinearContrast {
  /** What it is called in tables and figures. */
  readonly name: string;
  /** Contrasts of one group are drawn side by side in a panel of that title. */
  readonly group?: string;
  /** At least two. */
  readonly terms: readonly LinearContrastTerm[];
}

/** What a study answers to a contrast. */
export interface LinearContrastResult {
  /** Its name. */
  readonly name: string;
  /** Its group; empty when it has none. */
  readonly group: string;
  /** The points that it compares. */
  readonly terms: readonly LinearContrastTerm[];
  /** Σ weight · value in each fold in which every term has a run, seeds averaged, in the study's order. */
  readonly folds: readonly { readonly fold: number; readonly value: number }[];
  /** The same for each fold and seed. */
  readonly pairs: readonly PairedDifference[];
  /** The corrected resampled t-test of these values; null where a point is not complete. */
  readonly test: TestResult | null;
  /** p-value after Holm's adjustment over all contrasts that were asked together. */
  readonly adjustedPValue: number | null;
  /** Smallest contrast that 80 % of such studies would show, of either sign; null without a test. */
  readonly detectable: number | null;
  /** The values beside their spread over the folds; null where `test` is. */
  readonly effect: EffectSize | null;
  /**
   * Whether it is shown to be smaller than the region that the study declared, null where there is no test, or
   * where it is no difference of two losses: its weights' sizes do not sum to 2. Absent without a region, and of
   * other quantities than the validation loss.
   */
  readonly equivalence?: Equivalence | null;
}

/** Options of {@link linearContrasts}. */
export interface LinearContrastOptions {
  /**
   * What is compared.
   *
   * @default {"validationLoss"}
   */
  readonly quantity?: Quantity;
  /**
   * Where points without a view of their own are looked at.
   *
   * @default {"lastStep"}
   */
  readonly view?: View;
}

const described = { quantity, view };

/** Answers to contrasts that were asked together. */
export interface LinearContrastResults {
  /** What was compared. */
  readonly quantity: Quantity;
  /** That of the study's losses; nats per token when left out. */
  readonly unit?: LossUnit;
  /** Where points without a view of their own were looked at. */
  readonly view: View;
  /** How many contrasts Holm's adjustment counts: those tested, and those of pruned points. */
  readonly family: number;
  /** In the order in which they were asked. */
  readonly contrasts: readonly LinearContrastResult[];
  /** Differences too small to matter; absent where none were declared, and of other quantities than the loss. */
  readonly region?: EquivalenceRegion;
}

/**
 * Tests contrasts between points of a study: what one remedy adds to another, whether two overlap.
 *
 * With yₚ a point's value on one fold × seed, a contrast is c = Σ weight · yₚ. With the points
 * neither, A, B and both of a two by two design, y(both) − y(A) is what B adds besides A, and
 * y(both) − y(A) − y(B) + y(neither) is their interaction: 0 when each adds the same with and without
 * the other, and of the other sign than the effects when they do the same work. All points of a study
 * share initial weights and batches, fold by fold and seed by seed, so c is taken on each fold × seed,
 * averaged over seeds within a fold, and tested over the folds by `correctedTTest`; p-values are
 * adjusted by Holm over all contrasts of the call, so ask together what is read together.
 *
 * @param study A study, or its records.
 * @param contrasts Questions, as `contrast` puts them together, or each with at least two terms whose
 * weights sum to 0 (within 1e-9).
 * @param options See {@link LinearContrastOptions}.
 * @returns One answer a contrast.
 * @throws {RangeError} If a point is not one of the study's, or weights do not sum to 0.
 *
 * @example
 * ```ts
 * import { handStudy } from "./testing/hand_study.ts";
 * import { contrast } from "./contrast.ts";
 * import { linearContrasts } from "./linear_contrasts.ts";
 * import assert from "node:assert/strict";
 * const points = [{ dropout: 0 }, { dropout: 0.5 }];
 * const { study: record, runs: records } = handStudy({
 *   points,
 *   folds: 2,
 *   seeds: [1],
 *   runs: points.flatMap((point) => [0, 1].map((fold) => ({
 *     point, fold, seed: 1, curve: [[10, 1, 2 + fold - point.dropout * (fold + 1)]] as const,
 *   }))),
 * });
 * const { contrasts: [dropout] } = linearContrasts({ record, records }, [
 *   contrast(points[1]).minus(points[0]),
 * ]);
 * assert.deepEqual(dropout.folds, [{ fold: 0, value: -0.5 }, { fold: 1, value: -1 }]);
 * assert.equal(dropout.test!.mean, -0.75);
 * ```
 */
export function linearContrasts(
  { record, records }: StudyRecords,
  contrasts: readonly LinearContrast[],
  options: LinearContrastOptions = {},
): LinearContrastResults {
  const { quantity, view } = checkOptions("linearContrasts", options, described);
  const summaries = new Map(summarizeTrials(record, records).map((each) => [each.key, each]));
  const groups = new Map(groupRuns(record, records).map((each) => [each.key, each]));
  const pruned = prunedKeys([...summaries.values()]);
  const isPruned: boolean[] = [];
  const read = (term: LinearContrastTerm) => {
    const key = canonicalJson(term.point);
    const group = groups.get(key);
    if (!group) {
      throw new RangeError(
        `linearContrasts: points must be points of study ${record.name}, found ${key}.`,
      );
    }
    const summary = summaries.get(key)!;
    const at = checkOneOf("linearContrasts: view", term.view ?? view, views);
    return {
      weight: term.weight,
      readings: readPoint(group, summary, quantity, at),
      runs: group.folds.flat(),
      complete: summary.complete,
      pruned: pruned.has(key),
    };
  };
  const answers = contrasts.map((contrast): LinearContrastResult => {
    checkContrast(contrast);
    const terms = contrast.terms.map(read);
    isPruned.push(terms.some((term) => term.pruned));
    const pairs = record.folds.flatMap(({ index }) =>
      record.seeds.flatMap((seed): PairedDifference[] => {
        const parts = terms.map(({ weight, readings }) => {
          const found = readings.find((each) => each.fold === index && each.seed === seed);
          return found && weight * found.value;
        });
        if (parts.includes(undefined)) return [];
        const difference = parts.reduce<number>((sum, part) => sum + part!, 0);
        return [{ fold: index as number, seed, difference }];
      })
    );
    const folds = [...Map.groupBy(pairs, ({ fold }) => fold)].map(([fold, own]) => ({
      fold,
      value: mean(own.map(({ difference }) => difference)),
    }));
    const values = folds.map(({ value }) => value);
    const sizes = terms.every(({ complete }) => complete)
      ? foldSizes(record, terms.flatMap(({ runs }) => runs))
      : null;
    return {
      name: contrast.name,
      group: contrast.group ?? "",
      terms: contrast.terms,
      folds,
      pairs,
      test: sizes && correctedTTest(values, sizes),
      adjustedPValue: null,
      detectable: null,
      effect: sizes && effectSize(values, { sizes }),
    };
  });
  // A search that pruned a point has compared it too, so its contrasts count as if they had p = 1.
  const pValues = answers.map(({ test }, index) => test?.pValue ?? (isPruned[index] ? 1 : null));
  const adjusted = holm(pValues);
  const family = pValues.filter((each) => each !== null).length;
  const region = quantity === "validationLoss" ? equivalenceRegion({ record, records }) : undefined;
  const equivalences = region && equivalencesOf(
    answers.map(({ test, terms, folds }) => ({
      folds: folds.map(({ fold }) => fold),
      values: folds.map(({ value }) => value),
      test: isDifference(terms) ? test : null,
    })),
    region,
    (index) => pValues[index] !== null,
  );
  return {
    quantity,
    unit: lossUnit(record),
    view,
    family,
    contrasts: answers.map((answer, index) => ({
      ...answer,
      adjustedPValue: answer.test?.pValue == null ? null : adjusted[index],
      detectable: detectableOf(answer.test, family),
      ...(equivalences && { equivalence: equivalences[index] }),
    })),
    ...(region && { region }),
  };
}

/** Whether a contrast subtracts one loss, or weighted mean of losses, from another. */
function isDifference(terms: readonly LinearContrastTerm[]): boolean {
  return Math.abs(terms.reduce((sum, { weight }) => sum + Math.abs(weight), 0) - 2) < 1e-9;
}

function checkContrast({ name, terms }: LinearContrast): void {
  if (terms.length < 2) {
    throw new RangeError(
      `linearContrasts: ${show(name)} must have at least two terms, found ${terms.length}.`,
    );
  }
  const weights = terms.map(({ weight }) => checkNumber("linearContrasts: weight", weight));
  const sum = weights.reduce((total, weight) => total + weight, 0);
  if (Math.abs(sum) > 1e-9) {
    throw new RangeError(
      `linearContrasts: the weights of ${show(name)} must sum to 0, found ${weights.join(", ")}.`,
    );
  }
}
