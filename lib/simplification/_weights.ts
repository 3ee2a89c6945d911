import type { StoredTensor } from "../models/safetensors.ts";

/** Weights of a model by parameter name; functions here change the map, never a tensor in it. */
export type Weights = Map<string, StoredTensor>;

/** Rows and columns of a tensor as a matrix; a vector is one row. */
export function sizesOf({ shape }: StoredTensor): { rows: number; columns: number } {
  return shape.length === 1
    ? { rows: 1, columns: shape[0] }
    : { rows: shape[0], columns: shape[1] };
}

/** Whether every weight at the crossings of some rows and columns is 0; all where a list is missing. */
export function isZero(
  tensor: StoredTensor,
  { rows: wantedRows, columns: wantedColumns }: {
    readonly rows?: readonly number[];
    readonly columns?: readonly number[];
  },
): boolean {
  const { rows, columns } = sizesOf(tensor);
  for (const row of wantedRows ?? range(rows)) {
    for (const column of wantedColumns ?? range(columns)) {
      if (tensor.values[row * columns + column] !== 0) return false;
    }
  }
  return true;
}

/** 0, 1, …, count − 1. */
export function range(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index);
}

/** A matrix with some of its rows only. */
export function withRows(tensor: StoredTensor, kept: readonly number[]): StoredTensor {
  const { columns } = sizesOf(tensor);
  const values = new Float32Array(kept.length * columns);
  kept.forEach((row, place) =>
    values.set(tensor.values.subarray(row * columns, (row + 1) * columns), place * columns)
  );
  return { shape: [kept.length, columns], values };
}

/** A matrix or vector with some of its columns only. */
export function withColumns(tensor: StoredTensor, kept: readonly number[]): StoredTensor {
  const { rows, columns } = sizesOf(tensor);
  const values = new Float32Array(rows * kept.length);
  for (let row = 0; row < rows; row++) {
    kept.forEach((column, place) =>
      values[row * kept.length + place] = tensor.values[row * columns + column]
    );
  }
  return { shape: [...tensor.shape.slice(0, -1), kept.length], values };
}

/** Columns of some units in a matrix of gates: those of the first gate, of the second, and so on. */
export function gateColumns(units: readonly number[], gates: number, size: number): number[] {
  return range(gates).flatMap((gate) => units.map((unit) => gate * size + unit));
}

/** Keeps some rows of a parameter, if the model has it. */
export function keepRows(weights: Weights, name: string, kept: readonly number[]): void {
  const tensor = weights.get(name);
  if (tensor !== undefined) weights.set(name, withRows(tensor, kept));
}

/** Keeps some columns of a parameter, if the model has it. */
export function keepColumns(weights: Weights, name: string, kept: readonly number[]): void {
  const tensor = weights.get(name);
  if (tensor !== undefined) weights.set(name, withColumns(tensor, kept));
}

/** bias ← bias + c · row of a kernel: what an input that is always c adds. */
export function addRow(
  weights: Weights,
  bias: string,
  kernel: string,
  row: number,
  constant: number,
): void {
  const tensor = weights.get(bias)!;
  const { values } = weights.get(kernel)!;
  const { columns } = sizesOf(weights.get(kernel)!);
  const sum = Float32Array.from(
    tensor.values,
    (value, column) => value + constant * values[row * columns + column],
  );
  weights.set(bias, { shape: tensor.shape, values: sum });
}

/** All but some; the first where all would go, because no width is 0. */
export function without(count: number, dead: ReadonlySet<number>): number[] {
  const kept = range(count).filter((index) => !dead.has(index));
  return kept.length > 0 ? kept : [0];
}
