import assert from "node:assert/strict";
import { readSafetensors, writeSafetensors } from "./safetensors.ts";

const tensors = new Map([
  ["gru0/kernel", { shape: [2, 3], values: Float32Array.of(1, -2, 3e-20, NaN, Infinity, -0) }],
  ["bias", { shape: [1], values: Float32Array.of(0.5) }],
]);

Deno.test("writeSafetensors lays out length, header and data as the format says", () => {
  const bytes = writeSafetensors(tensors, { a: "b" });
  const length = Number(new DataView(bytes.buffer).getBigUint64(0, true));
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + length)));
  assert.equal(length % 8, 0);
  assert.deepEqual(header, {
    __metadata__: { a: "b" },
    "gru0/kernel": { dtype: "F32", shape: [2, 3], data_offsets: [0, 24] },
    bias: { dtype: "F32", shape: [1], data_offsets: [24, 28] },
  });
  assert.equal(bytes.length, 8 + length + 28);
  assert.equal(new DataView(bytes.buffer).getFloat32(8 + length + 4, true), -2);
});

Deno.test("readSafetensors gives back what writeSafetensors wrote, to the bit", () => {
  const back = readSafetensors(writeSafetensors(tensors, { a: "b" }));
  assert.deepEqual(back.metadata, { a: "b" });
  for (const [name, { shape, values }] of tensors) {
    assert.deepEqual(back.tensors.get(name)?.shape, shape);
    assert.deepEqual(
      new Uint32Array(Float32Array.from(back.tensors.get(name)!.values).buffer),
      new Uint32Array(values.buffer),
    );
  }
});

Deno.test("readSafetensors refuses bytes that are cut short", () => {
  const bytes = writeSafetensors(tensors);
  for (const length of [0, 7, 20, bytes.length - 1]) {
    assert.throws(() => readSafetensors(bytes.slice(0, length)), SyntaxError, `${length} bytes`);
  }
});
