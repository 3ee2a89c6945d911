import assert from "node:assert/strict";
import { canonicalJson } from "../core/json.ts";
import { randomStream } from "../core/random.ts";
import { readRuns } from "../records/read_runs.ts";
import type { RunRecord } from "../records/run_record.ts";
import { StudyInterrupted } from "./interrupt.ts";
import { silentReporter } from "./reporter.ts";
import { runStudyWith } from "./_study_course.ts";
import { runStudy } from "./run_study.ts";
import { points } from "./search/space.ts";
import type { Study } from "./study.ts";
import { withProject } from "./_testing/parts.ts";
import { signal, startScript, trainingProcesses, until } from "./_testing/processes.ts";
import { firstSteps, tellingParts } from "./_testing/first_steps.ts";
import { remediesStudy } from "./_testing/remedies_study.ts";
import { smallStudy } from "./_testing/small_study.ts";

const long = { steps: 300, evaluateEvery: 100 };

async function checkpointsOf(project: string): Promise<string[]> {
  const entries = Deno.readDir(`${project}/results/small/checkpoints`);
  const names = await Array.fromAsync(entries, ({ name }) => name).catch(() => []);
  return names.filter((name) => name.endsWith(".checkpoint"));
}

const killed = {
  small: { optionsOf: smallStudy, about: "penalties" },
  remedies: { optionsOf: remediesStudy, about: "averages, Muon, epochs, a teacher and ensembles" },
};

for (const [name, { optionsOf, about }] of Object.entries(killed)) {
  Deno.test(`runStudy whose coordinator and training processes are killed goes on from checkpoints to the same digest: ${about}`, () =>
    withProject(async (project) => {
      const undisturbed = await runStudy(
        optionsOf(project, { name: "undisturbed", checkpointEvery: null }, long),
      );
      await assert.rejects(Deno.stat(`${project}/results/undisturbed/checkpoints`));
      await killAndGoOn(project, name, undisturbed);
    }));
}

/** Kills the study of a name again and again, lets it go on to its end, and compares. */
async function killAndGoOn(project: string, name: string, undisturbed: Study): Promise<void> {
  const stream = randomStream(1, "kill -9");
  const coordinate = () => startScript(project, "small_coordinator.ts", [name]);
  const folder = `${project}/results/small`;
  const pointOf = new Map(undisturbed.records.map(({ id, point }) => [id, canonicalJson(point)]));
  const left = new Set(pointOf.values());
  const pointsWithCheckpoint = async () =>
    (await checkpointsOf(project)).map((name) => pointOf.get(name.split(".")[0])!);
  // Until a run of each point was killed behind a checkpoint.
  for (let kills = 0; left.size > 0; kills++) {
    assert.ok(kills < 5 * pointOf.size, `none of ${[...left].join()} was killed`);
    const process = coordinate();
    await until(
      "a run of another point has a checkpoint",
      async () => (await pointsWithCheckpoint()).some((point) => left.has(point)),
    );
    await new Promise((resolve) => setTimeout(resolve, stream.integer(200)));
    if (kills % 2 === 1) {
      for (const pid of await trainingProcesses(process.pid)) await signal(pid, "KILL");
      await new Promise((resolve) => setTimeout(resolve, stream.integer(200)));
    }
    process.kill("SIGKILL");
    await process.output();
    for (const point of await pointsWithCheckpoint()) left.delete(point);
  }
  const resumable = await checkpointsOf(project);
  const earlier = firstSteps(folder).length;
  const { success, stdout } = await coordinate().output();
  assert.ok(success);
  // A run of which a record was written meanwhile does not begin again.
  const began = firstSteps(folder).slice(earlier)
    .filter(({ id }) => resumable.includes(`${id}.checkpoint`));
  for (const { id, step } of began) assert.ok(step > 1, `${id} goes on at step ${step}`);
  assert.ok(firstSteps(folder).some(({ step }) => step > 1));
  assert.equal(new TextDecoder().decode(stdout), undisturbed.digest());
  const runs = readRuns(`${folder}/runs.jsonl`);
  assert.ok(runs.every(({ error }) => error === null));
  const costs = (records: readonly RunRecord[]) =>
    new Map(records.map(({ id, cost }) => [id, cost]));
  assert.deepEqual(
    [...costs(runs)].sort(),
    [...costs(undisturbed.records)].sort(),
  );
  await assert.rejects(Deno.stat(`${folder}/checkpoints`), Deno.errors.NotFound);
}

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
