import { canonicalJson, type JsonObject } from "../core/json.ts";
import { modelRole } from "../models/kinds.ts";
import { optimizerRole } from "../optimizers/kinds.ts";
import { penaltyName, penaltyOptionRole } from "../penalties/words.ts";
import type { AxisRole } from "../records/study_record.ts";
import { settingName } from "./setting_names.ts";
import { leaves } from "./specification_paths.ts";
import { pathsOf, rowsOf, type StudyAxes } from "./axis_paths.ts";

/** What an axis of a study is for. */
export interface Axis {
  /** Its name. */
  readonly name: string;
  /** What its values are for. */
  readonly role: AxisRole;
  /** Paths in the specification that its value decides, such as `penalties[0].strength`. */
  readonly paths: readonly string[];
  /** Whether all its values are numbers. */
  readonly numeric: boolean;
  /** Which end of the axis is the simpler model; null where neither is. */
  readonly simpler: "larger" | "smaller" | null;
  /** Whether some point lacks the axis. */
  readonly partial: boolean;
}

/** A remedy against over-fitting that a specification has, with its strength. */
export interface Remedy {
  /** In words, such as `decoupled weight decay`. */
  readonly name: string;
  /** Where it stands, such as `penalties[0].strength`. */
  readonly path: string;
  /** How strong it is; 0 for none. */
  readonly strength: number;
}

/**
 * The axes of a study with their roles, in the order in which its points name them.
 *
 * A role follows from where the axis's values go in the specifications; what the study says of an
 * axis (`roles`) comes first. An axis that holds texts or booleans is a choice. One whose values go
 * to places of several roles, or nowhere that is known, is the user's own. A point may lack an axis,
 * as in joined spaces: then it has none of it.
 *
 * @param study The study's record.
 *
 * @example
 * ```ts
 * import { axesOfStudy } from "./axis_roles.ts";
 * import { syntheticStudy } from "./testing/synthetic_study.ts";
 * import assert from "node:assert/strict";
 * const { study } = syntheticStudy();
 * assert.deepEqual(axesOfStudy(study).map(({ name, role }) => [name, role]), [
 *   ["lambda", "strength"],
 *   ["alpha", "strength"],
 * ]);
 * ```
 */
export function axesOfStudy(study: StudyAxes): Axis[] {
  const stored = axesOf.get(study);
  if (stored !== undefined) return stored;
  const rows = rowsOf(study);
  const names = [...new Set(study.space.points.flatMap((point) => Object.keys(point)))];
  const axes = names.map((name): Axis => {
    const values = study.space.points.filter((point) => name in point).map((point) => point[name]);
    const numeric = values.every((value) => typeof value === "number");
    const paths = pathsOf(rows, name);
    // Null among numbers is an option that is not set, such as no clipping.
    const measured = values.every((value) => typeof value === "number" || value === null);
    const role = study.roles?.[name] ?? (measured ? roleOfPaths(paths) : "choice");
    const simpler = !numeric
      ? null
      : role === "strength"
      ? "larger"
      : role === "size"
      ? "smaller"
      : null;
    const partial = values.length < study.space.points.length;
    return { name, role, paths, numeric, simpler, partial };
  });
  axesOf.set(study, axes);
  return axes;
}

const axesOf = new WeakMap<StudyAxes, Axis[]>();

/** The role that all of some paths have; `own` where they have several or none. */
function roleOfPaths(paths: readonly string[]): AxisRole {
  const strength = paths.some(isRemedyPath);
  const roles = new Set(
    // The kind and the targets of a remedy that comes and goes go along with its strength.
    paths.filter((path) => !strength || isRemedyPath(path) || !isOfRemedy(path))
      .map(roleOfPath).filter((role) => role !== null),
  );
  if (roles.size === 1) return [...roles][0];
  return roles.has("choice") ? "choice" : "own";
}

/** Options of models of the user's own that say by their names how large they are. */
const modelSizes = new RegExp(
  "^model\\.(.+\\.)?[a-zA-Z]*([sS]izes?|[lL]ayers|[hH]eads|[uU]nits|[bB]locks|[fF]eatures|[wW]idth|" +
    "[dD]epth|[dD]im(ension)?s?|[cC]hannels|[fF]ilters)(\\[\\d+\\])?$",
);

