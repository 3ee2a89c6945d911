import assert from "node:assert/strict";
import { canonicalJson, hashJson } from "./json.ts";

Deno.test("canonicalJson does not depend on the order of keys, at any depth", () => {
  const a = { x: { b: 1, a: [{ d: 1, c: 2 }] }, A: null, "é": "\u2028" };
  const b = { "é": "\u2028", A: null, x: { a: [{ c: 2, d: 1 }], b: 1 } };
  assert.equal(canonicalJson(a), canonicalJson(b));
  assert.equal(hashJson(a), hashJson(b));
  assert.deepEqual(JSON.parse(canonicalJson(a)), a);
});

Deno.test("canonicalJson tells apart values that differ", () => {
  const values = [0, "0", null, false, [], {}, [0], { 0: 0 }, 1e-7, 1e21, "1e21"];
  assert.equal(new Set(values.map(hashJson)).size, values.length);
});

Deno.test("canonicalJson leaves out undefined properties and treats -0 as 0", () => {
  assert.equal(canonicalJson({ a: undefined, b: -0 }), '{"b":0}');
});

Deno.test("canonicalJson refuses what JSON cannot hold, naming the path", () => {
  const bad: [unknown, RegExp][] = [
    [{ a: [1, { b: Infinity }] }, /\$\.a\[1\]\.b/],
    [{ a: () => 1 }, /function at \$\.a/],
    [[undefined], /undefined at \$\[0\]/],
    [{ a: 1n }, /bigint at \$\.a/],
    [{ a: new Map() }, /object at \$\.a/],
    [new Date(0), /object at \$/],
  ];
  for (const [value, message] of bad) assert.throws(() => canonicalJson(value), message);
});
