import assert from "node:assert/strict";
import { readRuns } from "../records/read_runs.ts";
import { runStudyWith } from "./_run_study.ts";
import { doubleOptions, doubleParts, withProject } from "./_testing/parts.ts";

Deno.test("runStudy trains every point on every fold with every seed, then the refits, once", () =>
  withProject(async (project) => {
    const study = await runStudyWith(doubleParts, doubleOptions(project));
    const crossValidation = study.records.filter(({ fold }) => fold !== "final");
    assert.equal(crossValidation.length, 2 * 2 * 3 * 2);
    const refits = study.selection().refits.length * 2;
    assert.equal(study.records.length, 24 + refits);
    const before = await Deno.readTextFile(`${study.folder}/runs.jsonl`);
    const again = await runStudyWith(doubleParts, doubleOptions(project));
    assert.equal(await Deno.readTextFile(`${study.folder}/runs.jsonl`), before);
    assert.equal(again.digest(), study.digest());
    assert.equal(readRuns(`${study.folder}/runs.jsonl`).length, study.records.length);
  }));
