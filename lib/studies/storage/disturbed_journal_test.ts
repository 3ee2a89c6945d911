import assert from "node:assert/strict";
import { readRuns } from "../../records/read_runs.ts";
import { verifyStudy } from "../../verification/verify_study.ts";
import { silentReporter, type StudyProgress } from "../reporter.ts";
import { runStudy } from "../run_study.ts";
import { loadStudy } from "../study.ts";
import { withProject } from "../_testing/parts.ts";
import { smallStudy } from "../_testing/small_study.ts";

const disturbances: Record<string, (folder: string) => void> = {
  "its journal is removed": (folder) => Deno.removeSync(`${folder}/runs.jsonl`),
  "its journal is replaced by an older copy"(folder) {
    const [first] = Deno.readTextFileSync(`${folder}/runs.jsonl`).split("\n");
    Deno.writeTextFileSync(`${folder}/older.jsonl`, `${first}\n`);
    Deno.renameSync(`${folder}/older.jsonl`, `${folder}/runs.jsonl`);
  },
  "its journal is cut in the middle of a line": (folder) =>
    Deno.truncateSync(`${folder}/runs.jsonl`, 300),
  "its folder is removed": (folder) => Deno.removeSync(folder, { recursive: true }),
};

for (const [what, act] of Object.entries(disturbances)) {
  Deno.test(`F8: a study trains on while ${what}, and loses no run`, () =>
    withProject(async (project) => {
      const undisturbed = await runStudy(smallStudy(project, { name: "undisturbed" }));
      const told: string[] = [];
      let acted = false;
      const options = smallStudy(project, { workers: 1 });
      const study = await runStudy({
        ...options,
        reporter: {
          ...silentReporter,
          warn: (message) => void told.push(message),
          progress({ done }: StudyProgress) {
            if (acted || done < 2) return;
            acted = true;
            act(`${project}/results/small`);
          },
        },
      });
      assert.ok(acted);
      assert.equal(study.digest(), undisturbed.digest());
      assert.equal(told.length, 1, told.join("\n"));
      assert.match(told[0], /runs\.jsonl was \w+.* while its study runs: .* No run is lost\.$/);
      const ids = readRuns(`${study.folder}/runs.jsonl`).map(({ id }) => id);
      assert.equal(new Set(ids).size, study.records.length);
      assert.equal(loadStudy("small", { project }).digest(), undisturbed.digest());
      // Nothing is left to do.
      const before = await Deno.readTextFile(`${study.folder}/runs.jsonl`);
      await runStudy(options);
      assert.equal(await Deno.readTextFile(`${study.folder}/runs.jsonl`), before);
    }));
}

Deno.test("F8: a journal with a damaged line is mended by the same call, also of a complete study, and verify sees the damage before", () =>
  withProject(async (project) => {
    const options = smallStudy(project);
    const study = await runStudy(options);
    const digest = study.digest();
    const path = `${study.folder}/runs.jsonl`;
    const lines = (await Deno.readTextFile(path)).trimEnd().split("\n");
    // Cut in place in the middle of a line; later lines were appended to what was left.
    const damaged = [lines[0], lines[1].slice(0, 250) + lines[2], ...lines.slice(3), ""].join("\n");
    await Deno.writeTextFile(path, damaged);
    const problems = (await verifyStudy("small", { project })).flatMap(({ problems }) => problems);
    assert.match(problems.join("\n"), /line 2 is not the record of a run .* run the study again/);
    assert.throws(() => loadStudy("small", { project }), /line 2 is not the record of a run/);
    const told: string[] = [];
    const reporter = { ...silentReporter, warn: (message: string) => void told.push(message) };
    const mended = await runStudy({ ...options, reporter });
    assert.equal(mended.digest(), digest);
    assert.match(
      told[0],
      /^Line 2 of .* set aside in .*damaged-runs\.txt\. Runs that have no other/,
    );
    // One run was lost with its line, and trained again; all others are those of before.
    const after = (await Deno.readTextFile(path)).trimEnd().split("\n");
    assert.equal(after.length, lines.length);
    assert.deepEqual(lines.filter((line) => !after.includes(line)), [lines[1]]);
    const again = await verifyStudy("small", { project });
    assert.deepEqual(again.flatMap(({ problems }) => problems), []);
    const notes = again.flatMap(({ notes }) => notes).join("\n");
    assert.match(notes, /damaged-runs\.txt: not looked at/);
  }));
