import type { JsonObject } from "../core/json.ts";
import { checkOptions, integer, number, oneOf, orAbsent, passed } from "../core/options.ts";
import type { StudyRecord } from "../records/study_record.ts";
import { combinedOnOneText, type OnOneText, type OverTexts, overTexts } from "./combine_studies.ts";
import { mean, standardDeviation } from "./estimate.ts";
import { commonRegion, equivalenceRegion } from "./equivalence_region.ts";
import { type HierarchicalT, hierarchicalT } from "./hierarchical_t.ts";
import { views } from "./options.ts";
import { tokensOf } from "./pairing.ts";
import type { EquivalenceRegion } from "./region_of_baseline.ts";
import {
  contrastOf,
  type DifferenceInStudy,
  differenceInStudy,
  type NamedContrast,
  type StudyContrast,
} from "./study_contrast.ts";
import { type LossUnit, lossUnit } from "./study_loss.ts";
import type { StudyRecords } from "./study_records.ts";
import { currentRuns, type View } from "./summarize.ts";

/** Options of `compareStudies` of a list of studies. */
export interface ManyStudiesOptions extends NamedContrast {
  /** An arm that all studies have. */
  readonly arm?: string;
  /** The arm that it is compared with; its declared parent, the same in all, when left out. */
  readonly parent?: string;
  /** A point that all studies have. */
  readonly point?: JsonObject;
  /** The point that it is compared with; each study's baseline when left out. */
  readonly from?: JsonObject;
  /** Where in training; `bestStep` for arms, whose step is then chosen with the point, else `lastStep`. */
  readonly view?: View;
  /**
   * δ above 0, in the unit of the losses: differences from −δ to +δ are too small to matter. For the probabilities of
   * the hierarchical model alone: only a region that the studies declared before their runs, which it must not
   * contradict, gives a verdict of equivalence.
   */
  readonly region?: number;
  /**
   * Of the draws of the hierarchical model; a whole number.
   *
   * @default {1}
   */
  readonly seed?: number;
  /**
   * Kept draws of each of its four chains.
   *
   * @default {5000}
   */
  readonly draws?: number;
}

const described = {
  arm: passed<string | undefined>(),
  parent: passed<string | undefined>(),
  point: passed<JsonObject | undefined>(),
  from: passed<JsonObject | undefined>(),
  view: orAbsent(oneOf(views)),
  region: orAbsent(number({ above: 0 })),
  seed: orAbsent(integer({})),
  draws: orAbsent(integer({ from: 100, to: 1_000_000 })),
};

/** A study among several. */
export interface StudyAmongMany extends DifferenceInStudy {
  /** Name of the study. */
  readonly study: string;
  /** Name of its text. */
  readonly text: string;
}

/** Studies that read the same text, and so are not independent. */
export interface SharedText {
  /** Name of the text. */
  readonly text: string;
  /** Names of the studies, two or more. */
  readonly studies: readonly string[];
  /** Whether some of them read the same stretch of it, or each another one. */
  readonly stretches: "same" | "other";
}

/** How much the studies differ from each other, classically. */
export interface BetweenStudies {
  /** Standard deviation s of their differences. */
  readonly observed: number;
  /** √ of the mean squared standard error of a study: what would be observed if all had one difference. */
  readonly byNoise: number;
  /** √max(0, s² − mean squared standard error): the standard deviation of what the studies estimate (Hedges). */
  readonly beyondNoise: number;
}

/** Several studies by one contrast. */
export interface ManyStudies {
  /** What is compared within each study. */
  readonly contrast: StudyContrast;
  /** Where in training. */
  readonly view: View;
  /** Unit of all differences. */
  readonly unit: LossUnit;
  /** δ of the region of practical equivalence; null where there is none, or it is not known. */
  readonly region: number | null;
  /** The region as all studies declared it, the smallest of theirs; absent where none did. */
  readonly declared?: EquivalenceRegion;
  /** Each study's own difference, in the order in which they were given. */
  readonly studies: readonly StudyAmongMany[];
  /** Texts that several studies read; empty where all studies are of different texts. */
  readonly shared: readonly SharedText[];
  /** Paired t-test over the texts; null where all studies are of one text. */
  readonly overTexts: OverTexts | null;
  /** Mean over the studies fold by fold; null unless all studies have the same folds of one text. */
  readonly onOneText: OnOneText | null;
  /** Standard deviation between studies; null where a study has no interval. */
  readonly between: BetweenStudies | null;
  /** The hierarchical model, which takes studies as independent; `missing` where a study has no test. */
  readonly hierarchical: HierarchicalT | { readonly state: "missing" };
}

