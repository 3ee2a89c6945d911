import { type Calls, cut, withScratch } from "../engine/kernels.ts";
import type { Mask } from "./_dropout_mask.ts";
import { keepsProbabilities } from "./kept_probabilities.ts";

/** Queries that are computed together: what they do not see of later keys is saved. */
const blockRows = 64;

/** Sizes of causal attention. */
export interface AttentionSizes {
  readonly batch: number;
  /** Steps of queries. */
  readonly time: number;
  /** Steps of keys that all queries see before those of the same steps. */
  readonly before: number;
  readonly heads: number;
  readonly keyValueHeads: number;
  /** Columns of a head. */
  readonly headSize: number;
  /** Of the probabilities; null where none is dropped. */
  readonly mask: Mask | null;
}

/** Heads side by side in rows, step by step of each sequence. */
export interface HeadRows {
  /** Address in bytes. */
  readonly at: number;
  /** Distance of rows, in numbers. */
  readonly row: number;
  /** Distance of sequences, in rows. */
  readonly sequence: number;
}

/** What attention reads. */
export interface AttentionInputs {
  readonly queries: HeadRows;
  readonly keys: HeadRows;
  readonly values: HeadRows;
}

/** A block of queries of one head of one sequence. */
interface Block {
  /** First query, and their number. */
  readonly first: number;
  readonly rows: number;
  /** Keys that the last of them sees, and the distance of the rows of probabilities. */
  readonly keys: number;
  readonly stride: number;
  /** Bytes to the first query's row, as queries and results have it. */
  offset(rows: HeadRows): number;
  /** Bytes to the row of the first key or value. */
  keyOffset(rows: HeadRows): number;
  /** Offset of the block among all probabilities, in bytes. */
  readonly p: number;
  /** Place of the first query's row among all rows of probabilities. */
  readonly row: number;
  /** Whether it is the first block that reads its keys and values. */
  readonly firstReader: boolean;
}

/** Rows of probabilities are whole vectors of 4. */
function strideOf(keys: number): number {
  return Math.ceil(keys / 4) * 4;
}

/** Shape of the probabilities that are kept for the backward pass; null where they are not. */
export function keptShape(sizes: AttentionSizes): [number, number] | null {
  const { batch, heads, time } = sizes;
  return keepsProbabilities(sizes) ? [batch * heads, time * strideOf(time)] : null;
}

/** Nanoseconds of a score, for each column of a head and beside. */
const perColumn = 0.1, perScore = 2;

/** Numbers of the calls for a block on the way back, and for a row's mask: see the board of the threads. */
const numbersOfBlock = 128, numbersOfMask = 18;
/** A part has about so many at most. */
const mostNumbers = 2 ** 18;

/** Cuts attention by the heads of keys of all sequences, which have nothing to do with each other. */
function cutHeads(
  { time, before, batch, heads, keyValueHeads, headSize, mask }: AttentionSizes,
  products: number,
) {
  const numbers = heads / keyValueHeads *
    (Math.ceil(time / blockRows) * numbersOfBlock + (mask ? time * numbersOfMask : 0));
  const scores = heads / keyValueHeads * time * (before + time / 2);
  const nanoseconds = scores * (products * perColumn * headSize + perScore);
  const most = Math.floor(mostNumbers / numbers);
  return cut({ count: batch * keyValueHeads, unit: 1, nanoseconds, most });
}

/** Blocks of all heads that read some heads of keys; for each head the last block comes first. */
function forEachBlock(
  { time, before, heads, keyValueHeads, headSize }: AttentionSizes,
  { start, count }: { start: number; count: number },
  use: (block: Block) => void,
): void {
  const group = heads / keyValueHeads;
  const lastFirst = Math.floor((time - 1) / blockRows) * blockRows;
  for (let place = start; place < start + count; place++) {
    const sequence = Math.floor(place / keyValueHeads);
    const firstHead = place % keyValueHeads * group;
    for (let head = firstHead; head < firstHead + group; head++) {
      const column = head * headSize, keyColumn = Math.floor(head / group) * headSize;
      for (let first = lastFirst; first >= 0; first -= blockRows) {
        const rows = Math.min(blockRows, time - first);
        const keys = before + first + rows;
        const row = (sequence * heads + head) * time + first;
        use({
          first: before + first,
          rows,
          keys,
          stride: strideOf(keys),
          offset: (of) => 4 * ((sequence * of.sequence + first) * of.row + column),
          keyOffset: (of) => 4 * (sequence * of.sequence * of.row + keyColumn),
          p: 4 * row * strideOf(before + time),
          row,
          firstReader: head % group === 0 && first === lastFirst,
        });
      }
    }
  }
}

