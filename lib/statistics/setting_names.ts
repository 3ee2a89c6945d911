import { inWords } from "../core/in_words.ts";
import type { JsonObject } from "../core/json.ts";
import { penaltyOptionName } from "../penalties/words.ts";

/** What a teacher has, in words, such as `teacher's share`; null for a place that is no teacher's. */
export function ofTeacher(path: string): string | null {
  const [, rest] = /^training\.teacher\.(.+)$/.exec(path) ?? [];
  return rest === undefined
    ? null
    : `teacher's ${rest.replace(/\[\d+\]/g, "").split(".").map(inWords).join(" ")}`;
}

/**
 * What stands at a place of a specification, in words: a penalty by its name, any other option by its
 * own.
 *
 * @param path Such as `penalties[0].strength` or `model.hiddenSize`.
 */
export function settingName(specification: JsonObject, path: string): string {
  const [, index, option] = /^penalties\[(\d+)\]\.(.+)$/.exec(path) ?? [];
  if (index === undefined) {
    const teacher = ofTeacher(path);
    if (teacher !== null) return teacher;
    const [option, of = option] = path.split(".").reverse();
    // Of weight dropout.
    return inWords(option === "rate" ? of : option);
  }
  const penalty = (specification.penalties as readonly JsonObject[])[Number(index)];
  return penaltyOptionName(penalty, option);
}
