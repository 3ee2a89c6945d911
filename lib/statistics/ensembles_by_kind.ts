import { canonicalJson, type JsonObject } from "../core/json.ts";
import { perplexity } from "../core/perplexity.ts";
import type { EnsembleSummary } from "../records/run_record.ts";
import { costsByPoint } from "./costs_by_point.ts";
import { type EnsembleResult, ensembleResults } from "./ensemble_result.ts";
import { mean } from "./estimate.ts";
import type { StudyRecords } from "./study_records.ts";
import { summarizeTrials } from "./summarize.ts";

/** Ensembles of one point, seeds and mean over the folds of a study; losses in the study's unit. */
export interface EnsembleKind {
  /** Point of the members. */
  readonly point: JsonObject;
  /** Seeds of the runs whose weights are its members. */
  readonly seeds: readonly number[];
  /** What is averaged at each token. */
  readonly mean: EnsembleSummary["mean"];
  /** Whether its members are snapshots of the runs' trainings, and not what those ended with. */
  readonly snapshots: boolean;
  /** Folds that it was measured on. */
  readonly folds: number;
  /** Mean over these folds. */
  readonly validationLoss: number;
  /** exp of the mean cross-entropy per token over these folds. */
  readonly perplexity: number;
  /** Mean over the folds of the runs' own mean losses. */
  readonly memberLoss: number;
  /** Loss on the final block; null where its members were not refit. */
  readonly finalLoss: number | null;
  /** The largest over the folds; vocabularies and numbers of snapshots may differ. */
  readonly size: EnsembleResult["size"];
  /** Means over the folds; null where one is not known. */
  readonly cost: EnsembleResult["cost"];
  /** A point whose single model took as many operations; null where the study has none. */
  readonly single: SingleModel | null;
}

/** A point of a study that is compared with an ensemble of the same cost. */
export interface SingleModel {
  /** Point of the search space. */
  readonly point: JsonObject;
  /** Mean over the folds of means over seeds, of the weights that runs kept. */
  readonly validationLoss: number;
  /** Operations of one training, mean over the runs. */
  readonly flops: number;
}

/** How far apart two costs may be to be called the same, as a share of the ensemble's. */
const sameCost = 0.1;

/**
 * The ensembles of a study, one for each point, seeds and mean: means over the folds that it was measured
 * on, beside the mean of its members and the point whose single model comes nearest to its cost, within a
 * tenth.
 *
 * @param study A study, or its records. Ensembles that failed are left out.
 */
export function ensemblesByKind(study: StudyRecords): EnsembleKind[] {
  const resultOf = ensembleResults(study);
  const kinds = new Map<string, EnsembleResult[]>();
  for (const record of study.ensembles ?? []) {
    if (record.status !== "completed") continue;
    const { point, ensemble } = record;
    const { seeds, mean, snapshots } = ensemble!;
    const key = canonicalJson({ point, seeds, mean, snapshots: snapshots !== undefined });
    kinds.set(key, [...kinds.get(key) ?? [], resultOf(record)]);
  }
  const singles = kinds.size === 0 ? [] : singleModels(study);
  return [...kinds.values()].flatMap((results) => {
    const folds = results.filter(({ fold }) => fold !== "final");
    if (folds.length === 0) return [];
    const final = results.find(({ fold }) => fold === "final");
    const [{ point, seeds, mean: averaged, snapshots }] = folds;
    const validationLoss = mean(folds.map((each) => each.validationLoss));
    const cost = {
      steps: mean(folds.map(({ cost }) => cost.steps)),
      tokens: meanOrNull(folds.map(({ cost }) => cost.tokens)),
      flops: meanOrNull(folds.map(({ cost }) => cost.flops)),
    };
    const most = (key: keyof EnsembleResult["size"]) =>
      Math.max(...folds.map(({ size }) => size[key]));
    return [{
      point,
      seeds,
      mean: averaged,
      snapshots: snapshots !== undefined,
      folds: folds.length,
      validationLoss,
      perplexity: perplexity(mean(folds.map(({ record }) => record.final!.heldOutLoss))),
      memberLoss: mean(folds.map((each) => each.memberLoss)),
      finalLoss: final?.validationLoss ?? null,
      size: { members: most("members"), weights: most("weights"), bytes: most("bytes") },
      cost,
      single: nearest(singles, point, cost.flops),
    }];
  });
}

function singleModels(study: StudyRecords): SingleModel[] {
  const losses = new Map(
    summarizeTrials(study.record, study.records).flatMap(({ key, complete, lastStep }) =>
      complete && lastStep !== null ? [[key, lastStep.estimates.validationLoss.mean] as const] : []
    ),
  );
  return costsByPoint(study).flatMap(({ point, flops }) => {
    const validationLoss = losses.get(canonicalJson(point));
    return flops === null || validationLoss === undefined ? [] : [{ point, validationLoss, flops }];
  });
}

/** By its cost alone: the lowest loss of several would be chosen by that loss. */
function nearest(
  singles: readonly SingleModel[],
  point: JsonObject,
  flops: number | null,
): SingleModel | null {
  if (flops === null) return null;
  const away = (single: SingleModel) => Math.abs(single.flops - flops);
  const own = canonicalJson(point);
  const [first] = singles.filter((single) =>
    away(single) <= sameCost * flops && canonicalJson(single.point) !== own
  ).sort((a, b) => away(a) - away(b));
  return first ?? null;
}

function meanOrNull(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length < values.length ? null : mean(known);
}

/** An ensemble in words, without its point: `3 runs, mean of probabilities`. */
export function ensembleInWords(
  { seeds, mean, snapshots, size }: Pick<EnsembleKind, "seeds" | "mean" | "snapshots" | "size">,
): string {
  const runs = `${seeds.length} ${seeds.length === 1 ? "run" : "runs"}`;
  const members = snapshots ? `${size.members} snapshots of ${runs}` : runs;
  return `${members}, mean of ${mean}`;
}
