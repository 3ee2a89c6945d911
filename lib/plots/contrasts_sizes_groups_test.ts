import assert from "node:assert/strict";
import { contrast } from "../statistics/contrast.ts";
import { type LinearContrastResult, linearContrasts } from "../statistics/linear_contrasts.ts";
import { type SyntheticOptions, syntheticStudy } from "../statistics/testing/synthetic_study.ts";
import { assertClose } from "../statistics/testing/close.ts";
import { onParetoFront, staircase } from "./_pareto.ts";
import { plotLinearContrasts } from "./linear_contrasts.ts";
import { plotSizeAgainstLoss, sizeAgainstLoss } from "./size_against_loss.ts";
import { plotZerosByGroup, zerosByGroup } from "./zeros_by_group.ts";

function contrasts(options: SyntheticOptions = {}) {
  const { study: record, runs: records } = syntheticStudy({
    axes: { lambda: [0, 1e-4], alpha: [0, 1] },
    folds: 5,
    ...options,
  });
  const [none, l1, decay, both] = [[0, 0], [1e-4, 0], [0, 1], [1e-4, 1]]
    .map(([lambda, alpha]) => ({ lambda, alpha }));
  return linearContrasts({ record, records }, [
    contrast(l1).minus(none).named("λ", "alone"),
    contrast(decay).minus(none).named("α", "alone"),
    contrast(both).minus(l1).minus(decay).plus(none).named("λ with α", "interaction"),
  ]);
}

Deno.test("plotLinearContrasts draws a panel for each group, fills what is beyond noise, and says so in its title", () => {
  const results = contrasts();
  const { chart } = plotLinearContrasts(results);
  assert.deepEqual(chart.panels.map(({ title }) => title), ["alone", "interaction"]);
  const lines = chart.panels.flatMap(({ layers }) => layers.filter(({ kind }) => kind === "line"));
  assert.equal(lines.length, 3);
  results.contrasts.forEach(({ test, adjustedPValue }, index) => {
    const line = lines[index];
    assert.ok(line.kind === "line");
    assertClose(line.y[0], test!.mean);
    assertClose(line.y[0] - line.errors![0]!, test!.interval![0]);
    assert.deepEqual(line.hollow, [adjustedPValue! >= 0.05]);
  });
  const beyond = results.contrasts.filter(({ adjustedPValue }) => adjustedPValue! < 0.05);
  assert.ok(beyond.length >= 2 && beyond.some(({ group }) => group === "interaction"));
  assert.equal(
    chart.title,
    "Of 3 differences of the validation loss, 2 lie below 0 beyond noise and 1 above",
  );
});

Deno.test("plotLinearContrasts draws the answers of several calls side by side, each on an axis of its own", () => {
  const loss = contrasts();
  const gap = { ...loss, quantity: "generalizationGap" } as const;
  const both = plotLinearContrasts([gap, loss]).chart;
  assert.deepEqual(both.panels.map(({ y }) => y.title), [
    ...["difference (nats per token)", "", "difference (nats per token)", ""],
  ]);
  const { chart } = plotLinearContrasts(loss);
  assert.deepEqual(both.panels.slice(2).map(({ y }) => y), chart.panels.map(({ y }) => y));
  assert.match(
    both.title,
    /^Of 3 .* gap, 2 lie .* above; of 3 differences of the validation loss,/,
  );
  assert.match(both.subtitle, /^Differences of the generalization gap .* and the validation loss/);
  assert.match(both.subtitle, /Holm over all 3 of each quantity/);
});

Deno.test("plotLinearContrasts says when nothing is beyond noise, and when nothing can be tested", () => {
  const results = contrasts();
  const with1 = (change: Partial<LinearContrastResult>) => ({
    ...results,
    contrasts: results.contrasts.map((each) => ({ ...each, ...change })),
  });
  assert.match(
    plotLinearContrasts(with1({ adjustedPValue: 1 })).chart.title,
    /none lies beyond noise$/,
  );
  const untested = plotLinearContrasts(contrasts({ status: () => "diverged" })).chart;
  assert.equal(untested.title, "No contrast of the validation loss can be tested");
  assert.match(untested.alt, /alone, λ: not tested, runs are missing/);
});

