import assert from "node:assert/strict";
import { assertClose } from "../statistics/testing/close.ts";
import { syntheticRecords as records } from "../statistics/testing/synthetic_study.ts";
import { summarizeTrials } from "../statistics/summarize.ts";
import { plotHeatMaps } from "./heat_maps.ts";
import { learningCurves, plotLearningCurves } from "./learning_curves.ts";
import { quantityByAxis } from "./axis_data.ts";
import { plotDifferences } from "./differences_by_axis.ts";
import { plotLosses } from "./losses_by_axis.ts";
import { plotGeneralizationGap, plotQuantity } from "./quantity_by_axis.ts";
import { darkColors } from "./dark.ts";
import { plotFolds } from "./fold_strips.ts";
import { plotSparsityAgainstLoss } from "./sparsity_against_loss.ts";
import {
  categoricalColors,
  channels,
  darkColor,
  darkTheme,
  luminance,
  orderedColors,
} from "./theme.ts";
import { plotWeightHistogram, weightHistograms } from "./weight_histogram.ts";
import { figures } from "./testing/figures.ts";

Deno.test("quantityByAxis gives a series for each setting of the other axes, by value", () => {
  const source = records({ axes: { lambda: [0, 1e-4], alpha: [0, 1] } });
  const data = quantityByAxis(source, { axis: "alpha" });
  assert.deepEqual(data.series.map(({ others, isBaseline }) => [others, isBaseline]), [
    [{ lambda: 0 }, true],
    [{ lambda: 1e-4 }, false],
  ]);
  const summaries = summarizeTrials(source.record, source.records);
  assert.deepEqual(
    data.series[1].points.map(({ value, estimate }) => [value, estimate]),
    [2, 3].map((index) => [
      summaries[index].point.alpha,
      summaries[index].lastStep!.estimates.generalizationGap,
    ]),
  );
});

Deno.test("plotGeneralizationGap states in its title what the axis does to the gap", () => {
  const title = plotGeneralizationGap(records()).chart.title;
  assert.match(
    title,
    /^λ = 3e-4 lowers the generalization gap from 1\.\d+ to 0\.\d+ nats .*\(α = 0\), beyond noise$/,
  );
  const reversed = records({ axes: { lambda: [0] } });
  assert.match(plotGeneralizationGap(reversed).chart.title, /^Generalization gap against λ$/);
  const none = plotGeneralizationGap(records({ status: () => "diverged" }));
  assert.match(none.chart.title, /No completed run/);
});

Deno.test("plotGeneralizationGap refuses an unknown axis, view or option and names what there is", () => {
  const source = records();
  assert.throws(() => plotGeneralizationGap(source, { axis: "beta" }), /"lambda", "alpha".*"beta"/);
  assert.throws(() => plotGeneralizationGap(source, { view: "late" as "lastStep" }), RangeError);
  assert.throws(
    () => plotGeneralizationGap(source, { log: true } as never),
    /unknown option "log"/,
  );
});

Deno.test("learningCurves average seeds within folds and span the folds", () => {
  const source = records({ axes: { lambda: [0, 1e-4] }, folds: 2, seeds: [1, 2] });
  const { curves: [curve] } = learningCurves(source, { points: [{ lambda: 0 }] });
  const at = (fold: number, seed: number) =>
    source.records.find((run) => run.point.lambda === 0 && run.fold === fold && run.seed === seed)!
      .curve[3].heldOutLoss;
  const folds = [0, 1].map((fold) => (at(fold, 1) + at(fold, 2)) / 2);
  assertClose(curve.heldOut.mean[3], (folds[0] + folds[1]) / 2);
  assertClose(curve.heldOut.lowest[3], Math.min(...folds));
  assertClose(curve.heldOut.highest[3], Math.max(...folds));
  assert.equal(curve.steps[3], 300);
});

Deno.test("plotLearningCurves says where the held-out loss turns and refuses a foreign point", () => {
  const title = plotLearningCurves(records()).chart.title;
  assert.match(title, /^Without penalty held-out loss turns up after step \d+ .* ends at/);
  assert.throws(
    () => plotLearningCurves(records(), { points: [{ beta: 1 }] }),
    /found \{"beta":1\}/,
  );
  assert.match(
    plotLearningCurves(records({ status: () => "failed" })).chart.title,
    /No completed run/,
  );
});

Deno.test("weightHistograms count exact zeros apart and lose no weight", () => {
  const values = [0, 0, -0, 0.1, -0.1, 0.05, 5, -5];
  const data = weightHistograms([{ name: "a", weights: values }], { bins: 5 });
  const [{ count, exactZeros, shares }] = data.histograms;
  assert.deepEqual([count, exactZeros], [8, 3]);
  assertClose(shares.reduce((sum, share) => sum + share, 0), 5 / 8);
  assert.deepEqual(data.edges.map((edge) => Math.round(edge * 10) / 10), [-5, -3, -1, 1, 3, 5]);
});

