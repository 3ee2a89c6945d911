import assert from "node:assert/strict";
import { configurations, recurrentFlop, transformerFlop } from "./configurations.ts";
import { makeRows, type Measurement, rowsTable, targetLines } from "./rows.ts";

const eager: Measurement = { name: "eager", milliseconds: [10, 20, 30] };
const compiled: Measurement = { name: "compile", milliseconds: [16, 16, 40] };
const ours: Measurement[] = [
  { name: "wasm", milliseconds: [20, 20, 20] },
  { name: "native/blas/core", milliseconds: [8, 8, 20] },
];
const peaks = [10, 100];
const what = { configuration: "A", task: "training", addition: "none" } as const;

Deno.test("makeRows compares with the faster of the peer's modes, turn by turn", () => {
  const rows = makeRows(what, ours, [eager, compiled], "PyTorch 2", peaks);
  assert.deepEqual(rows.map(({ engine }) => engine), ["wasm", "native/blas/core"]);
  const [wasm, native] = rows;
  assert.equal(native.peer, "PyTorch 2 compile");
  assert.equal(native.peerMilliseconds, 16);
  assert.equal(native.milliseconds, 8);
  assert.equal(native.ratio, 0.5);
  assert.deepEqual(native.peerModes, { eager: 20, compile: 16 });
  assert.deepEqual(native.quartiles, [8, 14]);
  assert.equal(native.alternations, 3);
  // FLOP through FLOP per second.
  assert.equal(wasm.floorMilliseconds, 10 * native.floorMilliseconds);
  assert.equal(wasm.gigaflop, configurations.A.flop.training / 1e9);
});

Deno.test("a row has the fields that readers of the JSON rely on", () => {
  const [row] = makeRows(what, ours, [eager], "PyTorch 2", peaks);
  const read = JSON.parse(JSON.stringify(row));
  for (const name of ["configuration", "addition", "engine", "peer"]) {
    assert.equal(typeof read[name], "string", name);
  }
  for (const name of ["milliseconds", "peerMilliseconds", "ratio"]) {
    assert.ok(Number.isFinite(read[name]), name);
  }
});

Deno.test("targetLines says what is met and what is missed, and what the penalties add", () => {
  const addition = "penalties";
  const slower = ours.map(({ name, milliseconds }) => ({
    name,
    milliseconds: milliseconds.map((value) => 1.1 * value),
  }));
  const rows = [
    ...makeRows(what, ours, [compiled], "PyTorch 2", peaks),
    ...makeRows({ ...what, addition }, slower, [compiled], "PyTorch 2", peaks),
    ...makeRows({ ...what, task: "evaluation" }, ours, [eager], "PyTorch 2", peaks),
  ];
  const lines = targetLines(rows);
  assert.ok(lines.includes("A native training: 0.50, met (must 0.5; hoped for 0.3)"), lines[1]);
  assert.ok(lines.includes("A wasm training: 1.25, met (must 1.4)"));
  assert.ok(lines.includes("A native: L1 + decay adds 10.0 % to a step, MISSED (must 5 %)"));
  assert.ok(lines.some((line) => /^A native evaluation: 0\.67, MISSED/.test(line)), lines.join());
});

Deno.test("rowsTable has a line for each row, all of one width", () => {
  const rows = makeRows(what, ours, [eager, compiled], "PyTorch 2", peaks);
  const lines = rowsTable(rows).split("\n");
  assert.equal(lines.length, 2 + rows.length);
  assert.equal(new Set(lines.map(({ length }) => length)).size, 1);
});

Deno.test("a step stands beside the floor of its own shapes where that was measured, and above it", () => {
  const measured = [ours[0], { ...ours[1], shapesFloor: 5 }];
  const rows = makeRows(what, measured, [eager], "PyTorch 2", peaks);
  assert.equal(rows[1].shapesFloorMilliseconds, 5);
  assert.equal("shapesFloorMilliseconds" in rows[0], false);
  const [heading, , wasm, native] = rowsTable(rows).split("\n")
    .map((line) => line.split("|").map((cell) => cell.trim()));
  const at = heading.indexOf("its shapes'");
  assert.deepEqual(heading.slice(at - 1, at + 2), ["floor", "its shapes'", "above it"]);
  // 8 ms, and 60 % of 5 above 5.
  assert.deepEqual(native.slice(at, at + 2), ["5.00", "60 %"]);
  assert.deepEqual(wasm.slice(at, at + 2), ["", ""]);
  const before = rowsTable(makeRows(what, ours, [eager], "PyTorch 2", peaks));
  assert.ok(!before.includes("its shapes'"), "results of before keep their table");
});

Deno.test("recurrentFlop counts the products of a step, by hand for a tiny one", () => {
  // 2 tokens at a time for 3 steps, 5 symbols, embedding 4, hidden 7, 3 gates.
  const { training, evaluation } = recurrentFlop({
    vocabulary: 5,
    sizes: [4, 7],
    gates: 3,
    batch: 2,
    time: 3,
  });
  const input = 2 * 5 * 4 * 21; // a row a symbol: 5 < 6
  const recurrent = 2 * 2 * 7 * 21;
  const output = 2 * 6 * 7 * 5;
  assert.equal(evaluation, input + 3 * recurrent + output);
  assert.equal(training, 3 * input + (3 + 2 * 2) * recurrent + 3 * output);
});

Deno.test("transformerFlop grows linearly with blocks, besides the output", () => {
  const of = (blocks: number) =>
    transformerFlop({ vocabulary: 5, width: 8, blocks, batch: 2, time: 4 }).evaluation;
  const block = 2 * 8 * 12 * 64 + 2 * 8 * 4 * 8;
  assert.equal(of(3) - of(2), block);
  assert.equal(of(1), block + 2 * 8 * 8 * 5);
});
