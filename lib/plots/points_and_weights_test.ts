import assert from "node:assert/strict";
import { assertClose } from "../statistics/testing/close.ts";
import { syntheticRecords as records } from "../statistics/testing/synthetic_study.ts";
import { summarizeTrials } from "../statistics/summarize.ts";
import type { Chart } from "./chart.ts";
import { foldStrips, plotFolds } from "./fold_strips.ts";
import { layOut } from "./layout.ts";
import { plotLearningCurves } from "./learning_curves.ts";
import { plotRegularizationPath } from "./regularization_path.ts";
import { regularizationPath } from "./weights_along_path.ts";
import { plotSparsityAgainstLoss, sparsityAgainstLoss } from "./sparsity_against_loss.ts";

Deno.test("sparsityAgainstLoss marks the Pareto front of the complete points, by value", () => {
  const source = records({
    status: (point) => point.lambda === 1e-5 && point.alpha === 0 ? "diverged" : "completed",
  });
  const { points } = sparsityAgainstLoss(source);
  assert.equal(points.length, 19);
  const summaries = summarizeTrials(source.record, source.records).filter((each) => each.complete);
  for (const { point, zeros, loss, onFront } of points) {
    const better = summaries.filter(({ lastStep }) => {
      const { exactZeroShare, validationLoss } = lastStep!.estimates;
      return exactZeroShare.mean >= zeros.mean && validationLoss.mean <= loss.mean &&
        (exactZeroShare.mean > zeros.mean || validationLoss.mean < loss.mean);
    });
    assert.equal(onFront, better.length === 0, JSON.stringify(point));
  }
  const front = points.filter(({ onFront }) => onFront);
  assert.ok(front.length >= 2 && front.at(-1)!.zeros.mean === points.at(-1)!.zeros.mean);
  const { title } = plotSparsityAgainstLoss(source).chart;
  assert.match(title, /^\d+\.\d % exact zeros at λ = .*, with a loss within one standard error/);
  const none = plotSparsityAgainstLoss(records({ axes: { alpha: [0] } })).chart.title;
  assert.match(none, /No point has exact zeros/);
  assert.match(
    plotSparsityAgainstLoss(records({ status: () => "failed" })).chart.title,
    /No complete point/,
  );
});

Deno.test("foldStrips pair the folds of each point with the baseline's, by value", () => {
  const source = records({ axes: { lambda: [0, 1e-4] }, folds: 3, seeds: [1, 2] });
  const data = foldStrips(source);
  const loss = (lambda: number, fold: number) =>
    source.records.filter((run) => run.point.lambda === lambda && run.fold === fold)
      .reduce((sum, run) => sum + run.final!.heldOutLoss / 2, 0);
  const strong = data.points.find(({ point }) => point.lambda === 1e-4)!;
  for (const fold of [0, 1, 2]) {
    assertClose(strong.folds[fold].mean, loss(1e-4, fold));
    assertClose(strong.differences[fold].difference, loss(1e-4, fold) - loss(0, fold), 1e-9);
    assert.equal(strong.folds[fold].seeds.length, 2);
  }
  assert.equal(strong.test!.state, "tested");
  assert.deepEqual(data.points[0].differences, []);
  assert.match(
    plotFolds(source).chart.title,
    /^Validation loss is below that of no penalty in 3 of 3 folds at λ = 1e-4$/,
  );
  assert.throws(() => plotFolds(source, { points: [{ beta: 1 }] }), /found \{"beta":1\}/);
  const one = plotFolds(records({ status: () => "diverged" }));
  assert.equal(one.chart.panels.length, 1);
});

Deno.test("regularizationPath follows weights, zeros and norms over the strengths, by value", () => {
  const weights = (kernel: number[], bias: number[]) =>
    new Map([["kernel", { values: kernel }], ["bias", { values: bias }]]);
  const data = regularizationPath([
    { strength: 1, weights: weights([0, 0, 0.0005], [1]) },
    { strength: 0, weights: weights([3, -4, 1], [1]) },
  ], { lines: 2 });
  assert.deepEqual(data.strengths, [0, 1]);
  assert.deepEqual(data.weights, [
    { name: "kernel[1]", values: [-4, 0] },
    { name: "kernel[0]", values: [3, 0] },
  ]);
  assert.deepEqual([data.exactZeroShares, data.nearZeroShares], [[0, 0.5], [0, 0.75]]);
  assertClose(data.groupNorms[0].values[0], Math.sqrt(26));
  assert.deepEqual(data.groupNorms[1], { name: "bias", values: [1, 1] });
});

Deno.test("regularizationPath follows the norms of rows or columns, and how many are exactly 0, by value", () => {
  const at = (strength: number, values: number[]) => ({
    strength,
    weights: new Map([["kernel", { shape: [2, 3], values }]]),
  });
  const path = [at(0, [3, 0, 0, 4, 1, 0]), at(1, [0, 0, 0, 2, 0, 0])];
  const rows = regularizationPath(path, { groups: "row" });
  assert.deepEqual(rows.groupNorms, [
    { name: "kernel, row 1", values: [Math.sqrt(17), 2] },
    { name: "kernel, row 0", values: [3, 0] },
  ]);
  assert.deepEqual(rows.zeroGroupShares, [0, 0.5]);
  const columns = regularizationPath(path, { groups: "column", lines: 1 });
  assert.deepEqual(columns.groupNorms, [{ name: "kernel, column 0", values: [5, 2] }]);
  assert.deepEqual([columns.groupCount, columns.zeroGroupShares], [3, [1 / 3, 2 / 3]]);
  const { chart } = plotRegularizationPath(path, { groups: "row", meaning: "group lasso" });
  assert.equal(chart.panels[0].x.title, "λ (group lasso)");
  assert.match(chart.alt, /Rows exactly 0: 0\.0 % at 0, 50\.0 % at 1/);
  const [line] = chart.panels[1].layers.filter((layer) =>
    layer.kind === "line" && layer.name === "rows exactly 0"
  );
  assert.ok(line?.kind === "line");
  assert.deepEqual(line.y, [0, 50]);
  assert.throws(() => plotRegularizationPath(path, { groups: "unit" as "row" }), /found "unit"/);
});

Deno.test("plotRegularizationPath says where all weights are 0 and refuses what does not fit", () => {
  const path = [[2, 1], [1, 0], [0, 0], [0, 0]].map((weights, strength) => ({ strength, weights }));
  assert.equal(
    plotRegularizationPath(path).chart.title,
    "All 2 weights are exactly 0 from λ = 2 on",
  );
  assert.throws(() => plotRegularizationPath([]), /must not be empty/);
  const other = { strength: 9, weights: [1] };
  assert.throws(() => plotRegularizationPath([...path, other]), /the same weights.*w 2.*w 1 at 9/);
  assert.throws(() => plotRegularizationPath([{ strength: 0, weights: [NaN] }]), /finite/);
});

Deno.test("more folds or points than colours share one, and the legend names them together", () => {
  const names = (chart: Chart) => layOut(chart).entries.map(({ name }) => name);
  const folds = plotFolds(records({ axes: { lambda: [0, 1e-4] }, folds: 10, seeds: [1] })).chart;
  assert.deepEqual(names(folds), ["each of 10 folds", "mean and 95 % interval"]);
  const source = records();
  const points = source.record.space.points;
  const curves = plotLearningCurves(source, { points }).chart;
  assert.equal(names(curves).length, 16);
  assert.deepEqual(names(curves).slice(-2), [
    ...["13 other points, training", "13 other points, held-out"],
  ]);
});
