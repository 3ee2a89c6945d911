import assert from "node:assert/strict";
import {
  type CountedShape,
  floorMilliseconds,
  type TimedShape,
} from "../lib/engine/product_shapes.ts";
import { flopOf } from "../lib/engine/product_timing.ts";
import { configurations } from "./configurations.ts";
import { startOurs } from "./participants.ts";
import { profileReport } from "./reports.ts";
import type { ProfileRow } from "./step_profile.ts";

const flopOfAll = (shapes: readonly CountedShape[]) =>
  shapes.reduce((sum, shape) => sum + shape.count * flopOf(shape), 0);

Deno.test("the products that a step makes are those of its configuration, and each has a time", async () => {
  const ours = await startOurs("wasm");
  try {
    for (const configuration of ["A", "D"] as const) {
      for (const part of ["training", "evaluation"] as const) {
        const question = { task: "shapes", of: part, configuration, addition: "none" };
        const { shapes } = await ours.ask<{ shapes: TimedShape[] }>(question);
        const share = flopOfAll(shapes) / configurations[configuration].flop[part];
        // A configuration counts half of attention, which masks the other half; a step multiplies it.
        const most = configuration === "D" ? 1.05 : 1.01;
        assert.ok(share > 0.99 && share < most, `${configuration} ${part}: ${share}`);
        for (const { milliseconds } of shapes) assert.ok(milliseconds > 0);
      }
    }
  } finally {
    await ours.stop();
  }
});

Deno.test("a profile says how far a step is above the floor of its shapes, the largest first", () => {
  const how = { transposeA: false, transposeB: false, accumulate: false, packed: false };
  const shapes: TimedShape[] = [
    { ...how, m: 100, n: 200, k: 50, count: 3, milliseconds: 2 },
    { ...how, transposeA: true, accumulate: true, m: 10, n: 20, k: 5, count: 4, milliseconds: 0.5 },
  ];
  assert.equal(floorMilliseconds(shapes), 8);
  const text = profileReport({
    machine: {
      ...{ processor: "a CPU", cores: 2, memoryGibibytes: 4, system: "linux" },
      ...{ deno: "2", loadBefore: 0, date: "2026-11-29" },
    },
    profiles: [{
      ...{ configuration: "A", task: "training", engine: "wasm", gigaflopsPerSecond: 10 },
      ...{ gigaflop: 0.06, milliseconds: 10, shapesFloorMilliseconds: 8, shapes },
      ...{ rows: [], kinds: [] },
    }],
  });
  assert.match(
    text,
    /a step takes 10\.0 ms, 25 % above 8\.00 ms, .* \(6\.00 ms at that of 1024³\)/,
  );
  assert.match(text, /\| 100 × 200 × 50 +\| +\| +3 \| +1 \| +6\.00 \|/);
  assert.match(text, /\| 10 × 20 × 5 +\| A, added +\| +4 \| +0 \| +2\.00 \|/);
});

Deno.test("a profile knows products of a BLAS and kernels that threads share by their names", async () => {
  const ours = await startOurs("native");
  try {
    const request = { configuration: "C", addition: "none" };
    await ours.ask({ ...request, task: "evaluation", steps: 4 });
    const question = { ...request, task: "profile", of: "evaluation", steps: 20 };
    const { rows } = await ours.ask<{ rows: ProfileRow[] }>(question);
    const shareOf = (wanted: (row: ProfileRow) => boolean) =>
      rows.filter(wanted).reduce((sum, { share }) => sum + share, 0);
    assert.ok(shareOf(({ kind }) => kind === "product") > 0.3, JSON.stringify(rows.slice(0, 5)));
    assert.ok(shareOf(({ name }) => name === "softmaxCrossEntropy") > 0.01);
    assert.equal(shareOf(({ name }) => /Backward$/.test(name)), 0, "an evaluation has none");
  } finally {
    await ours.stop();
  }
});
