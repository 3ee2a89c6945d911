import assert from "node:assert/strict";
import type { RunRecord } from "../../records/run_record.ts";
import type { FoldRecord } from "../../records/study_record.ts";
import { executeRun } from "../run.ts";
import type { SpecificationOptions } from "../specification.ts";
import { readTrainedModel, type TrainedModel } from "../trained_model.ts";
import { requestOf } from "./execute.ts";

/** Gives a path that a file may have meanwhile. */
export async function withFile<T>(use: (path: string) => Promise<T>): Promise<T> {
  const folder = await Deno.makeTempDir();
  try {
    return await use(`${folder}/model`);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Trains to the end, and gives the model as it comes back from its file. */
export function trainedAndRead(
  specification: SpecificationOptions,
  fold: FoldRecord,
): Promise<{ model: TrainedModel; record: RunRecord; bytes: Uint8Array }> {
  return withFile(async (weightsPath) => {
    const record = await executeRun(requestOf(specification, fold, { weightsPath }));
    assert.equal(record.status, "completed");
    const bytes = await Deno.readFile(weightsPath);
    return { model: await readTrainedModel(bytes), record, bytes };
  });
}

/** Trains to the end, and uses the model as it comes back from its file. */
export async function withTrained(
  specification: SpecificationOptions,
  fold: FoldRecord,
  use: (model: TrainedModel, record: RunRecord) => void,
): Promise<void> {
  const { model, record } = await trainedAndRead(specification, fold);
  try {
    use(model, record);
  } finally {
    model.dispose();
  }
}
