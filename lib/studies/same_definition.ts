import { show } from "../core/check.ts";
import { canonicalJson, hashJson, type Json } from "../core/json.ts";
import { counted } from "../statistics/format.ts";
import type { StudyRecord } from "../records/study_record.ts";
import { readsHeldOut } from "./plan/refits.ts";
import { strategyOf } from "./search/kinds.ts";

/** What a study is, without where and when it was run. */
export type StudyDefinition = Omit<
  StudyRecord,
  "schemaVersion" | "definitionHash" | "createdAt" | "provenance" | "resumedWith"
>;

/** SHA-256 of a study's definition, without what it does not have; its name is not part of it. */
export function definitionHash(definition: StudyDefinition): string {
  const { space, strategy, specifications, folds, finalFold, seeds } = definition;
  const { select, baseline, roles, refits, ensembles, equivalence, corpus, engine } = definition;
  return hashJson({
    space,
    ...(strategy === undefined ? {} : { strategy }),
    specifications,
    folds,
    finalFold,
    seeds,
    select,
    baseline,
    ...(roles === undefined ? {} : { roles }),
    ...(refits === undefined ? {} : { refits }),
    ...(ensembles === undefined ? {} : { ensembles }),
    ...(equivalence === undefined ? {} : { equivalence }),
    corpus,
    engine,
  });
}

/** What of a stored study nobody named, and so follows its points. */
export interface FilledIn {
  /** The baseline was found, not named. */
  readonly baseline: boolean;
  /** The axes of the rule are those of the points. */
  readonly axes: boolean;
}

/** Parts of a definition that stay as they are. */
const parts = [
  "engine",
  "corpus",
  "finalFold",
  "select",
  "baseline",
  "roles",
  "equivalence",
] as const;

const named: FilledIn = { baseline: false, axes: false };

/**
 * A definition with the rule for refits of the stored one, which stays what it was when a study was defined:
 * other refits would be other runs.
 */
export function withStoredRefits(
  stored: StudyDefinition | null,
  definition: StudyDefinition,
): StudyDefinition {
  if (!stored?.specifications.some(readsHeldOut)) return definition;
  const { refits: _, ...rest } = definition;
  return stored.refits === undefined ? rest : { ...rest, refits: stored.refits };
}

/**
 * Says what makes a definition another study than the stored one.
 *
 * A study may grow: points, folds, seeds and ensembles that were not there are no difference, as long as
 * everything that was there still is, unchanged; so is another count of points of a Bayesian search.
 * Everything else that runs or their selection
 * depend on is one: the specification of a point, the spans of a fold, the final block, the corpus,
 * the engine, the strategy, the selection rule, the baseline, the roles of axes, the region of equivalence; and leaving out a point,
 * fold or seed. A baseline and axes that were filled in follow the points: comparisons change, runs do
 * not.
 *
 * @param stored What `study.json` holds.
 * @param wanted What is asked for now.
 * @param filledIn What was named by nobody; nothing by default.
 * @returns One line a difference; none when the stored study may be resumed or grow.
 */
export function differences(
  stored: StudyDefinition,
  wanted: StudyDefinition,
  filledIn: FilledIn = named,
): string[] {
  const found: string[] = [];
  const select = filledIn.axes ? { ...wanted.select, axes: stored.select.axes } : wanted.select;
  const baseline = filledIn.baseline ? stored.baseline : wanted.baseline;
  const followed: StudyDefinition = { ...wanted, select, baseline };
  for (const part of parts) {
    found.push(...differencesOf(part, stored[part] as Json, followed[part] as Json));
  }
  found.push(
    ...differencesOf("strategy", strategyThatStays(stored), strategyThatStays(wanted)),
  );
  found.push(...differencesOf("arms", armsByName(stored), armsByName(stored, wanted)));
  const specifications = new Map(
    wanted.space.points.map((point, index) => [canonicalJson(point), wanted.specifications[index]]),
  );
  for (const [index, point] of stored.space.points.entries()) {
    const key = canonicalJson(point);
    const specification = specifications.get(key);
    if (specification === undefined) found.push(`point ${key} is stored, and not asked for now`);
    else {
      const subject = `point ${key}: `;
      found.push(...differencesOf(subject, stored.specifications[index], specification));
    }
  }
  for (const fold of stored.folds) {
    const other = wanted.folds.find(({ index }) => index === fold.index);
    if (other === undefined) found.push(`fold ${fold.index} is stored, and not asked for now`);
    else if (canonicalJson(other) !== canonicalJson(fold)) {
      found.push(
        `fold ${fold.index} has other spans: ${whole(fold.heldOut as unknown as Json)}, now ${
          whole(other.heldOut as unknown as Json)
        }`,
      );
    }
  }
  for (const seed of stored.seeds) {
    if (!wanted.seeds.includes(seed)) found.push(`seed ${seed} is stored, and not asked for now`);
  }
  const ensembles = new Set(wanted.ensembles?.map(canonicalJson));
  for (const ensemble of stored.ensembles?.map(canonicalJson) ?? []) {
    if (!ensembles.has(ensemble)) {
      found.push(`ensemble ${ensemble} is stored, and not asked for now`);
    }
  }
  return found;
}

