import type { JsonObject } from "../../core/json.ts";
import type { RunRecord } from "../../records/run_record.ts";
import type { FoldRecord } from "../../records/study_record.ts";
import { executeRun } from "../run.ts";
import type { SpecificationOptions } from "../specification.ts";

/** Does one run of a specification on a fold, with seed 1 on the WASM engine. */
export function execute(specification: SpecificationOptions, fold: FoldRecord): Promise<RunRecord> {
  return executeRun({
    id: "test",
    specification: specification as unknown as JsonObject,
    point: {},
    fold,
    seed: 1,
    engine: "wasm",
    weightsPath: null,
  });
}
