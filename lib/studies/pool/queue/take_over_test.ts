import assert from "node:assert/strict";
import { QueueEvents } from "bullmq";
import { randomStream } from "../../../core/random.ts";
import { withProject } from "../../_testing/parts.ts";
import {
  linesOf,
  run,
  spawnWorker,
  startWorker,
  tellingReporter,
  total,
} from "../../_testing/queue.ts";
import { withRedis } from "../../_testing/redis_server.ts";
import { trainingProcesses, until } from "../../_testing/processes.ts";
import { smallStudy } from "../../_testing/small_study.ts";
import { runStudy } from "../../run_study.ts";
import { points } from "../../search/space.ts";
import { work } from "../../work.ts";
import { keyPrefix, redisAddress, redisClient } from "./connection.ts";
import { queueNames } from "./job.ts";

withRedis(
  "runStudy with a queue ends with the same digest when workers and their trainings are killed",
  (server) =>
    withProject(async (project) => {
      const specification = { millisecondsPerStep: 30 };
      const local = await run(project, { name: "local" }, specification);
      const stream = randomStream(1, "kill -9");
      const queued = run(project, { queue: server.url }, specification);
      queued.catch(() => {});
      let kills = 0;
      for (const who of ["worker", "training", "worker", "worker"]) {
        const worker = spawnWorker(server, project);
        const before = linesOf(project);
        await until("some runs are done", () => linesOf(project) >= Math.min(before + 2, total));
        await new Promise((resolve) => setTimeout(resolve, stream.integer(150)));
        if (who === "training") {
          for (const pid of await trainingProcesses(worker.pid)) Deno.kill(pid, "SIGKILL");
          await until("another run is done", () => linesOf(project) >= Math.min(before + 4, total));
        }
        worker.kill("SIGKILL");
        await worker.output();
        kills++;
      }
      assert.equal(kills, 4);
      const last = startWorker(server.url, project, { lockSeconds: 1 });
      const study = await queued;
      await last.stop();
      assert.equal(study.digest(), local.digest());
      assert.ok(study.records.every(({ status }) => status === "completed"));
    }),
);

withRedis(
  "runStudy with a queue goes on when the server is killed, restarted, and when it forgot everything",
  (server) =>
    withProject(async (project) => {
      const specification = { millisecondsPerStep: 30 };
      const local = await run(project, { name: "local" }, specification);
      const { warnings, reporter } = tellingReporter();
      const worker = startWorker(server.url, project);
      const queued = run(project, { queue: server.url, reporter }, specification);
      queued.catch(() => {});
      await until("some runs are done", () => linesOf(project) >= 3);
      await server.kill();
      await until(
        "the coordinator says so",
        () => warnings.some((line) => /not answer/.test(line)),
      );
      await server.restart();
      const before = linesOf(project);
      await until("some runs are done", () => linesOf(project) >= before + 3);
      const client = await redisClient(redisAddress(server.url), () => {});
      await client.flushall();
      client.disconnect();
      const study = await queued;
      await worker.stop();
      assert.equal(study.digest(), local.digest());
      assert.ok([...warnings, ...worker.lines].every((line) => !line.includes("s3cret")));
    }),
);

withRedis(
  "a worker that is stopped gives its runs back, and another goes on from their checkpoints",
  ({ url }) =>
    withProject(async (project) => {
      const long = { steps: 150, evaluateEvery: 75 };
      const changes = { space: points([{ lambda: 0, alpha: 0 }, { lambda: 1e-3, alpha: 0 }]) };
      const local = await runStudy(smallStudy(project, { ...changes, name: "local" }, long));
      const folder = `${project}/work`;
      const begin = () => {
        const controller = new AbortController();
        const { signal } = controller;
        // So long that no run is taken over which was not given back.
        const lockSeconds = 3600;
        const options = { redis: url, project, folder, workers: 2, signal, lockSeconds };
        const ended = work({ ...options, print: () => {} });
        return { controller, ended };
      };
      const checkpoints = async () => {
        const names = await Array.fromAsync(Deno.readDir(folder), ({ name }) => name).catch(
          () => [],
        );
        return names.filter((name) => name.endsWith(".checkpoint"));
      };
      const queued = runStudy(
        smallStudy(project, { ...changes, queue: url, checkpointEvery: { steps: 1 } }, long),
      );
      queued.catch(() => {});
      const stopped = begin();
      await until("a run has a checkpoint", async () => (await checkpoints()).length > 0);
      stopped.controller.abort();
      await stopped.ended;
      const stored = new Map((await checkpoints()).map((name) => {
        const text = Deno.readTextFileSync(`${folder}/${name}`);
        return [name.split(".")[0], Number(/\\"step\\":(\d+)/.exec(text)![1])];
      }));
      assert.ok(stored.size > 0);
      const began = await firstProgress(url, "wasm", "small");
      const second = begin();
      let done = false;
      queued.finally(() => done = true).catch(() => {});
      await until("the study is complete", () => done);
      const study = await queued;
      second.controller.abort();
      await second.ended;
      assert.equal(study.digest(), local.digest());
      assert.deepEqual(await checkpoints(), []);
      const first = await began.end();
      for (const [id, step] of stored) {
        assert.equal(first(id), step + 1, `${id} goes on behind step ${step}`);
      }
    }),
);

/** Listens at which steps the runs of a study are first heard of from now on. */
async function firstProgress(url: string, engine: string, study: string) {
  const { queue, jobId } = queueNames(engine, study);
  const { connection } = redisAddress(url);
  const events = new QueueEvents(queue, { connection, prefix: keyPrefix });
  const steps = new Map<string, number>();
  events.on("progress", ({ jobId, data }) => {
    if (!steps.has(jobId)) steps.set(jobId, (data as { step: number }).step);
  });
  await events.waitUntilReady();
  return {
    /** Ends listening, and gives the first step by run id. */
    async end() {
      await events.close();
      return (id: string) => steps.get(jobId(id));
    },
  };
}
