import assert from "node:assert/strict";
import { armsChart } from "../plots/arms.ts";
import { differencesByAxis, differencesByAxisChart } from "../plots/differences_by_axis.ts";
import { contrastsChart } from "../plots/linear_contrasts.ts";
import { compareArms } from "../statistics/compare_arms.ts";
import { compareWithBaseline } from "../statistics/compare.ts";
import { contrast } from "../statistics/contrast.ts";
import { findings } from "../statistics/findings.ts";
import { formatPValue } from "../statistics/format.ts";
import { linearContrasts } from "../statistics/linear_contrasts.ts";
import { armsHandStudy } from "../statistics/testing/arms_hand_study.ts";
import { handStudy } from "../statistics/testing/hand_study.ts";
import { decay, dropout, none } from "../statistics/testing/three_arms.ts";
import { armsSection } from "./arms_section.ts";
import { comparisonDocument } from "./comparison.ts";
import { differencesSection } from "./differences.ts";
import { reportDocument } from "./document.ts";
import { equivalenceColumns } from "./equivalence_columns.ts";
import { methodsSection } from "./methods.ts";

const [zero, one, two] = [{ lambda: 0 }, { lambda: 1 }, { lambda: 2 }];

/** λ = 1 is near λ = 0 on each fold, λ = 2 is 0.3 below. */
function source(nats?: number) {
  const { study, runs } = handStudy({
    points: [zero, one, two],
    folds: 3,
    seeds: [1],
    baseline: zero,
    runs: (index, fold) => [[
      20,
      1,
      2.2 + 0.1 * fold + [0, [0.01, -0.01, 0.012][fold], -0.3 + 0.002 * fold][index],
    ]],
  });
  const record = { ...study, ...(nats && { equivalence: { nats } }) };
  return { record, records: runs };
}

const cellsOf = (html: string) =>
  [...html.matchAll(/<t[hd][^>]*>(.*?)<\/t[hd]>/gs)].map(([, cell]) =>
    cell.replace(/<[^>]*>/g, "")
  );

Deno.test("tables of differences have p, probability and verdict of a declared region, the gap's has not", () => {
  const study = source(0.1);
  const shown = findings(study.record, study.records);
  const [loss, ...others] = differencesSection(shown, ["lambda"]).html.split("</table>");
  const cells = cellsOf(loss);
  const [title, ...rest] = cells.filter((cell) => /within ±0\.1/.test(cell));
  assert.equal(title, "p, within ±0.1 (Holm)");
  assert.deepEqual(rest, ["probability within ±0.1"]);
  const points = compareWithBaseline(study)!.points;
  for (const { equivalence } of points) {
    assert.ok(cells.includes(formatPValue(equivalence!.adjustedPValue)));
  }
  assert.ok(cells.includes("equivalent") && cells.includes("lower"));
  assert.match(loss, /Within ±0\.1: the p-value of two one-sided tests/);
  assert.ok(others.every((table) => !/within ±|equivalent/i.test(table)));
  const wide = source(1);
  const [all] = differencesSection(findings(wide.record, wide.records), ["lambda"]).html.split(
    "</table>",
  );
  assert.ok(cellsOf(all).includes("lower, within ±1"));
  const narrow = source(0.001);
  const [unknown] = differencesSection(findings(narrow.record, narrow.records), ["lambda"]).html
    .split("</table>");
  assert.ok(cellsOf(unknown).includes("unknown"));
});

Deno.test("methods say how equivalence is tested and with what prior, where a region was declared", () => {
  const methods = (nats?: number) => {
    const { record, records } = source(nats);
    return methodsSection(findings(record, records), records).html.replace(/\s+/g, " ");
  };
  assert.match(methods(0.1), /from −0\.1 to \+0\.1 nats per token count as too small to matter/);
  assert.match(methods(0.1), /two one-sided corrected t-tests.*prior that is flat in the mean/);
  assert.ok(!/equivalen|one-sided|±0\.1/.test(methods()));
});

