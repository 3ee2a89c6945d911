import { canonicalJson, type JsonObject } from "../core/json.ts";
import type { SelectionRule, SpaceRecord } from "../records/study_record.ts";
import type { StudyDefinition } from "./definition.ts";
import type { StudyParts } from "./_parts.ts";
import type { StudySettings } from "./options.ts";
import { readsHeldOut } from "./refits.ts";
import { ruleFor } from "./rule.ts";
import { weakerPoints } from "./warm_start.ts";

/**
 * Evaluates a study's options to plain JSON: a specification for each point, folds over the text,
 * the selection rule's axes and the baseline.
 *
 * @throws {TypeError | RangeError} If a specification is refused, two points have the same one, or
 * the text does not suffice for the folds.
 */
export async function defineStudy(
  parts: StudyParts,
  settings: StudySettings,
  engine: string,
): Promise<StudyDefinition> {
  const { name, space, seeds } = settings;
  const given = space.points.map((point) => ({ point, options: specify(settings, point) }));
  const prepared = await parts.prepare(given, settings.folds, settings.project);
  const { specifications, corpus, folds, finalFold } = prepared;
  refuseSame(space, specifications);
  checkFits(settings, specifications);
  const definition = {
    name,
    space,
    ...(settings.strategy === undefined ? {} : { strategy: settings.strategy }),
    specifications,
    folds,
    finalFold,
    seeds,
    select: ruleOf(settings),
    baseline: settings.baseline === undefined && space.arms === undefined
      ? findBaseline(parts, space, specifications)
      : settings.baseline ?? null,
    ...(finalFold !== null && specifications.some(readsHeldOut)
      ? { refits: "chosenStep" as const }
      : {}),
    corpus,
    engine,
    ...(prepared.repeated && { repeated: prepared.repeated }),
  };
  canonicalJson(definition); // refuses what JSON cannot hold
  // The order of axes is kept: it says which one is strongest first.
  return JSON.parse(JSON.stringify(definition));
}

/** The rule, on axes that later points of the strategy have as well. */
function ruleOf({ select, space, strategy }: StudySettings): SelectionRule {
  if (space.arms !== undefined) return { ...select, axes: [] };
  const rule = ruleFor(select, space);
  if (strategy?.kind !== "treeParzenEstimator" || select.axes.length > 0) return rule;
  const { dimensions } = strategy;
  return { ...rule, axes: rule.axes.filter((axis) => dimensions[axis]?.condition === undefined) };
}

/** Refuses a strategy that the points or their specifications do not allow. */
function checkFits(
  { strategy, space }: StudySettings,
  specifications: readonly JsonObject[],
): void {
  if (strategy?.kind === "warmStartPath") weakerPoints(space, strategy.axis);
  if (strategy?.kind !== "successiveHalving") return;
  for (const { training } of specifications) {
    const { steps = Infinity, evaluateEvery = 1 } = (training ?? {}) as Partial<TrainingSteps>;
    for (const rung of strategy.rungs) {
      if (rung < steps && rung % evaluateEvery === 0) continue;
      throw new RangeError(
        `successiveHalving: a rung must be a multiple of training.evaluateEvery, ` +
          `${evaluateEvery}, and below training.steps, ${steps}; found ${rung}.`,
      );
    }
  }
}

interface TrainingSteps {
  readonly steps: number;
  readonly evaluateEvery: number;
}

function specify(settings: StudySettings, point: JsonObject): unknown {
  let options: unknown;
  try {
    // A copy: a function that changes its argument must not change the space.
    options = settings.specify(structuredClone(point));
  } catch (error) {
    throw new Error(
      `specify failed for ${canonicalJson(point)}: ${(error as Error)?.message ?? error}`,
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
          `${canonicalJson(other)} and ${canonicalJson(point)}: leave one of them out, or use ` +
          `every axis in specify.`,
      );
    }
    seen.set(key, point);
  }
}

function findBaseline(
  parts: StudyParts,
  space: SpaceRecord,
  specifications: readonly JsonObject[],
): JsonObject | null {
  const zero = space.points.find((point) => Object.values(point).every((value) => value === 0));
  if (zero !== undefined) return zero;
  const unpenalized = space.points.filter((_, index) => parts.isUnpenalized(specifications[index]));
  return unpenalized.length === 1 ? unpenalized[0] : null;
}
