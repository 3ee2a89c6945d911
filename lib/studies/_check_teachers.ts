import { showLong } from "../core/check.ts";
import { rungsOf } from "../records/strategy_record.ts";
import type { StudyRecord } from "../records/study_record.ts";
import type { StudyTrainings } from "./_trainings.ts";
import { pointNeeds } from "./plan/needs.ts";
import { strategyOf } from "./search/kinds.ts";

/**
 * Refuses teachers that a study cannot have trained before their students, or that cannot teach them.
 *
 * @param study The points as they are to be trained.
 * @param queue Address of a queue that trains; undefined for none.
 * @throws {RangeError} With what is wrong and what to do.
 */
export function checkTeachers(
  { checkTeacher = () => {} }: StudyTrainings,
  study: Pick<StudyRecord, "space" | "specifications" | "strategy" | "seeds">,
  queue: string | undefined,
): void {
  const { space: { points }, specifications, strategy } = study;
  const taught = pointNeeds(study).flatMap((needs, place) =>
    needs.filter(({ role }) => role === "teacher").map(({ at }) => ({ place, at }))
  );
  if (taught.length === 0) return;
  if (queue !== undefined) {
    throw new RangeError(
      "runStudy: training.teacher hands weights from run to run, which a queue does not: leave teacher " +
        "or queue out.",
    );
  }
  if (strategy !== undefined) {
    const why = rungsOf(strategy).length > 0
      ? "it pauses runs, so that a teacher might never be trained to its end"
      : strategyOf(strategy).ask !== null
      ? "it chooses points by what was trained, and would wait for students of a teacher that failed"
      : null;
    if (why !== null) {
      throw new RangeError(
        `runStudy: cannot combine ${strategy.kind} and training.teacher: ${why}. Take a grid, a list of ` +
          `points, arms or a random search.`,
      );
    }
  }
  for (const { place, at } of taught) {
    try {
      checkTeacher(specifications[at], specifications[place]);
    } catch (error) {
      throw new RangeError(
        `training.teacher of point ${showLong(points[place])}: ${
          showLong(points[at])
        } cannot teach it: ` +
          `${(error as Error).message}`,
      );
    }
  }
}

/**
 * Refuses weights of another study's runs for a queue, whose workers have no results of this project.
 *
 * @param queue Address of a queue that trains; undefined for none.
 */
export function refuseRunsWeightsOverQueue(
  { specifications }: Pick<StudyRecord, "specifications">,
  queue: string | undefined,
): void {
  const given = specifications.some(({ initialWeights }) =>
    Object.hasOwn(Object(initialWeights), "from")
  );
  if (queue === undefined || !given) return;
  throw new RangeError(
    "runStudy: initialWeights.from hands weights of this project's results to runs, which a queue does not: " +
      "leave the queue out, or copy the weights into a file of the project that all workers have, and name " +
      "that.",
  );
}
