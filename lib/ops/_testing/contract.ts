import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { randomStream } from "../../core/random.ts";
import { type EngineName, useEngine } from "../../engine/engine.ts";

/** Tensors of a case by name. */
export type Tensors = { readonly [name: string]: tf.Tensor };

/** An operation beside its twin, at one size. */
export interface ContractCase {
  readonly name: string;
  /** Shape and spread of each tensor it is differentiable in; values are normal deviates. */
  readonly tensors: { readonly [name: string]: { shape: number[]; spread?: number } };
  fused(tensors: Tensors): tf.Tensor;
  twin(tensors: Tensors): tf.Tensor;
  /** Largest error allowed, as a share of the largest reference value; 2e-6 when left out. */
  readonly tolerance?: number;
}

/** The engines of this machine that the suite runs on, besides cpu. */
export async function enginesUnderTest(): Promise<{ name: EngineName; missing: string | null }[]> {
  const native = await useEngine("native");
  return [
    { name: "wasm", missing: null },
    { name: "relaxed", missing: null },
    { name: "native", missing: native.name === "native" ? null : native.reason },
  ];
}

/**
 * Registers a test for plain tfjs and one for each engine, skipped with its reason where the machine
 * does not have it.
 */
export async function testOnEngines(
  title: string,
  use: (engine: EngineName) => void | Promise<void>,
): Promise<void> {
  const requireAll = Deno.env.get("PARSIMONY_REQUIRE_ALL") === "1";
  const engines = [{ name: "cpu" as const, missing: null }, ...await enginesUnderTest()];
  for (const { name, missing } of engines) {
    Deno.test({
      name: `${name}: ${title}${missing === null ? "" : ` (skipped: ${missing})`}`,
      ignore: missing !== null && !requireAll,
      async fn() {
        assert.equal(missing, null);
        await useEngine(name);
        await use(name);
      },
    });
  }
}

/** Token ids of a case. */
export function tokensOf(count: number, vocabulary: number): Int32Array {
  const stream = randomStream(3, "tokens", count, vocabulary);
  return Int32Array.from({ length: count }, () => stream.integer(vocabulary));
}

/** Zeros and ones; the first sequence has no step that counts, if there are others. */
export function stepMaskOf(time: number, batch: number): Float32Array {
  const stream = randomStream(4, "step mask", time, batch);
  return Float32Array.from(
    { length: time * batch },
    (_, i) => batch > 1 && i % batch === 0 ? 0 : stream.integer(3) > 0 ? 1 : 0,
  );
}

/** Compares arrays: every value finite, and within a share of the largest reference value. */
export function assertClose(
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  tolerance: number,
  what: string,
): void {
  assert.equal(actual.length, expected.length, `${what}: length`);
  let largest = 0;
  for (let i = 0; i < expected.length; i++) largest = Math.max(largest, Math.abs(expected[i]));
  for (let i = 0; i < expected.length; i++) {
    const error = Math.abs(actual[i] - expected[i]);
    assert.ok(
      error <= tolerance * largest + 1e-30,
      `${what}[${i}]: ${actual[i]}, expected ${expected[i]} (largest ${largest})`,
    );
  }
}

interface Evaluation {
  value: Float32Array;
  gradients: { [name: string]: Float32Array };
}

/** Value, and gradients of Σ weights · value with fixed random weights, on the current backend. */
function evaluate(
  { tensors, name }: ContractCase,
  operation: (tensors: Tensors) => tf.Tensor,
): Evaluation {
  return tf.tidy(() => {
    const names = Object.keys(tensors);
    const values = names.map((key) => makeTensor(name, key, tensors[key]));
    const byName = (list: tf.Tensor[]) => Object.fromEntries(names.map((key, i) => [key, list[i]]));
    const value = operation(byName(values));
    const shape = value.shape;
    const weights = makeTensor(name, "weights", { shape });
    const gradients = tf.grads((...list: tf.Tensor[]) =>
      tf.sum(tf.mul(operation(byName(list)), weights))
    )(values);
    return {
      value: value.dataSync() as Float32Array,
      gradients: Object.fromEntries(names.map((key, i) => [key, gradients[i].dataSync()])) as {
        [name: string]: Float32Array;
      },
    };
  });
}

