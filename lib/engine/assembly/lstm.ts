// Gates of a long short-term memory, one time step of a batch. Columns of a row: input, forget,
// candidate, output, each `hidden` wide.
//
// The projection x of the input is a row for each sequence or, where `tokens` is not 0, a row of a
// table by token. Where `mask` is not 0 and a row's mask is 0, the row's state stays as it was.
import { load4, multiplyAdd, multiplySubtract, one4, store4, tanh4 } from "./math";
import { copyRow, isMasked, rowAt, sigmoids, tangents } from "./recurrent";

// @ts-ignore: decorator
@inline
function forwardAt(
  i: usize, whole: bool, width: usize, previousCell: usize, gates: usize, cell: usize, h: usize,
): void {
  const input = load4(gates + i, whole);
  const forget = load4(gates + width + i, whole);
  const n = load4(gates + 2 * width + i, whole);
  const c = multiplyAdd(forget, load4(previousCell + i, whole), f32x4.mul(input, n));
  store4(cell + i, c, whole);
  store4(h + i, f32x4.mul(load4(gates + 3 * width + i, whole), tanh4(c)), whole);
}

/**
 * In: projection x (with the biases), g = h' U or 0 where h' is 0, state h', c'. Out: gates i, f, n,
 * o (not written where masked); c = f c' + i n; h = o tanh c.
 */
export function lstmForward(
  batch: i32, hidden: i32, x: usize, tokens: usize, mask: usize, g: usize, previous: usize,
  previousCell: usize, gates: usize, cell: usize, h: usize,
): void {
  const width = <usize>hidden << 2;
  for (let row = 0; row < batch; row++) {
    if (isMasked(mask, row)) {
      copyRow(h, previous, width);
      copyRow(cell, previousCell, width);
    } else {
      const xRow = rowAt(x, tokens, row, 4 * width);
      sigmoids(2 * width, xRow, g, 0, gates);
      const candidate = 2 * width, output = 3 * width;
      tangents(width, xRow + candidate, g ? g + candidate : 0, gates + candidate);
      sigmoids(width, xRow + output, g ? g + output : 0, 0, gates + output);
      let i: usize = 0;
      for (; i + 16 <= width; i += 16) forwardAt(i, true, width, previousCell, gates, cell, h);
      for (; i < width; i += 4) forwardAt(i, false, width, previousCell, gates, cell, h);
    }
    if (g) g += 4 * width;
    previous += width;
    previousCell += width;
    gates += 4 * width;
    cell += width;
    h += width;
  }
}

// @ts-ignore: decorator
@inline
function backwardAt(
  i: usize, whole: bool, width: usize, gates: usize, cell: usize, previousCell: usize, dy: usize,
  carry: usize, carryCell: usize, dg: usize,
): void {
  const input = load4(gates + i, whole);
  const forget = load4(gates + width + i, whole);
  const n = load4(gates + 2 * width + i, whole);
  const output = load4(gates + 3 * width + i, whole);
  const dh = f32x4.add(load4(dy + i, whole), load4(carry + i, whole));
  const t = tanh4(load4(cell + i, whole));
  const dho = f32x4.mul(dh, output);
  const dc = multiplyAdd(
    dho, multiplySubtract(t, t, one4()), load4(carryCell + i, whole));
  store4(carryCell + i, f32x4.mul(dc, forget), whole);
  const dci = f32x4.mul(dc, input);
  store4(dg + i, f32x4.mul(f32x4.mul(dci, n), f32x4.sub(one4(), input)), whole);
  store4(
    dg + width + i,
    f32x4.mul(
      f32x4.mul(f32x4.mul(dc, load4(previousCell + i, whole)), forget),
      f32x4.sub(one4(), forget)),
    whole,
  );
  store4(dg + 2 * width + i, f32x4.mul(dci, multiplySubtract(n, n, one4())), whole);
  store4(
    dg + 3 * width + i,
    f32x4.mul(f32x4.mul(dho, t), f32x4.sub(one4(), output)),
    whole,
  );
}

/**
 * In: gates, c, c', gradient dy of the output, and of h and c by the next step in the carries. Out:
 * dg for the projections, in carryCell the gradient of c', and in carry, where there is a mask, the
 * part of the gradient of h' that does not go through g (to which dg Uᵀ is then added).
 */
export function lstmBackward(
  batch: i32, hidden: i32, mask: usize, gates: usize, cell: usize, previousCell: usize, dy: usize,
  carry: usize, carryCell: usize, dg: usize,
): void {
  const width = <usize>hidden << 2;
  for (let row = 0; row < batch; row++) {
    if (isMasked(mask, row)) {
      memory.fill(dg, 0, 4 * width);
      for (let i: usize = 0; i < width; i += 4) {
        store<f32>(carry + i, load<f32>(carry + i) + load<f32>(dy + i));
      }
    } else {
      let i: usize = 0;
      for (; i + 16 <= width; i += 16) {
        backwardAt(i, true, width, gates, cell, previousCell, dy, carry, carryCell, dg);
      }
      for (; i < width; i += 4) {
        backwardAt(i, false, width, gates, cell, previousCell, dy, carry, carryCell, dg);
      }
      if (mask) memory.fill(carry, 0, width);
    }
    gates += 4 * width;
    cell += width;
    previousCell += width;
    dy += width;
    carry += width;
    carryCell += width;
    dg += 4 * width;
  }
}
