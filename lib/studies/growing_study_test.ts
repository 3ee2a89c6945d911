import assert from "node:assert/strict";
import { readRuns } from "../records/read_runs.ts";
import type { StudyOptions } from "./options.ts";
import { runStudyWith } from "./_study_course.ts";
import { oneStandardError } from "./plan/rule.ts";
import { grid, points } from "./search/space.ts";
import { doubleOptions, doubleParts, withProject } from "./_testing/parts.ts";

/** A reporter that keeps what the user is told. */
function listener() {
  const told: string[] = [];
  return { told, progress() {}, warn: (text: string) => void told.push(text), finish() {} };
}

const failing = { mischief: "throw" };

Deno.test("users.md 7: a study of which no run completed is defined anew under its name, with one line", () =>
  withProject(async (project) => {
    const space = grid({ lambda: [0, 0.01] });
    const options = (changes: Partial<StudyOptions>, double = {}) =>
      doubleOptions(project, { space, seeds: [1], ...changes }, double);
    const failed = await runStudyWith(doubleParts, options({}, failing));
    // Two points on three folds, and a refit.
    assert.ok(failed.records.every(({ status }) => status === "failed"));
    const before = await Deno.readTextFile(`${failed.folder}/runs.jsonl`);
    const reporter = listener();
    const repaired = await runStudyWith(doubleParts, options({ reporter }));
    assert.equal(reporter.told.length, 1);
    assert.match(
      reporter.told[0],
      /^Study "double" is defined anew, because no run .* completed.* 7 records of diverged or failed/,
    );
    assert.ok(repaired.records.every(({ status }) => status === "completed"));
    assert.equal(repaired.stale.length, 0);
    assert.equal(await Deno.readTextFile(`${failed.folder}/replaced-runs.jsonl`), before);
    const kept = JSON.parse(await Deno.readTextFile(`${failed.folder}/replaced-study.json`));
    assert.equal(kept.definitionHash, failed.record.definitionHash);
    const whole = await runStudyWith(doubleParts, options({ name: "whole" }));
    assert.equal(repaired.digest(), whole.digest());
    // From the first completed run on it is a study like any other.
    await assert.rejects(
      runStudyWith(doubleParts, options({}, { steps: 5 })),
      /exists with another definition/,
    );
    assert.equal(readRuns(`${failed.folder}/runs.jsonl`).length, repaired.records.length);
  }));

Deno.test("a study of which some run completed, or was paused by a strategy, is not defined anew", () =>
  withProject(async (project) => {
    const options = (double = {}) =>
      doubleOptions(project, { space: grid({ lambda: [0, 0.01] }), seeds: [1] }, double);
    const study = await runStudyWith(doubleParts, options({ ...failing, mischiefFold: 0 }));
    const journal = `${study.folder}/runs.jsonl`;
    const runs = readRuns(journal);
    for (const status of ["completed", "pruned"]) {
      const [one] = runs.filter((run) => run.status === "completed");
      const left = [...runs.filter((run) => run.status === "failed"), { ...one, status }];
      await Deno.writeTextFile(journal, left.map((run) => `${JSON.stringify(run)}\n`).join(""));
      await assert.rejects(runStudyWith(doubleParts, options()), /exists with another definition/);
    }
  }));

