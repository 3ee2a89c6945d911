import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { sha256 } from "../core/hash.ts";
import { OutsideTrouble } from "../core/outside_trouble.ts";
import { randomStream } from "../core/random.ts";
import { teamOf } from "./_team.ts";
import { useEngine } from "./engine.ts";
import { arenaBytes, arenaPointer, arenaTensor, cut, kernels, products } from "./kernels.ts";

const native = (await useEngine("native")).name === "native";

const stream = randomStream(1, "numbers");
const numbers = Float32Array.from({ length: 200_000 }, () => stream.normal());

function draw(shape: number[], first: number): tf.Tensor {
  return tf.tensor(numbers.slice(first, first + tf.util.sizeFromShape(shape)), shape);
}

/** SHA-256 of products of shapes that are cut by rows, by columns and by both. */
function productsOf(): string[] {
  const shapes = [[300, 40, 70], [40, 301, 66], [257, 515, 300], [64, 64, 2100], [600, 300, 130]];
  return shapes.flatMap(([m, n, k]) =>
    [[false, false], [false, true], [true, false], [true, true]].map(([transposeA, transposeB]) =>
      tf.tidy(() => {
        const a = draw(transposeA ? [k, m] : [m, k], 1), b = draw(transposeB ? [n, k] : [k, n], 7);
        const c = draw([m, n], 12);
        // deno-fmt-ignore
        products().multiply(
          transposeA, transposeB, m, n, k, arenaPointer(a), a.shape[1]!, arenaPointer(b),
          b.shape[1]!, true, arenaPointer(c), n,
        );
        return sha256(new Uint8Array((c.dataSync() as Float32Array).buffer));
      })
    )
  );
}

for (const engine of ["wasm", "relaxed", "blocked"] as const) {
  Deno.test({
    name: `${engine}: products on two, three and eight threads have the bits of one${
      engine !== "blocked" || native ? "" : " (skipped: no BLAS)"
    }`,
    ignore: engine === "blocked" && !native,
    async fn() {
      await useEngine(engine, { threads: 1 });
      const one = productsOf();
      try {
        for (const threads of [2, 3, 8]) {
          await useEngine(engine, { threads });
          assert.deepEqual(productsOf(), one);
        }
      } finally {
        await useEngine("wasm");
      }
    },
  });
}

Deno.test("native with a number of threads is blocked, whose id says so, and cpu has one", async () => {
  if (native) {
    const { id, name } = await useEngine("native");
    const blocked = await useEngine("native", { threads: 1 });
    assert.equal(name, "native");
    assert.deepEqual(
      [blocked.name, blocked.id, blocked.threads],
      ["blocked", id.replace("native", "blocked"), 1],
    );
    assert.equal((await useEngine("blocked")).id, blocked.id);
  }
  assert.equal((await useEngine("cpu", { threads: 2 })).threads, 1);
  const { id, threads } = await useEngine("wasm", { threads: 2 });
  assert.deepEqual([id, threads], ["wasm", 2]);
  assert.equal((await useEngine("wasm")).threads, 1);
  for (const threads of [0, 1.5, -1, NaN, 5000]) {
    await assert.rejects(useEngine("wasm", { threads }), /useEngine: threads must be/);
  }
});

Deno.test("threads take parts of a cut, and memory of the threads is given back at their end", async () => {
  await useEngine("wasm");
  const { live } = arenaBytes();
  await useEngine("wasm", { threads: 3, smallestWork: 0 });
  assert.ok(arenaBytes().live > live);
  try {
    tf.tidy(() => {
      const x = arenaTensor([1000]);
      const parts = cut({ count: 1000, unit: 1, nanoseconds: 1 });
      assert.ok(parts.count >= 3);
      parts.run((first, count, { kernels }) =>
        kernels.fill(arenaPointer(x) + 4 * first, count, first + 1)
      );
      const firsts = [...new Set(x.dataSync())];
      assert.equal(firsts.length, parts.count);
    });
    // More calls than the board holds at once, each after the other on one value.
    tf.tidy(() => {
      const sums = tf.zeros([8, 4]), one = tf.ones([4]);
      const at = arenaPointer(sums), from = arenaPointer(one);
      cut({ count: 8, unit: 1, nanoseconds: 1 }).run((first, count, { kernels }) => {
        for (let call = 0; call < 20_000; call++) {
          for (let row = first; row < first + count; row++) {
            kernels.addValues(4, at + 16 * row, from, at + 16 * row);
          }
        }
      });
      assert.deepEqual([...new Set(sums.dataSync())], [20_000]);
    });
  } finally {
    await useEngine("wasm");
  }
  assert.equal(arenaBytes().live, live);
});

