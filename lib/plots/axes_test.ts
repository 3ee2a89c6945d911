import assert from "node:assert/strict";
import { assertClose } from "../statistics/testing/close.ts";
import { cellAxis, roundTicks, settingAxis, valueRange } from "./axes.ts";

Deno.test("settingAxis shows 0 in its own place left of a logarithmic axis", () => {
  const { axis, position, zeroApart } = settingAxis("lambda", [1e-4, 0, 1e-6, 1e-5, 0]);
  assert.equal(zeroApart, true);
  assert.deepEqual(axis.ticks!.map(({ label }) => label), ["0", "1e-6", "1e-5", "1e-4"]);
  assert.deepEqual([0, 1e-6, 1e-4].map((value) => Math.round(position(value)!)), [-7, -6, -4]);
  assert.equal(position(0.5), undefined);
  const tenfold = settingAxis("lambda", [0, 3e-5, 1e-4, 3e-4]);
  assert.equal(tenfold.zeroApart, true);
  const doubled = settingAxis("characters", [2000, 4000, 8000, 16000, 32000]);
  const places = doubled.axis.ticks!.map((tick) => tick.position);
  assertClose(places[4] - places[3], places[1] - places[0], 1e-9);
});

Deno.test("settingAxis is linear for a narrow range and even for values that are no numbers", () => {
  assert.deepEqual(settingAxis("dropout", [0, 0.2, 0.5]).axis.ticks!.map((t) => t.position), [
    0,
    0.2,
    0.5,
  ]);
  const words = settingAxis("penalty", ["l2", "l1"]);
  assert.deepEqual(words.axis.ticks, [{ position: 0, label: "l2" }, { position: 1, label: "l1" }]);
  assert.deepEqual(settingAxis("lambda", [0]).axis.range, [-0.5, 0.5]);
});

Deno.test("settingAxis has a place for points that lack the axis, left of 0 and of all values", () => {
  const { axis, values, position, zeroApart } = settingAxis("lambda", [
    1e-4,
    undefined,
    0,
    1e-6,
    1e-5,
  ]);
  assert.deepEqual(axis.ticks!.map(({ label }) => label), ["not set", "0", "1e-6", "1e-5", "1e-4"]);
  assert.deepEqual([values.length, zeroApart], [5, true]);
  assert.deepEqual([undefined, 0, 1e-6, 1e-4].map((value) => Math.round(position(value)!)), [
    ...[-8, -7, -6, -4],
  ]);
  assert.equal(settingAxis("lambda", [0, 1]).position(undefined), undefined);
  const linear = settingAxis("dropout", [0.2, undefined, 0.4]);
  assertClose(linear.position(undefined)!, 0, 1e-12);
  const kinds = cellAxis("optimizer", ["sgd", undefined, null, "not set"]);
  assert.deepEqual(kinds.axis.ticks!.map(({ label }) => label), [
    "not set",
    "sgd",
    "none",
    "not set",
  ]);
  assert.deepEqual([undefined, "sgd", null, "not set"].map((each) => kinds.position(each)), [
    ...[0, 1, 2, 3],
  ]);
});

Deno.test("settingAxis of sizes is logarithmic where they grow by factors, and many values have round ticks", () => {
  const places = (values: number[], byFactors: boolean) =>
    settingAxis("n", values, { byFactors }).axis.ticks!.map(({ position }) => position);
  const [a, b, c] = places([1000, 2000, 4000], true);
  assertClose(c - b, b - a, 1e-12);
  assert.deepEqual(places([1000, 2000, 4000], false), [1000, 2000, 4000]);
  assert.deepEqual(places([16, 24, 32, 40], true), [16, 24, 32, 40]);
  const many = Array.from({ length: 20 }, (_, index) => 1.1e-4 * 1.5 ** index);
  assert.deepEqual(settingAxis("rate", [0, ...many]).axis.ticks!.map(({ label }) => label), [
    ...["0", "0.001", "0.01", "0.1"],
  ]);
  const even = Array.from({ length: 21 }, (_, index) => 0.2 + index / 50);
  assert.equal(settingAxis("dropout", even).axis.ticks!.length, 5);
});

Deno.test("cellAxis puts sorted values at whole numbers", () => {
  const { values, position } = cellAxis("alpha", [1, 0, 0.01]);
  assert.deepEqual(values, [0, 0.01, 1]);
  assert.equal(position(1), 2);
});

Deno.test("roundTicks and valueRange cover negative, tiny and constant ranges", () => {
  assert.deepEqual(roundTicks([-0.3, 1.2], 4).map(({ label }) => label), ["0.0", "0.5", "1.0"]);
  assert.deepEqual(roundTicks([0, 1e-3], 4).map(({ label }) => label), [
    "0.00000",
    "0.00025",
    "0.00050",
    "0.00075",
    "0.00100",
  ]);
  const [low, high] = valueRange([2, 2]);
  assert.ok(low < 2 && high > 2);
  assert.deepEqual(valueRange([]), [0, 1]);
  assert.equal(valueRange([0.5, 3], { fromZero: true })[0], 0);
  assert.ok(valueRange([-0.5, 3], { fromZero: true })[0] < -0.5);
});