/** Arms without their count, which may grow; of a definition asked for now those that are stored. */
function armsByName(stored: StudyDefinition, { space } = stored): Json | undefined {
  if (stored.space.arms === undefined || space.arms === undefined) return space.arms && {};
  const names = stored.space.arms.map(({ name }) => name);
  return Object.fromEntries(
    space.arms.filter(({ name }) => names.includes(name))
      .map(({ name, count: _, ...rest }) => [name, rest]),
  ) as unknown as Json;
}

function strategyThatStays({ strategy }: StudyDefinition): Json | undefined {
  const { growsBy } = strategyOf(strategy);
  return strategy && Object.fromEntries(
    Object.entries(strategy).filter(([option]) => option !== growsBy),
  );
}

/** Paths at which two JSON values differ, with both values. */
function differencesOf(path: string, stored: Json | undefined, wanted: Json | undefined): string[] {
  if (stored === undefined || wanted === undefined) {
    return stored === wanted ? [] : [`${path} is ${whole(stored)}, now ${whole(wanted)}`];
  }
  if (canonicalJson(stored) === canonicalJson(wanted)) return [];
  if (isObject(stored) && isObject(wanted)) {
    const keys = [...new Set([...Object.keys(stored), ...Object.keys(wanted)])];
    const separator = path.endsWith(" ") ? "" : ".";
    return keys.flatMap((key) =>
      differencesOf(`${path}${separator}${key}`, stored[key], wanted[key])
    );
  }
  if (Array.isArray(stored) && Array.isArray(wanted)) {
    const shared = Math.min(stored.length, wanted.length);
    const items = stored.slice(0, shared).flatMap((item, index) =>
      differencesOf(`${path}[${index}]`, item, wanted[index])
    );
    if (stored.length === wanted.length) return items;
    return [`${path} has length ${stored.length}, now ${wanted.length}`, ...items];
  }
  return [`${path} is ${whole(stored)}, now ${whole(wanted)}`];
}

/** Characters of a value that is shown in full; of a longer one only what it is. */
const longest = 600;

/** A value in full: half a JSON text says nothing about where it differs. */
function whole(value: Json | undefined): string {
  if (value === undefined) return "not there";
  const text = JSON.stringify(value);
  return text.length <= longest
    ? text
    : `${
      isObject(value) ? "an object" : typeof value === "string" ? "a text" : "a list"
    } of ${text.length} characters as JSON (SHA-256 ${hashJson(value).slice(0, 12)})`;
}

function isObject(value: Json): value is { readonly [key: string]: Json } {
  return value !== null && typeof value === "object" && !Array.isArray(value);
}

/**
 * Refuses a definition that is another study than the stored one of the same name.
 *
 * @throws {Error} Saying what differs, what may be added to this study, and what to do.
 */
export function refuseOtherDefinition(
  stored: StudyDefinition,
  wanted: StudyDefinition,
  folder: string,
  filledIn: FilledIn = named,
): void {
  const found = differences(stored, wanted, filledIn);
  if (found.length === 0) return;
  const shown = found.slice(0, 6).map((line) => `\n  - ${line}`).join("");
  const more = found.length > 6 ? `\n  - and ${found.length - 6} more` : "";
  throw new Error(
    `A study named ${show(stored.name)} exists with another definition. What differs:${shown}` +
      `${more}\n${
        mayBeAdded(stored, wanted, filledIn)
      }\nGive this study another name, or undo the ` +
      `change. To begin it anew, remove ${folder} with the runs in it.`,
  );
}

/** What this very study may grow by, and why not by what was tried. */
function mayBeAdded(stored: StudyDefinition, wanted: StudyDefinition, filledIn: FilledIn): string {
  const { space, strategy, folds, baseline } = stored;
  const { growsBy, ask } = strategyOf(strategy);
  const points = growsBy !== null
    ? `points, by a larger ${growsBy},`
    : space.arms !== undefined
    ? "points, by a larger count of every arm,"
    : ask !== null
    ? "no points, because the strategy asks for its own,"
    : "points";
  const sentences = [
    `To this study seeds and ${points} may be added; nothing that is there may be left out.`,
  ];
  const kept = folds.every((fold) => {
    const other = wanted.folds.find(({ index }) => index === fold.index);
    return other !== undefined && canonicalJson(other) === canonicalJson(fold);
  });
  sentences.push(
    kept
      ? "Folds may be added where those that are there keep their spans."
      : wanted.folds.length === folds.length
      ? "The spans of a fold may not change: its runs would be others."
      : `Folds may not: ${
        counted(wanted.folds.length, "fold")
      } of this kind hold out other spans ` +
        `than the ${folds.length} that are there, so that every run would be another one.`,
  );
  const other = canonicalJson(baseline) !== canonicalJson(wanted.baseline);
  if (other && !filledIn.baseline) {
    sentences.push(
      "The baseline follows added points only where no baseline was named, now or before.",
    );
  }
  if (canonicalJson(stored.equivalence ?? null) !== canonicalJson(wanted.equivalence ?? null)) {
    sentences.push(
      "A region of equivalence is declared before the runs: once one has completed, it can be neither added " +
        "nor changed nor left out.",
    );
  }
  return sentences.join(" ");
}
