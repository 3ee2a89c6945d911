import { canonicalJson, type JsonObject } from "../core/json.ts";
import type { StudyRecord } from "../records/study_record.ts";
import { armAxis } from "./arms_study.ts";
import { axesOfStudy, specificationOf } from "./axis_roles.ts";
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
    return armsInWords(study, tried);
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

/** How arms were tuned in their learning rates. */
function armsInWords(study: StudyRecord, tried: string): string {
  const rates = Map.groupBy(
    study.space.points.flatMap((point) => {
      const { optimizer } = specificationOf(study, point) ?? {};
      const rate = (optimizer as JsonObject | undefined)?.learningRate;
      return typeof rate === "number" ? [{ arm: String(point[armAxis]), rate }] : [];
    }),
    ({ arm }) => arm,
  );
  const sets = [...rates.values()].map((each) => new Set(each.map(({ rate }) => rate)));
  if (sets.some(({ size }) => size < 2)) {
    return `Learning rates differ between points (${tried}), and not every arm was tuned over them.`;
  }
  return sets.every((each) => each.symmetricDifference(sets[0]).size === 0)
    ? `Every arm tried the same learning rates (${tried}), and each arm's was chosen by itself.`
    : `Each arm tried learning rates of its own (in all ${tried}), and each arm's was chosen by itself.`;
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
