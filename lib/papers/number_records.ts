import { entryOf } from "../core/entry_of.ts";
import { hashJson, type JsonObject } from "../core/json.ts";
import { parameterCount } from "../records/parameter_count.ts";
import type { RunRecord } from "../records/run_record.ts";
import type { StudyRecord } from "../records/study_record.ts";
import { recordsHash } from "../reports/provenance_section.ts";
import { specificationOf } from "../statistics/axis_roles.ts";
import { findings } from "../statistics/findings.ts";
import { formatPoint, listInWords } from "../statistics/format.ts";
import { lossUnit } from "../statistics/study_loss.ts";
import type { StudyRecords } from "../statistics/study_records.ts";
import { currentRuns, inPlannedOrder } from "../statistics/summarize.ts";
import type { FormattedNumber } from "../statistics/trace_numbers.ts";
import { trainingFlops } from "../statistics/training_flops.ts";
import { significanceLevel } from "../statistics/verdict.ts";

/** A file of records, or what is computed from it, in which the numbers of an article are looked for. */
export interface NumberSource {
  /** File with what is read there, such as `runs.jsonl`. */
  readonly file: string;
  /** SHA-256 of the records in it; of the rules of this library its version. */
  readonly digest: string;
  /** The data. */
  readonly data: unknown;
}

/**
 * Where the numbers of a study's article come from: its definition, what is computed from its runs, and
 * the runs themselves, in the order in which they are looked through.
 *
 * @param source The study's records.
 * @param computed Results beside the findings that the article speaks of.
 * @param folder Prefix of the file names, where an article has several studies.
 */
export function numberSources(
  { record, records, ensembles = [] }: StudyRecords,
  computed: { readonly [name: string]: unknown } = {},
  folder = "",
): NumberSource[] {
  const runs = inPlannedOrder(record, currentRuns(record, records));
  const study = { file: `${folder}study.json`, digest: hashJson(record) };
  const journal = { file: `${folder}runs.jsonl`, digest: recordsHash(runs) };
  const { study: _, ...found } = findings(record, runs);
  return [
    { ...study, data: { ...record, derived: derived(record) } },
    { ...journal, data: { ...found, ...computed } },
    { ...journal, data: { totals: totals(record, runs), runs } },
    ...(ensembles.length === 0 ? [] : [{
      file: `${folder}ensembles.jsonl`,
      digest: recordsHash(ensembles),
      data: { ensembles },
    }]),
    {
      file: "the rules of Parsimony",
      digest: record.provenance.parsimony,
      data: { limits: { ...lossUnit(record), significanceLevel } },
    },
  ];
}

/**
 * The same of a paper's studies; what compares them belongs to the records of all.
 *
 * @param studies One study, or those that are compared.
 * @param compared Results of the comparison; nothing of one study.
 */
export function paperSources(
  studies: readonly StudyRecords[],
  compared: unknown,
): NumberSource[] {
  if (studies.length === 1) return numberSources(studies[0]);
  const journals = studies.map(({ record }) => `${record.name}/runs.jsonl`);
  const others = listInWords(journals.slice(0, -1));
  return studies.flatMap((study, index) =>
    numberSources(
      study,
      index === studies.length - 1 ? { [`compared with ${others}`]: compared } : {},
      `${study.record.name}/`,
    )
  );
}

/** What follows from a definition by counting. */
function derived({ space, folds, seeds }: StudyRecord): JsonObject {
  const points = space.points.length;
  return {
    "points × folds × seeds": points * folds.length * seeds.length,
    "folds × seeds": folds.length * seeds.length,
    "folds − 1": folds.length - 1,
  };
}

/** What a report says of all runs together. */
function totals(
  study: StudyRecord,
  runs: readonly RunRecord[],
): { readonly [sum: string]: number } {
  const hours = runs.reduce((sum, { durationSeconds }) => sum + durationSeconds, 0) / 3600;
  const operations = runs.flatMap((run) => {
    const specification = specificationOf(study, run.point);
    return specification === undefined ? [] : trainingFlops(specification, run) ?? [];
  }).reduce((sum, each) => sum + each, 0);
  const refits = runs.filter(({ fold }) => fold === "final").length;
  const sizes = runs.filter(({ parameters }) => parameters.length > 0)
    .map(({ parameters }) => parameterCount(parameters));
  return {
    "runs on the folds": runs.length - refits,
    refits,
    "hours of runs[].durationSeconds": hours,
    "minutes of runs[].durationSeconds": hours * 60,
    "seconds of runs[].durationSeconds": hours * 3600,
    "operations of all runs, from runs[].parameters and study.json": operations,
    "fewest parameters of a run, from runs[].parameters": Math.min(...sizes),
    "most parameters of a run, from runs[].parameters": Math.max(...sizes),
  };
}

