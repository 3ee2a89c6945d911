import { averageName, kindOf as averageKindOf } from "../averages/kinds.ts";
import { idleSchedule, type Schedule } from "../core/schedule.ts";
import { kindOf } from "../optimizers/kinds.ts";
import type { FoldRecord } from "../records/study_record.ts";
import { isPairSpecification, type Specification } from "./specification.ts";

/**
 * Says which options of a specification can have no effect in a run as long as it asks for: such a run
 * trains, and is not what its options seem to say.
 *
 * @param specification As `validateSpecification` gives it.
 * @param folds The folds, the final one among them.
 * @returns One sentence an option; none when all can act.
 *
 * @example
 * ```ts
 * import { adam, characters, gruLanguageModel, inlineText } from "../mod.ts";
 * import { validateSpecification } from "./specification.ts";
 * import { specificationWarnings } from "./specification_warnings.ts";
 * import assert from "node:assert/strict";
 * const specification = validateSpecification({
 *   corpus: inlineText("abc abc abc"),
 *   tokenizer: characters(),
 *   model: gruLanguageModel({ embeddingSize: 2, hiddenSize: 2 }),
 *   optimizer: adam({ learningRate: 0.01 }),
 *   training: {
 *     steps: 100,
 *     evaluateEvery: 50,
 *     earlyStopping: { patience: 2 },
 *     batchSize: 1,
 *     windowLength: 2,
 *   },
 * });
 * const [warning] = specificationWarnings(specification, []);
 * assert.match(warning, /^training.earlyStopping: patience 2 stops no run before its last step/);
 * ```
 */
export function specificationWarnings(
  specification: Specification,
  folds: readonly FoldRecord[],
): string[] {
  const { optimizer, penalties, training: { steps, evaluateEvery, earlyStopping } } = specification;
  const evaluations = Math.ceil(steps / evaluateEvery);
  const afterwards =
    `${evaluations} ${evaluations === 1 ? "evaluation comes" : "evaluations come"} ` +
    `after that of the untrained model (steps ${steps}, evaluateEvery ${evaluateEvery})`;
  const found: (string | null)[] = [];
  if (earlyStopping !== null && earlyStopping.patience >= evaluations) {
    found.push(
      `training.earlyStopping: patience ${earlyStopping.patience} stops no run before its last ` +
        `step: ${afterwards}. The best weights are kept all the same.`,
    );
  }
  found.push(
    ...kindOf(optimizer).warnings?.(optimizer, { steps, evaluations, afterwards }) ?? [],
  );
  found.push(idle(optimizer.kind, optimizer.schedule, steps));
  found.push(idle("training.dropoutSchedule", specification.training.dropoutSchedule, steps));
  for (const { kind, schedule } of penalties) found.push(idle(kind, schedule, steps));
  found.push(...lateAverages(specification.training));
  found.push(...lateSnapshots(specification.training));
  found.push(...shortPrompts(specification, folds));
  return found.filter((warning) => warning !== null);
}

/** A schedule of whose changes none comes in a run of so many steps. */
function idle(subject: string, schedule: Schedule | undefined, steps: number): string | null {
  const idle = idleSchedule(schedule, steps);
  return idle === null ? null : `${subject}: ${idle}`;
}

/** Averages that take no weights in a run of so many steps. */
function lateAverages({ averages, steps }: Specification["training"]): string[] {
  return averages.filter((average) => (averageKindOf(average).firstStep?.(average) ?? 1) > steps)
    .map((average) =>
      `training.averages: ${averageName(average)}: it begins after the last step, ${steps}.`
    );
}

/** Snapshots of which none is taken in a run of so many steps. */
function lateSnapshots({ snapshots, steps }: Specification["training"]): string[] {
  return snapshots === null || snapshots.start <= steps
    ? []
    : [`training.snapshots: the first comes after the last step, ${steps}.`];
}

/** Prompts that are cut because a held-out text is shorter. */
function shortPrompts(specification: Specification, folds: readonly FoldRecord[]): string[] {
  if (isPairSpecification(specification)) return [];
  const { count, promptLength } = specification.training.samples;
  const short = folds.find(({ heldOut: [first] }) => first.end - first.start < promptLength);
  if (count === 0 || short === undefined) return [];
  const [{ start, end }] = short.heldOut;
  return [
    `training.samples: promptLength ${promptLength} is longer than the held-out text of fold ` +
    `${short.index}, ${end - start} tokens: its samples continue all of that.`,
  ];
}
