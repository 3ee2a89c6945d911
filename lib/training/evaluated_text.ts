import type { Batch } from "../data/batches.ts";
import type { PreparedBytes } from "../data/prepare_bytes.ts";
import type { EvaluatedText, RunRecord } from "../records/run_record.ts";
import type { EvaluationBatches } from "./task.ts";

/** What the record of a run says of the text that its evaluations read. */
export function evaluatedTexts(
  parts: PreparedBytes["evaluated"],
  evaluation: Pick<EvaluationBatches, "training" | "heldOut" | "choosing">,
): RunRecord["tokens"]["text"] {
  const of = (part: keyof typeof parts): EvaluatedText => ({
    tokens: tokensOf(evaluation[part]!),
    ...parts[part]!.size,
  });
  return {
    training: of("training"),
    heldOut: of("heldOut"),
    ...(evaluation.choosing && { choosing: of("choosing") }),
  };
}

function tokensOf(batches: readonly Batch[]): number {
  return batches.reduce((sum, { tokens }) => sum + tokens, 0);
}
