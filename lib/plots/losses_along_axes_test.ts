import assert from "node:assert/strict";
import { assertClose } from "../statistics/testing/close.ts";
import { summarizeTrials } from "../statistics/summarize.ts";
import { lossesAlongAxes, plotLossesAlong } from "./losses_along_axes.ts";
import { compareWithBaseline } from "../statistics/compare.ts";
import { shapes } from "../statistics/testing/shapes.ts";
import { syntheticRecords as records } from "../statistics/testing/synthetic_study.ts";

Deno.test("lossesAlongAxes reads the points that differ in one axis alone, by value", () => {
  const source = records({ axes: { lambda: [0, 1e-4], alpha: [0, 0.3, 1] } });
  const data = lossesAlongAxes(source);
  assert.deepEqual(data.through, { lambda: 0, alpha: 0 });
  assert.deepEqual(data.lines.map(({ axis, points }) => [axis, points.map((p) => p.value)]), [
    ["lambda", [0, 1e-4]],
    ["alpha", [0, 0.3, 1]],
  ]);
  const summaries = summarizeTrials(source.record, source.records);
  const at = summaries.find(({ point }) => point.lambda === 0 && point.alpha === 1)!;
  const { value, training, heldOut, heldOutAtBestStep, difference } = data.lines[1].points[2];
  assert.equal(value, 1);
  assertClose(training.mean, at.lastStep!.estimates.trainingLoss.mean);
  assertClose(heldOut.mean, at.lastStep!.estimates.validationLoss.mean);
  assertClose(heldOutAtBestStep!.mean, at.bestStep!.estimates.validationLoss.mean);
  const baseline = summaries.find(({ key }) => key === '{"alpha":0,"lambda":0}')!;
  assertClose(
    difference!.mean,
    heldOut.mean - baseline.lastStep!.estimates.validationLoss.mean,
    1e-9,
  );
  assert.equal(data.lines[1].points[0].difference!.mean, 0);
  assert.equal(data.stopped!.step, baseline.bestStep!.step);

  const through = { lambda: 1e-4, alpha: 1 };
  const other = lossesAlongAxes(source, { axes: ["alpha"], through });
  assert.deepEqual(other.lines.map(({ points }) => points.length), [3]);
  assert.equal(other.isBaseline, false);
  assert.throws(() => lossesAlongAxes(source, { axes: ["beta"] }), /axes .*"beta"/);
  assert.throws(
    () => lossesAlongAxes(source, { through: { lambda: 3 } }),
    /must be a point of study/,
  );
  const without = { ...source, record: { ...source.record, baseline: null } };
  assert.throws(() => lossesAlongAxes(without), /has no baseline/);
});

Deno.test("plotLossesAlong leaves out points that lack runs, and says what a strength or a size does", () => {
  const axes = { lambda: [0, 1e-4], alpha: [0, 0.3, 1] };
  const broken = records({
    axes,
    status: (point, fold) => point.alpha === 1 && fold === 0 ? "diverged" : "completed",
  });
  assert.deepEqual(lossesAlongAxes(broken).lines[1].points.map(({ value }) => value), [0, 0.3]);
  const source = records({ axes });
  const found = new Map(
    summarizeTrials(source.record, source.records)
      .map(({ key, lastStep }) => [key, lastStep!.estimates]),
  );
  const losses = [0, 0.3, 1].map((alpha) =>
    found.get(`{"alpha":${alpha},"lambda":0}`)!.validationLoss.mean
  );
  const lowest = Math.min(...losses);
  assert.ok(lowest < losses[0]);
  const { title } = plotLossesAlong(source, { axes: ["alpha"] }).chart;
  assert.equal(
    title,
    `α = ${[0, 0.3, 1][losses.indexOf(lowest)]} lowers the held-out loss from ` +
      `${losses[0].toFixed(3)} to ${lowest.toFixed(3)}`,
  );
  const sizes = plotLossesAlong(source, { axes: ["alpha"], through: { lambda: 1e-4, alpha: 0 } });
  const gaps = [0, 1].map((alpha) =>
    found.get(`{"alpha":${alpha},"lambda":0.0001}`)!.generalizationGap.mean.toFixed(3)
  );
  assert.equal(sizes.chart.title, `From 0 to 1 α the gap falls from ${gaps.join(" to ")}`);
  // The same losses but for −0.02, −0.01 and +0.01 in folds 0, 1 and 2: −0.0067 ± 0.0088.
  const noisy = records({ axes: { lambda: [0, 1e-4] } });
  const same = noisy.records.map((run) => {
    const base = noisy.records.find(({ point, fold, seed }) =>
      point.lambda === 0 && fold === run.fold && seed === run.seed
    )!;
    if (run === base) return run;
    const shift = [-0.02, -0.01, 0.01][run.fold as number];
    return { ...run, final: { ...base.final!, heldOutLoss: base.final!.heldOutLoss + shift } };
  });
  assert.match(
    plotLossesAlong({ ...noisy, records: same }).chart.title,
    /^No λ is shown to lower the held-out loss of 2\.460 \(at best by 0\.007 ± 0\.009\)$/,
  );
  const single = plotLossesAlong(records({ axes: { lambda: [0] } }));
  assert.equal(single.chart.title, "No axis has two complete points");
  assert.ok(!/NaN/.test(single.svg()));
});

Deno.test("plotLossesAlong credits remedies only, says what its tests say, and draws points without the axis", () => {
  const source = shapes["three joined remedies"]();
  const { chart } = plotLossesAlong(source);
  assert.match(
    chart.title,
    /^From 0\.003 to 0\.03 rate the gap (grows|falls) from .*; no dropout is shown to lower the held-out loss of .*; α = 1 lowers the held-out loss/,
  );
  assert.deepEqual(chart.panels[1].x.ticks!.map(({ label }) => label), [
    ...["not set", "0.1", "0.2", "0.4"],
  ]);
  const tests = compareWithBaseline(source)!.points;
  for (const { axis, points } of lossesAlongAxes(source).lines) {
    for (const { value, adjustedPValue } of points) {
      const found = tests.find(({ point }) =>
        point[axis] === value && (axis === "rate" || point.rate === 0.01) &&
        Object.keys(point).length === (axis === "rate" ? 1 : value === undefined ? 0 : 2)
      );
      assert.equal(adjustedPValue, found?.adjustedPValue ?? null);
    }
  }
  const one = plotLossesAlong(records({ axes: { lambda: [0, 1e-4] }, folds: 1 })).chart.title;
  assert.match(one, /^The lowest held-out loss is .* at λ = 1e-4, against .*, not tested$/);
  const kinds = plotLossesAlong(shapes["choice only"](), { through: { optimizer: "sgd" } }).chart;
  assert.match(kinds.title, /^The held-out loss is lowest with optimizer = adam: /);
  const kept = plotLossesAlong(shapes["early stopping"]()).chart;
  assert.match(kept.subtitle, /^At the step that each run kept: /);
  assert.ok(!/[Bb]est step/.test(kept.subtitle));
});
