import {
  addRow,
  isZero,
  keepColumns,
  keepRows,
  range,
  sizesOf,
  type Weights,
  without,
} from "./_weights.ts";

/** Φ(x) · x as the model computes it. */
export type Gelu = (x: number) => number;

/**
 * Takes out hidden units of a block's feed-forward layer that nothing enters (what they add goes into
 * the output's bias) or nothing reads; how many there were.
 */
export function removeHiddenUnits(weights: Weights, block: string, gelu: Gelu): number {
  const [kernel, bias] = [`${block}/feedForward/kernel`, `${block}/feedForward/bias`];
  const [reader, readerBias] = [
    `${block}/feedForwardOutput/kernel`,
    `${block}/feedForwardOutput/bias`,
  ];
  const { columns: size } = sizesOf(weights.get(kernel)!);
  const unread = (unit: number) => isZero(weights.get(reader)!, { rows: [unit] });
  const constant = (unit: number): number | null =>
    isZero(weights.get(kernel)!, { columns: [unit] })
      ? gelu(weights.get(bias)?.values[unit] ?? 0)
      : null;
  const dead = new Set(range(size).filter((unit) => unread(unit) || constant(unit) !== null));
  const kept = without(size, dead);
  if (kept.length === size) return 0;
  for (const unit of dead) {
    const value = constant(unit);
    // Without biases a constant is gelu(0) = 0.
    if (kept.includes(unit) || unread(unit) || value === 0) continue;
    addRow(weights, readerBias, reader, unit, value!);
  }
  keepColumns(weights, kernel, kept);
  keepColumns(weights, bias, kept);
  keepRows(weights, reader, kept);
  return size - kept.length;
}

/**
 * Takes out heads of a block's attention whose values are the same at every position (what they add
 * goes into the output's bias, since attention weights sum to 1) or that nothing reads; how many.
 *
 * @param headSize Columns of one head in queries, in keys and in values.
 */
export function removeHeads(weights: Weights, block: string, headSize: number): number {
  const [kernel, bias] = [`${block}/attention/kernel`, `${block}/attention/bias`];
  const [reader, readerBias] = [
    `${block}/attentionOutput/kernel`,
    `${block}/attentionOutput/bias`,
  ];
  const width = sizesOf(weights.get(kernel)!).columns / 3;
  const heads = width / headSize;
  const placesOf = (head: number) => range(headSize).map((place) => head * headSize + place);
  const unread = (head: number) => isZero(weights.get(reader)!, { rows: placesOf(head) });
  const constant = (head: number) =>
    isZero(weights.get(kernel)!, { columns: placesOf(head).map((place) => 2 * width + place) });
  const dead = new Set(range(heads).filter((head) => unread(head) || constant(head)));
  const kept = without(heads, dead);
  if (kept.length === heads) return 0;
  for (const head of dead) {
    if (kept.includes(head) || unread(head)) continue;
    for (const place of placesOf(head)) {
      const value = weights.get(bias)?.values[2 * width + place] ?? 0;
      if (value !== 0) addRow(weights, readerBias, reader, place, value);
    }
  }
  const places = kept.flatMap(placesOf);
  const columns = [0, width, 2 * width].flatMap((start) => places.map((place) => start + place));
  keepColumns(weights, kernel, columns);
  keepColumns(weights, bias, columns);
  keepRows(weights, reader, places);
  return heads - kept.length;
}
