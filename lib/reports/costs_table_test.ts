import assert from "node:assert/strict";
import { syntheticStudy } from "../statistics/testing/synthetic_study.ts";
import { costsTable } from "./costs_table.ts";
import { headlineSection } from "./headline.ts";
import { findings } from "../statistics/findings.ts";

const { study, runs } = syntheticStudy({ axes: { lambda: [0, 1] } });
const withCosts = runs.map((run) => ({
  ...run,
  durationSeconds: 2,
  cost: {
    flops: run.point.lambda === 1 ? null : 1.5e9,
    tokens: 25_600,
    weights: 1200,
    bytes: 4800,
  },
}));

Deno.test("a report says what a run took where records have costs, and nothing where they have none", () => {
  assert.equal(costsTable(study, runs, ["lambda"]), null);
  const { html } = costsTable(study, withCosts, ["lambda"])!;
  const rows = [...html.matchAll(/<tr[^>]*>(.*?)<\/tr>/gs)].map(([, row]) =>
    row.replace(/<[^>]*>/g, " ").replace(/\s+/g, " ").trim()
  );
  const completed = study.folds.length * study.seeds.length;
  assert.equal(runs[0].final!.step, 1000);
  assert.deepEqual(rows.slice(1), [
    `0 ${completed} 1,000 25,600 1.50e9 1,200 4.8 2.0`,
    `1 ${completed} 1,000 25,600 – 1,200 4.8 2.0`,
  ]);
  assert.match(html, /or where not all is trained\)/);
});

Deno.test("operations of teachers stand beside those of their students", () => {
  const teacher = withCosts.find(({ point }) => point.lambda === 0)!;
  const { html } = costsTable(
    study,
    withCosts.map((run) =>
      run.point.lambda === 0
        ? run
        : { ...run, cost: { ...run.cost, flops: 1e9 }, teachers: [teacher.id] }
    ),
    ["lambda"],
  )!;
  assert.match(html, /with those it was made from/);
  assert.match(html, />1\.00e9<\/td><td class="number">2\.50e9</);
});

Deno.test("the headline says what its operations are of: older records leave the optimizer out", () => {
  const said = (records: typeof runs) => headlineSection(findings(study, records), records).html;
  assert.match(said(runs), /evaluations and the optimizer are left out/);
  assert.match(said(withCosts), /an optimizer such as Muon; evaluations and what is done element/);
});