/** The role of one place in a specification; null for a place that goes along with others. */
export function roleOfPath(path: string): AxisRole | null {
  const penaltyOption = penaltyOptionOf(path);
  if (penaltyOption !== undefined) return penaltyOptionRole(penaltyOption);
  if (isRemedyPath(path)) return "strength";
  if (path.startsWith("optimizer.") || path.startsWith("clipping")) {
    return path === "optimizer.kind" ? "choice" : optimizerRole(path) ?? "training";
  }
  if (/^training\.training(Tokens|Bytes)$/.test(path) || path.startsWith("corpus.")) return "data";
  if (path.startsWith("tokenizer.")) return path.endsWith("kind") ? "choice" : "data";
  // How often is looked is no setting; it often goes along with the steps.
  if (
    /^training\.(evaluateEvery|evaluationTokens|evaluationBytes|evaluationPairs|tokenAccuracy|samples|decodedPairs|fillInTheMiddle\.heldOutPieces)/
      .test(path)
  ) return null;
  // What is learned from others is no nuisance of training.
  if (path.startsWith("training.teacher.")) return "own";
  if (path === "training.fillInTheMiddle.suffixFirst") return "own";
  if (/^training\.weightDropout\.(targets|layers)/.test(path)) return "choice";
  if (path === "training.adapters.rank") return "size";
  if (/^training\.(frozen|adapters\.(kinds|layers|names|others))/.test(path)) return "choice";
  if (path.startsWith("training.")) return "training";
  if (path.startsWith("model.")) {
    if (/\.kind\b/.test(path)) return "choice";
    return modelRole(path) ?? (modelSizes.test(path) ? "size" : "own");
  }
  return "own";
}

