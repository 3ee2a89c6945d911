import assert from "node:assert/strict";
import type { RunRecord } from "../records/run_record.ts";
import { compareWithBaseline } from "../statistics/compare.ts";
import { foldSizes } from "../statistics/fold_sizes.ts";
import { meanInterval } from "../statistics/mean_interval.ts";
import { assertClose } from "../statistics/testing/close.ts";
import { type SyntheticOptions, syntheticStudy } from "../statistics/testing/synthetic_study.ts";
import { summarizeTrials } from "../statistics/summarize.ts";
import { quantityByAxis } from "./axis_data.ts";
import { differencesByAxis, plotDifferences } from "./differences_by_axis.ts";
import { lossesByAxis, plotLosses } from "./losses_by_axis.ts";
import { plotGeneralizationGap, plotQuantity } from "./quantity_by_axis.ts";

function records(options: SyntheticOptions = {}) {
  const { study, runs } = syntheticStudy(options);
  return { record: study, records: runs };
}

const small = { axes: { lambda: [0, 1e-5, 1e-4], alpha: [0, 1] } };

/** The same study, training losses of some points moved up by so much that they learned little. */
function collapsed(isCollapsed: (run: RunRecord) => boolean, options: SyntheticOptions = {}) {
  const { record, records: runs } = records(options);
  const raise = (run: RunRecord): RunRecord => {
    const curve = run.curve.map((at) => ({ ...at, trainingLoss: at.trainingLoss + 3 }));
    return { ...run, curve, final: curve.at(-1)! };
  };
  return { record, records: runs.map((run) => isCollapsed(run) ? raise(run) : run) };
}

