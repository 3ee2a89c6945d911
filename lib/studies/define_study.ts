import { showLong } from "../core/check.ts";
import { canonicalJson, type JsonObject } from "../core/json.ts";
import type { SelectionRule, SpaceRecord, StudyRecord } from "../records/study_record.ts";
import type { StudyAxes } from "../statistics/axis_paths.ts";
import { defaultBaseline } from "../statistics/baseline_words.ts";
import { checkTeachers, refuseRunsWeightsOverQueue } from "./_check_teachers.ts";
import { checkEquivalenceFits } from "./_equivalence.ts";
import { checkMetric, defaultMetric } from "./_metric.ts";
import type { FilledIn, StudyDefinition } from "./same_definition.ts";
import type { StudyTrainings } from "./_trainings.ts";
import type { StudySettings } from "./options.ts";
import { readsHeldOut } from "./plan/refits.ts";
import { ruleFor } from "./plan/rule.ts";
import { strategyOf } from "./search/kinds.ts";

/**
 * Evaluates a study's options to plain JSON: a specification for each point, folds over the text,
 * the selection rule's axes and the baseline.
 *
 * @param settings Options; `rule` is the one that a study has already, where points are added to it.
 * @param warn Told of what may be trained, yet does not do what it seems to.
 * @throws {TypeError | RangeError} If a specification is refused or cannot be trained, two points have
 * the same one, or the text does not suffice for the folds.
 */
export async function defineStudy(
  parts: StudyTrainings,
  settings: StudySettings & { readonly rule?: SelectionRule },
  engine: string,
  warn: (message: string) => void = () => {},
): Promise<StudyDefinition> {
  const { name, space, seeds } = settings;
  const given = space.points.map((point) => ({ point, options: specify(settings, point) }));
  const prepared = await parts.prepare(given, settings.folds, settings.project);
  const { specifications, corpus, folds, finalFold } = prepared;
  refuseSame(space, specifications);
  const { checkWarmStart = () => {} } = parts;
  strategyOf(settings.strategy).checkFits({ space, specifications, checkWarmStart });
  checkTeachers(parts, { ...settings, space, specifications, seeds }, settings.queue);
  refuseRunsWeightsOverQueue({ specifications }, settings.queue);
  for (const warning of prepared.warnings ?? []) warn(warning);
  const { roles, ensembles, equivalence } = settings;
  const chosen = ruleAndBaseline(parts, settings, space, specifications);
  checkMetric(chosen.select, { space, specifications, folds }, prepared.textLost ?? []);
  checkEquivalenceFits({ ...chosen, equivalence, space });
  const definition = {
    name,
    space,
    ...(settings.strategy === undefined ? {} : { strategy: settings.strategy }),
    specifications,
    folds,
    finalFold,
    seeds,
    ...chosen,
    ...(roles === undefined ? {} : { roles }),
    ...(finalFold !== null && specifications.some(readsHeldOut)
      ? { refits: "chosenStep" as const }
      : {}),
    ...(ensembles === undefined ? {} : { ensembles }),
    ...(equivalence === undefined ? {} : { equivalence }),
    corpus,
    engine,
    ...(prepared.documents && { documents: prepared.documents }),
    ...(prepared.repeated && { repeated: prepared.repeated }),
  };
  canonicalJson(definition); // refuses what JSON cannot hold
  // The order of axes is kept: it says which one is strongest first.
  return JSON.parse(JSON.stringify(definition));
}

/**
 * What of a study was filled in by default, then and now, and so follows its points when some are
 * added: a baseline that nobody named, the axes of the rule.
 *
 * @param stored The study as it is stored; null for none.
 */
export function filledInOf(
  parts: StudyTrainings,
  settings: StudySettings,
  stored: StudyRecord | null,
): FilledIn {
  if (stored === null) return { baseline: false, axes: false };
  const { space, specifications } = stored;
  const byDefault = ruleAndBaseline(parts, settings, space, specifications);
  const same = (part: keyof typeof byDefault) =>
    canonicalJson(stored[part]) === canonicalJson(byDefault[part]);
  const known = axesOf(space);
  return {
    baseline: settings.baseline === undefined && same("baseline"),
    axes: (settings.select?.axes.length ?? 0) === 0 && same("select") &&
      axesOf(settings.space).every((axis) => known.includes(axis)),
  };
}

/** Rule and baseline of some points: as they were named, or as they follow from the points. */
function ruleAndBaseline(
  parts: StudyTrainings,
  settings: StudySettings & { readonly rule?: SelectionRule },
  space: SpaceRecord,
  specifications: readonly JsonObject[],
): Pick<StudyDefinition, "select" | "baseline"> {
  const { roles } = settings;
  const axes: StudyAxes = JSON.parse(JSON.stringify({ space, specifications, roles }));
  return {
    select: settings.rule ?? ruleOf(settings, axes),
    baseline: settings.baseline === undefined && space.arms === undefined
      ? defaultBaseline(axes, parts.isUnpenalized)
      : settings.baseline ?? null,
  };
}

function axesOf({ points }: SpaceRecord): string[] {
  return [...new Set(points.flatMap((point) => Object.keys(point)))];
}

/** The rule, on axes that later points of the strategy have as well. */
function ruleOf({ select, strategy }: StudySettings, axes: StudyAxes): SelectionRule {
  const byDefault = defaultMetric(axes.specifications);
  if (axes.space.arms !== undefined) return { kind: "mean", metric: byDefault, axes: [] };
  const rule = ruleFor(select, axes, byDefault);
  if ((select?.axes.length ?? 0) > 0) return rule;
  const { dimensions } = strategyOf(strategy);
  return { ...rule, axes: rule.axes.filter((axis) => dimensions[axis]?.condition === undefined) };
}

function specify(settings: StudySettings, point: JsonObject): unknown {
  let options: unknown;
  try {
    // A copy: a function that changes its argument must not change the space.
    options = settings.specify(structuredClone(point));
  } catch (error) {
    throw new Error(
      `specify gave no valid specification for ${showLong(point)}: ${
        (error as Error)?.message ?? error
      }`,
      { cause: error },
    );
  }
  if (options instanceof Promise) {
    throw new TypeError("specify must be a pure function of the point, found an async one.");
  }
  return options;
}

function refuseSame(space: SpaceRecord, specifications: readonly JsonObject[]): void {
  const seen = new Map<string, JsonObject>();
  for (const [index, specification] of specifications.entries()) {
    const key = canonicalJson(specification);
    const point = space.points[index];
    const other = seen.get(key);
    if (other !== undefined) {
      throw new RangeError(
        `specify must give each point its own specification, found the same for ` +
          `${showLong(other)} and ${showLong(point)}: leave one of them out, or use ` +
          `every axis in specify.`,
      );
    }
    seen.set(key, point);
  }
}
