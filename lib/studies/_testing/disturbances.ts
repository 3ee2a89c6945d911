/** What else happens to a study, beside `kill -9`: each ends with the undisturbed study's digest. */
import assert from "node:assert/strict";
import { readRuns } from "../../records/read_runs.ts";
import { digestRuns } from "../digest.ts";
import { openJournal } from "../storage/journal.ts";
import { keyPrefix, redisAddress, redisClient } from "../pool/queue/connection.ts";
import { queueNames } from "../pool/queue/job.ts";
import { runStudyWith } from "../_study_course.ts";
import { libraryTrainings } from "../_library_trainings.ts";
import { checkMidStudy, type Disturbance, journalOf, linesOf } from "./disturbance.ts";
import { jumpingClockEnvironment } from "./fault_clock.ts";
import { faultEnvironment } from "./fault_points.ts";
import { faultStudy } from "./fault_study.ts";
import {
  digestOf,
  type KillBench,
  startCoordinator,
  startFaultWorker,
  workFolder,
} from "./kills.ts";
import { fileDisturbances, serverDisturbances } from "./outside_disturbances.ts";
import { journalDisturbances } from "./journal_disturbances.ts";
import { end, signal, trainingProcesses, until } from "./processes.ts";
import type { RedisServer } from "./redis_server.ts";
import { mountable, mountSmallDisk } from "./small_disk.ts";

async function redisRestarts(bench: KillBench, server: RedisServer): Promise<string> {
  const [name, queue] = ["redis-restarts", server.url];
  const worker = startFaultWorker(bench.project, queue, workFolder(bench, name));
  const coordinator = startCoordinator(bench.project, { name, queue });
  try {
    await until("a run is done", () => linesOf(bench, name) >= 2);
    await server.kill();
    await new Promise((resolve) => setTimeout(resolve, 1500));
    const recorded = linesOf(bench, name);
    await server.restart();
    assert.equal(await digestOf(coordinator), bench.digest);
    return `killed with ${checkMidStudy(bench, name, recorded)}, away for 1.5 s`;
  } finally {
    await end(worker);
  }
}

async function hungWorker(bench: KillBench, server: RedisServer): Promise<string> {
  const [name, queue] = ["hung-worker", server.url];
  const folder = workFolder(bench, name);
  const hung = startFaultWorker(bench.project, queue, folder);
  const workers = [hung];
  try {
    const coordinator = startCoordinator(bench.project, { name, queue });
    await until("a run is done", () => linesOf(bench, name) >= 1);
    await signal(hung.pid, "STOP");
    const active = await activeRuns(name, queue);
    const recorded = linesOf(bench, name);
    const other = startFaultWorker(bench.project, queue, folder);
    workers.push(other);
    assert.equal(await digestOf(coordinator), bench.digest);
    const said = checkMidStudy(bench, name, recorded);
    // What it had in training when it was stopped is done by the other one.
    const { errors } = await end(other);
    const taken = active.filter((id) => errors.includes(`run ${id.slice(0, 8)} of study`));
    assert.ok(taken.length > 0, `${active.length} runs were in training, none was taken over`);
    return `stopped (SIGSTOP) with ${said}; another took over ${taken.length} of ${active.length} in training`;
  } finally {
    // The output of one was collected already.
    for (const worker of workers) await end(worker).catch(() => {});
  }
}

/** Ids of a study's runs that workers have in training. */
async function activeRuns(study: string, redis: string): Promise<string[]> {
  const client = await redisClient(redisAddress(redis), () => {});
  const key = `${keyPrefix}:${queueNames("wasm", study).queue}`;
  const jobs = await client.lrange(`${key}:active`, 0, -1);
  const all = await Promise.all(jobs.map((job) => client.hget(`${key}:${job}`, "data")));
  client.disconnect();
  return all.map((data) => JSON.parse(data!)).filter((job) => job.study === study)
    .map(({ id }) => id);
}

async function hungChild(bench: KillBench): Promise<string> {
  const name = "hung-child";
  const coordinator = startCoordinator(bench.project, { name, noProgressSeconds: 2, workers: 1 });
  await until("a run is done", () => linesOf(bench, name) >= 1);
  const [child] = await trainingProcesses(coordinator.pid);
  await signal(child, "STOP");
  assert.equal(await digestOf(coordinator), bench.digest);
  const attempts = Math.max(...readRuns(journalOf(bench, name)).map((run) => run.attempts));
  assert.equal(attempts, 2);
  return "stopped (SIGSTOP) in mid-run; replaced after 2 s without progress, its run took 2 attempts";
}

async function diskFull(bench: KillBench): Promise<string> {
  const project = await Deno.makeTempDir({ prefix: "parsimony-full-" });
  await Deno.copyFile(`${bench.project}/deno.json`, `${project}/deno.json`);
  const run = (name = "full") =>
    runStudyWith(
      libraryTrainings,
      faultStudy(project, {
        name,
        keepWeights: "none",
        checkpointEvery: null,
        patienceSeconds: 1,
      }),
    );
  try {
    if (!mountable) return await diskFullInjected(bench, project, run);
    await using disk = await mountSmallDisk();
    await Deno.symlink(disk.folder, `${project}/results`);
    // All but a few KiB are taken already.
    await Deno.writeFile(`${disk.folder}/other`, new Uint8Array(100 * 1024));
    await assert.rejects(run(), /No space left on device.*recorded before are safe|No space left/s);
    const kept = readRuns(`${disk.folder}/full/runs.jsonl`).length;
    await disk.makeRoom();
    assert.equal((await run()).digest(), bench.digest);
    await disk.makeReadOnly();
    assert.equal((await run()).digest(), bench.digest);
    await assert.rejects(run("new"), /cannot be written: .*Read-only file system/s);
    return `tmpfs of 128 KiB: full after ${kept} runs, finished with room; read-only: read, a new study refused`;
  } finally {
    await Deno.remove(project, { recursive: true });
  }
}

