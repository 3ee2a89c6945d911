import { inBytes, type MemoryPlan, planInWords } from "../training/memory_plan.ts";

/** The largest plan of a study's trainings; null where none is known. */
export function largestPlan(plans: readonly (MemoryPlan | null)[]): MemoryPlan | null {
  return plans.reduce(
    (largest, plan) => (plan?.bytes ?? 0) > (largest?.bytes ?? 0) ? plan : largest,
    null,
  );
}

/**
 * Refuses trainings that no process of this machine can do.
 *
 * @param whole All memory of the machine, bytes; null where that cannot be seen.
 * @throws {RangeError} With what needs most, and what would make it fit.
 */
export function checkWholeMemory(plan: MemoryPlan, whole: number | null): void {
  if (whole === null || plan.leastBytes <= whole) return;
  throw new RangeError(
    `The study's trainings do not fit into this machine's memory of ${inBytes(whole)}. ` +
      `${
        planInWords(plan)
      } Activations take less with a smaller training.microBatchSize or, of a ` +
      `Transformer or Llama, with training.recomputeBlocks; the rest with smaller sizes of the model or another optimizer.`,
  );
}