function makeTensor(
  name: string,
  key: string,
  { shape, spread = 1 }: { shape: number[]; spread?: number },
): tf.Tensor {
  const stream = randomStream(7, name, key);
  const size = tf.util.sizeFromShape(shape);
  return tf.tensor(Float32Array.from({ length: size }, () => spread * stream.normal()), shape);
}

/** Compares value and gradients of the fused operation on an engine with the twin on plain tfjs. */
export async function checkAgainstTwin(engine: EngineName, given: ContractCase): Promise<void> {
  await useEngine("cpu");
  const expected = evaluate(given, given.twin);
  await useEngine(engine);
  const actual = evaluate(given, given.fused);
  const { tolerance = 2e-6 } = given;
  assertClose(actual.value, expected.value, tolerance, `${given.name}: value`);
  for (const key of Object.keys(given.tensors)) {
    const what = `${given.name}: gradient of ${key}`;
    assertClose(actual.gradients[key], expected.gradients[key], 5 * tolerance, what);
  }
}

/**
 * Compares values and gradients of several threads, among which all work is shared, with those of one, to
 * the bit.
 */
export async function checkThreads(
  engine: EngineName,
  cases: readonly ContractCase[],
): Promise<void> {
  const evaluations = async (threads: number) => {
    await useEngine(engine, { threads, smallestWork: 0 });
    return cases.map((given) => evaluate(given, given.fused));
  };
  try {
    const [one, several] = [await evaluations(1), await evaluations(3)];
    cases.forEach(({ name }, index) => assert.deepEqual(several[index], one[index], name));
  } finally {
    await useEngine(engine);
  }
}

/** Compares the gradients with central differences along one random direction of each tensor. */
export async function checkByDifferences(engine: EngineName, given: ContractCase): Promise<void> {
  await useEngine(engine);
  const { gradients } = evaluate(given, given.fused);
  for (const key of Object.keys(given.tensors)) {
    const { shape, spread = 1 } = given.tensors[key];
    const direction = [
      ...tf.tidy(() => makeTensor(given.name, `${key} direction`, { shape }))
        .dataSync(),
    ];
    const step = 1e-2 * Math.max(spread, 0.1) /
      Math.sqrt(direction.reduce((sum, d) => sum + d * d, 0));
    const at = (sign: number) => {
      const shifted = (tensors: Tensors) =>
        given.fused({
          ...tensors,
          [key]: tf.add(tensors[key], tf.tensor(direction.map((d) => sign * step * d), shape)),
        });
      return tf.tidy(() => {
        const tensors = Object.fromEntries(
          Object.entries(given.tensors).map(([k, s]) => [k, makeTensor(given.name, k, s)]),
        );
        const value = shifted(tensors);
        const weights = makeTensor(given.name, "weights", { shape: value.shape }).dataSync();
        // Summed in double precision: the difference is of the order of single precision's error.
        return [...value.dataSync()].map((v, i) => v * weights[i]);
      });
    };
    const [above, below] = [at(1), at(-1)];
    const difference = above.reduce((sum, v, i) => sum + v - below[i], 0) / (2 * step);
    // What is left of a derivative when each value was rounded to single precision (2⁻²⁴ of it) a few
    // times on its way; no fixed limit holds for sums of 3 and of 6000 values.
    const rounding = 4 * 2 ** -24 * Math.hypot(...above) / step;
    const terms = direction.map((d, i) => d * gradients[key][i]);
    const derivative = terms.reduce((sum, term) => sum + term, 0);
    const scale = Math.sqrt(terms.reduce((sum, term) => sum + term * term, 0));
    assert.ok(
      Math.abs(difference - derivative) <= 2e-3 * Math.max(scale, Math.abs(derivative)) + rounding,
      `${given.name}: derivative by ${key} is ${derivative}, differences give ${difference} ` +
        `(rounding ${rounding})`,
    );
  }
}
