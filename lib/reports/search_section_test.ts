import assert from "node:assert/strict";
import { curvesOfPoints, rungVerdicts } from "../statistics/rungs.ts";
import { summarizeTrials } from "../statistics/summarize.ts";
import { syntheticStudy } from "../statistics/testing/synthetic_study.ts";
import { searchSection } from "./search_section.ts";

const axes = { lambda: [0, 1e-5, 1e-4, 1e-3], alpha: [0, 1] };

Deno.test("searchSection of a full study shows at which steps a rung would have discarded the best point", () => {
  const { study, runs } = syntheticStudy({ axes, folds: 3, seeds: [1] });
  const { html } = searchSection(study, runs, summarizeTrials(study, runs));
  const curves = curvesOfPoints({ record: study, records: runs });
  const steps = curves[0].steps.slice(1, -1);
  const verdicts = steps.map((step) =>
    rungVerdicts(curves, { rungs: [step], reductionFactor: 3 })[0]
  );
  const discarding = verdicts.filter(({ discarded }) => discarded).length;
  assert.ok(discarding > 0);
  assert.ok(
    html.includes(
      `the point that is best at the end at ${discarding} of ${steps.length} evaluations`,
    ),
  );
  const rows = html.split("<tbody>")[1].match(/<tr[^]*?<\/tr>/g)!;
  assert.equal(rows.length, steps.length);
  for (const [index, { winnerRank, discarded }] of verdicts.entries()) {
    const cells = rows[index].match(/<t[dh][^>]*>[^]*?<\/t[dh]>/g)!
      .map((cell) => cell.replace(/<[^>]*>/g, "").trim());
    assert.equal(cells[2], String(winnerRank));
    assert.equal(cells[3], discarded ? "yes" : "no");
  }
});

Deno.test("searchSection of a study with pruned points or few says only how it was searched", () => {
  const { study, runs } = syntheticStudy({ axes: { lambda: [0, 1] }, folds: 2, seeds: [1] });
  assert.equal(searchSection(study, runs, summarizeTrials(study, runs)).html, "");
  const full = syntheticStudy({ axes, folds: 2, seeds: [1] });
  const strategy = { kind: "successiveHalving", rungs: [10], reductionFactor: 3 } as const;
  const pruned = full.runs.map((run) =>
    run.point.lambda === 0 ? run : { ...run, status: "pruned" as const }
  );
  const summaries = summarizeTrials(full.study, pruned);
  const { html } = searchSection({ ...full.study, strategy }, pruned, summaries);
  assert.match(html, /Successive halving by 3 pruned 6 of 8 points/);
  assert.ok(!html.includes("<table"));
});
