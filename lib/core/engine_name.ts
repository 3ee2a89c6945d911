/**
 * What computes: plain tfjs, our WASM kernels, those with relaxed SIMD, or those with matrix products by
 * a native BLAS.
 */
export type EngineName = "cpu" | "wasm" | "relaxed" | "native";

/** What may be asked for; `auto` is `native` where a BLAS is found, else `wasm`. */
export const engineChoices = ["cpu", "wasm", "relaxed", "native", "auto"] as const;

/** An engine by name, or `auto`. */
export type EngineChoice = typeof engineChoices[number];

/** Name of the engine with a given id: what stands before the first slash. */
export function engineNameOf(id: string): EngineName {
  return id.split("/")[0] as EngineName;
}
