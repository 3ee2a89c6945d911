import { inWords } from "../core/in_words.ts";
import type { JsonObject } from "../core/json.ts";
import { penaltyOptionName } from "../penalties/words.ts";

/**
 * What stands at a place of a specification, in words: a penalty by its name, any other option by its
 * own.
 *
 * @param path Such as `penalties[0].strength` or `model.hiddenSize`.
 */
export function settingName(specification: JsonObject, path: string): string {
  const [, index, option] = /^penalties\[(\d+)\]\.(.+)$/.exec(path) ?? [];
  if (index === undefined) {
    const [option, of = option] = path.split(".").reverse();
    // Of weight dropout.
    return inWords(option === "rate" ? of : option);
  }
  const penalty = (specification.penalties as readonly JsonObject[])[Number(index)];
  return penaltyOptionName(penalty, option);
}
