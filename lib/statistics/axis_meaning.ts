import { inWords } from "../core/in_words.ts";
import { canonicalJson } from "../core/json.ts";
import type { StudyRecord } from "../records/study_record.ts";
import { formatAxis } from "./format.ts";
import { settingName } from "./setting_names.ts";
import { leaves } from "./specification_paths.ts";

/**
 * What an axis of a study sets, in words: the penalty whose strength it is, so that a reader can tell
 * decoupled from coupled decay, or the option that it is.
 *
 * It is read off the specifications: an axis means the option that has its value in every point.
 *
 * @param study The study's record.
 * @param axis Name of one of its axes.
 * @returns The meaning, such as `decoupled weight decay`; null where the specifications do not say one.
 */
export function axisMeaning(study: StudyRecord, axis: string): string | null {
  let known = meanings.get(study);
  if (known === undefined) meanings.set(study, known = new Map());
  let meaning = known.get(axis);
  if (meaning === undefined) known.set(axis, meaning = readMeaning(study, axis));
  return meaning;
}

/** Asked for by every figure and table. */
const meanings = new WeakMap<StudyRecord, Map<string, string | null>>();

function readMeaning(study: StudyRecord, axis: string): string | null {
  const pairs = study.space.points.flatMap((point, index) =>
    axis in point && study.specifications[index] !== undefined
      ? [{ value: canonicalJson(point[axis]), specification: study.specifications[index] }]
      : []
  );
  if (new Set(pairs.map(({ value }) => value)).size < 2) return null;
  const [first, ...others] = pairs.map(({ value, specification }) =>
    new Map(
      leaves(specification, "").filter(([, leaf]) => canonicalJson(leaf) === value)
        .map(([path]) => [path, settingName(specification, path)]),
    )
  );
  const words = [...first].filter(([path, meaning]) =>
    others.every((other) => other.get(path) === meaning)
  ).map(([, meaning]) => meaning);
  const distinct = [...new Set(words)].filter((meaning) => meaning !== inWords(axis));
  return distinct.length === 0 ? null : distinct.join(" and ");
}

/** An axis with its meaning, such as `α (decoupled weight decay)`. */
export function formatAxisMeaning(study: StudyRecord, axis: string): string {
  const meaning = axisMeaning(study, axis);
  return meaning === null ? formatAxis(axis) : `${formatAxis(axis)} (${meaning})`;
}
