import { type EngineInfo, useEngine } from "../engine/engine.ts";
import type { RunHooks, RunRequest } from "./run_request.ts";

/**
 * Makes the engine of a run tfjs's backend, with the threads that the run has.
 *
 * @throws {OutsideTrouble} If a thread cannot be started.
 */
export async function engineOf({ engine, threads = 1 }: RunRequest): Promise<EngineInfo> {
  // With threads given, `native` would be another engine.
  return await useEngine(engine, threads === 1 ? {} : { threads });
}

/** Gives a run as many threads as it is to have by now: its bits do not depend on it. */
export function changingThreads(request: RunRequest, hooks: RunHooks): () => Promise<void> {
  let { threads = 1 } = request;
  return async () => {
    const wanted = hooks.threads?.() ?? threads;
    if (wanted === threads) return;
    threads = wanted;
    await engineOf({ ...request, threads });
  };
}
