import { arena, withScratch } from "./_arena.ts";
import type { MatrixProducts } from "./products.ts";

/** Size of a product: [m, k] times [k, n]. */
export interface ProductSize {
  readonly m: number;
  readonly n: number;
  readonly k: number;
}

/** Multiplications and additions of one product: 2 m n k. */
export function flopOf({ m, n, k }: ProductSize): number {
  return 2 * m * n * k;
}

/** How long a product is repeated. */
export interface TimingOptions {
  /** Least time, ms. @default 30 */
  readonly milliseconds?: number;
  /** Clock, ms; for tests. */
  readonly now?: () => number;
}

/** A clock is too coarse for one small product; so many are timed at once, ms. */
const batchMilliseconds = 0.5;

/** Best time of a call, ms: of at least three batches, after those that find how many calls make one. */
export function bestTime(
  once: () => void,
  { milliseconds = 30, now = () => performance.now() }: TimingOptions = {},
): number {
  const batch = (count: number) => {
    const started = now();
    for (let index = 0; index < count; index++) once();
    return now() - started;
  };
  let count = 1;
  while (batch(count) < batchMilliseconds && count < 2 ** 20) count *= 2;
  let best = Infinity;
  const started = now();
  for (let batches = 0; batches < 3 || now() - started < milliseconds; batches++) {
    best = Math.min(best, batch(count));
  }
  return best / count;
}

/**
 * Calls a function with the addresses of matrices A, B and C of a product, one behind the other in the
 * engine's memory, filled with small numbers.
 */
export function withMatrices<T>(
  { m, n, k }: ProductSize,
  use: (a: number, b: number, c: number) => T,
): T {
  const sizes = [m * k, k * n, m * n].map((size) => 16 * Math.ceil(size / 16));
  const all = sizes.reduce((sum, size) => sum + size, 0);
  return withScratch(all, "a product that is timed", (a) => {
    new Float32Array(arena().buffer, a, all).fill(1 / 1024);
    return use(a, a + 4 * sizes[0], a + 4 * (sizes[0] + sizes[1]));
  });
}

/**
 * GFLOP/s of a product of plain matrices, at its best.
 *
 * @param products Of a library or the kernels.
 */
export function gigaflopsPerSecond(
  { multiply }: MatrixProducts,
  size: ProductSize,
  options: TimingOptions = {},
): number {
  const { m, n, k } = size;
  return withMatrices(size, (a, b, c) => {
    const once = () => multiply(false, false, m, n, k, a, k, b, n, false, c, n);
    return flopOf(size) / bestTime(once, options) / 1e6;
  });
}