Deno.test("zerosByGroup sorts the groups of all parameters and counts those of zeros alone", () => {
  const groups = [{ zeroShares: [0, 1, 0.5] }, { zeroShares: [1] }];
  const { models: [model] } = zerosByGroup([{ name: { lambda: 1e-4 }, groups }]);
  assert.deepEqual(model.shares, [1, 1, 0.5, 0]);
  assert.deepEqual([model.name, model.empty, model.meanShare], ["λ = 1e-4", 2, 0.625]);
  const { chart } = plotZerosByGroup([
    { name: "L1", groups: [{ zeroShares: [0.9, 0.8] }] },
    { name: "group lasso", groups },
  ]);
  assert.equal(chart.title, "2 of 4 groups are empty with group lasso, 0 of 2 with L1");
  const [line] = chart.panels[0].layers;
  assert.ok(line.kind === "line");
  assert.deepEqual([line.x, line.y], [[0, 50, 50, 100], [90, 90, 80, 80]]);
  assert.match(chart.alt, /L1: 2 groups, 0 of zeros alone, 2 with some zeros; 85\.0 % zeros/);
  const none = plotZerosByGroup([{ name: "L1", groups: [{ zeroShares: [0.9] }] }]);
  assert.equal(none.chart.title, "No group of weights is empty");
  assert.throws(() => plotZerosByGroup([]), /must not be empty/);
  assert.throws(() => plotZerosByGroup([{ name: "a", groups: [] }]), /a must have at least one/);
});

Deno.test("onParetoFront keeps what nothing dominates, equal points too, and staircase borders it", () => {
  const points = [[1, 3], [2, 2], [2, 2], [3, 2], [3, 1], [1, 4]] as const;
  assert.deepEqual(onParetoFront(points), [true, true, true, false, true, false]);
  assert.deepEqual(onParetoFront([]), []);
  assert.deepEqual(staircase([[3, 1], [2, 2], [1, 3]]), { x: [3, 3, 2, 2, 1], y: [1, 2, 2, 3, 3] });
});

const reference = { name: "no penalty", bytes: [100_000, 100_000], losses: [2, 3] };

Deno.test("sizeAgainstLoss pairs losses with the reference's fold by fold and marks the front, by value", () => {
  const model = (name: string, bytes: number, ...losses: number[]) => ({
    name,
    bytes: [bytes, bytes + 2000],
    losses,
  });
  const series = [
    { name: "L1", models: [model("weak", 60_000, 1.9, 2.9), model("strong", 20_000, 2.1, 3.3)] },
    { name: "pruning", models: [model("half", 50_000, 2.3, 3.4), model("most", 10_000, 4, 5)] },
  ];
  const data = sizeAgainstLoss(reference, series);
  const [l1, pruning] = data.series;
  assert.deepEqual(l1.models.map(({ bytes }) => bytes), [61_000, 21_000]);
  l1.models.forEach(({ difference }, index) => {
    assertClose(difference.mean, [-0.1, 0.2][index], 1e-12);
    assertClose(difference.standardError, [0, 0.1][index], 1e-12);
  });
  const front = [l1, pruning].map(({ models }) => models.map(({ onFront }) => onFront));
  assert.deepEqual(front, [[true, true], [false, true]]);
  const { chart } = plotSizeAgainstLoss(reference, series);
  assert.equal(
    chart.title,
    "The smallest file with no higher a loss than no penalty's: 61.0 kB of 100.0 kB, by L1 (weak)",
  );
  assert.match(chart.alt, /L1: weak: 61\.0 kB \(61\.0 %\), loss −0\.100, on the front/);
  assert.equal(
    plotSizeAgainstLoss(reference, [series[1]]).chart.title,
    "No smaller file has a loss as low as no penalty's",
  );
});

Deno.test("plotSizeAgainstLoss refuses models of other folds than the reference, and none at all", () => {
  const short = { name: "L1", models: [{ name: "weak", bytes: [1, 2], losses: [1] }] };
  assert.throws(
    () => plotSizeAgainstLoss(reference, [short]),
    /weak must have bytes and losses of 2 folds, found 2 and 1/,
  );
  assert.throws(() => plotSizeAgainstLoss(reference, []), /there must be a model/);
});
