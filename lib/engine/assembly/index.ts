// Every kernel is exported here. Addresses are in bytes; all numbers are 32-bit floats.
export * from "./attention";
export * from "./averages";
export * from "./dropout";
export * from "./elementwise";
export * from "./gemm";
export * from "./gelu";
export * from "./gru";
export * from "./layer_norm";
export * from "./loss";
export * from "./lstm";
export { elementary, fill, scale } from "./math";
export { addPolynomial, mirror, muonApply, muonDirection } from "./muon";
export { squaredNorm, updateByAdam, updateBySgd } from "./optimizers";
export * from "./rms_norm";
export * from "./rnn";
export * from "./rotary";
export * from "./rows";
export * from "./swiglu";