/**
 * Texts of a study that may have digits, such as its name, licences and processors: their digits are no
 * numbers of an article.
 *
 * @param study The study's record.
 */
export function namesOf(study: StudyRecord): string[] {
  const names = new Set<string>();
  const step = (value: unknown) => {
    if (typeof value === "string") {
      if (/\d/.test(value) && /\p{L}/u.test(value)) names.add(value);
    } else if (value !== null && typeof value === "object") {
      for (const [name, each] of Object.entries(value)) {
        step(name);
        step(each);
      }
    }
  };
  step(study);
  return [...names];
}

/** Where a number was found. */
export interface NumberRecord {
  readonly source: NumberSource;
  /** Its place in the data, such as `summaries[λ = 0.001].lastStep.estimates.validationLoss.mean`. */
  readonly path: string;
}

/**
 * Finds the records that numbers are. A number that is no whole one, or a large one, is known by all its
 * digits; of small whole ones the place must be named like what they count. What is found nowhere is tried as the
 * difference of two means.
 *
 * @param numbers What is looked for.
 * @param sources Where, those first that say most.
 * @returns A record for each number, in their order; null for one that is in no record as it is.
 */
export function findRecords(
  numbers: readonly FormattedNumber[],
  sources: readonly NumberSource[],
): (NumberRecord | null)[] {
  const wanted = new Map<number, number[]>();
  for (const [index, { value }] of numbers.entries()) {
    if (!Number.isFinite(value)) continue;
    // What is said as "0.01 below" is stored as −0.01.
    for (const each of new Set([value, -value])) {
      wanted.set(each, [...wanted.get(each) ?? [], index]);
    }
  }
  const found: ({ readonly record: NumberRecord; readonly named: boolean } | undefined)[] = [];
  const means: Mean[] = [];
  for (const source of sources) {
    walk(source.data, (value, places) => {
      const indexes = wanted.get(value);
      if (isMean(places) && !Number.isInteger(value)) {
        means.push({ value, source, places: [...places] });
      }
      for (const index of indexes ?? []) {
        if (found[index]?.named) continue;
        const named = isNamed(numbers[index], places);
        if (!named && (found[index] !== undefined || !tellsItself(value))) continue;
        found[index] = { record: { source, path: pathOf(places) }, named };
      }
    });
  }
  const difference = differences(means);
  return numbers.map(({ value }, index) =>
    found[index]?.record ?? (tellsItself(value) ? difference(value) : null)
  );
}

/** Whether a number has so many digits that it is found by them alone. */
function tellsItself(value: number): boolean {
  return !Number.isInteger(value) && String(value).length > 6 || Math.abs(value) >= 1000;
}

/** Places of what a sentence counts by a noun; a count of anything else is one of its sentence. */
const counted: { readonly [noun: string]: RegExp } = {
  fold: /^folds \(how many\)$/,
  seed: /^seeds \(how many\)$/,
  point: /^space\.points \(how many\)$/,
  setting: /^space\.points \(how many\)$/,
  arm: /^space\.arms \(how many\)$/,
  way: /^space\.arms \(how many\)$/,
  token: /^corpus\.tokens$/,
  byte: /^corpus\.bytes$/,
  pair: /^corpus\.pairs$/,
  core: /^provenance\.cores$/,
  degree: /^derived\.folds − 1$/,
  run: /^derived\..*seeds$|^counts\.|^totals\.runs/,
  refit: /^totals\.refits$/,
  hour: /^totals\.hours/,
  minute: /^totals\.minutes/,
  second: /^totals\.seconds/,
  parameter: /^totals\./,
  completed: /^counts\.completed$/,
  diverged: /^counts\.diverged$/,
  failed: /^counts\.failed$/,
  missing: /^counts\.missing$/,
  pruned: /^counts\.pruned$/,
};

