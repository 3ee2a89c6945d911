/**
 * What people read of a penalty, as its kind says it. It arrives as JSON from a record, perhaps of a kind
 * that is not known here.
 *
 * @module
 */

import { entryOf } from "../core/entry_of.ts";
import { inWords } from "../core/in_words.ts";
import type { JsonObject } from "../core/json.ts";
import type { AxisRole } from "../records/study_record.ts";
import { allPenalties } from "./kinds.ts";
import { clauses, type PenaltyKind } from "./penalty.ts";

const kinds: { readonly [kind: string]: PenaltyKind<any> } = allPenalties;

/** What a penalty is called, such as `proximal L1`: its own name where it has one. */
export function penaltyName(penalty: JsonObject): string {
  return said("name", penalty) ?? inWords(String(penalty.kind));
}

/** What a penalty does, in one line. */
export function penaltyFormula(penalty: JsonObject): string {
  const { schedule } = penalty;
  return clauses(
    said("formula", penalty) ?? "see its definition",
    schedule === undefined
      ? undefined
      : `strength multiplied by the schedule ${JSON.stringify(schedule)}`,
  );
}

/** The formula of a penalty with its options, or null for a kind that has none. */
export function penaltyTex(penalty: JsonObject): string | null {
  return said("tex", penalty);
}

function said(what: "name" | "formula" | "tex", penalty: JsonObject): string | null {
  const words = entryOf(kinds, penalty.kind)?.[what] ?? null;
  return typeof words === "function" ? words(penalty) : words;
}

/** What an option of a penalty is called: a strength that is its only one as the penalty. */
export function penaltyOptionName(penalty: JsonObject, option: string): string {
  const name = penaltyName(penalty);
  if (option === "strength") return name;
  return entryOf(entryOf(kinds, penalty.kind)?.optionNames ?? {}, option) ??
    `${name} ${inWords(option)}`;
}

const roles: { readonly [option: string]: AxisRole } = {
  ...{ kind: "choice", targets: "choice", layers: "choice", schedule: "training" },
  ...Object.assign({}, ...Object.values(kinds).map((kind) => kind.roles)),
};

/** What an axis that sets an option of penalties is for; options of one name have one role in all kinds. */
export function penaltyOptionRole(option: string): AxisRole {
  return entryOf(roles, option) ?? "choice";
}