Deno.test("plotWeightHistogram takes a model's parameters by name and refuses what is not there", () => {
  const weights = new Map([
    ["gru0/kernel", { values: Float32Array.of(0, 1, -1, 0) }],
    ["gru0/bias", { values: Float32Array.of(9) }],
  ]);
  const figure = plotWeightHistogram([{ name: { lambda: 1 }, weights }], {
    parameters: ["gru0/kernel"],
  });
  assert.match(figure.chart.title, /λ = 1 sets 50\.0 % of the weights exactly to 0/);
  assert.throws(
    () => plotWeightHistogram([{ name: "λ = 1", weights }], { parameters: ["kernel"] }),
    /must be of gru0\/kernel, gru0\/bias, found "kernel"/,
  );
  assert.throws(() => plotWeightHistogram([]), /must not be empty/);
  assert.throws(() => plotWeightHistogram([{ name: "a", weights: [1, NaN] }]), /must be finite/);
});

Deno.test("every colour of a figure has a dark counterpart that stands out from the dark background", () => {
  const contrast = (color: string) =>
    (luminance(channels(color)) + 0.05) / (luminance(channels(darkTheme.background)) + 0.05);
  for (const color of [...categoricalColors, ...orderedColors(7)]) {
    assert.ok(contrast(darkColor(color)) >= 3, color);
  }
  const lightness = orderedColors(7).map((color) => luminance(channels(darkColor(color))));
  assert.deepEqual(lightness, lightness.toSorted((a, b) => a - b));
  assert.equal(new Set(categoricalColors.map(darkColor)).size, categoricalColors.length);
  for (const [name, figure] of Object.entries(figures())) {
    const table = darkColors(figure.chart);
    assert.equal(table["#ffffff"], darkTheme.background);
    assert.match(figure.svg(), /<style>@media screen and \(prefers-color-scheme: dark\)\{/, name);
    // What is not in the table keeps its colour: text on cells, which is chosen for the cell.
    assert.ok(!("white" in table) && !("#111111" in table));
  }
});

Deno.test("every figure of the library is among those that are drawn here or in a test of its own", async () => {
  const index = await Deno.readTextFile(new URL("../mod.ts", import.meta.url));
  const names = new Set(index.match(/\bplot[A-Z]\w+/g));
  // arms_test.ts, expected_best_test.ts, forgetting_test.ts, losses_by_members_test.ts
  const others = ["plotArms", "plotForest", "plotExpectedBest", "plotForgetting", "plotEnsembles"];
  assert.ok(names.size > others.length);
  const drawn = figures.toString();
  const missing = [...names].filter((name) => !drawn.includes(`${name}(`));
  assert.deepEqual(missing, others);
});

Deno.test("every figure draws an SVG with a title, a description and no number that is none", () => {
  const again = figures();
  for (const [name, figure] of Object.entries(figures())) {
    const svg = figure.svg();
    assert.match(
      svg,
      /^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg" id="chart-[0-9a-f]{8}" role="img"/,
    );
    assert.ok(!/NaN|undefined|Infinity/.test(svg), name);
    assert.match(svg, /<title>.+<\/title><desc>.+<\/desc>/);
    assert.equal(svg, again[name as keyof typeof again].svg());
    assert.ok(figure.alt.length > 40, name);
  }
});

Deno.test("every figure of a study without a completed run draws, with no number that is none", () => {
  for (const status of ["diverged", "failed", "missing"] as const) {
    const source = records({ axes: { lambda: [0, 1e-4], alpha: [0, 1] }, status: () => status });
    const empty = {
      gap: plotGeneralizationGap(source),
      losses: plotLosses(source),
      differences: plotDifferences(source),
      zeros: plotQuantity(source, { quantity: "exactZeroShare" }),
      heat: plotHeatMaps(source),
      curves: plotLearningCurves(source),
      sparsity: plotSparsityAgainstLoss(source),
      folds: plotFolds(source),
    };
    for (const [name, figure] of Object.entries(empty)) {
      assert.ok(!/NaN|undefined|Infinity/.test(figure.svg()), name);
      // JSON writes NaN as null; some nulls are ours.
      const numbers = JSON.stringify(
        figure.plotly(),
        (_key, value) => typeof value === "number" && !Number.isFinite(value) ? "no number" : value,
      );
      assert.ok(!numbers.includes("no number"), name);
      assert.ok(
        figure.alt.length > 40 && !/(: |\. )\.|: ?$/.test(figure.alt),
        `${name}: ${figure.alt}`,
      );
    }
  }
});

Deno.test("every figure's static image and plotly JSON are those that were looked at", async () => {
  const folder = new URL("./testing/", import.meta.url);
  for (const [name, figure] of Object.entries(figures())) {
    // Five digits: exp and log may differ in the last ones between versions of V8.
    const rounded = JSON.stringify(
      figure.plotly(),
      (_key, value) => typeof value === "number" ? Number(value.toPrecision(5)) : value,
      1,
    );
    for (
      const [file, content] of [[`${name}.svg.txt`, figure.svg()], [`${name}.plotly.txt`, rounded]]
    ) {
      const path = new URL(file, folder);
      if (Deno.args.includes("--update")) await Deno.writeTextFile(path, content);
      assert.equal(content, await Deno.readTextFile(path), `${file} differs`);
    }
  }
});

Deno.test("figures draw PNGs without a browser, light and dark, of the size that is asked for", async () => {
  const { gap, heat } = figures();
  const size = (png: Uint8Array) => {
    assert.deepEqual([...png.subarray(1, 4)], [..."PNG"].map((letter) => letter.charCodeAt(0)));
    const view = new DataView(png.buffer, png.byteOffset);
    return [view.getUint32(16), view.getUint32(20)];
  };
  const light = await gap.png();
  assert.deepEqual(size(light), [2 * gap.chart.width, 2 * gap.chart.height]);
  assert.deepEqual(await gap.png(), light);
  const dark = await gap.png({ dark: true });
  assert.notDeepEqual(dark, light);
  assert.deepEqual(size(await heat.png({ scale: 1 })), [heat.chart.width, heat.chart.height]);
  await assert.rejects(gap.png({ height: 3 } as never), /unknown option "height"/);
});

Deno.test("figures are drawn in the width that is asked for, titles broken anew, panels below each other", async () => {
  const { losses, heat } = figures();
  const sizeOf = (svg: string) => /viewBox="0 0 (\d+) (\d+)"/.exec(svg)!.slice(1).map(Number);
  assert.equal(losses.svg({ width: losses.chart.width }), losses.svg());
  const panels = (svg: string) =>
    [...svg.matchAll(
      /<clipPath id="[^"]*"><rect x="(\S+)" y="(\S+)" width="(\S+)" height="(\S+)"/g,
    )]
      .map((found) => found.slice(1).map(Number));
  for (const figure of [losses, heat]) {
    const [wide, narrow] = [figure.svg(), figure.svg({ width: 360 })];
    assert.equal(sizeOf(narrow)[0], 360);
    assert.ok(sizeOf(narrow)[1] > sizeOf(wide)[1]);
    const stacked = panels(narrow);
    assert.equal(stacked.length, figure.chart.panels.length);
    stacked.forEach(([left, top, width, height], index) => {
      assert.ok(left + width <= 360 && width >= 200);
      assertClose(height, panels(wide)[index][3], 1);
      if (index > 0) assert.ok(top > stacked[index - 1][1] + stacked[index - 1][3]);
    });
    const title = [...narrow.matchAll(/font-weight="600">([^<]*)<\/text>/g)].map(([, line]) =>
      line
    );
    assert.ok(title.join(" ").startsWith(figure.chart.title.replace(/ = /g, "\u00a0=\u00a0")));
  }
  const png = await losses.png({ width: 480, scale: 1 });
  assert.equal(new DataView(png.buffer, png.byteOffset).getUint32(16), 480);
  assert.throws(() => losses.svg({ width: 100 }), /width must be .*from 240 to 4000, found 100/);
  assert.throws(() => losses.svg({ heigth: 100 } as never), /unknown option "heigth"/);
});

