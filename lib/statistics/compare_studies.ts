import { canonicalJson, type JsonObject } from "../core/json.ts";
import type { RunRecord } from "../records/run_record.ts";
import type { FoldRecord, StudyRecord } from "../records/study_record.ts";
import {
  adjusted,
  comparePaired,
  foldTestOf,
  type PointComparison,
  prunedKeys,
  type Reading,
  readPoint,
  withValues,
} from "./compare.ts";
import { chosenBy } from "./choose_by_fold.ts";
import { equivalencesOf } from "./equivalence.ts";
import { commonRegion, equivalenceRegion } from "./equivalence_region.ts";
import type { EquivalenceRegion } from "./region_of_baseline.ts";
import { foldSizes, widenedForChoice } from "./fold_sizes.ts";
import type { FoldSizes } from "./mean_interval.ts";
import { type NestedChoice, nestedChoice } from "./nested_choice.ts";
import { ruleOfStudy, select } from "./select.ts";
import type { StudyRecords } from "./study_records.ts";
import {
  groupRuns,
  type PointRuns,
  type PointSummary,
  type Quantity,
  summarizeTrials,
  type View,
} from "./summarize.ts";
import { lossUnit } from "./study_loss.ts";
import { tokensOfSpecification } from "./tokens_of_specification.ts";

/** Which runs of two studies stand on the same text and draw the same random numbers. */
export interface Pairing {
  /** Folds with the same training and held-out text in both. */
  readonly folds: readonly number[];
  /** Seeds of both. */
  readonly seeds: readonly number[];
  /** Why not everything is paired, in words; empty when it is. */
  readonly obstacles: readonly string[];
}

/** Two studies held against each other. */
export interface StudyComparison {
  readonly quantity: Quantity;
  readonly view: View;
  readonly pairing: Pairing;
  /** Points of both studies: second minus first, over what is paired; Holm over these. */
  readonly points: readonly PointComparison[];
  /** The point that each study's own rule selects; null when it selects none. */
  readonly selected: readonly [PointSummary | null, PointSummary | null];
  /**
   * What the second study selects minus what the first selects, each chosen for a fold by the other
   * folds alone and scored on it; null when a study selects nothing, or `withheld` says why.
   */
  readonly betweenSelected: Omit<PointComparison, "point" | "key"> | null;
  /** Why what the studies select is not compared, in words; null when it is or nothing is paired. */
  readonly withheld: string | null;
  /** What was chosen for each fold, and the values that were compared. */
  readonly chosen: readonly [NestedChoice, NestedChoice];
  /** Differences too small to matter, as both studies declared them; absent where none did. */
  readonly region?: EquivalenceRegion;
}

/**
 * Compares two studies, paired where folds and seeds agree.
 *
 * Two runs are paired when they have the same seed and folds with the same held-out and training
 * spans of the same text. Differences are averaged over seeds in each fold and tested by the
 * corrected resampled t-test. Where nothing can be paired there is no test.
 *
 * What the studies select is compared by {@link nestedChoice}: two points that were selected on the
 * folds that score them differ by their luck there. The test is widened for choices on other folds
 * ({@link widenedForChoice}), and withheld with fewer than two paired folds, or where a search has
 * pruned points: it did so on all folds.
 *
 * @param first What the second is compared with.
 * @param second The other study.
 * @param options.quantity What is compared; validation loss.
 * @param options.view Where the points are looked at; last step.
 */
export function compareStudies(
  first: StudyRecords,
  second: StudyRecords,
  options: { readonly quantity?: Quantity; readonly view?: View } = {},
): StudyComparison {
  const { quantity = "validationLoss", view = "lastStep" } = options;
  const pairing = pairingOf(first.record, second.record);
  const [a, b] = [first, second].map((source) => readingsOf(source, pairing, quantity, view));
  const compare = (one: PointReadings, other: PointReadings) => {
    const complete = isWhole(one, pairing) && isWhole(other, pairing);
    return comparePaired(other, other.readings, one.readings, complete ? other.sizes : null);
  };
  const points = [...b.values()].flatMap((other) => {
    const one = a.get(other.key);
    return one && pairing.folds.length > 0 ? [compare(one, other)] : [];
  });
  const selected = [first, second].map(({ record, records }) =>
    select(summarizeTrials(record, records), ruleOfStudy(record), view).selected
  ) as [PointSummary | null, PointSummary | null];
  const pruned = new Set([first, second].flatMap(({ record, records }) => [
    ...prunedKeys(summarizeTrials(record, records)),
  ]));
  const withheld = pairing.folds.length === 0 || selected.includes(null)
    ? null
    : reasonNotToCompare(pairing, pruned.size > 0, [first.record, second.record]);
  const chosen = [first, second].map(({ record, records }): NestedChoice =>
    pairing.folds.length === 0 || withheld !== null ? { choices: [], readings: [] } : nestedChoice({
      record: { ...record, seeds: pairing.seeds },
      records,
    }, { folds: pairing.folds, view, quantity })
  ) as [NestedChoice, NestedChoice];
  const region = quantity === "validationLoss"
    ? commonRegion([first, second].map(equivalenceRegion))
    : undefined;
  return {
    quantity,
    view,
    pairing,
    points: adjusted(points, pruned, region),
    selected,
    betweenSelected: compareChosen([first, second], chosen, view, region),
    withheld,
    chosen,
    ...(region && { region }),
  };
}

