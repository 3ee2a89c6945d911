import type { JsonObject } from "../../core/json.ts";
import type { RunRecord } from "../../records/run_record.ts";
import type { FoldRecord } from "../../records/study_record.ts";
import { executeRun } from "../run.ts";
import type { RunRequest } from "../run_request.ts";
import type { SpecificationOptions } from "../specification.ts";

/** A run of a specification on a fold, with seed 1 on the WASM engine where `change` says nothing else. */
export function requestOf(
  specification: SpecificationOptions,
  fold: FoldRecord,
  change: Partial<RunRequest> = {},
): RunRequest {
  return {
    id: "test",
    specification: specification as unknown as JsonObject,
    point: {},
    fold,
    seed: 1,
    engine: "wasm",
    weightsPath: null,
    ...change,
  };
}

/** Does one run of a specification on a fold, with seed 1 on the WASM engine. */
export function execute(specification: SpecificationOptions, fold: FoldRecord): Promise<RunRecord> {
  return executeRun(requestOf(specification, fold));
}

/** All of a record that the same run has again, as text. */
export function numbersOf(record: RunRecord): string {
  const { durationSeconds: _, finishedAt: __, host: ___, ...numbers } = record;
  return JSON.stringify(numbers);
}
