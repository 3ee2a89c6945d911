// JavaScript because TypeScript 6 does not know source phase imports. The module is compiled here
// and instantiated by the arena; no permission to read files is needed.
import source kernelsModule from "./kernels.wasm";
export default kernelsModule;