/**
 * Several studies by one contrast: each study's own difference, and what they say together. See
 * `compareStudies`, which this is for a list.
 *
 * @param studies From two on.
 * @param options See {@link ManyStudiesOptions}.
 */
export function compareManyStudies(
  studies: readonly StudyRecords[],
  options: ManyStudiesOptions = {},
): ManyStudies {
  const { view: given, region: wanted, seed, draws, ...named } = checkOptions(
    "compareStudies",
    options,
    described,
  );
  const records = studies.map(({ record }) => record);
  checkStudies(records);
  const contrast = contrastOf(records, named);
  const view = given ?? (contrast.kind === "arms" ? "bestStep" : "lastStep");
  const sources = studies.map(({ record, records }) => ({
    record,
    records: currentRuns(record, records),
  }));
  const regions = sources.map(equivalenceRegion);
  const declared = commonRegion(regions);
  if (declared !== undefined && wanted !== undefined) {
    throw new TypeError(
      "compareStudies: region must be left out, since the studies declared one before their runs.",
    );
  }
  const region = declared?.halfWidth ?? wanted ?? null;
  const all = sources.map((source): StudyAmongMany => ({
    study: source.record.name,
    text: source.record.corpus.name,
    ...differenceInStudy(source, contrast, view),
  }));
  const shared = sharedTexts(records);
  return {
    contrast,
    view,
    unit: lossUnit(records[0]),
    region,
    ...(declared && { declared }),
    studies: all,
    shared,
    overTexts: overTexts(records, all, regions),
    onOneText: combinedOnOneText(records, all),
    between: betweenStudies(all),
    hierarchical: all.some(({ sizes }) => sizes === null) ? { state: "missing" } : hierarchicalT(
      all.map(({ difference, sizes }) => ({
        differences: difference.foldDifferences,
        sizes: sizes!,
      })),
      { ...(region !== null && { region }), seed, draws },
    ),
  };
}

function checkStudies(studies: readonly StudyRecord[]): void {
  if (studies.length < 2) {
    throw new RangeError(
      `compareStudies: there must be at least two studies, found ${studies.length}.`,
    );
  }
  const [first, ...others] = studies;
  const names = new Set<string>();
  for (const { name } of studies) {
    if (names.has(name)) {
      throw new RangeError(`compareStudies: studies must be different ones, found ${name} twice.`);
    }
    names.add(name);
  }
  for (const other of others) {
    if (first.select.metric !== other.select.metric) {
      throw new RangeError(
        `compareStudies: losses must be in one unit, found ${lossUnit(first).words} in ` +
          `${first.name} and ${lossUnit(other).words} in ${other.name}.`,
      );
    }
    if (first.select.metric === "validationLoss" && tokensOf(first) !== tokensOf(other)) {
      throw new RangeError(
        "compareStudies: losses per token must be of the same kind of tokens, found other tokenizers " +
          `in ${first.name} and ${other.name}; select by bitsPerByte in both, and they can be compared.`,
      );
    }
  }
}

function sharedTexts(studies: readonly StudyRecord[]): SharedText[] {
  const groups = [...Map.groupBy(studies, ({ corpus }) => corpus.sha256).values()];
  return groups.filter((group) => group.length > 1).map((group) => ({
    text: group[0].corpus.name,
    studies: group.map(({ name }) => name),
    stretches:
      group.some((one, index) => group.slice(index + 1).some((other) => overlaps(one, other)))
        ? "same"
        : "other",
  }));
}

function overlaps(one: StudyRecord, other: StudyRecord): boolean {
  const [a, b] = [one, other].map(({ specifications: [first] }) => {
    const { excerpt = null } = Object(first?.corpus) as {
      readonly excerpt?: { readonly start: number; readonly length: number } | null;
    };
    return excerpt === null ? [0, Infinity] : [excerpt.start, excerpt.start + excerpt.length];
  });
  return a[0] < b[1] && b[0] < a[1];
}

function betweenStudies(studies: readonly StudyAmongMany[]): BetweenStudies | null {
  const tests = studies.map(({ difference }) => difference.test);
  const errors = tests.map((test) => test?.standardError ?? null);
  if (errors.includes(null)) return null;
  const observed = standardDeviation(tests.map((test) => test!.mean));
  const noise = mean(errors.map((error) => error! ** 2));
  return {
    observed,
    byNoise: Math.sqrt(noise),
    beyondNoise: Math.sqrt(Math.max(0, observed ** 2 - noise)),
  };
}
