/**
 * What computes: plain tfjs, our WASM kernels, those with relaxed SIMD, or those with matrix products by
 * a native BLAS, whole or in blocks that several threads share.
 */
export type EngineName = "cpu" | "wasm" | "relaxed" | "native" | "blocked";

/** What may be asked for; `auto` is `native` where a BLAS is found, else `wasm`. */
export const engineChoices = ["cpu", "wasm", "relaxed", "native", "blocked", "auto"] as const;

/** An engine by name, or `auto`. */
export type EngineChoice = typeof engineChoices[number];

/** Name of the engine with a given id: what stands before the first slash. */
export function engineNameOf(id: string): EngineName {
  return id.split("/")[0] as EngineName;
}

/** Whether an engine, or the one that may be chosen, loads a native library. */
export function loadsLibrary(name: EngineChoice): boolean {
  return name === "native" || name === "blocked" || name === "auto";
}
