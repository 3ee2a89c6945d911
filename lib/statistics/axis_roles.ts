import { canonicalJson, type Json, type JsonObject } from "../core/json.ts";
import type { AxisRole, StudyRecord } from "../records/study_record.ts";
import { penaltyName, settingName } from "./setting_names.ts";
import { differingPaths, leaves } from "./specification_paths.ts";

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
 * to places of several roles, or nowhere that is known, is the user's own.
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
export function axesOfStudy(study: StudyRecord): Axis[] {
  const { points } = study.space;
  const names = [...new Set(points.flatMap((point) => Object.keys(point)))];
  return names.map((name) => {
    const values = points.filter((point) => name in point).map((point) => point[name]);
    const numeric = values.every((value) => typeof value === "number");
    const paths = pathsOf(study, name);
    const role = study.roles?.[name] ?? (numeric ? roleOfPaths(paths) : "choice");
    const simpler = !numeric
      ? null
      : role === "strength"
      ? "larger" as const
      : role === "size"
      ? "smaller" as const
      : null;
    return { name, role, paths, numeric, simpler, partial: values.length < points.length };
  });
}

/**
 * Paths whose value an axis decides: those that hold it as it is in every point; else, where the
 * value is worked on before it gets there, those that differ between points that differ in this axis
 * only.
 */
function pathsOf(study: StudyRecord, axis: string): string[] {
  const rows = study.space.points.flatMap((point, index) =>
    axis in point && study.specifications[index] !== undefined
      ? [{ point, specification: study.specifications[index] }]
      : []
  );
  if (new Set(rows.map(({ point }) => canonicalJson(point[axis]))).size < 2) return [];
  const same = rows.map(({ point, specification }) => {
    const value = canonicalJson(point[axis]);
    return new Set(
      leaves(specification, "").filter(([, leaf]) => canonicalJson(leaf) === value)
        .map(([path]) => path),
    );
  });
  const held = [...same[0]].filter((path) => same.every((paths) => paths.has(path)));
  if (held.length > 0) return held;
  const alike = new Map<string, JsonObject[]>();
  for (const { point, specification } of rows) {
    const { [axis]: _, ...others } = point;
    const key = canonicalJson(others);
    alike.set(key, [...(alike.get(key) ?? []), specification]);
  }
  const groups = [...alike.values()].filter((group) => group.length > 1);
  return [...new Set(groups.flatMap((group) => [...differingPaths(group).keys()]))];
}

/** The role that all of some paths have; `own` where they have several or none. */
function roleOfPaths(paths: readonly string[]): AxisRole {
  const roles = new Set(paths.map(roleOfPath).filter((role) => role !== null));
  return roles.size === 1 ? [...roles][0] : "own";
}

/** Options of penalties that are no strengths. */
const notStrengths = /\.(kind|name|module|layers|targets|schedule|weighting|threshold|reduction)\b/;

/** The role of one place in a specification; null for a place that goes along with others. */
export function roleOfPath(path: string): AxisRole | null {
  if (isRemedyPath(path)) return "strength";
  if (path.startsWith("penalties[")) return path.includes(".schedule") ? "training" : "choice";
  if (path.startsWith("optimizer.") || path.startsWith("clipping")) {
    return path === "optimizer.kind" ? "choice" : "training";
  }
  if (path === "training.trainingTokens" || path.startsWith("corpus.")) return "data";
  if (path.startsWith("tokenizer.")) return path.endsWith("kind") ? "choice" : "data";
  // How often is looked is no setting; it often goes along with the steps.
  if (/^training\.(evaluateEvery|evaluationTokens|samples|decodedPairs)/.test(path)) return null;
  if (path.startsWith("training.")) return "training";
  if (/^model\..*(size|Size|layers|heads|units|blocks|features|options)/.test(path)) return "size";
  if (path.startsWith("model.")) return path.endsWith("kind") ? "choice" : "own";
  return "own";
}

/** Whether a place holds the strength of a remedy against over-fitting. */
export function isRemedyPath(path: string): boolean {
  if (/^penalties\[\d+\]\./.test(path)) {
    return /strength/i.test(path.slice(path.indexOf("].") + 2)) && !notStrengths.test(path);
  }
  return path === "optimizer.decay" || path === "optimizer.weightDecay" ||
    /^model\.(options\.)?[a-zA-Z]*[dD]ropout$/.test(path);
}

/**
 * The remedies that a specification has, with their strengths: penalties, decay of the optimizer,
 * dropouts. Those of strength 0 are among them.
 *
 * @param specification A complete specification, as a study's record holds it.
 */
export function remediesOf(specification: JsonObject): Remedy[] {
  return leaves(specification, "").flatMap(([path, value]): Remedy[] =>
    isRemedyPath(path) && typeof value === "number"
      ? [{ name: settingName(specification, path), path, strength: value }]
      : []
  );
}

/** Whether a specification has no remedy of a strength above 0. */
export function isWithoutRemedy(specification: JsonObject): boolean {
  return remediesOf(specification).every(({ strength }) => strength === 0);
}

/** The specification of one of a study's points. */
export function specificationOf(study: StudyRecord, point: JsonObject): JsonObject | undefined {
  const key = canonicalJson(point);
  return study.specifications[
    study.space.points.findIndex((each) => canonicalJson(each) === key)
  ];
}

/** Names of the penalties of a specification, as the field calls them. */
export function penaltyNames({ penalties }: JsonObject): string[] {
  return Array.isArray(penalties)
    ? (penalties as { readonly [option: string]: Json }[]).map(penaltyName)
    : [];
}