/** P = softmax(Q Kᵀ / √d) of a block, at `p`. */
function attentionProbabilities(
  { headSize }: AttentionSizes,
  { queries, keys: keyRows }: AttentionInputs,
  block: Block,
  p: number,
  { multiply, kernels }: Calls,
): void {
  const { first, rows, keys, stride } = block;
  const q = queries.at + block.offset(queries), k = keyRows.at + block.keyOffset(keyRows);
  const [ldq, ldk] = [queries.row, keyRows.row];
  multiply(false, true, rows, keys, headSize, q, ldq, k, ldk, false, p, stride);
  kernels.causalSoftmax(rows, keys, stride, first, 1 / Math.sqrt(headSize), p);
}

/** The mask on rows of a block at `from`, written to `to`. */
function dropRows(
  { time, mask }: AttentionSizes,
  { rows, keys, stride, row }: Block,
  { kernels: { dropout } }: Calls,
  from: number,
  to: number,
): void {
  const { key0, key1, threshold, factor } = mask!;
  for (let r = 0; r < rows; r++) {
    const at = 4 * r * stride;
    dropout(from + at, to + at, keys, (key0 + (row + r) * time) | 0, key1, threshold, factor);
  }
}

/**
 * Y = softmax(Q Kᵀ / √d) V of each head.
 *
 * @param kept Where the probabilities go, in bytes; 0 where they are not kept.
 * @param y Where Y goes.
 */
export function attend(
  sizes: AttentionSizes,
  inputs: AttentionInputs,
  kept: number,
  y: HeadRows,
): void {
  const { time, before, headSize, mask } = sizes;
  const { values } = inputs;
  const largest = Math.min(blockRows, time) * strideOf(before + time);
  const parts = cutHeads(sizes, 2);
  withScratch(parts.count * largest, "attention", (first) => {
    parts.run((start, count, calls, part) => {
      const { multiply } = calls;
      const scratch = first + 4 * part * largest;
      forEachBlock(sizes, { start, count }, (block) => {
        const { rows, keys, stride } = block;
        const p = kept ? kept + block.p : scratch;
        attentionProbabilities(sizes, inputs, block, p, calls);
        if (mask) dropRows(sizes, block, calls, p, scratch);
        const read = mask ? scratch : p;
        const v = values.at + block.keyOffset(values), to = y.at + block.offset(y);
        multiply(false, false, rows, headSize, keys, read, stride, v, values.row, false, to, y.row);
      });
    });
  });
}

/**
 * The gradients of what attention read, written to where `gradients` says.
 *
 * @param kept Where {@link attend} put the probabilities; 0 where they are not kept.
 */
export function attendBackward(
  sizes: AttentionSizes,
  { inputs, gradients }: { inputs: AttentionInputs; gradients: AttentionInputs },
  kept: number,
  dy: HeadRows,
): void {
  const { time, headSize: size, mask } = sizes;
  const { queries, keys: keyRows, values } = inputs;
  const { queries: dQueries, keys: dKeys, values: dValues } = gradients;
  const largest = Math.min(blockRows, time) * strideOf(time);
  const parts = cutHeads(sizes, 5);
  const room = (mask ? 3 : 2) * largest;
  withScratch(parts.count * room, "the gradients of attention", (firstScratch) => {
    parts.run((start, count, calls, part) => {
      const scratch = firstScratch + 4 * part * room, ds = scratch + 4 * largest;
      const { multiply, kernels: { causalSoftmaxBackward } } = calls;
      forEachBlock(sizes, { start, count }, (block) => {
        const { first, rows, keys, stride } = block;
        const p = kept ? kept + block.p : scratch;
        if (!kept) attentionProbabilities(sizes, inputs, block, p, calls);
        // What the values were weighed by.
        const read = mask ? ds + 4 * largest : p;
        if (mask) dropRows(sizes, block, calls, p, read);
        const at = dy.at + block.offset(dy);
        // The first block that reads keys and values sees all of them: it writes, the others add.
        const add = !block.firstReader;
        const q = queries.at + block.offset(queries), dq = dQueries.at + block.offset(dQueries);
        const k = keyRows.at + block.keyOffset(keyRows), dk = dKeys.at + block.keyOffset(dKeys);
        const v = values.at + block.keyOffset(values), dv = dValues.at + block.keyOffset(dValues);
        const [ldk, ldq] = [keyRows.row, queries.row];
        multiply(true, false, keys, size, rows, read, stride, at, dy.row, add, dv, dValues.row);
        multiply(false, true, rows, keys, size, at, dy.row, v, values.row, false, ds, stride);
        if (mask) dropRows(sizes, block, calls, ds, ds);
        causalSoftmaxBackward(rows, keys, stride, first, 1 / Math.sqrt(size), p, ds);
        multiply(false, false, rows, size, keys, ds, stride, k, ldk, false, dq, dQueries.row);
        multiply(true, false, keys, size, rows, ds, stride, q, ldq, add, dk, dKeys.row);
      });
    });
  });
}