Deno.test("a figure shows the script once, and itself with static image and alt text each time", async () => {
  const display = Symbol.for("Jupyter.display");
  const { gap, heat } = figures();
  type Shown = { [display: symbol]: () => Promise<{ [mimeType: string]: string }> };
  const first = await (gap as unknown as Shown)[display]();
  const second = await (heat as unknown as Shown)[display]();
  assert.deepEqual(Object.keys(first).sort(), [
    "application/vnd.plotly.v1+json",
    "image/svg+xml",
    "text/html",
    "text/plain",
  ]);
  assert.ok(first["text/html"].includes("DecompressionStream"));
  assert.ok(!second["text/html"].includes("DecompressionStream"));
  assert.ok(first["text/html"].length > 400_000 && first["text/html"].length < 900_000);
  for (const shown of [first, second]) {
    assert.ok(shown["text/html"].includes('src="data:image/svg+xml;base64,'));
    assert.match(shown["text/html"], /role="group" aria-label="/);
  }
  assert.equal(second["image/svg+xml"], heat.svg());
});

Deno.test("figures escape what comes from users in SVG, HTML and plotly's markup", async () => {
  const bad = '<script>alert("1")</script>\u001b[31m&';
  const source = records({ axes: { [bad]: [0, 1, 100] } });
  const figure = plotGeneralizationGap(source);
  assert.ok(!figure.svg().includes("<script>") && !figure.svg().includes("\u001b"));
  const plotly = JSON.stringify(figure.plotly());
  assert.ok(!plotly.includes("<script>"));
  const display = Symbol.for("Jupyter.display");
  const shown =
    await (figure as unknown as { [display: symbol]: () => Promise<{ "text/html": string }> })
      [display]();
  assert.equal(
    shown["text/html"].split("<script>").length,
    shown["text/html"].split("</script>").length,
  );
  assert.ok(!shown["text/html"].includes('alert("1")'));
});
