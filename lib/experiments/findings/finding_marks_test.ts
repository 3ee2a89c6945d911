import assert from "node:assert/strict";
import { join } from "node:path";
import { withTemporaryProject } from "../../core/testing/temporary_project.ts";
import { compareArmsIn } from "../../statistics/arm_quantities.ts";
import { compareArms } from "../../statistics/compare_arms.ts";
import { formatPValue } from "../../statistics/format.ts";
import { summarizeTrials } from "../../statistics/summarize.ts";
import { silentReporter } from "../../studies/reporter.ts";
import { otherPages } from "./other_pages.ts";
import { rulesOfThumb } from "./rules_of_thumb.ts";
import { computeMarkedNumbers } from "./marked_numbers.ts";
import { runFinding } from "./run_finding.ts";
import { compareFamily, verdictOf } from "./tables.ts";

const name = "findings/rules-of-thumb-quick";
/** What a mark gives, or what is wrong with it. */
function markedText(project: string, study: string, json: unknown): string {
  const mark = `<!-- from results/${study} ${JSON.stringify(json)} --><!-- end -->`;
  const { text, problems } = computeMarkedNumbers(mark, { project });
  const [, found] = text.match(/-->([^]*)<!-- end/)!;
  return found === "" ? problems[0] : found;
}

const point = { rule: "gridSearch", step: "proximal", lambda: 1e-4, alpha: 0.3 };

Deno.test("computeMarkedNumbers gives contrasts, estimates and tables of a finding", () =>
  withTemporaryProject(async (project) => {
    const study = await runFinding(rulesOfThumb, {
      project,
      quick: true,
      reporter: silentReporter,
    });
    const of = (json: unknown) => markedText(project, name, json);
    const family = rulesOfThumb.families.find((each) => each.name === "gap")!;
    const gap = compareFamily(study, family).contrasts.at(-1)!;
    const contrast = (show: string) => of({ contrast: "gap", point, show });
    assert.match(contrast("mean"), new RegExp(gap.test!.mean.toFixed(3).replace("-", "−")));
    assert.match(contrast("interval"), /^[+−]?\d\.\d{3} to [+−]?\d\.\d{3}$/);
    assert.equal(contrast("p"), formatPValue(gap.test!.pValue));
    assert.equal(contrast("adjusted"), formatPValue(gap.adjustedPValue));
    assert.equal(contrast("verdict"), verdictOf(gap));

    const summary = summarizeTrials(study.record, study.records).at(-1)!;
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
    assert.equal(of({ table: "gap" }).trim().split("\n").length, 2 + family.contrasts.length);

    const cases: [unknown, RegExp][] = [
      [
        { contrast: "gaps", point, show: "mean" },
        /contrast must be one of loss, gap, found "gaps"/,
      ],
      [{ contrast: "gap", point: { lambda: 7 }, show: "mean" }, /compares no point {"lambda":7}/],
      [{ contrast: "gap", point, show: "size" }, /show must be one of/],
      [{ table: "all" }, /table must be one of/],
      [{ estimate: "loss", point }, /estimate must be one of/],
      [{ estimate: "step", point: {} }, /No completed run/],
      [{ guess: "none", point }, /guess must be one of "uniform", "unigram"/],
      [{ guess: "unigram", point: {} }, /No completed run/],
    ];
    for (const [json, message] of cases) assert.match(of(json), message);
  }));

Deno.test("computeMarkedNumbers gives arms, their differences and their tables", () =>
  withTemporaryProject(async (project) => {
    const study = await runFinding(otherPages, { project, quick: true, reporter: silentReporter });
    const of = (json: unknown) => markedText(project, study.name, json);
    const comparison = compareArms(study);
    const { test, adjustedPValue } = comparison.verdicts[0].difference;
    // What rounds to 0 has no sign.
    const number = (value: number) =>
      value.toFixed(3).replace("-", "−").replace(/^−(0\.0+)$/, "$1");
    assert.ok(of({ arm: "decay", show: "mean" }).endsWith(number(test!.mean)));
    assert.equal(of({ arm: "decay", show: "adjusted" }), formatPValue(adjustedPValue));
    assert.ok(
      ["lower", "higher", "no difference shown", "withheld"].includes(
        of({ arm: "decay", show: "verdict" }),
      ),
    );
    const { loss } = comparison.arms[0];
    const estimate = `${number(loss!.mean)} ± ${number(loss!.standardError!)}`;
    assert.equal(of({ arm: "none", show: "estimate" }), estimate);
    const [gap] = compareArmsIn(study, comparison, "generalizationGap");
    assert.ok(
      of({ arm: "decay", show: "mean", quantity: "generalizationGap" })
        .endsWith(number(gap.test!.mean)),
    );
    assert.equal(of({ table: "arms" }).trim().split("\n").length, 4);
    assert.equal(of({ table: "choices" }).trim().split("\n").length, 4);
    const page = await Deno.readTextFile(join(study.folder, "finding.md"));
    assert.match(page, /## Arms, tuned against tuned\n\n\| arm +\| held-out loss/);
    const cases: [unknown, RegExp][] = [
      [{ arm: "none", show: "mean" }, /no arm "none" with a parent/],
      [{ arm: "l1", show: "estimate" }, /no score of arm "l1"/],
      [{ arm: "decay", from: "none", show: "mean" }, /no such pair of arms/],
      [{ arm: "decay", show: "mean", quantity: "loss" }, /quantity must be one of/],
    ];
    for (const [json, message] of cases) assert.match(of(json), message);
  }));
