/** The Worker of a training process: does one run after the other. */
import { residentMemory } from "../../core/runtime/own_process.ts";
import { troubleOutside } from "../../core/outside_trouble.ts";
import type { RunHooks, RunRequest } from "../../training/run_request.ts";
import type { CurvePoint, RunRecord } from "../../records/run_record.ts";
import { cancelledAt, type FromChild, threadsAt, type ToTrainer } from "./protocol.ts";

type Execute = (request: RunRequest, hooks: RunHooks) => Promise<RunRecord>;

/** Milliseconds between two messages of progress, when no new evaluation is in it. */
const pause = 100;

// The only part of a Worker's global scope that is needed; Deno's types lack it outside a Worker.
const scope = globalThis as unknown as {
  postMessage(message: FromChild): void;
  onmessage: (event: MessageEvent<ToTrainer>) => void;
};

// stdout carries the answers; what users' code prints belongs beside them.
// deno-lint-ignore no-console
console.log = console.info = console.debug = console.error;

let execute: Execute | null = null;
let wishes: Int32Array = new Int32Array(2);

async function load(executor: string | null): Promise<void> {
  try {
    const module = executor === null
      ? await import("../../ensembles/execute_run.ts")
      : await import(executor);
    if (typeof module.executeRun !== "function") {
      throw new TypeError(`${executor} must export a function executeRun.`);
    }
    execute = module.executeRun;
    scope.postMessage({ type: "ready" });
  } catch (error) {
    scope.postMessage({ type: "unusable", message: describe(error) });
  }
}

async function run(request: RunRequest): Promise<void> {
  const { id } = request;
  const isCancelled = () => Atomics.load(wishes, cancelledAt) === 1;
  let told = 0;
  let toldAbout: CurvePoint | null = null;
  try {
    const record = await execute!(request, {
      onProgress(step, steps, latest) {
        const now = performance.now();
        if (now - told < pause && latest === toldAbout) return;
        told = now;
        toldAbout = latest;
        const resident = residentMemory();
        scope.postMessage({ type: "progress", id, step, steps, latest, resident });
      },
      threads: () => Atomics.load(wishes, threadsAt),
      isCancelled,
    });
    scope.postMessage({ type: "done", id, record, resident: residentMemory() });
  } catch (error) {
    const trouble = troubleOutside(error);
    if (isCancelled()) scope.postMessage({ type: "cancelled", id });
    else if (trouble === null) scope.postMessage({ type: "threw", id, message: describe(error) });
    else scope.postMessage({ type: "threw", id, message: trouble.message, outside: true });
  }
}

function describe(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}

scope.onmessage = async ({ data }) => {
  if (data.type === "run") return await run(data.request);
  wishes = data.wishes;
  await load(data.executor);
};
