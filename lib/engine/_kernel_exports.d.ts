// Written by `deno task kernels` from assembly/.
/**
 * assembly/math/elementary
 * @param which `i32`
 * @param x `usize`
 * @param y `usize`
 * @param count `i32`
 */
export function elementary(which: number, x: number, y: number, count: number): void;
/**
 * assembly/math/fill
 * @param x `usize`
 * @param count `i32`
 * @param value `f32`
 */
export function fill(x: number, count: number, value: number): void;
/**
 * assembly/math/scale
 * @param x `usize`
 * @param count `i32`
 * @param factor `f32`
 */
export function scale(x: number, count: number, factor: number): void;
/**
 * assembly/dropout/dropout
 * @param x `usize`
 * @param y `usize`
 * @param count `i32`
 * @param key0 `i32`
 * @param key1 `i32`
 * @param threshold `i32`
 * @param factor `f32`
 */
export function dropout(
  x: number,
  y: number,
  count: number,
  key0: number,
  key1: number,
  threshold: number,
  factor: number,
): void;
/**
 * assembly/gemm/gemmWorkspaceBytes
 * @returns `i32`
 */
export function gemmWorkspaceBytes(): number;
/**
 * assembly/gemm/packedBytes
 * @param k `i32`
 * @param n `i32`
 * @returns `i32`
 */
export function packedBytes(k: number, n: number): number;
/**
 * assembly/gemm/packedWorkspaceBytes
 * @param k `i32`
 * @returns `i32`
 */
export function packedWorkspaceBytes(k: number): number;
/**
 * assembly/gemm/packB
 * @param transposed `i32`
 * @param k `i32`
 * @param n `i32`
 * @param b `usize`
 * @param ldb `i32`
 * @param out `usize`
 */
export function packB(
  transposed: number,
  k: number,
  n: number,
  b: number,
  ldb: number,
  out: number,
): void;
/**
 * assembly/gemm/gemm
 * @param transposeA `i32`
 * @param transposeB `i32`
 * @param m `i32`
 * @param n `i32`
 * @param k `i32`
 * @param a `usize`
 * @param lda `i32`
 * @param b `usize`
 * @param ldb `i32`
 * @param accumulate `i32`
 * @param c `usize`
 * @param ldc `i32`
 * @param workspace `usize`
 */
export function gemm(
  transposeA: number,
  transposeB: number,
  m: number,
  n: number,
  k: number,
  a: number,
  lda: number,
  b: number,
  ldb: number,
  accumulate: number,
  c: number,
  ldc: number,
  workspace: number,
): void;
/**
 * assembly/gemm/gemmPacked
 * @param m `i32`
 * @param n `i32`
 * @param k `i32`
 * @param a `usize`
 * @param lda `i32`
 * @param packedB `usize`
 * @param accumulate `i32`
 * @param c `usize`
 * @param ldc `i32`
 * @param workspace `usize`
 */
export function gemmPacked(
  m: number,
  n: number,
  k: number,
  a: number,
  lda: number,
  packedB: number,
  accumulate: number,
  c: number,
  ldc: number,
  workspace: number,
): void;
/**
 * assembly/gru/gruAfterForward
 * @param batch `i32`
 * @param hidden `i32`
 * @param x `usize`
 * @param tokens `usize`
 * @param g `usize`
 * @param c `usize`
 * @param previous `usize`
 * @param gates `usize`
 * @param s `usize`
 * @param h `usize`
 */
export function gruAfterForward(
  batch: number,
  hidden: number,
  x: number,
  tokens: number,
  g: number,
  c: number,
  previous: number,
  gates: number,
  s: number,
  h: number,
): void;
/**
 * assembly/gru/gruAfterBackward
 * @param batch `i32`
 * @param hidden `i32`
 * @param gates `usize`
 * @param s `usize`
 * @param previous `usize`
 * @param dy `usize`
 * @param carry `usize`
 * @param dx `usize`
 * @param tokens `usize`
 * @param dg `usize`
 * @param dc `usize`
 */
export function gruAfterBackward(
  batch: number,
  hidden: number,
  gates: number,
  s: number,
  previous: number,
  dy: number,
  carry: number,
  dx: number,
  tokens: number,
  dg: number,
  dc: number,
): void;
/**
 * assembly/gru/gruBeforeGates
 * @param batch `i32`
 * @param hidden `i32`
 * @param x `usize`
 * @param tokens `usize`
 * @param g `usize`
 * @param previous `usize`
 * @param gates `usize`
 * @param q `usize`
 */
export function gruBeforeGates(
  batch: number,
  hidden: number,
  x: number,
  tokens: number,
  g: number,
  previous: number,
  gates: number,
  q: number,
): void;
/**
 * assembly/gru/gruBeforeState
 * @param batch `i32`
 * @param hidden `i32`
 * @param x `usize`
 * @param tokens `usize`
 * @param u `usize`
 * @param previous `usize`
 * @param gates `usize`
 * @param h `usize`
 */
