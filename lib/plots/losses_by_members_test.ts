import assert from "node:assert/strict";
import { withEnsembles } from "../statistics/testing/synthetic_ensembles.ts";
import { syntheticRecords } from "../statistics/testing/synthetic_study.ts";
import { chooseFigures } from "./choose_figures.ts";
import { lossesByMembers, plotEnsembles } from "./losses_by_members.ts";

const plain = syntheticRecords({ axes: { lambda: [0, 1e-4] } });
const study = withEnsembles(plain, [
  { mean: "probabilities" },
  { seeds: [1, 2], mean: "probabilities" },
  { point: { lambda: 0 }, mean: "logits" },
]);

Deno.test("plotEnsembles draws a line for each point and mean over the number of models", () => {
  const lines = lossesByMembers(study);
  assert.deepEqual(
    lines.map(({ point, mean, sizes }) => [
      point.lambda,
      mean,
      sizes.map(({ members }) => members),
    ]),
    [[0, "probabilities", [2, 3]], [1e-4, "probabilities", [2, 3]], [0, "logits", [3]]],
  );
  const { chart, alt } = plotEnsembles(study);
  assert.match(
    chart.title,
    /^3 models together lose \d\.\d{3}, their runs by themselves \d\.\d{3}/,
  );
  assert.equal(chart.panels[0].layers.length, 6);
  assert.match(alt, /λ = 0, probabilities: \d\.\d{4} with 2 models, whose runs lose/);
  assert.match(plotEnsembles(study).svg(), /<svg /);
  assert.throws(() => plotEnsembles(plain), /has no ensembles that were measured/);
});

Deno.test("ensembles are among a report's figures where a study has some, and not too many", () => {
  const captions = (source: typeof study) => chooseFigures(source).map(({ caption }) => caption);
  const ofEnsembles = (all: readonly string[]) => all.filter((each) => /ensembles/.test(each));
  assert.equal(ofEnsembles(captions(study)).length, 1);
  assert.deepEqual(ofEnsembles(captions(plain)), []);
  assert.equal(captions(study).length, captions(plain).length + 1);
  const many = syntheticRecords({
    axes: { lambda: Array.from({ length: 9 }, (_, at) => at * 1e-5) },
  });
  assert.deepEqual(ofEnsembles(captions(withEnsembles(many, [{ mean: "logits" }]))), []);
});
