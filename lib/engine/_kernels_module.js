// JavaScript because TypeScript 6 does not know source phase imports. The module is compiled here
// and instantiated by the arena; no permission to read files is needed.
import source strictKernels from "./kernels.wasm";
import source relaxedKernels from "./relaxed_kernels.wasm";
export { relaxedKernels, strictKernels };