export function gruBeforeState(
  batch: number,
  hidden: number,
  x: number,
  tokens: number,
  u: number,
  previous: number,
  gates: number,
  h: number,
): void;
/**
 * assembly/gru/gruBeforeStateBackward
 * @param batch `i32`
 * @param hidden `i32`
 * @param gates `usize`
 * @param previous `usize`
 * @param dy `usize`
 * @param carry `usize`
 * @param dg `usize`
 */
export function gruBeforeStateBackward(
  batch: number,
  hidden: number,
  gates: number,
  previous: number,
  dy: number,
  carry: number,
  dg: number,
): void;
/**
 * assembly/gru/gruBeforeGatesBackward
 * @param batch `i32`
 * @param hidden `i32`
 * @param gates `usize`
 * @param previous `usize`
 * @param dq `usize`
 * @param carry `usize`
 * @param dg `usize`
 */
export function gruBeforeGatesBackward(
  batch: number,
  hidden: number,
  gates: number,
  previous: number,
  dq: number,
  carry: number,
  dg: number,
): void;
/**
 * assembly/loss/softmaxCrossEntropy
 * @param rows `i32`
 * @param columns `i32`
 * @param logits `usize`
 * @param targets `usize`
 * @param weights `usize`
 * @param scale `f32`
 * @returns `f64`
 */
export function softmaxCrossEntropy(
  rows: number,
  columns: number,
  logits: number,
  targets: number,
  weights: number,
  scale: number,
): number;
/**
 * assembly/optimizers/squaredNorm
 * @param g `usize`
 * @param w `usize`
 * @param count `i32`
 * @param l1 `f32`
 * @param l2 `f32`
 * @returns `f64`
 */
export function squaredNorm(g: number, w: number, count: number, l1: number, l2: number): number;
/**
 * assembly/optimizers/updateBySgd
 * @param w `usize`
 * @param g `usize`
 * @param velocity `usize`
 * @param count `i32`
 * @param l1 `f32`
 * @param l2 `f32`
 * @param clipping `f32`
 * @param coupledDecay `f32`
 * @param decay `f32`
 * @param threshold `f32`
 * @param shrinkage `f32`
 * @param learningRate `f32`
 * @param momentum `f32`
 * @param nesterov `bool`
 */
export function updateBySgd(
  w: number,
  g: number,
  velocity: number,
  count: number,
  l1: number,
  l2: number,
  clipping: number,
  coupledDecay: number,
  decay: number,
  threshold: number,
  shrinkage: number,
  learningRate: number,
  momentum: number,
  nesterov: boolean,
): void;
/**
 * assembly/optimizers/updateByAdam
 * @param w `usize`
 * @param g `usize`
 * @param m `usize`
 * @param v `usize`
 * @param count `i32`
 * @param l1 `f32`
 * @param l2 `f32`
 * @param clipping `f32`
 * @param coupledDecay `f32`
 * @param decay `f32`
 * @param threshold `f32`
 * @param shrinkage `f32`
 * @param perWeight `bool`
 * @param beta1 `f32`
 * @param rest1 `f32`
 * @param beta2 `f32`
 * @param rest2 `f32`
 * @param stepSize `f32`
 * @param rootScale `f32`
 * @param epsilon `f32`
 */
export function updateByAdam(
  w: number,
  g: number,
  m: number,
  v: number,
  count: number,
  l1: number,
  l2: number,
  clipping: number,
  coupledDecay: number,
  decay: number,
  threshold: number,
  shrinkage: number,
  perWeight: boolean,
  beta1: number,
  rest1: number,
  beta2: number,
  rest2: number,
  stepSize: number,
  rootScale: number,
  epsilon: number,
): void;
/**
 * assembly/rows/gatherRows
 * @param table `usize`
 * @param tokens `usize`
 * @param count `i32`
 * @param rows `i32`
 * @param columns `i32`
 * @param out `usize`
 * @returns `i32`
 */
export function gatherRows(
  table: number,
  tokens: number,
  count: number,
  rows: number,
  columns: number,
  out: number,
): number;
/**
 * assembly/rows/scatterAddRows
 * @param x `usize`
 * @param tokens `usize`
 * @param count `i32`
 * @param columns `i32`
 * @param table `usize`
 */
export function scatterAddRows(
  x: number,
  tokens: number,
  count: number,
  columns: number,
  table: number,
): void;
/**
 * assembly/rows/sumRows
 * @param x `usize`
 * @param rows `i32`
 * @param columns `i32`
 * @param out `usize`
 */
export function sumRows(x: number, rows: number, columns: number, out: number): void;
/**
 * assembly/rows/repeatRow
 * @param row `usize`
 * @param rows `i32`
 * @param columns `i32`
 * @param out `usize`
 */
export function repeatRow(row: number, rows: number, columns: number, out: number): void;
