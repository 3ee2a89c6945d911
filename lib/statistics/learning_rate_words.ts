import { canonicalJson, type JsonObject } from "../core/json.ts";
import type { StudyRecord } from "../records/study_record.ts";
import { axesOfStudy } from "./axis_roles.ts";
import { formatAxis, formatSetting } from "./format.ts";

/** As many rates are listed; of more only their range. */
const listed = 6;

/**
 * Whether and how the learning rate was tuned, in a sentence: a verdict at one rate is a verdict at that
 * rate.
 *
 * @param study The study's record.
 * @returns The sentence; null where the specifications hold no learning rate.
 *
 * @example
 * ```ts
 * import { learningRateWords } from "./learning_rate_words.ts";
 * import { syntheticStudy } from "./testing/synthetic_study.ts";
 * import assert from "node:assert/strict";
 * assert.equal(
 *   learningRateWords(syntheticStudy().study),
 *   "All settings were trained at one learning rate, 0.002, which was not tuned: at another the verdict " +
 *     "might change.",
 * );
 * ```
 */
export function learningRateWords(study: StudyRecord): string | null {
  const rates = study.specifications.map(({ optimizer }) =>
    (optimizer as JsonObject)?.learningRate
  );
  const values = [...new Set(rates.filter((rate) => typeof rate === "number"))]
    .sort((a, b) => a - b);
  if (values.length === 0) return null;
  if (values.length === 1) {
    return `All settings were trained at one learning rate, ${
      formatSetting(values[0])
    }, which was not tuned: at another the verdict might change.`;
  }
  const tried = values.length <= listed
    ? values.map(formatSetting).join(", ")
    : `${values.length} values from ${formatSetting(values[0])} to ${
      formatSetting(values.at(-1)!)
    }`;
  if (study.space.arms !== undefined) {
    return `Each arm has learning rates of its own (in all ${tried}), so that each was tuned.`;
  }
  const axis = axesOfStudy(study).find(({ paths }) => paths.includes("optimizer.learningRate"))
    ?.name;
  if (axis === undefined) {
    return `Learning rates differ between settings (${tried}) and were not tuned within each: a ` +
      `difference between settings may be one of their rates.`;
  }
  return `The learning rate is the axis ${formatAxis(axis)} (${tried}); ${
    isCrossed(study, axis)
      ? "every setting was trained at each of its values, so that it was tuned for each, on the text that reports it."
      : "not every setting was trained at each of its values, so that settings are not tuned alike."
  }`;
}

/** Whether the points that agree on everything else have the same values on an axis, each of them. */
function isCrossed({ space }: StudyRecord, axis: string): boolean {
  const groups = new Map<string, Set<string>>();
  for (const point of space.points) {
    const { [axis]: value = null, ...others } = point;
    const key = canonicalJson(others);
    groups.set(key, (groups.get(key) ?? new Set()).add(canonicalJson(value)));
  }
  const all = [...groups.values()];
  return all.every((values) => values.size === new Set(all.flatMap((each) => [...each])).size);
}