/** Whether a place is in what says one remedy: its kind, its targets, its strength. */
function isOfRemedy(path: string): boolean {
  return /^(penalties\[|training\.(weightDropout|fillInTheMiddle)\b)/.test(path);
}

/** The option of a penalty that a place is in; undefined where it is in no penalty. */
function penaltyOptionOf(path: string): string | undefined {
  return /^penalties\[\d+\]\.?(\w*)/.exec(path)?.[1];
}

/** Whether a place holds the strength of a remedy against over-fitting. */
export function isRemedyPath(path: string): boolean {
  const penaltyOption = penaltyOptionOf(path);
  if (penaltyOption !== undefined) return penaltyOptionRole(penaltyOption) === "strength";
  return [optimizerRole(path), modelRole(path)].includes("strength") ||
    path === "optimizer.weightDecay" ||
    /^training\.(weightDropout\.rate|fillInTheMiddle\.rate|maskedInputs|sharpnessRadius)$/.test(
      path,
    ) ||
    /^model\.(.+\.)?[a-zA-Z]*[dD]ropout(Rate|Probability)?$/.test(path);
}

/**
 * The remedies that a specification has, with their strengths: penalties of every kind, label smoothing
 * and the user's own among them, decay of the optimizer, dropouts. Those of strength 0 are there too.
 * Early stopping is none: it is the rival.
 *
 * @param specification A complete specification, as a study's record holds it.
 */
export function remediesOf(specification: JsonObject): Remedy[] {
  const places = leaves(specification, "").filter(([path, value]) =>
    isRemedyPath(path) && typeof value === "number"
  );
  return places.map(([path, value]): Remedy => ({
    name: settingName(specification, path),
    path,
    strength: value as number,
  }));
}

/** Whether a specification has no remedy of a strength above 0. */
export function isWithoutRemedy(specification: JsonObject): boolean {
  return remediesOf(specification).every(({ strength }) => strength === 0);
}

/**
 * How the remedies of a specification compare with another one's: `stronger` where some are stronger and
 * none is weaker, `weaker` the other way round, `same`, or `other` where they trade.
 *
 * A penalty is compared with one of the same kind on the other side; one that is not there has
 * strength 0.
 */
export function compareRemedies(
  specification: JsonObject,
  other: JsonObject,
): "same" | "stronger" | "weaker" | "other" {
  const [own, others] = [strengthsByName(specification), strengthsByName(other)];
  const differences = [...new Set([...own.keys(), ...others.keys()])]
    .map((name) => (own.get(name) ?? 0) - (others.get(name) ?? 0));
  const [more, less] = [differences.some((each) => each > 0), differences.some((each) => each < 0)];
  return more && less ? "other" : more ? "stronger" : less ? "weaker" : "same";
}

/** Strengths by the name of the remedy; of several with one name each has its number behind it. */
export function strengthsByName(specification: JsonObject): ReadonlyMap<string, number> {
  const known = strengths.get(specification);
  if (known !== undefined) return known;
  const found = new Map<string, number>();
  for (const { name, strength } of remediesOf(specification)) {
    let key = name;
    for (let number = 2; found.has(key); number++) key = `${name} ${number}`;
    found.set(key, strength);
  }
  strengths.set(specification, found);
  return found;
}

/** Asked for of every point, sentence after sentence. */
const strengths = new WeakMap<JsonObject, ReadonlyMap<string, number>>();

/**
 * Whether two specifications are the same but for their remedies: same model, data and training. Only
 * between such points does a difference belong to the remedy.
 */
export function sameButRemedies(specification: JsonObject, other: JsonObject): boolean {
  return withoutRemedies(specification) === withoutRemedies(other);
}

/** What a specification has besides its remedies, as a text that tells it from others. */
export function withoutRemedies(specification: JsonObject): string {
  let json = bare.get(specification);
  if (json === undefined) {
    json = canonicalJson(
      leaves(specification, "").filter(([path]) =>
        !isOfRemedy(path) && !isRemedyPath(path) &&
        optimizerRole(path) !== "choice"
      ).map(([path, value]) => [path, value]).sort(([a], [b]) => String(a) < String(b) ? -1 : 1),
    );
    bare.set(specification, json);
  }
  return json;
}

/** Asked for of every point, figure after figure. */
const bare = new WeakMap<JsonObject, string>();

/**
 * The point of a study whose remedies are all at 0, or, where every point has some of them alike, the
 * one at which all that differ are at 0; null where there are several, or none.
 *
 * @param study Its points and their specifications.
 */
export function pointWithoutRemedy({ space, specifications }: StudyAxes): JsonObject | null {
  const varying = varyingRemedies(specifications);
  if (varying.length === 0) return null;
  const weakest = space.points.filter((_, index) => {
    const strengths = strengthsByName(specifications[index]);
    return varying.every((name) => (strengths.get(name) ?? 0) === 0);
  });
  return weakest.length === 1 ? weakest[0] : null;
}

/** Names of the remedies whose strength is not the same in all of some specifications. */
export function varyingRemedies(specifications: readonly JsonObject[]): string[] {
  const strengths = specifications.map(strengthsByName);
  const names = [...new Set(strengths.flatMap((each) => [...each.keys()]))];
  return names.filter((name) => new Set(strengths.map((each) => each.get(name) ?? 0)).size > 1);
}

/** The specification of one of a study's points. */
export function specificationOf(study: StudyAxes, point: JsonObject): JsonObject | undefined {
  const { points } = study.space;
  let known = places.get(points);
  if (known === undefined) {
    known = new Map(points.map((each, index) => [canonicalJson(each), index]));
    places.set(points, known);
  }
  return study.specifications[known.get(canonicalJson(point)) ?? -1];
}

/** Places of points by their canonical JSON: one search for each of many points takes long. */
const places = new WeakMap<readonly JsonObject[], ReadonlyMap<string, number>>();

/** Names of the penalties of a specification, as the field calls them. */
export function penaltyNames({ penalties }: JsonObject): string[] {
  return Array.isArray(penalties) ? (penalties as JsonObject[]).map(penaltyName) : [];
}

/** Whether an axis sets remedies: their strength, or which of them. */
export function isOfRemedies({ role, paths }: Axis): boolean {
  return role === "strength" ||
    role === "choice" && paths.length > 0 && paths.every((path) => path.startsWith("penalties"));
}
