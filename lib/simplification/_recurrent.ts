import type { Cell } from "../models/kind.ts";
import {
  addRow,
  gateColumns,
  isZero,
  keepColumns,
  keepRows,
  range,
  sizesOf,
  type Weights,
  without,
} from "./_weights.ts";

/** A recurrent layer, of one side or of an encoder and a decoder whose units are pairs. */
export interface LayerGroup {
  /** Names of the layers, such as `gru0`, or `encoder0` and `decoder0`. */
  readonly layers: readonly string[];
  /** Kernels that read the layers' outputs, with the biases beside them. */
  readonly readers: readonly { readonly kernel: string; readonly bias: string | null }[];
  /** Whether something else reads the outputs too, so that units are in use whatever the readers say. */
  readonly used: boolean;
}

/**
 * Units of a layer whose state is 0 at every step when it begins at 0: nothing but units of the same
 * set enters their candidates. Also those of a simple layer with relu whose bias is not above 0.
 */
function alwaysZero(weights: Weights, { layers }: LayerGroup, cell: Cell): Set<number> {
  const size = sizesOf(weights.get(`${layers[0]}/recurrentKernel`)!).rows;
  const column = (unit: number) => [cell.candidate * size + unit];
  const zero = new Set(
    range(size).filter((unit) =>
      layers.every((layer) =>
        isZero(weights.get(`${layer}/kernel`)!, { columns: column(unit) }) &&
        ["bias", "recurrentBias"].every((name) => {
          const value = weights.get(`${layer}/${name}`)?.values[column(unit)[0]] ?? 0;
          return value === 0 || (cell.activation === "relu" && value < 0);
        })
      )
    ),
  );
  for (let before = -1; before !== zero.size;) {
    before = zero.size;
    const others = range(size).filter((unit) => !zero.has(unit));
    for (const unit of zero) {
      const enters = layers.some((layer) =>
        !isZero(weights.get(`${layer}/recurrentKernel`)!, { rows: others, columns: column(unit) })
      );
      if (enters) zero.delete(unit);
    }
  }
  return zero;
}

/** Units that no reader reads, and of whose layer no unit does that is read. */
function neverRead(weights: Weights, group: LayerGroup, { gates }: Cell): Set<number> {
  const { layers, readers, used } = group;
  if (used) return new Set();
  const kernels = layers.map((layer) => weights.get(`${layer}/recurrentKernel`)!);
  const size = sizesOf(kernels[0]).rows;
  const unread = new Set(
    range(size).filter((unit) =>
      readers.every(({ kernel }) => isZero(weights.get(kernel)!, { rows: [unit] }))
    ),
  );
  for (let before = -1; before !== unread.size;) {
    before = unread.size;
    const read = range(size).filter((unit) => !unread.has(unit));
    const columns = gateColumns(read, gates, size);
    for (const unit of unread) {
      if (kernels.some((kernel) => !isZero(kernel, { rows: [unit], columns }))) unread.delete(unit);
    }
  }
  return unread;
}

/**
 * Units of a simple recurrent layer that nothing enters but a bias, and that no unit of the layer
 * reads: from the first step on their output is one number.
 */
function constants(weights: Weights, { layers: [layer] }: LayerGroup, cell: Cell) {
  const found = new Map<number, number>();
  if (cell.activation === undefined) return found;
  const recurrent = weights.get(`${layer}/recurrentKernel`)!;
  const { rows: size } = sizesOf(recurrent);
  for (const unit of range(size)) {
    const alone = isZero(weights.get(`${layer}/kernel`)!, { columns: [unit] }) &&
      isZero(recurrent, { columns: [unit] }) && isZero(recurrent, { rows: [unit] });
    if (!alone) continue;
    const bias = weights.get(`${layer}/bias`)!.values[unit];
    found.set(unit, cell.activation === "relu" ? Math.max(0, bias) : Math.tanh(bias));
  }
  return found;
}

/** Takes dead units out of a layer; how many there were. */
export function removeUnits(weights: Weights, group: LayerGroup, cell: Cell): number {
  const { layers, readers } = group;
  const size = sizesOf(weights.get(`${layers[0]}/recurrentKernel`)!).rows;
  const zero = alwaysZero(weights, group, cell);
  const unread = neverRead(weights, group, cell);
  const dead = new Set([...zero, ...unread]);
  const mayFold = layers.length === 1 && !group.used &&
    readers.every(({ bias }) => bias !== null);
  if (mayFold) { for (const unit of constants(weights, group, cell).keys()) dead.add(unit); }
  const kept = without(size, dead);
  if (kept.length === size) return 0;
  if (mayFold) {
    for (const [unit, constant] of constants(weights, group, cell)) {
      if (kept.includes(unit) || constant === 0 || unread.has(unit)) continue;
      for (const { kernel, bias } of readers) addRow(weights, bias!, kernel, unit, constant);
    }
  }
  const columns = gateColumns(kept, cell.gates, size);
  for (const layer of layers) {
    for (const name of ["kernel", "recurrentKernel", "bias", "recurrentBias"]) {
      keepColumns(weights, `${layer}/${name}`, columns);
    }
    keepRows(weights, `${layer}/recurrentKernel`, kept);
  }
  for (const { kernel } of readers) keepRows(weights, kernel, kept);
  return size - kept.length;
}

/**
 * Takes out dimensions of a table of vectors that have the same value for every token (what they add
 * goes into the biases) or that no layer reads; how many there were.
 *
 * @param layers Layers that read the vectors.
 */
export function removeDimensions(
  weights: Weights,
  { table, layers }: { readonly table: string; readonly layers: readonly string[] },
): number {
  const vectors = weights.get(table);
  if (vectors === undefined) return 0;
  const { rows, columns } = sizesOf(vectors);
  const constant = (dimension: number): number | null => {
    const first = vectors.values[dimension];
    for (let row = 1; row < rows; row++) {
      if (vectors.values[row * columns + dimension] !== first) return null;
    }
    return first;
  };
  const unread = (dimension: number) =>
    layers.every((layer) => isZero(weights.get(`${layer}/kernel`)!, { rows: [dimension] }));
  const dead = new Set(
    range(columns).filter((dimension) => unread(dimension) || constant(dimension) !== null),
  );
  const kept = without(columns, dead);
  if (kept.length === columns) return 0;
  for (const dimension of dead) {
    const value = constant(dimension);
    if (kept.includes(dimension) || unread(dimension) || value === 0) continue;
    for (const layer of layers) {
      addRow(weights, `${layer}/bias`, `${layer}/kernel`, dimension, value!);
    }
  }
  keepColumns(weights, table, kept);
  for (const layer of layers) keepRows(weights, `${layer}/kernel`, kept);
  return columns - kept.length;
}
