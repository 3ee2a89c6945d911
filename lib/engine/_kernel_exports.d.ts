// Written by `deno task kernels` from assembly/.
export function elementary(which: number, x: number, y: number, count: number): void;
export function fill(x: number, count: number, value: number): void;
export function scale(x: number, count: number, factor: number): void;
export function addPolynomial(
  factor: number,
  square: number,
  side: number,
  a: number,
  b: number,
  c: number,
): void;
export function mirror(x: number, side: number): void;
export function muonApply(
  w: number,
  x: number,
  rows: number,
  width: number,
  columns: number,
  effects: number,
  stepSize: number,
): void;
export function muonDirection(
  out: number,
  w: number,
  g: number,
  slot: number,
  rows: number,
  width: number,
  columns: number,
  effects: number,
  coefficients: number,
): void;
export function squaredNorm(g: number, w: number, count: number, l1: number, l2: number): number;
export function updateByAdam(
  w: number,
  g: number,
  m: number,
  v: number,
  count: number,
  effects: number,
  coefficients: number,
  normWanted: boolean,
): number;
export function updateBySgd(
  w: number,
  g: number,
  velocity: number,
  count: number,
  effects: number,
  coefficients: number,
): void;
export function causalSoftmax(
  rows: number,
  columns: number,
  stride: number,
  first: number,
  factor: number,
  scores: number,
): void;
export function causalSoftmaxBackward(
  rows: number,
  columns: number,
  stride: number,
  first: number,
  factor: number,
  p: number,
  dp: number,
): void;
export function moveTowards(to: number, from: number, count: number, share: number): void;
export function dropout(
  x: number,
  y: number,
  count: number,
  key0: number,
  key1: number,
  threshold: number,
  factor: number,
): void;
export function addValues(count: number, a: number, b: number, out: number): void;
export function multiplyValues(count: number, a: number, b: number, out: number): void;
export function gemmWorkspaceBytes(): number;
export function packedBytes(k: number, n: number): number;
export function packedWorkspaceBytes(k: number): number;
export function transpose(rows: number, columns: number, x: number, ldx: number, out: number): void;
export function packB(
  transposed: number,
  k: number,
  n: number,
  b: number,
  ldb: number,
  out: number,
): void;
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
export function gelu(
  rows: number,
  columns: number,
  byTanh: boolean,
  x: number,
  bias: number,
  y: number,
  slope: number,
): void;
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
export function gruBeforeStateBackward(
  batch: number,
  hidden: number,
  gates: number,
  previous: number,
  dy: number,
  carry: number,
  dg: number,
): void;
export function gruBeforeGatesBackward(
  batch: number,
  hidden: number,
  gates: number,
  previous: number,
  dq: number,
  carry: number,
  dg: number,
): void;
export function gruKeepMasked(
  batch: number,
  hidden: number,
  mask: number,
  previous: number,
  gates: number,
  h: number,
): void;
export function layerNorm(
  rows: number,
  columns: number,
  x: number,
  gain: number,
  shift: number,
  epsilon: number,
  y: number,
  statistics: number,
): void;
export function layerNormBackward(
  rows: number,
  columns: number,
  x: number,
  gain: number,
  statistics: number,
  dy: number,
  dx: number,
  dgain: number,
  dshift: number,
): void;
export function layerNormSums(
  rows: number,
  columns: number,
  stride: number,
  x: number,
  statistics: number,
  dy: number,
  dgain: number,
  dshift: number,
): void;
export function softmaxCrossEntropy(
  rows: number,
  columns: number,
  logits: number,
  targets: number,
  weights: number,
  scale: number,
  sums: number,
  bias: number,
): number;
export function softmaxOfRows(
  rows: number,
  columns: number,
  logits: number,
  targets: number,
  weights: number,
  scale: number,
  bias: number,
  losses: number,
): void;
export function subtractTargets(
  rows: number,
  columns: number,
  first: number,
  count: number,
  logits: number,
  targets: number,
  weights: number,
  scale: number,
  sums: number,
): void;
export function lstmForward(
  batch: number,
  hidden: number,
  x: number,
  tokens: number,
  mask: number,
  g: number,
  previous: number,
  previousCell: number,
  gates: number,
  cell: number,
  h: number,
): void;
export function lstmBackward(
  batch: number,
  hidden: number,
  mask: number,
  gates: number,
  cell: number,
  previousCell: number,
  dy: number,
  carry: number,
  carryCell: number,
  dg: number,
): void;
export function rmsNorm(
  rows: number,
  columns: number,
  x: number,
  gain: number,
  epsilon: number,
  y: number,
  inverses: number,
): void;
export function rmsNormBackward(
  rows: number,
  columns: number,
  x: number,
  gain: number,
  inverses: number,
  dy: number,
  dx: number,
  dgain: number,
): void;
export function rmsNormSums(
  rows: number,
  columns: number,
  stride: number,
  x: number,
  inverses: number,
  dy: number,
  dgain: number,
): void;
export function rnnForward(
  batch: number,
  hidden: number,
  rectified: boolean,
  x: number,
  tokens: number,
  mask: number,
  g: number,
  previous: number,
  h: number,
): void;
export function rnnBackward(
  batch: number,
  hidden: number,
  rectified: boolean,
  mask: number,
  h: number,
  dy: number,
  carry: number,
  dg: number,
): void;
export function rotary(
  rows: number,
  heads: number,
  half: number,
  time: number,
  sign: number,
  x: number,
  angles: number,
  y: number,
): void;
export function gatherRows(
  table: number,
  tokens: number,
  count: number,
  rows: number,
  columns: number,
  out: number,
): number;
export function scatterAddRows(
  x: number,
  tokens: number,
  count: number,
  columns: number,
  stride: number,
  table: number,
): void;
export function sumRows(
  x: number,
  rows: number,
  columns: number,
  stride: number,
  out: number,
): void;
export function repeatRow(row: number, rows: number, columns: number, out: number): void;
export function addToRows(x: number, row: number, rows: number, columns: number, out: number): void;
export function multiplyAndSumRows(
  x: number,
  y: number,
  rows: number,
  columns: number,
  stride: number,
  out: number,
  sums: number,
): void;
export function swiglu(count: number, gate: number, up: number, y: number): void;
export function swigluBackward(
  count: number,
  gate: number,
  up: number,
  dy: number,
  dgate: number,
  dup: number,
): void;
