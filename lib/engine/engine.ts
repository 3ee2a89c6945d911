import * as tf from "@tensorflow/tfjs";
import { checkKeys, checkOneOf } from "../core/check.ts";
import type { MathBackendCPU } from "@tensorflow/tfjs-backend-cpu";
import { wasmProducts } from "./products.ts";
import { ArenaBackend, silence } from "./_backend.ts";

/** What computes: plain tfjs, our WASM kernels, or those with matrix products by a native BLAS. */
export type EngineName = "cpu" | "wasm" | "native";

/** The engine in use, as records and `doctor` show it. */
export interface EngineInfo {
  readonly name: EngineName;
  /** What the bits of a result depend on; part of run ids: `cpu`, `wasm`, or `native/…`. */
  readonly id: string;
  /** Why this engine was chosen, in one line. */
  readonly reason: string;
  /** Path of the BLAS library, or null. */
  readonly blas: string | null;
  /** Core type the BLAS chose its kernels for, or null. */
  readonly coreType: string | null;
  /** Fixed size of the engine's memory; null for `cpu`, which has none. */
  readonly arenaMaximumBytes: number | null;
}

const wasmBackend = "parsimony-wasm";

/**
 * Chooses what computes, and makes it tfjs's backend.
 *
 * `wasm` gives the same bits on every run and every CPU; `native` is faster and gives the same bits
 * on one machine and core type; `cpu` is plain tfjs, slow, the oracle of the tests.
 *
 * @param name The engine, or `auto`: `native` when a BLAS is found, else `wasm`.
 * @param options `blas`: path of a BLAS library; the environment variable PARSIMONY_BLAS and the
 * platform's usual places when left out.
 * @returns What was chosen and why. The choice can differ from the name: `native` falls back to
 * `wasm` with one line on the console when no BLAS can be loaded.
 * @throws {RangeError} If the name is none of those above.
 *
 * @example
 * ```ts
 * import { useEngine } from "./engine.ts";
 * import * as tf from "@tensorflow/tfjs";
 * import assert from "node:assert/strict";
 * const engine = await useEngine("wasm");
 * assert.equal(engine.id, "wasm");
 * assert.deepEqual([...tf.matMul([[1, 2]], [[3], [4]]).dataSync()], [11]);
 * ```
 */
export async function useEngine(
  name: EngineName | "auto",
  options: { blas?: string } = {},
): Promise<EngineInfo> {
  checkOneOf("useEngine: name", name, ["cpu", "wasm", "native", "auto"] as const);
  checkKeys("useEngine", options, ["blas"]);
  if (name === "cpu") {
    await setBackend("cpu");
    silence(tf.backend() as MathBackendCPU);
    return {
      name,
      id: "cpu",
      reason: "asked for by name",
      blas: null,
      coreType: null,
      arenaMaximumBytes: null,
    };
  }
  register(wasmBackend);
  await setBackend(wasmBackend);
  return {
    name: "wasm",
    id: "wasm",
    reason: name === "wasm" ? "asked for by name" : "no BLAS is supported yet",
    blas: null,
    coreType: null,
    arenaMaximumBytes: (tf.backend() as ArenaBackend).arena.maximumBytes,
  };
}

async function setBackend(name: string): Promise<void> {
  if (tf.getBackend() === name) return;
  if (!await tf.setBackend(name)) throw new Error(`Cannot set the tfjs backend "${name}".`);
}

function register(backendName: string): void {
  if (tf.findBackendFactory(backendName) !== null) return;
  tf.registerBackend(backendName, () => new ArenaBackend(wasmProducts()), 0);
  tf.copyRegisteredKernels("cpu", backendName);
}