Deno.test("parts whose calls find no room are done all the same, and one that cannot be written waits for the others", async () => {
  await useEngine("wasm", { threads: 2, smallestWork: 0 });
  const team = teamOf("wasm")!;
  tf.tidy(() => {
    const sums = tf.zeros([5, 4]), one = tf.ones([4]);
    const at = arenaPointer(sums), from = arenaPointer(one);
    const found = team.run(5, (part, { kernels }) => {
      if (part % 2 === 0) return void kernels.squaredNorm(from, from, 4 - part / 2, 0, 0);
      for (let call = 0; call < 200_000; call++) {
        kernels.addValues(4, at + 16 * part, from, at + 16 * part);
      }
    });
    assert.deepEqual([found[0], found[2], found[4]], [4, 3, 2]);
    const ofRows = [0, 200_000, 0, 200_000, 0];
    assert.deepEqual([...sums.dataSync()], ofRows.flatMap((each) => Array(4).fill(each)));
  });
  tf.tidy(() => {
    const sum = tf.zeros([4]), one = tf.ones([4]);
    const at = arenaPointer(sum), from = arenaPointer(one);
    assert.throws(() =>
      team.run(2, (part, { kernels }) => {
        if (part === 1) throw new RangeError("not to be written");
        for (let call = 0; call < 50_000; call++) kernels.addValues(4, at, from, at);
      }), /not to be written/);
    assert.deepEqual([...sum.dataSync()], [50_000, 50_000, 50_000, 50_000]);
  });
  await useEngine("wasm");
});

Deno.test("a thread that fails is trouble outside of the run, and the engine goes on alone", async () => {
  await useEngine("wasm", { threads: 2, smallestWork: 0 });
  const team = teamOf("wasm")!;
  const outside = 2 ** 32 - 4;
  let failure: unknown = null;
  // While the second part is written, the further thread takes the first, or else in another round.
  for (let round = 0; round < 200 && !(failure instanceof OutsideTrouble); round++) {
    try {
      team.run(2, (part, { kernels }) => {
        if (part === 0) return kernels.fill(outside, 1000, 0);
        for (let call = 0; call < 50_000; call++) kernels.fill(0, 0, 0);
      });
    } catch (error) {
      failure = error;
    }
  }
  assert.ok(failure instanceof OutsideTrouble, String(failure));
  assert.match(failure.message, /^A thread of the engine failed: RuntimeError: .*out of bounds/);
  assert.equal(teamOf("wasm"), null);
  tf.tidy(() => {
    const x = arenaTensor([4]);
    kernels().fill(arenaPointer(x), 4, 3);
    assert.deepEqual([...x.dataSync()], [3, 3, 3, 3]);
  });
  assert.equal((await useEngine("wasm", { threads: 2 })).threads, 2);
  await useEngine("wasm");
});

Deno.test("threads that cannot be started are trouble outside of the run, with its reason", async () => {
  const script = `import { useEngine } from "${new URL("./engine.ts", import.meta.url).href}";
    try { await useEngine("wasm", { threads: 2 }); } catch (error) { console.log(String(error)); }`;
  const found = await outputOf(script, []);
  assert.match(found, /^OutsideTrouble: Cannot start thread 2 of 2 of the engine: .*read access/);
});

Deno.test("threads without work keep no process alive", async () => {
  const script = `import { useEngine } from "${new URL("./engine.ts", import.meta.url).href}";
    console.log((await useEngine("wasm", { threads: 3 })).threads);`;
  assert.equal(await outputOf(script, ["--allow-read"]), "3");
});

async function outputOf(script: string, permissions: readonly string[]): Promise<string> {
  const process = new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-prompt", "--no-check", "--quiet", "--allow-env", ...permissions, "-"],
    stdin: "piped",
    stdout: "piped",
    stderr: "null",
    signal: AbortSignal.timeout(30_000),
    cwd: new URL("../..", import.meta.url).pathname,
  }).spawn();
  const writer = process.stdin.getWriter();
  await writer.write(new TextEncoder().encode(script));
  await writer.close();
  const { stdout } = await process.output();
  return new TextDecoder().decode(stdout).trim();
}
