import assert from "node:assert/strict";
import { type LivePoint, livePointsChart, mostLivePoints } from "./live_points.ts";
import { renderSvg } from "./svg.ts";

const point = (label: string, runs: number, validationLoss: number): LivePoint => ({
  label,
  runs,
  validationLoss,
  generalizationGap: validationLoss - 1,
});

Deno.test("livePointsChart rings the lowest loss among the points with most runs, the others are hollow", () => {
  const points = [point("a", 2, 2), point("b", 1, 1.5), point("c", 2, 1.75)];
  const chart = livePointsChart("study", points);
  assert.equal(chart.title, "study: best so far c");
  const [dots, best] = chart.panels[0].layers;
  assert.ok(dots.kind === "line" && best.kind === "marks");
  assert.deepEqual(dots.y, [1.5, 1.75, 2]);
  assert.deepEqual(dots.x, [0.5, 0.75, 1]);
  assert.deepEqual(dots.hollow, [true, false, false]);
  assert.deepEqual(best.y, [1.75]);
  assert.equal(best.hover![0], "c: loss 1.750, gap 0.750, 2 runs");
  // The order in which runs finish changes nothing.
  assert.deepEqual(livePointsChart("study", points.toReversed()), chart);
});

Deno.test("livePointsChart draws nothing before the first run, and of very many points the best", () => {
  assert.equal(livePointsChart("study", []).title, "study: no run is finished");
  assert.match(renderSvg(livePointsChart("study", [])), /^<svg /);
  const many = Array.from({ length: 2000 }, (_, index) => point(`${index}`, 1, 3 - index / 1000));
  const chart = livePointsChart("study", many);
  assert.match(chart.subtitle, /the 1600 with the highest loss are left out/);
  const [dots] = chart.panels[0].layers;
  assert.ok(dots.kind === "line");
  assert.equal(dots.y.length, mostLivePoints);
  assert.equal(dots.y[0], 3 - 1.999);
  assert.ok(renderSvg(chart).length < 100_000);
});