function isNamed({ counts, of }: FormattedNumber, places: readonly string[]): boolean {
  if (counts !== null && entryOf(counted, counts)?.test(pathOf(places))) return true;
  if (of === null || places.at(-1) === howMany) return false;
  // A penalty is named by its kind, and its strength is what is said of it.
  if (/^(decay|lasso|L1|L2|norm|smoothing|regularization)$/.test(of)) {
    return places.at(-1) === "strength";
  }
  const name = of.toLowerCase();
  return places.slice(-3).filter((place) => !place.startsWith("[")).slice(-2)
    .some((place) => place.toLowerCase().replace(/s$/, "").endsWith(name.replace(/s$/, "")));
}

/** What an array is as a number. */
const howMany = "(how many)";

/** Visits every number in plain data, each object once, and the length of every list. */
function walk(
  data: unknown,
  visit: (value: number, places: readonly string[]) => void,
): void {
  const places: string[] = [];
  const seen = new Set<object>();
  const step = (value: unknown) => {
    if (typeof value === "number") return visit(value, places);
    if (value === null || typeof value !== "object" || seen.has(value)) return;
    seen.add(value);
    if (Array.isArray(value)) {
      within(howMany, value.length);
      for (const [index, each] of value.entries()) within(labelOf(each, index), each);
    } else {
      for (const [name, each] of Object.entries(value)) within(name, each);
    }
  };
  const within = (place: string, value: unknown) => {
    places.push(place);
    step(value);
    places.pop();
  };
  step(data);
}

/** A place in a list by what stands there. */
function labelOf(value: unknown, index: number): string {
  if (value === null || typeof value !== "object") return `[${index}]`;
  const { point, fold, seed, name, index: number, step } = value as JsonObject;
  const words = [
    ...(isObject(point) ? [formatPoint(point)] : []),
    ...(fold === undefined ? [] : [`fold ${fold}`]),
    ...(seed === undefined || isObject(seed) ? [] : [`seed ${seed}`]),
    ...(typeof name === "string" ? [name] : []),
    ...(number === undefined || isObject(number) ? [] : [`${number}`]),
    ...(typeof step === "number" && point === undefined ? [`step ${step}`] : []),
  ];
  return `[${words.join(", ") || index}]`;
}

function isObject(value: unknown): value is JsonObject {
  return value !== null && typeof value === "object" && !Array.isArray(value);
}

function pathOf(places: readonly string[]): string {
  return places.map((place, index) =>
    index === 0 || place.startsWith("[") ? place : place === howMany ? ` ${place}` : `.${place}`
  ).join("");
}

/** A mean that sentences may subtract from another. */
interface Mean {
  readonly value: number;
  readonly source: NumberSource;
  readonly places: readonly string[];
}

/** The quantity of a mean; the loss of a final block is one. */
function nameOfMean(places: readonly string[]): string {
  return places.at(-1) === "mean" ? places.at(-2)! : places.at(-1)!;
}

function isMean(places: readonly string[]): boolean {
  return /^(mean|loss)$/.test(places.at(-1)!);
}

/** Finds two means of one quantity whose difference is a number to its last bit. */
function differences(means: readonly Mean[]): (value: number) => NumberRecord | null {
  const groups = [...Map.groupBy(means, ({ places }) => nameOfMean(places)).values()]
    .map((group) => group.toSorted((a, b) => a.value - b.value));
  return (value) => {
    for (const group of groups) {
      for (const first of group) {
        const second = nearest(group, first.value - Math.abs(value));
        if (first.value - second.value !== Math.abs(value)) continue;
        const [a, b] = value < 0 ? [second, first] : [first, second];
        return { source: a.source, path: `${pathOf(a.places)} − ${pathOf(b.places)}` };
      }
    }
    return null;
  };
}

function nearest(sorted: readonly Mean[], value: number): Mean {
  let [low, high] = [0, sorted.length - 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle].value < value) low = middle + 1;
    else high = middle;
  }
  const before = sorted[Math.max(0, low - 1)];
  return Math.abs(before.value - value) < Math.abs(sorted[low].value - value)
    ? before
    : sorted[low];
}
