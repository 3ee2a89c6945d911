import assert from "node:assert/strict";
import { randomStream } from "../core/random.ts";
import { readRuns } from "../records/read_runs.ts";
import { StudyInterrupted } from "./interrupt.ts";
import { silentReporter } from "./reporter.ts";
import { runStudyWith } from "./_study_course.ts";
import { runStudy } from "./run_study.ts";
import { points } from "./search/space.ts";
import { withProject } from "./_testing/parts.ts";
import { signal, startScript, trainingProcesses, until } from "./_testing/processes.ts";
import { firstSteps, tellingParts } from "./_testing/first_steps.ts";
import { smallStudy } from "./_testing/small_study.ts";

const long = { steps: 300, evaluateEvery: 100 };

async function checkpointsOf(project: string): Promise<string[]> {
  const entries = Deno.readDir(`${project}/results/small/checkpoints`);
  const names = await Array.fromAsync(entries, ({ name }) => name).catch(() => []);
  return names.filter((name) => name.endsWith(".checkpoint"));
}

Deno.test("runStudy whose coordinator and training processes are killed goes on from checkpoints to the same digest", () =>
  withProject(async (project) => {
    const undisturbed = await runStudy(
      smallStudy(project, { name: "undisturbed", checkpointEvery: null }, long),
    );
    await assert.rejects(Deno.stat(`${project}/results/undisturbed/checkpoints`));
    const stream = randomStream(1, "kill -9");
    let kept = 0;
    const folder = `${project}/results/small`;
    for (const who of ["coordinator", "child", "coordinator", "child", "coordinator"]) {
      const process = startScript(project, "small_coordinator.ts", []);
      await until("a run has a checkpoint", async () => (await checkpointsOf(project)).length > 0);
      await new Promise((resolve) => setTimeout(resolve, stream.integer(300)));
      if (who === "child") {
        for (const pid of await trainingProcesses(process.pid)) await signal(pid, "KILL");
        await new Promise((resolve) => setTimeout(resolve, stream.integer(300)));
      }
      process.kill("SIGKILL");
      await process.output();
      kept += (await checkpointsOf(project)).length;
    }
    assert.ok(kept > 0);
    const resumable = await checkpointsOf(project);
    const earlier = firstSteps(folder).length;
    const { success, stdout } = await startScript(project, "small_coordinator.ts", []).output();
    assert.ok(success);
    // A run of which a record was written meanwhile does not begin again.
    const began = firstSteps(folder).slice(earlier)
      .filter(({ id }) => resumable.includes(`${id}.checkpoint`));
    for (const { id, step } of began) assert.ok(step > 1, `${id} goes on at step ${step}`);
    assert.ok(firstSteps(folder).some(({ step }) => step > 1));
    assert.equal(new TextDecoder().decode(stdout), undisturbed.digest());
    assert.ok(readRuns(`${project}/results/small/runs.jsonl`).every(({ error }) => error === null));
    await assert.rejects(Deno.stat(`${project}/results/small/checkpoints`), Deno.errors.NotFound);
  }));

Deno.test("runStudy keeps the checkpoints of interrupted runs, and removes those of recorded ones", () =>
  withProject(async (project) => {
    const controller = new AbortController();
    const running = runStudy(smallStudy(project, {
      signal: controller.signal,
      checkpointEvery: { seconds: 0 },
    }, { steps: 100_000 }));
    await until("a run has a checkpoint", async () => (await checkpointsOf(project)).length > 0);
    controller.abort();
    await assert.rejects(running, StudyInterrupted);
    assert.ok((await checkpointsOf(project)).length > 0);
    await Deno.remove(`${project}/results/small`, { recursive: true });

    const study = await runStudy(smallStudy(project, { checkpointEvery: { steps: 2 } }));
    await assert.rejects(Deno.stat(`${study.folder}/checkpoints`), Deno.errors.NotFound);
    const recorded = `${study.folder}/checkpoints/${study.records[0].id}.checkpoint`;
    await Deno.mkdir(`${study.folder}/checkpoints`);
    await Deno.writeTextFile(recorded, "left by a process that was killed behind the record");
    await Deno.writeTextFile(`${recorded}.1234.tmp`, "left in the middle of writing");
    await runStudy(smallStudy(project, { seeds: [1, 2] }));
    await assert.rejects(Deno.stat(`${study.folder}/checkpoints`), Deno.errors.NotFound);
  }));

Deno.test("runStudy that is interrupted in mid-run writes a checkpoint that was not due, and goes on from it", () =>
  withProject(async (project) => {
    const options = { checkpointEvery: { seconds: 3600 } };
    const training = { steps: 2000, evaluateEvery: 1000 };
    const controller = new AbortController();
    const interrupted = smallStudy(project, {
      ...options,
      space: points([{ lambda: 0, alpha: 1 }]),
      signal: controller.signal,
      reporter: {
        ...silentReporter,
        progress: ({ fractional }) => fractional > 0.01 && controller.abort(),
      },
    }, training);
    await assert.rejects(runStudy(interrupted), StudyInterrupted);
    const kept = await checkpointsOf(project);
    assert.ok(kept.length > 0);
    const state = (name: string) => {
      const text = Deno.readTextFileSync(`${project}/results/small/checkpoints/${name}`);
      return Number(/\\"step\\":(\d+)/.exec(text)![1]);
    };
    for (const name of kept) assert.ok(state(name) > 0 && state(name) < 2000, name);
    const changes = { ...options, space: interrupted.space };
    const stored = new Map(kept.map((name) => [name, state(name)]));
    const resumed = await runStudyWith(tellingParts, smallStudy(project, changes, training));
    const began = firstSteps(`${project}/results/small`);
    for (const [name, step] of stored) {
      const first = began.find(({ id }) => name === `${id}.checkpoint`);
      assert.equal(first?.step, step + 1, `${name} goes on behind step ${step}`);
    }
    const whole = await runStudy(smallStudy(project, { ...changes, name: "whole" }, training));
    assert.equal(resumed.digest(), whole.digest());
  }));

Deno.test("runStudy refuses checkpointEvery without a meaning", async () => {
  for (
    const [checkpointEvery, expected] of [
      [{}, /must hold seconds or steps, or be null/],
      [{ steps: 0 }, /checkpointEvery.steps must be .* from 1 to .*, found 0/],
      [{ seconds: -1 }, /checkpointEvery.seconds must be .* from 0, found -1/],
      [{ minutes: 1 }, /unknown option "minutes"/],
    ] as const
  ) {
    await assert.rejects(
      async () => await runStudy(smallStudy("", { checkpointEvery: checkpointEvery as never })),
      expected,
    );
  }
});
