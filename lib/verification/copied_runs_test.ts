import assert from "node:assert/strict";
import { join } from "node:path";
import { readJournal } from "../records/read_runs.ts";
import { writeReport } from "../reports/report.ts";
import { grid } from "../studies/search/space.ts";
import { warmStartPath } from "../studies/search/warm_start_path.ts";
import type { Study } from "../studies/study.ts";
import { trainSmallStudy, withSmallStudy } from "./_testing/small_study.ts";
import { verifyStudy } from "./verify_study.ts";

const space = grid({ lambda: [0, 1e-2, 2e-2] });
const linesOf = ({ folder }: Study) => readJournal(join(folder, "runs.jsonl")).lines;
const trained = (study: Study) =>
  linesOf(study).filter(({ copiedFrom }) => copiedFrom === undefined);

async function verified(name: string, project: string, sample = 0) {
  const parts = await verifyStudy(name, { project, sample });
  const lines = (key: "problems" | "notes") => parts.flatMap((part) => part[key]);
  return { parts, problems: lines("problems"), notes: lines("notes") };
}

Deno.test("report 7: a study with runs of another has their weights, its report says so, and verify finds both well and any change", () =>
  withSmallStudy(async (small, project) => {
    const copy = await trainSmallStudy(project, { name: "copy", space, keepWeights: "all" });
    const copied = linesOf(copy).filter(({ copiedFrom }) => copiedFrom === "small");
    assert.ok(copied.length >= 4 && trained(copy).length >= 2);
    const ids = new Set(linesOf(small).map(({ id }) => id));
    assert.ok(trained(copy).every(({ id }) => !ids.has(id)), "none is trained twice");
    for (const { id, weights } of copied) {
      assert.equal(weights, `results/copy/weights/${id}.safetensors`);
      assert.deepEqual(
        await Deno.readFile(join(project, weights!)),
        await Deno.readFile(join(small.folder, "weights", `${id}.safetensors`)),
      );
    }
    const alone = await trainSmallStudy(project, { name: "alone", space, shareRuns: false });
    assert.equal(copy.digest(), alone.digest());

    await writeReport(copy);
    const said = `${copied.length} of ${copy.records.length} runs`;
    const page = await Deno.readTextFile(join(copy.folder, "report.html"));
    assert.ok(page.includes(`${said} from study small, which trained them`));
    const { problems, notes, parts } = await verified("copy", project, 20);
    assert.deepEqual(problems, []);
    assert.deepEqual(notes, [`${said} were copied from study "small", which trained them`]);
    const again = parts.filter(({ what }) => what.includes("trained again"));
    assert.equal(again.length, copy.records.length);
    assert.deepEqual((await verified("small", project)).problems, []);

    const path = join(copy.folder, "runs.jsonl");
    const content = await Deno.readTextFile(path);
    const changes: [from: string | RegExp, to: string][] = [
      ['"copiedFrom":"small"', '"copiedFrom":"big"'],
      [/,"copiedFrom":"small"/, ""],
      [/"durationSeconds":/, '"durationSeconds":1'],
    ];
    for (const [from, to] of changes) {
      await Deno.writeTextFile(path, content.replace(from, to));
      const { problems } = await verified("copy", project);
      assert.match(problems.join("\n"), /it is not what the records give/, String(from));
    }
    const [line] = content.split("\n").filter((each) => each.includes("copiedFrom"));
    const record = JSON.parse(line);
    record.curve[1].heldOutLoss += 1e-6;
    record.curve[1].generalizationGap = record.curve[1].heldOutLoss - record.curve[1].trainingLoss;
    await Deno.writeTextFile(path, content.replace(line, JSON.stringify(record)));
    await writeReport(copy.folder);
    assert.deepEqual((await verified("copy", project)).problems, []);
    assert.match((await verified("copy", project, 20)).problems.join("\n"), /when trained/);
  }, { keepWeights: "all" }));

Deno.test("a run whose kept weights are gone or changed is trained by another study that keeps them, and copied by one that does not", () =>
  withSmallStudy(async (small, project) => {
    const [first, second] = linesOf(small).map(({ weights }) => join(project, weights!));
    const bytes = await Deno.readFile(first);
    bytes[bytes.length - 3] ^= 1;
    await Deno.writeFile(first, bytes);
    await Deno.remove(second);
    const keeps = await trainSmallStudy(project, { name: "keeps", keepWeights: "all" });
    const ids = linesOf(small).slice(0, 2).map(({ id }) => id);
    assert.deepEqual(trained(keeps).map(({ id }) => id).sort(), ids.sort());
    assert.deepEqual((await verified("keeps", project)).problems, []);
    const none = await trainSmallStudy(project, { name: "none", keepWeights: "none" });
    assert.deepEqual(trained(none), []);
    assert.ok(linesOf(none).every((run) => run.weights === null && !("weightsSha256" in run)));
    assert.deepEqual((await verified("none", project)).problems, []);
    assert.equal(keeps.digest(), small.digest());
  }, { keepWeights: "all" }));

Deno.test("runs along a path are copied with the weights that the next ones begin with", () =>
  withSmallStudy(async (small, project) => {
    const strategy = warmStartPath({ axis: "lambda" });
    const longer = await trainSmallStudy(project, { name: "longer", strategy, space });
    const ids = new Set(linesOf(small).map(({ id }) => id));
    assert.ok(trained(longer).every(({ id }) => !ids.has(id)));
    assert.ok(linesOf(longer).some((run) => run.copiedFrom && run.warmStartedFrom));
    assert.ok(trained(longer).some((run) => ids.has(run.warmStartedFrom!)));
    const alone = await trainSmallStudy(project, {
      name: "alone",
      strategy,
      space,
      shareRuns: false,
    });
    assert.equal(longer.digest(), alone.digest());
    assert.deepEqual((await verified("longer", project)).problems, []);
  }, { strategy: warmStartPath({ axis: "lambda" }) }));