Deno.test("quantityByAxis has intervals of the mean, p-values after Holm and the axis's meaning", () => {
  const source = records(small);
  const data = quantityByAxis(source, { axis: "alpha", quantity: "validationLoss" });
  assert.equal(data.meaning, "decoupled weight decay");
  const compared = compareWithBaseline(source.record, source.records)!.points;
  const strong = data.series[2].points[1];
  assert.equal(
    strong.adjustedPValue,
    compared.find(({ point }) => point.lambda === 1e-4 && point.alpha === 1)!.adjustedPValue,
  );
  assert.equal(data.series[0].points[0].adjustedPValue, null);
  const sizes = foldSizes(source.record, source.records);
  const { interval, mean } = meanInterval(strong.estimate.foldMeans, { sizes });
  assert.deepEqual(strong.interval, interval);
  const bars = plotQuantity(source, { axis: "alpha", bars: "interval" }).chart;
  const line = bars.panels[0].layers.findLast((layer) => layer.kind === "line")!;
  assertClose(line.errors![1], interval![1] - mean, 1e-12);
  assert.match(bars.subtitle, /bars are 95 % intervals by Student's t/);
  assert.equal(bars.panels[0].x.title, "α (decoupled weight decay)");
  assert.throws(() => plotQuantity(source, { bars: "sd" as "interval" }), /found "sd"/);
});

Deno.test("a title of zeros counts points that learned little apart, and names both", () => {
  const title = (source: ReturnType<typeof records>, axis?: string) =>
    plotQuantity(source, { axis, quantity: "exactZeroShare" }).chart.title;
  const all = title(records(small));
  assert.match(all, /^Up to 90\.0 % exact zeros, at λ = 1e-4, α = 0$/);
  const strong = collapsed(({ point }) => point.lambda === 1e-4, small);
  const expected = /^Up to 28\.5 % exact zeros among settings that learned, at λ = 1e-5, α = 0; /;
  assert.match(title(strong), expected);
  // Against another axis the same points are named, their axes in the study's order.
  assert.equal(title(strong, "alpha"), title(strong));
  assert.match(title(strong), /; 90\.0 % at λ = 1e-4, α = 0, which learned little$/);
  assert.match(
    title(collapsed(({ point }) => point.lambda !== 0, small)),
    /^No setting that learned has exact zeros; 90\.0 % at λ = 1e-4/,
  );
  assert.equal(title(records({ axes: { alpha: [0] } })), "No point has exact zeros");
});

Deno.test("titles against an axis say whether the effect is noise, and what they leave out", () => {
  const noisy = records({ ...small, ownNoise: 3 });
  assert.match(
    plotGeneralizationGap(noisy).chart.title,
    /^No λ is shown to lower the generalization gap of \d.* \(α = 0\): the lowest, .* at λ = .*, is within noise$/,
  );
  const one = plotGeneralizationGap(records({ ...small, folds: 1 })).chart.title;
  assert.match(
    one,
    /^The lowest generalization gap is .* at λ = .*, against .* at λ = 0 .*, not tested$/,
  );
  const worse = collapsed(({ point }) => point.lambda === 1e-4, small);
  const { title } = plotQuantity(worse, { quantity: "trainingLoss" }).chart;
  assert.match(title, /^No λ that learned lowers the training loss of 0\.8\d+ nats/);
});

Deno.test("plotLosses draws both losses on one scale and says what the lower one costs", () => {
  const source = records(small);
  const { validation, training } = lossesByAxis(source);
  const summaries = summarizeTrials(source.record, source.records);
  const at = (lambda: number) =>
    summaries.find(({ point }) => point.lambda === lambda && point.alpha === 0)!.lastStep!
      .estimates;
  const { chart } = plotLosses(source);
  assert.deepEqual(chart.panels[0].y.range, chart.panels[1].y.range);
  assert.deepEqual(chart.panels.map(({ title }) => title), ["Validation loss", "Training loss"]);
  assert.equal(validation.series.length, training.series.length);
  const best =
    [1e-5, 1e-4].sort((a, b) => at(a).validationLoss.mean - at(b).validationLoss.mean)[0];
  const cost = at(best).trainingLoss.mean - at(0).trainingLoss.mean;
  assert.ok(
    chart.title.startsWith(`λ = ${best.toExponential()} lowers the validation loss from `) &&
      chart.title.endsWith(`, at a training loss ${cost.toFixed(3)} higher`),
    chart.title,
  );
  assert.match(plotLosses(records({ status: () => "failed" })).chart.title, /^No completed run/);
});

Deno.test("differencesByAxis holds the paired differences of a study's comparison, by value", () => {
  const source = records(small);
  const data = differencesByAxis(source, { axis: "lambda", view: "bestStep" });
  for (const { quantity, series } of data.compared) {
    const { points } = compareWithBaseline(source.record, source.records, {
      quantity,
      view: "bestStep",
    })!;
    const drawn = series.flatMap(({ others, points }) =>
      points.map(({ value, ...rest }) => ({ lambda: value, alpha: others.alpha, ...rest }))
    );
    assert.equal(drawn.length, points.length);
    for (const { point, test, adjustedPValue } of points) {
      const found = drawn.find(({ lambda, alpha }) =>
        lambda === point.lambda && alpha === point.alpha
      )!;
      assert.deepEqual([found.test, found.adjustedPValue], [test, adjustedPValue]);
    }
  }
});

Deno.test("plotDifferences counts in its title what is beyond noise after Holm, and marks it", () => {
  const source = records(small);
  const { chart } = plotDifferences(source);
  const beyond = (quantity: "generalizationGap" | "validationLoss", sign: number) =>
    compareWithBaseline(source.record, source.records, { quantity })!.points.filter((each) =>
      each.adjustedPValue! < 0.05 && Math.sign(each.test!.mean) === sign
    ).length;
  const number = (count: number) => count === 0 ? "none" : count;
  const lower = beyond("generalizationGap", -1);
  assert.equal(
    chart.title,
    `Of 5 penalized points that learned, ${number(lower)} ${
      lower > 1 ? "have" : "has"
    } a smaller gap than no penalty beyond noise, ${
      number(beyond("validationLoss", -1))
    } a lower and ${number(beyond("validationLoss", 1))} a higher validation loss`,
  );
  const full = chart.panels[0].layers.flatMap((layer) =>
    layer.kind === "line" ? (layer.hollow ?? []).filter((hollow) => !hollow) : []
  );
  assert.equal(full.length, lower + beyond("generalizationGap", 1));
  assert.match(chart.subtitle, /not adjusted for their number.*after Holm \(p < 0\.05\)/);
  assert.match(chart.alt, /λ = 1e-4, α = 0: −\d\.\d{3} \(−\d\.\d{3} to −\d\.\d{3}, beyond noise\)/);
});

Deno.test("plotDifferences of one fold has no bars, of a diverged study no points, without a baseline none at all", () => {
  const one = plotDifferences(records({ ...small, folds: 1 }));
  const errors = one.chart.panels[0].layers.flatMap((layer) =>
    layer.kind === "line" ? layer.errors ?? [] : []
  );
  assert.deepEqual(new Set(errors), new Set([null]));
  const diverged = plotDifferences(records({ ...small, status: () => "diverged" }));
  assert.match(diverged.chart.title, /^No setting that learned is compared/);
  assert.ok(!/NaN|undefined/.test(diverged.svg()));
  assert.throws(
    () => plotDifferences(records({ axes: { lambda: [1, 2] } })),
    /must have a baseline/,
  );
});
