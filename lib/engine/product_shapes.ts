/**
 * Which matrix products a piece of work makes, and how long each shape takes alone: the floor of that
 * work on this engine.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { ArenaBackend } from "./_backend.ts";
import type { Multiply } from "./_calls.ts";
import { teamOf } from "./_team.ts";
import { bestTime, type ProductSize, type TimingOptions, withMatrices } from "./product_timing.ts";

/** A matrix product, by what its time depends on besides its operands' places. */
export interface ProductShape extends ProductSize {
  readonly transposeA: boolean;
  readonly transposeB: boolean;
  /** Whether it adds to what is there. */
  readonly accumulate: boolean;
  /** Whether the right-hand matrix was packed before, which the WASM kernels can. */
  readonly packed: boolean;
}

/** A shape and how often it was multiplied. */
export interface CountedShape extends ProductShape {
  readonly count: number;
}

/** A shape with the time of one product, ms. */
export interface TimedShape extends CountedShape {
  readonly milliseconds: number;
}

function arenaBackend(): ArenaBackend {
  const backend = tf.backend();
  if (!(backend instanceof ArenaBackend)) {
    throw new Error(`Cannot see the matrix products of the tfjs backend "${tf.getBackend()}".`);
  }
  if (teamOf(backend.engine.id) !== null) {
    throw new Error("Cannot see the matrix products of several threads: use one.");
  }
  return backend;
}

/**
 * Counts the matrix products that a function makes on the current engine, which has one thread.
 *
 * @param run What is watched; its products are made as ever.
 * @returns Shapes in the order of their first product.
 * @throws {Error} If the engine is `cpu` or has several threads.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { useEngine } from "./engine.ts";
 * import { countProducts } from "./product_shapes.ts";
 * import assert from "node:assert/strict";
 * await useEngine("wasm");
 * const [shape] = countProducts(() => tf.matMul([[1, 2]], [[3], [4]]));
 * assert.deepEqual([shape.m, shape.n, shape.k, shape.count], [1, 1, 2, 1]);
 * ```
 */
export function countProducts(run: () => void): CountedShape[] {
  const backend = arenaBackend();
  const { products, alone } = backend;
  const found = new Map<string, ProductShape & { count: number }>();
  const see = (shape: ProductShape) => {
    const key = JSON.stringify(shape);
    const known = found.get(key);
    if (known) known.count++;
    else found.set(key, { ...shape, count: 1 });
  };
  const watched = (multiply: Multiply): Multiply => (...call) => {
    const [transposeA, transposeB, m, n, k, , , , , accumulate] = call;
    see({ transposeA, transposeB, m, n, k, accumulate, packed: false });
    multiply(...call);
  };
  // Reading is all that others do with them, so they may be exchanged for a while.
  const open = backend as { -readonly [Name in "products" | "alone"]: ArenaBackend[Name] };
  open.products = { ...products, multiply: watched(products.multiply) };
  open.alone = {
    ...alone,
    multiply: watched(alone.multiply),
    multiplyPacked: (...call) => {
      const [m, n, k, , , , accumulate] = call;
      see({ transposeA: false, transposeB: false, m, n, k, accumulate, packed: true });
      alone.multiplyPacked(...call);
    },
  };
  try {
    run();
  } finally {
    open.products = products;
    open.alone = alone;
  }
  return [...found.values()];
}

/**
 * Times each shape alone on the current engine: the best of several repetitions on matrices that lie
 * row after row in the cache, if they fit. What calls a product, such as the way to a native library, counts.
 *
 * @param shapes As {@link countProducts} gives them.
 * @returns The same with the time of one product each.
 * @throws {Error} As {@link countProducts} does.
 */
export function timeProducts(
  shapes: readonly CountedShape[],
  options: TimingOptions = {},
): TimedShape[] {
  const backend = arenaBackend();
  return shapes.map((shape) => {
    const time = (once: () => void) => bestTime(once, options);
    const milliseconds = withMatrices(
      shape,
      (...at) => withCall(backend, shape, at, time),
    );
    return { ...shape, milliseconds };
  });
}

function withCall<T>(
  { products, alone }: ArenaBackend,
  { transposeA, transposeB, m, n, k, accumulate, packed }: ProductShape,
  [a, b, c]: readonly number[],
  use: (once: () => void) => T,
): T {
  const lda = transposeA ? m : k, ldb = transposeB ? k : n;
  if (packed) {
    return products.withPrepared(false, k, n, b, n, (matrix) => {
      const multiply = matrix.by(alone);
      return use(() => multiply(m, a, lda, accumulate, c, n));
    });
  }
  const { multiply } = alone;
  // deno-fmt-ignore
  return use(() =>
    multiply(transposeA, transposeB, m, n, k, a, lda, b, ldb, accumulate, c, n)
  );
}

/** Time that the products of all shapes take together, ms: the sum of count times time. */
export function floorMilliseconds(shapes: readonly TimedShape[]): number {
  return shapes.reduce((sum, { count, milliseconds }) => sum + count * milliseconds, 0);
}
