import assert from "node:assert/strict";
import { asgd, blockedFolds, groupedFolds, runStudy, sgd } from "../mod.ts";
import type { StudyOptions } from "./options.ts";
import { silentReporter } from "./reporter.ts";
import { grid } from "./search/space.ts";
import { withProject } from "./_testing/parts.ts";
import {
  type Case,
  cases,
  pairStudy,
  textStudy,
  trains,
} from "./_testing/impossible_specifications.ts";

/** A study of two points that can be run, but for the changes. */
function optionsOf({ changes = {}, study, pairs }: Partial<Case>, project: string): StudyOptions {
  return {
    name: "impossible",
    project,
    space: grid({ x: [0, 1] }),
    specify: (point) =>
      ({
        ...(pairs ? pairStudy : textStudy),
        penalties: [],
        clipping: { norm: 1 + point.x },
        ...typeof changes === "function" ? changes(point) : changes,
      }) as never,
    folds: pairs ? groupedFolds({ count: 2 }) : blockedFolds({ count: 3 }),
    seeds: [1],
    workers: 1,
    reporter: silentReporter,
    ...study,
  };
}

Deno.test(`${cases.length} impossible studies are refused with the value found before their folder exists`, () =>
  withProject(async (project) => {
    assert.ok(cases.length >= 30);
    for (const each of cases) {
      await assert.rejects(
        async () => await runStudy(optionsOf(each, project)),
        (error: Error) => {
          assert.ok(error instanceof RangeError || error instanceof TypeError, each.what);
          assert.match(error.message, each.said, each.what);
          return true;
        },
        each.what,
      );
      await assert.rejects(Deno.stat(`${project}/results`), Deno.errors.NotFound, each.what);
    }
  }));

Deno.test("what those studies are changes of is run", () =>
  withProject(async (project) => {
    for (const pairs of [false, true]) {
      const study = await runStudy({ ...optionsOf({ pairs }, project), name: `possible-${pairs}` });
      assert.ok(study.records.every(({ status }) => status === "completed"));
    }
  }));

Deno.test("options without effect are a warning before training, and the study is run", () =>
  withProject(async (project) => {
    const told: string[] = [];
    const options = optionsOf({
      changes: ({ x }) => ({
        optimizer: x === 0
          ? sgd({ learningRate: 0.1 })
          : asgd({ learningRate: 0.1, averageFromStep: 5 }),
        ...trains({ steps: 2, evaluateEvery: 1, earlyStopping: { patience: 2 } }),
      }),
    }, project);
    const study = await runStudy({
      ...options,
      reporter: { ...silentReporter, warn: (line) => void told.push(line) },
    });
    assert.ok(study.records.every(({ status }) => status === "completed"));
    // The others are about the small text.
    assert.ok(told.slice(2).every((line) => !/^training|optimizer/.test(line)), told.join("\n"));
    assert.match(told[0], /^training.earlyStopping: patience 2 stops no run before its last step/);
    assert.match(told[1], /averageFromStep 5 is after the last step, 2.*1 of 2 points.*{"x":1}/);
  }));
