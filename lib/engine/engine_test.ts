// deno-lint-ignore-file no-console -- a test of what is printed
import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { arena } from "./_arena.ts";
import { useEngine } from "./engine.ts";
import { arenaBytes, arenaPointer, arenaTensor, arenaView, hasArena, kernels } from "./kernels.ts";

Deno.test("useEngine refuses unknown names and options", async () => {
  await assert.rejects(
    useEngine("gpu" as "cpu"),
    /one of "cpu", "wasm", "relaxed", "native", "blocked", "auto"/,
  );
  await assert.rejects(useEngine("native", { path: "x" } as { blas?: string }), /unknown option/);
  await assert.rejects(useEngine("native", { blas: "" }), /non-empty text/);
});

Deno.test("useEngine falls back to wasm with the reason when the BLAS cannot be loaded", async () => {
  for (const blas of ["/nowhere/libblas.so", import.meta.filename!]) {
    const warn = console.warn;
    const lines: string[] = [];
    console.warn = (line: string) => lines.push(line);
    try {
      const engine = await useEngine("native", { blas });
      assert.equal(engine.name, "wasm");
      assert.equal(engine.id, "wasm");
      assert.ok(engine.reason.startsWith(`Cannot use ${blas} as BLAS: `), engine.reason);
      assert.deepEqual(lines, [engine.reason]);
      await useEngine("native", { blas });
      assert.equal(lines.length, 1, "the line comes once");
    } finally {
      console.warn = warn;
    }
  }
});

Deno.test("useEngine without fallback refuses to be another engine than asked for", () =>
  assert.rejects(
    useEngine("native", { blas: "/nowhere/libblas.so", fallback: false }),
    /Cannot use engine "native", .* by name: Cannot use \/nowhere\/libblas.so as BLAS: /,
  ));

Deno.test("useEngine cpu is plain tfjs, without an arena", async () => {
  const engine = await useEngine("cpu");
  assert.equal(tf.getBackend(), "cpu");
  assert.equal(engine.arenaMaximumBytes, null);
  assert.equal(hasArena(), false);
  assert.throws(() => arenaTensor([1]), /useEngine first/);
});

Deno.test("choosing an engine again takes no more memory", async () => {
  for (const name of ["wasm", "relaxed"] as const) {
    const { id } = await useEngine(name);
    const { live } = arenaBytes();
    assert.equal((await useEngine(name)).id, id);
    assert.equal(arenaBytes().live, live, name);
  }
});

Deno.test("a tensor follows from one engine to another and back", async () => {
  await useEngine("wasm");
  const tensor = tf.tensor1d([1, 2, 3]);
  arenaPointer(tensor);
  await useEngine("cpu");
  assert.deepEqual([...tf.mul(tensor, 2).dataSync()], [2, 4, 6]);
  await useEngine("wasm");
  assert.deepEqual([...arenaView(tensor)], [1, 2, 3]);
  tensor.dispose();
});

Deno.test("values read from a tensor, and slices of it, outlive it", async () => {
  await useEngine("wasm");
  const tensor = tf.tensor1d([1, 2, 3, 4]);
  arenaPointer(tensor);
  const values = tensor.dataSync();
  const slice = tensor.slice([1], [2]);
  tensor.dispose();
  const other = arenaTensor<tf.Rank.R1>([4]);
  kernels().fill(arenaPointer(other), 4, 9);
  assert.deepEqual([...values], [1, 2, 3, 4]);
  assert.deepEqual([...slice.dataSync()], [2, 3]);
  tf.dispose([slice, other]);
});

Deno.test("a tensor too large for the arena gives an error with its shape, and leaves nothing", async () => {
  await useEngine("wasm");
  const { live } = arenaBytes();
  const { numTensors } = tf.memory();
  assert.throws(() => arenaTensor([50000, 50000]), /float32 tensor of shape \[50000,50000\]/);
  assert.equal(arenaBytes().live, live);
  assert.equal(tf.memory().numTensors, numTensors);
});

Deno.test("a tensor of another dtype is refused by the arena", async () => {
  await useEngine("wasm");
  const tensor = tf.tensor1d([true, false]);
  assert.throws(() => arenaPointer(tensor), /dtype bool and shape \[2\]/);
  tensor.dispose();
});

const builds = { strict: () => arena().exports, relaxed: () => arena().relaxedExports() };

for (const [build, exports] of Object.entries(builds)) {
  Deno.test(`sigmoid, tanh and 2^x of the ${build} kernels are within a few units in the last place`, async () => {
    await useEngine("wasm");
    // Of the exponent of a sigmoid only its 24 leading bits are kept, so its error grows with |x|.
    const functions: [string, (x: number) => number, number, (x: number) => number][] = [
      ["sigmoid", (x) => 1 / (1 + Math.exp(-x)), -75, (x) => 4 + Math.abs(x)],
      ["tanh", Math.tanh, -20, () => 5],
      ["2^x", (x) => 2 ** x, -100, () => 3],
    ];
    const count = 20001;
    functions.forEach(([name, reference, low, ulps], which) => {
      tf.tidy(() => {
        const x = Float32Array.from({ length: count }, (_, i) => low * (1 - 2 * i / (count - 1)));
        x[0] = 0;
        x[1] = 1e-30;
        x[2] = -1e-4;
        if (name === "2^x") x.forEach((value, i) => x[i] = -Math.abs(value));
        const input = tf.tensor1d(x), output = arenaTensor<tf.Rank.R1>([count]);
        exports().elementary(which, arenaPointer(input), arenaPointer(output), count);
        arenaView(output).forEach((y, i) => {
          const expected = reference(x[i]);
          assert.ok(
            Math.abs(y - expected) <= ulps(x[i]) * 2 ** -23 * Math.abs(expected) + 1e-37,
            `${name}(${x[i]}) is ${y}, expected ${expected}`,
          );
        });
      });
    });
  });

  Deno.test(`sigmoid, tanh and 2^x of the ${build} kernels saturate and keep NaN`, async () => {
    await useEngine("wasm");
    const at = (which: number, values: number[]) =>
      tf.tidy(() => {
        const input = tf.tensor1d(values), output = arenaTensor<tf.Rank.R1>([values.length]);
        exports().elementary(which, arenaPointer(input), arenaPointer(output), values.length);
        return [...arenaView(output)];
      });
    const extremes = [-Infinity, -1e4, 1e4, Infinity, NaN];
    const [sigmoid, tanh] = [0, 1].map((which) => at(which, extremes));
    assert.ok(sigmoid[0] < 1e-37 && sigmoid[1] < 1e-37 && sigmoid[2] === 1 && sigmoid[3] === 1);
    for (const [i, limit] of [-1, -1, 1, 1].entries()) {
      assert.ok(Math.abs(tanh[i] - limit) <= 2 ** -22 && Math.abs(tanh[i]) <= 1);
    }
    const power = at(2, [-Infinity, -1e4, -0, NaN]);
    assert.deepEqual(power.slice(0, 3), [2 ** -110, 2 ** -110, 1]);
    assert.ok(Number.isNaN(power[3]));
    for (const values of [sigmoid, tanh]) assert.ok(Number.isNaN(values[4]));
  });
}
