import assert from "node:assert/strict";
import { withTemporaryProject } from "../core/testing/temporary_project.ts";
import { formatPValue } from "../statistics/format.ts";
import { contrasts } from "../statistics/contrasts.ts";
import { summarizeTrials } from "../statistics/summarize.ts";
import { silentReporter } from "../studies/reporter.ts";
import { closingTheGap } from "./closing_the_gap.ts";
import { computeMarkedNumbers } from "./marked_numbers.ts";
import { runFinding } from "./run_finding.ts";
import { verdictOf } from "./tables.ts";

const name = "findings/closing-the-gap-quick";
const point = { lambda: 1e-4, alpha: 0 };

Deno.test("computeMarkedNumbers gives contrasts, planned comparisons, estimates and tables of a finding", () =>
  withTemporaryProject(async (project) => {
    const study = await runFinding(closingTheGap, {
      project,
      quick: true,
      reporter: silentReporter,
    });
    const of = (json: unknown) => {
      const mark = `<!-- from results/${name} ${JSON.stringify(json)} --><!-- end -->`;
      const { text, problems } = computeMarkedNumbers(mark, { project });
      const [, found] = text.match(/-->([^]*)<!-- end/)!;
      return found === "" ? problems[0] : found;
    };
    const family = closingTheGap.families.find((each) => each.name === "gap")!;
    const [gap] = contrasts(study, family);
    const contrast = (show: string) => of({ contrast: "gap", point, show });
    assert.match(contrast("mean"), new RegExp(gap.test!.mean.toFixed(3).replace("-", "−")));
    assert.match(contrast("interval"), /^[+−]?\d\.\d{3} to [+−]?\d\.\d{3}$/);
    assert.equal(contrast("p"), formatPValue(gap.test!.pValue));
    assert.equal(contrast("adjusted"), formatPValue(gap.adjustedPValue));
    assert.equal(contrast("verdict"), verdictOf(gap));
    assert.match(of({ planned: "bothStopped", show: "mean" }), /^[+−]?\d\.\d{3}$/);

    const [, summary] = summarizeTrials(study.record, study.records);
    const { validationLoss } = summary.bestStep!.estimates;
    assert.equal(
      of({ estimate: "validationLoss", point, view: "bestStep" }),
      `${validationLoss.mean.toFixed(3)} ± ${validationLoss.standardError!.toFixed(3)}`,
    );
    assert.equal(
      of({ estimate: "step", point, view: "bestStep" }),
      String(summary.bestStep!.step),
    );
    assert.match(of({ estimate: "exactZeroShare", point }), /^\d+\.\d %$/);
    assert.match(of({ value: "exactZeroShare", point }), /^\d+\.\d %$/);

    const uniform = Number(of({ guess: "uniform", point }));
    const { vocabulary } = study.records[0].tokens;
    assert.ok(Math.abs(uniform - Math.log(vocabulary)) < 0.05, String(uniform));
    assert.equal(of({ guess: "unigram", point }), summary.unigramEntropy!.toFixed(3));

    assert.match(of({ table: "points" }), /^\n\n\| point +\| training loss [^]*\|\n\n$/);
    assert.equal(of({ table: "gap" }).trim().split("\n").length, 2 + family.pairs.length);
    assert.match(of({ table: "planned" }), /stopped at a step chosen/);

    const cases: [unknown, RegExp][] = [
      [{ contrast: "gaps", point, show: "mean" }, /contrast must be one of gap, .*"gaps"/],
      [{ contrast: "gap", point: { lambda: 7 }, show: "mean" }, /compares no point {"lambda":7}/],
      [{ contrast: "gap", point, show: "size" }, /show must be one of/],
      [{ planned: "both", show: "mean" }, /planned must be one of lastStep/],
      [{ table: "all" }, /table must be one of/],
      [{ estimate: "loss", point }, /estimate must be one of/],
      [{ estimate: "step", point: {} }, /No completed run/],
      [{ guess: "none", point }, /guess must be one of "uniform", "unigram"/],
      [{ guess: "unigram", point: {} }, /No completed run/],
    ];
    for (const [json, message] of cases) assert.match(of(json), message);
  }));