/** Where no tmpfs can be mounted: the fourth append writes a part of its line and fails. */
async function diskFullInjected(
  bench: KillBench,
  project: string,
  run: () => Promise<{ digest(): string }>,
): Promise<string> {
  const { writeSync } = Deno.FsFile.prototype;
  let appends = 0;
  Deno.FsFile.prototype.writeSync = function (bytes) {
    if (bytes.length < 500 || ++appends < 4) return writeSync.call(this, bytes);
    writeSync.call(this, bytes.subarray(0, 100));
    throw new Error("No space left on device (os error 28)");
  };
  try {
    await assert.rejects(run(), /No space left on device.*recorded before are safe/s);
  } finally {
    Deno.FsFile.prototype.writeSync = writeSync;
  }
  assert.equal(readRuns(`${project}/results/full/runs.jsonl`).length, 3);
  assert.equal((await run()).digest(), bench.digest);
  return "injected error in the fourth append, since no tmpfs can be mounted here (needs root on " +
    "Linux); read-only folder not tried for the same reason";
}

async function truncatedJournal(bench: KillBench): Promise<string> {
  const name = "truncated";
  assert.equal(await digestOf(startCoordinator(bench.project, { name })), bench.digest);
  const path = journalOf(bench, name);
  const whole = await Deno.readFile(path);
  const last = whole.lastIndexOf(10, whole.length - 2) + 1;
  const runs = readRuns(path);
  for (let length = last; length < whole.length; length++) {
    await Deno.writeFile(path, whole.subarray(0, length));
    assert.deepEqual(readRuns(path), runs.slice(0, -1), `cut at byte ${length}`);
    const journal = openJournal(path, () => {});
    journal.append(runs.at(-1)!);
    journal.close();
    assert.equal(digestRuns(readRuns(path)), bench.digest);
    assert.deepEqual(await Deno.readFile(path), whole);
  }
  // And trained again for real, from one cut.
  await Deno.writeFile(path, whole.subarray(0, last + 7));
  assert.equal(await digestOf(startCoordinator(bench.project, { name })), bench.digest);
  return `${whole.length - last} places, each read, dropped and appended again to the same bytes`;
}

async function clockMoves(bench: KillBench): Promise<string> {
  const name = "clock";
  const coordinator = startCoordinator(bench.project, { name }, jumpingClockEnvironment);
  assert.equal(await digestOf(coordinator), bench.digest);
  const dates = readRuns(journalOf(bench, name)).map(({ finishedAt }) => Date.parse(finishedAt));
  const days = (Math.max(...dates) - Math.min(...dates)) / (24 * 3600 * 1000);
  assert.ok(days > 300, `the dates of the records are ${days} days apart`);
  return `injected clock in coordinator and children; dates of the records ${
    Math.round(days)
  } days apart`;
}

async function twoCoordinators(bench: KillBench): Promise<string> {
  const name = "two";
  const both = [1, 2].map(() => startCoordinator(bench.project, { name }));
  const said = await Promise.all(both.map(digestOf));
  const refused = said.filter((text) => /Study "two" is being written by process \d+/.test(text));
  // One that comes when the other is done reads what is there.
  assert.ok(refused.length <= 1);
  assert.equal(said.filter((text) => text === bench.digest).length, 2 - refused.length);
  // And one that is held behind its second append, while another asks.
  const marker = `${bench.project}/results/.held`;
  const plan = {
    process: "coordinator",
    phase: "after sync",
    passes: 1,
    share: 0,
    marker,
  } as const;
  const options = { name: "held" };
  const held = startCoordinator(bench.project, options, faultEnvironment(plan));
  await until("it writes", () => linesOf(bench, "held") === 2);
  const second = await digestOf(startCoordinator(bench.project, options));
  assert.match(second, new RegExp(`Study "held" is being written by process ${held.pid}`));
  await Deno.writeTextFile(`${marker}.go`, "");
  assert.equal(await digestOf(held), bench.digest);
  return "the second is refused by name of the first's process, which ends as usual";
}

/** All of them, by their kind and by what happens. */
export const disturbances: Readonly<Record<string, Readonly<Record<string, Disturbance>>>> = {
  "processes, disk and clock": {
    "Redis killed and restarted in mid-study": redisRestarts,
    "a worker hangs": hungWorker,
    "a training process hangs": hungChild,
    "disk full, then read-only": diskFull,
    "clock moved": clockMoves,
  },
  "journal and lock": {
    "journal cut at every byte of its last line": truncatedJournal,
    ...journalDisturbances,
    "two coordinators on one study": twoCoordinators,
  },
  "files of the project": fileDisturbances,
  "what a Redis server does": serverDisturbances,
};
