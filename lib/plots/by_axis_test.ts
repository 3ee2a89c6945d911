import assert from "node:assert/strict";
import type { RunRecord } from "../records/run_record.ts";
import { compareWithBaseline } from "../statistics/compare.ts";
import { foldSizes } from "../statistics/fold_sizes.ts";
import { meanInterval } from "../statistics/mean_interval.ts";
import { assertClose } from "../statistics/testing/close.ts";
import { gridPoints, shapedStudy } from "../statistics/testing/shaped_study.ts";
import { shapes } from "../statistics/testing/shapes.ts";
import {
  type SyntheticOptions,
  syntheticRecords as records,
} from "../statistics/testing/synthetic_study.ts";
import { summarizeTrials } from "../statistics/summarize.ts";
import { quantityByAxis } from "./axis_data.ts";
import { differencesByAxis, plotDifferences } from "./differences_by_axis.ts";
import { lossesByAxis, plotLosses } from "./losses_by_axis.ts";
import { plotGeneralizationGap, plotQuantity } from "./quantity_by_axis.ts";

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
  const compared = compareWithBaseline(source)!.points;
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
    const { points } = compareWithBaseline(source, {
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
    compareWithBaseline(source, { quantity })!.points.filter((each) =>
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

Deno.test("beside a learning rate each setting stands at its own best rate, and no test is told of it", () => {
  const source = shapes["learning rate and alpha"]();
  const summaries = summarizeTrials(source.record, source.records);
  const lossOf = ({ lastStep }: typeof summaries[number]) =>
    lastStep!.estimates.validationLoss.mean;
  const data = quantityByAxis(source, { axis: "alpha", quantity: "validationLoss" });
  assert.deepEqual([data.tunedOver, data.series.length, data.role], [["rate"], 1, "strength"]);
  for (const { value, point, estimate, adjustedPValue } of data.series[0].points) {
    const own = summaries.filter((each) => each.point.alpha === value);
    const best = own.reduce((a, b) => lossOf(b) < lossOf(a) ? b : a);
    assert.deepEqual([point, estimate.mean, adjustedPValue], [best.point, lossOf(best), null]);
  }
  const { title, subtitle } = plotLosses(source, { axis: "alpha" }).chart;
  assert.match(title, /^At α = 0 the validation loss is .*, at 1 it is .*, each at its best rate$/);
  assert.match(
    subtitle,
    /Each setting stands at its own best rate: .* on the text that is shown\./,
  );
  const rate = quantityByAxis(source, { axis: "rate", quantity: "validationLoss" });
  assert.deepEqual([rate.tunedOver, rate.series.length, rate.role], [[], 4, "training"]);
  const gap = plotGeneralizationGap(source, { axis: "rate" }).chart;
  assert.match(
    gap.title,
    /^At rate = 0\.003 the generalization gap is \d\.\d+, at 0\.03 it is \d\.\d+ nats per token/,
  );
  assert.ok(!/noise/.test(gap.title + gap.subtitle));
});

Deno.test("a point without a remedy has a place on the line of the same rate, and stands on no other", () => {
  const source = shapes["three joined remedies"]();
  const data = quantityByAxis(source, { axis: "dropout", quantity: "validationLoss" });
  assert.deepEqual(data.series.map(({ points }) => points.map(({ value }) => value)), [
    [undefined, 0.1, 0.2, 0.4],
  ]);
  assert.ok(data.series[0].points.every(({ point }) => !("alpha" in point || "lambda" in point)));
  const { chart } = plotLosses(source, { axis: "dropout" });
  assert.deepEqual(chart.panels[0].x.ticks!.map(({ label }) => label), [
    ...["not set", "0.1", "0.2", "0.4"],
  ]);
  assert.match(chart.title, /^Without dropout the validation loss is /);
  assert.match(chart.subtitle, /Not set: the points that have no dropout\.$/);
});

Deno.test("lines of remedies that a choice tells apart begin at the one baseline, which is not piled up", () => {
  const source = shapedStudy({
    points: [
      { decay: "none", alpha: 0 },
      ...gridPoints({ decay: ["coupled", "decoupled"], alpha: [0.1, 0.3, 1] }),
    ],
    baseline: { decay: "none", alpha: 0 },
    specify: ({ decay, alpha }) => ({
      penalties: decay === "none" ? [] : [{ kind: `${decay}WeightDecay`, strength: alpha }],
    }),
    response: ({ decay, alpha }) => {
      const strength = decay === "decoupled" ? Number(alpha) : 0;
      return { training: strength, heldOut: -0.5 * strength };
    },
  });
  const data = quantityByAxis(source, { axis: "alpha", quantity: "validationLoss" });
  assert.deepEqual(data.series.map(({ others, points }) => [others, points.map((p) => p.value)]), [
    [{ decay: "coupled" }, [0, 0.1, 0.3, 1]],
    [{ decay: "decoupled" }, [0, 0.1, 0.3, 1]],
  ]);
  assert.equal(data.leftOut, 0);
  // Of the two lines the title is about the one on which something is shown.
  assert.match(
    plotLosses(source, { axis: "alpha" }).chart.title,
    /^α = 1 lowers the validation loss from .* \(decay = decoupled\), beyond noise, at a training loss \d\.\d+ higher$/,
  );
});

Deno.test("points that differ from a line in every axis stand on none, and are counted", () => {
  const data = quantityByAxis(shapes.star(), { axis: "alpha" });
  assert.deepEqual([data.series.length, data.leftOut], [1, 3]);
  assert.match(
    plotGeneralizationGap(shapes.star(), { axis: "alpha" }).chart.subtitle,
    /3 points with no other value of α beside them are not drawn/,
  );
  const drawn = quantityByAxis(shapes["twenty points on three axes"](), { axis: "rate" });
  assert.deepEqual([drawn.scattered, drawn.series[0].points.length], [true, 20]);
  const arms = quantityByAxis(shapes.arms(), { axis: "rate" });
  assert.deepEqual(arms.series.map(({ others }) => others.arm), ["none", "decay", "dropout"]);
});

Deno.test("differences against a remedy are those of points trained as the baseline is", () => {
  const sizes = differencesByAxis(shapes.sizes(), { axis: "dropout" });
  const points = sizes.compared[0].series.flatMap((each) => each.points.map(({ point }) => point));
  assert.deepEqual(points, [{ hiddenSize: 64, dropout: 0.3 }]);
  assert.deepEqual(sizes.sharedWithBaseline, { hiddenSize: 64 });
  const { title, subtitle } = plotDifferences(shapes.sizes(), { axis: "dropout" }).chart;
  assert.match(title, /^Of 1 /);
  assert.ok(!/penalized/.test(title));
  assert.match(subtitle, /All points have hiddenSize = 64, as the baseline\./);
});

Deno.test("figures call a baseline by what it has, and what early stopping kept by that", () => {
  const baseline = plotDifferences(shapes["one axis"]()).chart;
  assert.match(baseline.subtitle, /^Differences from the baseline \(.*decay 0\.5/);
  assert.ok(!/no penalty|penalized/.test(baseline.title + baseline.subtitle + baseline.alt));
  for (const draw of [plotGeneralizationGap, plotLosses, plotDifferences]) {
    const { subtitle, alt } = draw(shapes["early stopping"]()).chart;
    assert.match(subtitle, /at the step that each run kept/);
    assert.ok(!/last step|best step/.test(subtitle + alt));
  }
});

Deno.test("a choice has separate places, and its title is about points that learned", () => {
  const source = shapes["choice only"]();
  const { panels, title } = plotQuantity(source, { quantity: "validationLoss" }).chart;
  assert.match(
    title,
    /^Validation loss is lowest with optimizer = adam, .* and highest with sgd, /,
  );
  assert.ok(panels[0].layers.every((layer) => layer.kind !== "line" || layer.joined === false));
  const worse = shapedStudy({
    points: ["a", "b", "c"].map((system) => ({ system })),
    specify: ({ system }) => ({ optimizer: { kind: system } }),
    response: ({ system }) =>
      system === "a" ? { training: 3, heldOut: 1 } : { training: 0, heldOut: 0 },
  });
  assert.match(
    plotGeneralizationGap(worse).chart.title,
    /^Generalization gap is, of those that learned, lowest with system = [bc], /,
  );
});
