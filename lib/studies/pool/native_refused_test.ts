import assert from "node:assert/strict";
import { blockedFolds } from "../../data/folds.ts";
import type { RunRecord } from "../../records/run_record.ts";
import type { RunRequest } from "../../training/run_request.ts";
import { startChild } from "./_child_process.ts";
import type { FromChild } from "./protocol.ts";
import { libraryTrainings } from "../_library_trainings.ts";
import { withProject } from "../_testing/parts.ts";
import { smallStudy } from "../_testing/small_study.ts";

Deno.test("a training process without --allow-ffi trains native and auto on wasm and says so in one line", () =>
  withProject(async (project) => {
    const request = await smallRun(project);
    const wasm = await trainAlone(project, { ...request, engine: "wasm" });
    assert.deepEqual(wasm.lines, []);
    for (const engine of ["native", "auto"] as const) {
      const { record, lines } = await trainAlone(project, { ...request, engine });
      assert.equal(lines.length, 1, lines.join("\n"));
      assert.match(lines[0], /^.*--allow-ffi .*; matrix products by the WASM kernels instead$/);
      assert.equal(record.status, "completed");
      assert.equal(record.engine, "wasm");
      assert.deepEqual(record.curve, wasm.record.curve);
    }
  }));

/** The first run of the small study. */
async function smallRun(project: string): Promise<RunRequest> {
  const point = { lambda: 0, alpha: 0 };
  const { specifications, folds } = await libraryTrainings.prepare(
    [{ point, options: smallStudy(project).specify(point) }],
    blockedFolds({ count: 2 }),
    project,
  );
  return {
    id: "0".repeat(64),
    specification: specifications[0],
    point,
    fold: folds[0],
    seed: 1,
    engine: "wasm",
    weightsPath: null,
  };
}

/** Does one run in a process of its own, started as a pool does for the engine `wasm`. */
async function trainAlone(
  project: string,
  request: RunRequest,
): Promise<{ record: RunRecord; lines: string[] }> {
  const lines: string[] = [];
  const { promise, resolve, reject } = Promise.withResolvers<FromChild>();
  const child = startChild(
    { project, writable: project, executor: null, native: false, heapMegabytes: null },
    {
      message(message) {
        if (message.type === "ready") child.send({ type: "run", request });
        else if (message.type !== "progress") resolve(message);
      },
      log: (line) => lines.push(line),
      exit: (reason) => reject(new Error(reason)),
    },
  );
  try {
    const message = await promise;
    assert.ok(message.type === "done", JSON.stringify(message));
    return { record: message.record, lines };
  } finally {
    await child.stop(5);
  }
}
