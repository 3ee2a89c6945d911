import type { JsonObject } from "../../core/json.ts";
import type { StudyTrainings } from "../_trainings.ts";
import type { StudyOptions } from "../options.ts";
import type { WorkerParts } from "../pool/queue/worker.ts";
import { silentReporter } from "../reporter.ts";
import { grid } from "../search/space.ts";
import type { DoubleSpecification } from "./executor.ts";

export { withTemporaryProject as withProject } from "../../core/testing/temporary_project.ts";

/** Parts that train nothing. */
export const doubleParts: StudyTrainings = {
  executor: new URL("./executor.ts", import.meta.url).href,
  prepare(given, folds) {
    const { count, final } = folds as { count: number; final: boolean };
    return Promise.resolve({
      specifications: given.map(({ options }) => options as JsonObject),
      corpus: { name: "none", sha256: "0", licence: "none", source: "none", tokens: 100 },
      folds: Array.from({ length: count }, (_, index) => ({
        index,
        training: [{ start: 50, end: 90 }],
        heldOut: [{ start: index * 5, end: index * 5 + 5 }],
      })),
      finalFold: final
        ? { index: "final", training: [{ start: 0, end: 90 }], heldOut: [{ start: 92, end: 100 }] }
        : null,
    });
  },
  isUnpenalized: ({ lambda, alpha }) => lambda === 0 && alpha === 0,
  engine: () => Promise.resolve({ id: "cpu", name: "cpu" }),
};

/** What a worker of doubles knows. */
export const workerDoubles: WorkerParts = {
  executor: doubleParts.executor,
  engine: doubleParts.engine,
  checkSpecification(specification) {
    if (typeof specification.lambda === "number") return specification;
    throw new TypeError(`lambda must be a number, found ${specification.lambda}.`);
  },
};

/** Options of a study of doubles; those given replace or extend the usual ones. */
export function doubleOptions(
  project: string | undefined,
  changes: Partial<StudyOptions> = {},
  specification: Partial<DoubleSpecification> = {},
): StudyOptions {
  return {
    name: "double",
    project,
    space: grid({ lambda: [0, 0.01], alpha: [0, 1] }),
    specify: ({ lambda, alpha = 0 }) =>
      ({
        lambda,
        alpha,
        steps: 4,
        millisecondsPerStep: 0,
        mischief: null,
        mischiefFold: "all",
        once: null,
        ...specification,
      }) as unknown as ReturnType<StudyOptions["specify"]>,
    folds: { count: 3, final: true } as unknown as StudyOptions["folds"],
    seeds: [1, 2],
    workers: 2,
    graceSeconds: 2,
    // Most tests are about training, also of what another study of their project has.
    shareRuns: false,
    reporter: silentReporter,
    ...changes,
  };
}
