import assert from "node:assert/strict";
import { compareStudies } from "../statistics/compare_studies.ts";
import { assertClose } from "../statistics/testing/close.ts";
import { syntheticRecords } from "../statistics/testing/synthetic_study.ts";
import type { Layer } from "./chart.ts";
import { plotForest } from "./forest.ts";

const point = { lambda: 1e-4 };

/** Studies that differ in their noise, each on a text of its own unless one is named. */
function studies(count: number, text?: string) {
  return Array.from({ length: count }, (_, index) => {
    const name = `folder/study ${index}`;
    const { record, records } = syntheticRecords({
      name,
      axes: { lambda: [0, 1e-4] },
      seeds: [index],
      folds: 4,
      ownNoise: 0.02,
    });
    const corpus = { ...record.corpus, name: text ?? name, sha256: text ?? name };
    return { record: { ...record, corpus }, records };
  });
}

const lines = (layers: readonly Layer[], name: string) =>
  layers.filter((layer) =>
    layer.kind === "line" && layer.name === name
  ) as (Layer & { kind: "line" })[];

Deno.test("a forest plot has a row for each study, and below them what they come to", () => {
  const compared = compareStudies(studies(6), { point, region: 0.1 });
  const { chart, alt } = plotForest(compared);
  assert.match(chart.title, /^In general, over 6 texts, the validation loss of λ = 1e-4 is lower/);
  const [{ x, y, layers }] = chart.panels;
  assert.deepEqual(y.ticks!.map(({ label }) => label), [
    ...[0, 1, 2, 3, 4, 5].map((index) => `study ${index}`),
    "mean of 6 texts",
    "hierarchical mean",
    "one more study",
  ]);
  assert.ok(x.range[0] < -0.7 && x.range[1] > 0.1);
  assert.ok(compared.hierarchical.state === "estimated");
  for (const [index, { difference: { test } }] of compared.studies.entries()) {
    const own = lines(layers, "own difference, 95 % interval")[index];
    assert.deepEqual(own.x, test!.interval);
    const drawn = lines(layers, "drawn towards the others, 95 % interval")[index];
    assert.deepEqual(drawn.x, compared.hierarchical.studies[index].interval);
    assert.ok(drawn.y[0] < own.y[0] && own.y[0] - drawn.y[0] < 0.5);
  }
  const [mean] = lines(layers, "mean of 6 texts");
  assert.deepEqual([mean.x[0], mean.x[2]], compared.overTexts!.interval.interval);
  assertClose(mean.x[1], compared.overTexts!.interval.mean, 1e-12);
  const [another] = lines(layers, "one more study");
  assert.deepEqual([another.x, another.dash], [compared.hierarchical.prediction.interval, true]);
  const band = layers.find(({ kind }) => kind === "band") as Layer & { kind: "band" };
  assert.deepEqual(band.x, [-0.1, 0.1]);
  assert.match(
    alt,
    /study 5: −0\.\d+, −0\.\d+ to −0\.\d+; drawn towards the others −0\.\d+, weight \d/,
  );
});

Deno.test("a study's square is as large as its weight in the hierarchical mean", () => {
  const compared = compareStudies(studies(6), { point });
  const { chart: { panels: [{ layers }] } } = plotForest(compared);
  const squares = lines(layers, "").filter(({ joined }) => joined !== false);
  assert.ok(compared.hierarchical.state === "estimated");
  const weights = compared.hierarchical.studies.map(({ weight }) => weight);
  const heaviest = weights.indexOf(Math.max(...weights));
  for (const [index, { width }] of squares.entries()) {
    assert.ok(width! <= squares[heaviest].width!);
    const due = squares[heaviest].width! * Math.sqrt(weights[index] / weights[heaviest]);
    assert.ok(Math.abs(width! - Math.max(5, due)) < 0.11);
  }
});

Deno.test("a forest plot says what it has not: a verdict under six texts, other texts, a model", () => {
  const few = plotForest(compareStudies(studies(3), { point, draws: 100 })).chart;
  assert.match(few.title, /in 3 of 3 studies; a verdict in general takes 6 texts$/);
  assert.ok(!few.subtitle.includes("Dashed"));
  assert.equal(few.panels[0].y.ticks!.at(-1)!.label, "mean of 3 texts");
  const one = plotForest(compareStudies(studies(2, "book"), { point })).chart;
  assert.match(one.title, /in 2 of 2 studies, all of one text$/);
  assert.deepEqual(one.panels[0].y.ticks!.map(({ label }) => label), [
    "study 0",
    "study 1",
    "mean on this text",
  ]);
});

Deno.test("a forest plot is drawn in a notebook, in print and on a phone", async () => {
  const figure = plotForest(compareStudies(studies(3), { point, draws: 500 }));
  for (const svg of [figure.svg(), figure.svg({ width: 390 })]) {
    assert.ok(svg.includes(">study 0<") && !/NaN|undefined/.test(svg));
  }
  const { pdf, svg, caption } = await figure.print({ columns: 1 });
  assert.ok(pdf.length > 1000 && svg.includes("study 2"));
  assert.match(caption, /6 texts\. λ = 1e-4 − the baseline; below 0 the first is lower/);
  assert.ok(JSON.stringify(figure.plotly()).includes("own difference, 95 % interval"));
});