function reasonNotToCompare(
  { folds }: Pairing,
  isPruned: boolean,
  studies: readonly StudyRecord[],
): string | null {
  if (folds.length < 2 && studies.some((study) => chosenBy(study) === "otherFolds")) {
    return "one paired fold cannot both choose points and score them";
  }
  return isPruned
    ? "a search pruned points on the folds that would score the others, so no fold is left that had " +
      "no part in the choice"
    : null;
}

function compareChosen(
  sources: readonly StudyRecords[],
  chosen: readonly NestedChoice[],
  view: View,
  region: EquivalenceRegion | undefined,
): StudyComparison["betweenSelected"] {
  const [one, other] = chosen.map(({ readings }) => readings);
  if (one.length === 0 || other.length === 0) return null;
  const isChoice = sources.some(({ record }) =>
    chosenBy(record) === "otherFolds" && (record.space.points.length > 1 || view === "bestStep")
  );
  const [{ record, records }] = sources;
  const sizes = foldSizes(record, records.filter(({ fold }) => fold !== "final"));
  const { point: _point, key: _key, ...compared } = comparePaired(
    { point: {}, key: "" },
    other,
    one,
    one.length === other.length ? isChoice ? widenedForChoice(sizes) : sizes : null,
  );
  if (region === undefined) return compared;
  const [equivalence] = equivalencesOf([foldTestOf(compared)], region);
  return withValues(compared, { equivalence });
}

/** What of two studies can be paired, and why the rest cannot. */
function pairingOf(first: StudyRecord, second: StudyRecord): Pairing {
  const obstacles: string[] = [];
  const seeds = first.seeds.filter((seed) => second.seeds.includes(seed));
  if (first.corpus.sha256 !== second.corpus.sha256) {
    obstacles.push(
      `the texts differ (${first.corpus.name} and ${second.corpus.name}), so no run is paired`,
    );
  } else if (first.select.metric !== second.select.metric) {
    obstacles.push(
      `losses are in ${lossUnit(first).words} and in ${
        lossUnit(second).words
      }, so no run is paired`,
    );
  } else if (
    first.select.metric === "validationLoss" &&
    tokensOf(first) !== tokensOf(second)
  ) {
    obstacles.push(
      `${
        partOf(first, "tokenizer") === partOf(second, "tokenizer")
          ? "the tokens are learned from texts of different sizes"
          : "the tokenizers differ"
      }, so folds are other text and losses per token are not comparable`,
    );
  } else if (partOf(first, "corpus") !== partOf(second, "corpus")) {
    obstacles.push("the excerpts of the text differ, so no run is paired");
  }
  const folds = obstacles.length > 0 ? [] : first.folds.filter((fold) => {
    const other = second.folds.find(({ index }) => index === fold.index);
    return other !== undefined && spans(other) === spans(fold);
  }).map(({ index }) => index as number);
  if (obstacles.length === 0 && folds.length < Math.max(first.folds.length, second.folds.length)) {
    obstacles.push(
      `${folds.length} of ${first.folds.length} and ${second.folds.length} folds are the same text`,
    );
  }
  if (seeds.length < Math.max(first.seeds.length, second.seeds.length)) {
    obstacles.push(
      `${seeds.length} of ${first.seeds.length} and ${second.seeds.length} seeds are the same`,
    );
  }
  return seeds.length === 0 || folds.length === 0
    ? { folds: [], seeds: [], obstacles }
    : { folds, seeds, obstacles };
}

function tokensOf({ specifications }: StudyRecord): string {
  return tokensOfSpecification(specifications[0] ?? {});
}

function partOf({ specifications }: StudyRecord, part: string): string {
  return canonicalJson(specifications[0]?.[part] ?? null);
}

function spans({ training, heldOut, unit }: FoldRecord): string {
  const all = [training, heldOut].map((list) => list.map(({ start, end }) => [start, end]));
  return canonicalJson([unit ?? "tokens", ...all]);
}

interface PointReadings {
  readonly point: JsonObject;
  readonly key: string;
  readonly readings: readonly Reading[];
  readonly sizes: FoldSizes;
}

function readingsOf(
  { record, records }: { readonly record: StudyRecord; readonly records: readonly RunRecord[] },
  { folds, seeds }: Pairing,
  quantity: Quantity,
  view: View,
): Map<string, PointReadings> {
  const summaries = new Map(summarizeTrials(record, records).map((each) => [each.key, each]));
  return new Map(
    groupRuns(record, records).filter(hasRuns).map((group) => [group.key, {
      point: group.point,
      key: group.key,
      readings: readPoint(group, summaries.get(group.key)!, quantity, view)
        .filter(({ fold, seed }) => folds.includes(fold) && seeds.includes(seed)),
      sizes: foldSizes(record, group.folds.flat()),
    }]),
  );
}

function hasRuns({ folds }: PointRuns): boolean {
  return folds.flat().length > 0;
}

/** Whether every fold × seed that can be paired has a value. */
function isWhole({ readings }: PointReadings, { folds, seeds }: Pairing): boolean {
  return readings.length === folds.length * seeds.length;
}
