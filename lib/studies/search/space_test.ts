import assert from "node:assert/strict";
import { checkSpace, grid, logSpace, points } from "./space.ts";

Deno.test("grid gives every combination, the first axis slowest, zero on a log axis included", () => {
  const space = grid({ lambda: [0, ...logSpace(1e-6, 1e-3, 4)], kind: ["l1", "l2"] });
  assert.equal(space.kind, "grid");
  assert.equal(space.points.length, 10);
  assert.deepEqual(space.points.slice(0, 3), [
    { lambda: 0, kind: "l1" },
    { lambda: 0, kind: "l2" },
    { lambda: 1e-6, kind: "l1" },
  ]);
  assert.deepEqual(JSON.parse(JSON.stringify(space)), space);
});

Deno.test("grid refuses no axis, no values, a value twice and what JSON cannot hold", () => {
  assert.throws(() => grid({}), /at least one axis, found none/);
  assert.throws(() => grid({ lambda: [] }), /axis "lambda" must have at least one value/);
  assert.throws(() => grid({ lambda: [1, 2, 1] }), /axis "lambda" must not hold a value twice/);
  assert.throws(() => grid({ lambda: [0, -0] }), /twice, found 0/);
  assert.throws(() => grid({ lambda: [NaN] }), /axis "lambda": .*NaN/);
  assert.throws(() => grid({ lambda: 1 } as never), /axis "lambda" must be a list of values/);
  assert.throws(() => grid([1] as never), /axes must be an object of lists/);
});

Deno.test("points refuses a point twice, whatever the order of its axes, and what is no point", () => {
  assert.throws(() => points([]), /at least one, found none/);
  assert.throws(() => points([{ a: 1, b: 2 }, { b: 2, a: 1 }]), /twice, found {"a":1,"b":2}/);
  assert.throws(() => points([3] as never), /a point must be an object of values, found 3/);
  assert.throws(() => points({ a: 1 } as never), /must be a list/);
  assert.throws(() => points([{ a: Infinity }]), /Infinity/);
});

Deno.test("points holds copies, so that a later change of the argument does not reach it", () => {
  const point = { lambda: 1 };
  const space = points([point]);
  point.lambda = 2;
  assert.deepEqual(space.points, [{ lambda: 1 }]);
});

Deno.test("logSpace has its bounds exactly and equal ratios between, also downwards", () => {
  assert.deepEqual(logSpace(1e-2, 1e2, 5), [0.01, 0.1, 1, 10, 100]);
  assert.deepEqual(logSpace(100, 1, 3), [100, 10, 1]);
  const values = logSpace(0.01, 3, 4);
  assert.equal(values[3], 3);
  const ratio = 300 ** (1 / 3);
  for (let index = 1; index < 4; index++) {
    assert.ok(Math.abs(values[index] / values[index - 1] / ratio - 1) < 1e-10);
  }
});

Deno.test("logSpace refuses bounds that are not above 0, equal bounds and a count below 2", () => {
  assert.throws(() => logSpace(0, 1, 3), /numbers above 0, found 0: .*\[0, \.\.\.logSpace\(…\)\]/);
  assert.throws(() => logSpace(1, -1, 3), /to must be a finite number above 0/);
  assert.throws(() => logSpace(1, NaN, 3), /to must be a finite number above 0, found NaN/);
  assert.throws(() => logSpace(1, 1, 3), /must differ/);
  assert.throws(() => logSpace(1, 2, 1), /count must be/);
  assert.throws(() => logSpace(1, 2, 2.5), /whole number/);
});

Deno.test("checkSpace refuses what grid and points do not give", () => {
  assert.throws(() => checkSpace("space", { lambda: [1] }), /must be a search space such as grid/);
  assert.throws(() => checkSpace("space", { kind: "points", points: [{}, {}] }), /twice/);
  assert.deepEqual(checkSpace("space", grid({ a: [1] })), grid({ a: [1] }));
});
