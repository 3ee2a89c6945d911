import assert from "node:assert/strict";
import { dataSizeRule } from "../articles/data_size_rule.ts";
import { withProject } from "./_testing/parts.ts";
import { smallStudy } from "./_testing/small_study.ts";
import { runStudy } from "./run_study.ts";
import { joinSpaces } from "./search/random_search.ts";
import { grid, points } from "./search/space.ts";

Deno.test("article 1's data-size rule stands beside a grid in a study, and collapses the model", () =>
  withProject(async (project) => {
    const rule = dataSizeRule({ trainingSamples: 2, allSamples: 3 });
    assert.equal(rule.alpha, Number((rule.lambda / 10).toPrecision(12)));
    const study = await runStudy(smallStudy(project, {
      space: joinSpaces(grid({ lambda: [0, 1e-4], alpha: [0] }), points([rule])),
    }, { steps: 80, evaluateEvery: 40 }));
    const meansOf = (lambda: number, quantity: "trainingLoss" | "exactZeros") => {
      const finals = study.records.filter(({ point, fold }) =>
        point.lambda === lambda && fold !== "final"
      ).map(({ final }) => final![quantity]);
      assert.ok(finals.length > 0);
      return finals.reduce((sum, value) => sum + value, 0) / finals.length;
    };
    const counted = study.records[0].final!.countedWeights;
    const { unigramEntropy } = study.records[0].tokens;
    // Every penalized weight is 0: nothing but the output's bias can learn, so no context is used.
    assert.equal(meansOf(rule.lambda, "exactZeros"), counted);
    assert.ok(meansOf(rule.lambda, "trainingLoss") > 0.99 * unigramEntropy);
    assert.ok(meansOf(1e-4, "trainingLoss") < meansOf(rule.lambda, "trainingLoss"));
    const { selections } = study.selection();
    assert.ok(selections.every(({ selected }) => selected?.point.lambda !== rule.lambda));
  }));