Deno.test("report.md 9: a zero may be added later, and becomes the baseline that nobody named", () =>
  withProject(async (project) => {
    const options = (lambdas: number[], changes: Partial<StudyOptions> = {}) =>
      doubleOptions(project, {
        space: grid({ lambda: lambdas, alpha: [0] }),
        seeds: [1],
        ...changes,
      });
    const first = await runStudyWith(doubleParts, options([0.01, 0.1]));
    assert.equal(first.record.baseline, null);
    const before = await Deno.readTextFile(`${first.folder}/runs.jsonl`);
    const grown = await runStudyWith(doubleParts, options([0.01, 0.1, 0]));
    assert.deepEqual(grown.record.baseline, { lambda: 0, alpha: 0 });
    assert.ok((await Deno.readTextFile(`${first.folder}/runs.jsonl`)).startsWith(before));
    assert.deepEqual(grown.selection().refits[0], { lambda: 0, alpha: 0 });
    // It is complete then, and the same call trains nothing.
    const again = await runStudyWith(doubleParts, options([0.01, 0.1, 0]));
    assert.equal(again.digest(), grown.digest());

    const named = { name: "named", baseline: { lambda: 0.01, alpha: 0 } };
    await runStudyWith(doubleParts, options([0.01, 0.1], named));
    const kept = await runStudyWith(doubleParts, options([0.01, 0.1, 0], named));
    assert.deepEqual(kept.record.baseline, named.baseline);
    await assert.rejects(
      runStudyWith(doubleParts, options([0.01, 0.1, 0], { name: "named" })),
      /baseline.lambda is 0.01, now 0[^]*only where no baseline was named/,
    );
  }));

Deno.test("the axes of a rule that nobody named follow the points, and those that somebody named do not", () =>
  withProject(async (project) => {
    const specify: StudyOptions["specify"] = (point) =>
      ({ ...doubleOptions(project).specify(point), size: point.size ?? null }) as never;
    const run = (list: Parameters<typeof points>[0], select?: StudyOptions["select"]) =>
      runStudyWith(
        doubleParts,
        doubleOptions(project, { space: points(list), seeds: [1], specify, select }),
      );
    const [a, b] = [{ lambda: 0 }, { lambda: 0.1 }];
    const first = await run([a, b]);
    assert.deepEqual(first.record.select.axes, ["lambda"]);
    // A text among its values: the axis is a choice now, and nothing says which end is simpler.
    const grown = await run([a, b, { lambda: "many" }]);
    assert.deepEqual(grown.record.select.axes, []);
    // A rule that somebody named is another study.
    await assert.rejects(
      run([a, b, { lambda: "many" }], oneStandardError("validationLoss", { axes: ["lambda"] })),
      /select/,
    );
  }));

Deno.test("report.md 9: what is refused says what may be added to this very study, and why not the rest", () =>
  withProject(async (project) => {
    const other = {
      ...doubleParts,
      async prepare(...given: Parameters<typeof doubleParts.prepare>) {
        const prepared = await doubleParts.prepare(...given);
        const { length } = prepared.folds;
        // As blocked folds: another count has other blocks.
        const folds = prepared.folds.map((fold) => ({
          ...fold,
          heldOut: [{
            start: fold.index as number * length,
            end: fold.index as number * length + 5,
          }],
        }));
        return { ...prepared, folds };
      },
    };
    const options = (count: number, seeds: number[], lambdas = [0, 0.1]) =>
      doubleOptions(project, {
        space: grid({ lambda: lambdas }),
        seeds,
        folds: { count, final: true } as never,
      });
    await runStudyWith(other, options(3, [1]));
    await assert.rejects(runStudyWith(other, options(4, [1])), (error: Error) => {
      assert.match(error.message, /fold 1 has other spans/);
      assert.match(error.message, /To this study seeds and points may be added; nothing that is/);
      assert.match(
        error.message,
        /Folds may not: 4 folds of this kind hold out other spans than the 3 that/,
      );
      assert.doesNotMatch(error.message, /is fine/);
      return true;
    });
    // What the message offers holds.
    const grown = await runStudyWith(other, options(3, [1, 2], [0, 0.1, 0.01]));
    assert.equal(grown.records.filter(({ fold }) => fold !== "final").length, 3 * 3 * 2);
    await assert.rejects(
      runStudyWith(other, options(3, [1], [0, 0.1, 0.01])),
      /seed 2 is stored, and not asked for now\nTo this study[^]*Folds may be added where those/,
    );
  }));
