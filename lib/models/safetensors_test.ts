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

/** A file with any text as its header, and some bytes of data. */
function fileOf(header: unknown, dataLength = 8): Uint8Array {
  const text = new TextEncoder().encode(
    typeof header === "string" ? header : JSON.stringify(header),
  );
  const bytes = new Uint8Array(8 + text.length + dataLength);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(text.length), true);
  bytes.set(text, 8);
  return bytes;
}

Deno.test("readSafetensors says in own words what of a header is wrong", () => {
  const tensor = { dtype: "F32", shape: [2], data_offsets: [0, 8] };
  const cases: readonly (readonly [unknown, RegExp])[] = [
    ["null", /the header must be an object, found null/],
    ["[1]", /the header must be an object, found \[1\]/],
    ['{"w":', /the header is not JSON: line 1, column 6 is its end/],
    [{ w: null }, /"w" must be an object, found null/],
    [{ w: { ...tensor, shape: null } }, /"w" must have a shape of whole numbers .* found null/],
    [{ w: { ...tensor, shape: [2, -1] } }, /"w" must have a shape/],
    [{ w: { ...tensor, shape: [0.5, 4] } }, /"w" must have a shape/],
    [{ w: { ...tensor, shape: [1e300] } }, /"w" must have a shape/],
    [{ w: { ...tensor, data_offsets: undefined } }, /data_offsets of two .* found nothing/],
    [{ w: { ...tensor, data_offsets: [0, 8, 9] } }, /data_offsets of two whole numbers/],
    [{ w: { ...tensor, data_offsets: [-8, 0] } }, /data_offsets of two whole numbers/],
    [{ w: { ...tensor, data_offsets: [0, 4] } }, /"w" should hold 8 bytes for shape \[2\]/],
    [{ w: { ...tensor, dtype: "toString" } }, /"w" has type "toString", only F32, I32/],
    [{ w: { ...tensor, dtype: "\u202e" } }, /"w" has type "‹U\+202E›"/],
    [{ __metadata__: [], w: tensor }, /__metadata__ must be an object/],
    [{ __metadata__: { a: 1 }, w: tensor }, /__metadata__ must hold texts, found 1 as "a"/],
    // Two tensors in the same bytes, bytes of no tensor, bytes that are not there.
    [{ v: tensor, w: tensor }, /"w" is to be in bytes 0 to 8 .* before it end at 8/],
    [{ w: { ...tensor, shape: [1], data_offsets: [4, 8] } }, /in bytes 4 to 8 .* end at 0/],
    [{ w: { ...tensor, shape: [1], data_offsets: [0, 4] } }, /end at byte 4, its data has 8/],
    [{ w: { ...tensor, shape: [4], data_offsets: [0, 16] } }, /in bytes 0 to 16 of 8 bytes/],
  ];
  for (const [header, said] of cases) {
    assert.throws(() => readSafetensors(fileOf(header)), (error: Error) => {
      assert.ok(error instanceof SyntaxError);
      assert.match(error.message, /^Cannot read safetensors: .*\.$/);
      assert.match(error.message, said);
      return true;
    });
  }
  assert.deepEqual(readSafetensors(fileOf({ w: tensor })).tensors.get("w")?.shape, [2]);
});
