export declare const strictKernels: WebAssembly.Module;
export declare const relaxedKernels: WebAssembly.Module;
