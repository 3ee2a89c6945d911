/** What computes: plain tfjs, our WASM kernels, or those with matrix products by a native BLAS. */
export type EngineName = "cpu" | "wasm" | "native";

/** Name of the engine with a given id: what stands before the first slash. */
export function engineNameOf(id: string): EngineName {
  return id.split("/")[0] as EngineName;
}