Deno.test("without a region a whole report says nothing of one", () => {
  const document = reportDocument(source(), null);
  const text = JSON.stringify(document.sections) +
    JSON.stringify(document.figures.map(({ chart }) => chart));
  assert.ok(!/equivalen|too small to matter/.test(text));
  assert.deepEqual(equivalenceColumns([{ equivalence: null }, {}], (row) => row), []);
});

Deno.test("a report's abstract and findings say what was declared", () => {
  const study = source(0.1);
  const text = JSON.stringify(reportDocument(study, null).sections);
  assert.match(text, /count as too small to matter, as declared before the runs/);
  const copied = study.records.map((run) => ({ ...run, copiedFrom: "earlier" }));
  assert.match(
    JSON.stringify(reportDocument({ ...study, records: copied }, null).sections),
    /9 of 9 completed runs were copied from other studies, which may have trained them before that/,
  );
});

Deno.test("the table of arms has the same columns, and unknown in place of no difference shown", () => {
  const { record, records } = armsHandStudy({ none, decay, dropout });
  const at = (nats?: number) =>
    armsSection(
      compareArms({ record: { ...record, ...(nats && { equivalence: { nats } }) }, records }),
    ).html;
  const cells = cellsOf(at(2));
  assert.ok(cells.includes("equivalent") && cells.includes("lower, within ±2"));
  assert.ok(cells.includes("probability within ±2"));
  assert.ok(cellsOf(at(0.1)).includes("unknown"));
  assert.ok(/no difference shown \(±\d\.\d{3} would be\)/.test(at()) && !/equivalen/.test(at()));
});

Deno.test("a comparison of studies says the region of both, or that they declared different ones", () => {
  const text = (first: number | undefined, second: number | undefined) => {
    const [a, b] = [source(first), source(second)];
    const named = { record: { ...b.record, name: "other" }, records: b.records };
    return JSON.stringify(comparisonDocument(a, named).sections);
  };
  assert.match(text(0.1, 0.1), /from −0\.1 to \+0\.1 nats per token/);
  assert.match(text(0.1, 0.2), /did not declare the same region of equivalence/);
  assert.match(text(0.1, undefined), /did not declare the same region of equivalence/);
  assert.ok(!/equivalen/.test(text(undefined, undefined)));
});

Deno.test("figures of differences show the region as a band behind them, and say so", () => {
  const band = (chart: ReturnType<typeof armsChart>) =>
    chart.panels.map(({ layers }) =>
      layers.flatMap((layer, at) =>
        layer.kind === "band" ? [[at, layer.lower[0], layer.upper[0]]] : []
      )
    );
  const { record, records } = armsHandStudy({ none, decay, dropout });
  const arms = armsChart(compareArms({ record: { ...record, equivalence: { nats: 2 } }, records }));
  assert.deepEqual(band(arms), [[[0, -2, 2]], [[0, -2, 2]]]);
  assert.ok(arms.panels.every(({ y: { range: [low, high] } }) => low <= -2 && high >= 2));
  assert.equal(
    arms.title,
    "On this text decay has a lower loss than none; dropout and none are equivalent",
  );
  assert.match(arms.subtitle, /The band is what counts as too small to matter, ±2\.$/);
  assert.match(arms.alt, /dropout minus none: .*, verdict equivalent/);
  const study = source(0.1);
  const byAxis = differencesByAxisChart(differencesByAxis(study));
  // The gap has no region.
  assert.deepEqual(band(byAxis), [[], [[0, -0.1, 0.1]]]);
  assert.match(byAxis.alt, /λ = 1: \+0\.004 \([^)]*, equivalent\)/);
  const contrasts = contrastsChart([linearContrasts(study, [contrast(one).minus(zero)])]);
  assert.deepEqual(band(contrasts), [[[0, -0.1, 0.1]]]);
  assert.match(contrasts.alt, /, equivalent\.$/);
  assert.deepEqual(band(armsChart(compareArms({ record, records }))), [[], []]);
});
