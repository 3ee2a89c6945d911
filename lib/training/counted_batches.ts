import type { BatchesPosition, TaskBatches } from "./task.ts";

/** Training batches whose targets are counted. */
export interface CountedBatches extends TaskBatches {
  position(): BatchesPosition;
  /** Takes what was read so far for what the latest evaluation has seen. */
  evaluated(): void;
  /** Targets that the training had counted at its latest evaluation. */
  readonly tokensEvaluated: number;
}

/** Counts targets as batches are read; from where a position has it. */
export function countedBatches(
  batches: TaskBatches,
  from: BatchesPosition | null,
): CountedBatches {
  let { read, evaluated } = from?.targets ?? { read: 0, evaluated: 0 };
  return {
    next() {
      const batch = batches.next();
      read += batch.tokens;
      return batch;
    },
    state: batches.state,
    position: () => ({ ...batches.position?.(), targets: { read, evaluated } }),
    evaluated: () => void (evaluated = read),
    get tokensEvaluated() {
      return evaluated;
    },
  };
}
