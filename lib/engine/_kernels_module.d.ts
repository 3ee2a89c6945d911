declare const kernelsModule: WebAssembly.Module;
export default kernelsModule;
