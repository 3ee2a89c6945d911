import { pairTask } from "./pair_task.ts";
import { isPairSpecification, type Specification } from "./specification.ts";
import type { Task, TaskContext } from "./task.ts";
import { textTask } from "./text_task.ts";

/** Loads one fold and builds the model, as the specification says for texts or for pairs. */
export async function prepareTask(
  specification: Specification,
  context: TaskContext,
): Promise<Task> {
  return isPairSpecification(specification)
    ? await pairTask(specification, context)
    : await textTask(specification, context);
}
