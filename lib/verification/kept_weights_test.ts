import assert from "node:assert/strict";
import { join } from "node:path";
import { sha256 } from "../core/hash.ts";
import type { RunRecord } from "../records/run_record.ts";
import { warmStartPath } from "../studies/search/warm_start_path.ts";
import { neededIds } from "../studies/search/planned_run.ts";
import { loadStudy } from "../studies/study.ts";
import { executeRun } from "../training/run.ts";
import { withSmallStudy } from "./_testing/small_study.ts";
import { plannedRuns } from "./_records.ts";
import { verifyStudy } from "./verify_study.ts";

/** Uses a study along a path, whose runs all keep their weights. */
function withKeptWeights(
  use: (study: { project: string; runs: readonly RunRecord[] }) => Promise<void>,
): Promise<void> {
  const strategy = warmStartPath({ axis: "lambda" });
  return withSmallStudy(({ records }, project) => use({ project, runs: records }), { strategy });
}

async function verified(project: string) {
  const parts = await verifyStudy("small", { project });
  const lines = (key: "problems" | "notes") => parts.flatMap((part) => part[key]).join("\n");
  return { problems: lines("problems"), notes: lines("notes") };
}

Deno.test("F4: a kept weights file is named by its SHA-256; changed or swapped it is seen by verify and refused by study.model(), deleted it is trained again", () =>
  withKeptWeights(async ({ project, runs }) => {
    const [first, second] = runs.filter(({ fold }) => fold !== "final");
    const paths = [first, second].map(({ weights }) => join(project, weights!));
    const bytes = await Promise.all(paths.map((path) => Deno.readFile(path)));
    for (const run of runs) {
      assert.equal(run.weightsSha256, sha256(await Deno.readFile(join(project, run.weights!))));
    }
    assert.deepEqual(await verified(project), { problems: "", notes: "" });
    const model = async () => {
      const { point, fold, seed } = first;
      const study = loadStudy("small", { project });
      const trained = await study.model({ point, fold, seed });
      const weights = [...trained.weights().values()].map(({ values }) => [...values]);
      trained.dispose();
      return weights;
    };
    const whole = await model();

    const changed = Uint8Array.from(bytes[0]);
    changed[changed.length - 3] ^= 1;
    await Deno.writeFile(paths[0], changed);
    assert.match((await verified(project)).problems, /not the file that run [0-9a-f]{64} kept/);
    await assert.rejects(
      model(),
      /not the file that run .*remove it to have the run trained again/,
    );

    await Deno.writeFile(paths[0], bytes[1]);
    await Deno.writeFile(paths[1], bytes[0]);
    assert.equal((await verified(project)).problems.split("\n").length, 2);
    await assert.rejects(model(), /not the file that run/);

    await Deno.writeFile(paths[1], bytes[1]);
    await Deno.remove(paths[0]);
    assert.deepEqual(await verified(project), {
      problems: "",
      notes: "1 file not there: study.model() trains such a run again",
    });
    assert.deepEqual(await model(), whole);
  }));

Deno.test("F4: weights of records that are older than their SHA-256 are said to be unchecked, and those of another run still refused", () =>
  withKeptWeights(async ({ project, runs }) => {
    const journal = join(project, "results", "small", "runs.jsonl");
    const lines = await Deno.readTextFile(journal);
    await Deno.writeTextFile(journal, lines.replace(/"weightsSha256":"[0-9a-f]{64}",/g, ""));
    const { problems, notes } = await verified(project);
    assert.equal(problems, "");
    assert.match(notes, /^6 files unchecked: the records are older/);
    const [first, second] = runs.filter(({ fold }) => fold !== "final");
    await Deno.copyFile(join(project, second.weights!), join(project, first.weights!));
    assert.match((await verified(project)).problems, /holds the weights of run .*, not of run/);
    const { point, fold, seed } = first;
    await assert.rejects(
      loadStudy("small", { project }).model({ point, fold, seed }),
      /holds the weights of run/,
    );
  }));

Deno.test("F4: a run does not begin with weights that were changed since the run that kept them", () =>
  withKeptWeights(async ({ project, runs }) => {
    const study = loadStudy("small", { project });
    const plan = [...plannedRuns(study.record, runs).values()]
      .find(({ needs }) => needs !== undefined)!;
    const { id, weights, weightsSha256 } = runs.find(({ id }) => neededIds(plan).includes(id))!;
    const path = join(project, weights!);
    const start = () =>
      executeRun({
        ...plan,
        engine: "wasm",
        weightsPath: null,
        warmStart: { id, path, weightsSha256 },
      });
    assert.equal((await start()).status, "completed");
    const bytes = await Deno.readFile(path);
    bytes[bytes.length - 3] ^= 1;
    await Deno.writeFile(path, bytes);
    await assert.rejects(start(), /Cannot begin with the weights of run .*its SHA-256 is/);
  }));
