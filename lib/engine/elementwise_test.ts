import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { randomStream } from "../core/random.ts";
import { useEngine } from "./engine.ts";

function tensor(name: string, shape: number[]): tf.Tensor {
  const stream = randomStream(1, name);
  const size = tf.util.sizeFromShape(shape);
  return tf.tensor(Float32Array.from({ length: size }, () => stream.normal()), shape);
}

Deno.test("tf.add and tf.mul on the engine give the bits of plain tfjs, also where they broadcast", async () => {
  const shapes: [number[], number[]][] = [
    [[1031], [1031]],
    [[17, 33], [17, 33]],
    [[17, 33], [33]],
    [[3], [3]],
    [[17, 1], [1, 33]],
    [[300], []],
  ];
  for (const [first, second] of shapes) {
    for (const operation of [tf.add, tf.mul]) {
      const bitsOn = async (engine: "cpu" | "wasm") => {
        await useEngine(engine);
        return tf.tidy(() => operation(tensor("a", first), tensor("b", second)).dataSync());
      };
      assert.deepEqual(await bitsOn("wasm"), await bitsOn("cpu"), `[${first}] and [${second}]`);
    }
  }
});

Deno.test("tf.add on the engine keeps integers and leaves its operands alone", async () => {
  await useEngine("wasm");
  tf.tidy(() => {
    const ids = tf.range(0, 300, 1, "int32");
    const sum = tf.add(ids, ids);
    assert.equal(sum.dtype, "int32");
    assert.equal(sum.dataSync()[299], 598);
    const x = tensor("a", [400]), before = x.dataSync();
    tf.add(x, x);
    assert.deepEqual(x.dataSync(), before);
  });
});

Deno.test("gradients of a tensor that is used twice are added up on the engine", async () => {
  await useEngine("wasm");
  tf.tidy(() => {
    const x = tensor("a", [20, 20]);
    const gradient = tf.grad((x: tf.Tensor) => tf.add(tf.mul(x, 3), tf.mul(x, x)))(x).dataSync();
    const values = x.dataSync();
    gradient.forEach((value, i) => assert.ok(Math.abs(value - (3 + 2 * values[i])) < 1e-5));
  });
});
