import assert from "node:assert/strict";
import { type KernelOutput, startKernel } from "../notebook/kernel.ts";
import { readRuns } from "../records/read_runs.ts";
import { progressMimeType } from "./notebook_reporter.ts";
import { runStudyWith } from "./_study_course.ts";
import { doubleOptions, doubleParts, withProject } from "./_testing/parts.ts";
import { kernelProcess, signal, trainingProcesses, until } from "./_testing/processes.ts";
import { loadStudy } from "./study.ts";

const here = (path: string) => JSON.stringify(new URL(path, import.meta.url).href);
const cell = `
const { runStudyWith } = await import(${here("./_study_course.ts")});
const { doubleOptions, doubleParts } = await import(${here("./_testing/parts.ts")});
const slow = { millisecondsPerStep: 20 };
const { reporter: _, ...options } = doubleOptions(undefined, {}, slow);
await runStudyWith(doubleParts, options)
`;

const dataOf = (output: KernelOutput) => (output.content.data ?? {}) as Record<string, unknown>;

Deno.test("runStudy in a kernel shows progress in one display, and the study as a table", () =>
  withProject(async (project) => {
    await Deno.mkdir(`${project}/notebooks`);
    const whole = await runStudyWith(
      doubleParts,
      doubleOptions(project, { name: "whole" }, { millisecondsPerStep: 20 }),
    );

    // The kernel ends in mid-study: finished runs stay, its training processes end with it.
    const first = await startKernel({ folder: `${project}/notebooks` });
    const journal = `${project}/results/double/runs.jsonl`;
    const interrupted = first.execute(cell).catch((error) => error);
    await until("some runs are done", () => readRuns(journal).length >= 3);
    await first.close();
    await interrupted;
    const kept = readRuns(journal);
    assert.ok(kept.length >= 3 && kept.length < 24);

    const second = await startKernel({ folder: `${project}/notebooks` });
    try {
      const outputs: KernelOutput[] = [];
      const reply = await second.execute(cell, { onOutput: (output) => outputs.push(output) });
      assert.equal(reply.status, "ok", JSON.stringify(reply));
      const progress = outputs.filter((output) => progressMimeType in dataOf(output));
      assert.equal(progress[0].type, "display_data");
      assert.ok(progress.slice(1).every(({ type }) => type === "update_display_data"));
      const study = await runStudyWith(
        doubleParts,
        doubleOptions(project, {}, { millisecondsPerStep: 20 }),
      );
      const last = dataOf(progress.at(-1)!);
      const { done, total } = last[progressMimeType] as { done: number; total: number };
      assert.deepEqual([done, total], [study.records.length, study.records.length]);
      assert.match(String(last["text/plain"]), /^Study double: \d+ of \d+ runs are recorded/);
      const table = dataOf(outputs.find(({ type }) => type === "execute_result")!);
      assert.equal(table["text/plain"], String(study));
      assert.match(String(table["text/html"]), /^<table><caption>Study double/);
      assert.equal(study.digest(), whole.digest());
      for (const run of kept) {
        assert.ok(study.records.some(({ id, host }) => id === run.id && host === run.host));
      }
    } finally {
      await second.close();
    }
  }));

Deno.test("interrupting a kernel ends the study in it with a word on how to go on; the kernel lives and goes on", () =>
  withProject(async (project) => {
    const kernel = await startKernel({ folder: project });
    try {
      const journal = `${project}/results/double/runs.jsonl`;
      const outputs: KernelOutput[] = [];
      const interrupted = kernel.execute(cell, { onOutput: (output) => outputs.push(output) });
      const figureShown = () =>
        outputs.some((output) =>
          /<progress .*<svg .*double: best so far/s.test(String(dataOf(output)["text/html"] ?? ""))
        );
      await until("runs are done and shown", () => readRuns(journal).length >= 3 && figureShown());
      const pid = await kernelProcess(Deno.pid);
      // As a frontend does it: the whole group gets it, and an impatient user asks again.
      for (const child of await trainingProcesses(pid)) await signal(child, "INT");
      await signal(pid, "INT");
      await signal(pid, "INT");
      const reply = await interrupted;
      assert.equal(reply.status, "error");
      assert.match(reply.errorMessage, /Study double was interrupted: \d+ of at least 24 runs/);
      assert.match(reply.errorMessage, /Run the same call or command again/);
      assert.deepEqual(await trainingProcesses(pid), []);
      const kept = readRuns(journal);
      assert.ok(kept.length >= 3 && kept.length < 24);

      const again = await kernel.execute(cell);
      assert.equal(again.status, "ok", JSON.stringify(again));
      const study = loadStudy("double", { project });
      for (const { id, host } of kept) {
        assert.ok(study.records.some((run) => run.id === id && run.host === host));
      }
      const whole = await runStudyWith(
        doubleParts,
        doubleOptions(project, { name: "whole" }, { millisecondsPerStep: 20 }),
      );
      assert.equal(study.digest(), whole.digest());
    } finally {
      await kernel.close();
    }
  }));
