// @ts-self-types="./_resvg_wasm.d.ts"
// JavaScript, as TypeScript 6.0 does not know `import source`. An import gives the compiled module
// without the permission to read Deno's cache of packages.
import source module from "@resvg/resvg-wasm/index_bg.wasm";

export default module;
