import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { denoProgram } from "../../core/deno_program.ts";
import { randomStream } from "../../core/random.ts";
import { readRuns } from "../../records/read_runs.ts";
import { doubleOptions, doubleParts, withProject, workerDoubles } from "../_testing/parts.ts";
import { type RedisServer, withRedis } from "../_testing/redis_server.ts";
import { trainingProcesses, until } from "../_testing/processes.ts";
import { StudyInterrupted } from "../interrupt.ts";
import { runStudyWith } from "../_run_study.ts";
import type { StudyOptions } from "../options.ts";
import { runStudy } from "../run_study.ts";
import { points } from "../space.ts";
import { smallStudy } from "../_testing/small_study.ts";
import { work } from "../work.ts";
import { checkReachable, keyPrefix, redisAddress, redisClient } from "./connection.ts";
import { queueNames } from "./job.ts";
import { runWorker, type WorkerOptions } from "./worker.ts";

/** A worker in this process, and what it printed. */
function startWorker(url: string, project: string, options: Partial<WorkerOptions> = {}) {
  const controller = new AbortController();
  const lines: string[] = [];
  const ended = runWorker(workerDoubles, {
    redis: url,
    engine: "cpu",
    project,
    folder: `${project}/work`,
    workers: 2,
    signal: controller.signal,
    print: (line) => lines.push(line),
    pool: { graceSeconds: 1 },
    ...options,
  });
  return {
    lines,
    ended,
    async stop() {
      controller.abort();
      await ended;
    },
  };
}

/** A worker in a process of its own, to be killed. */
function spawnWorker({ url }: RedisServer, project: string): Deno.ChildProcess {
  return new Deno.Command(denoProgram("start a worker"), {
    args: [
      "run",
      "--no-prompt",
      "--no-check",
      "--quiet",
      // With the overrides of package.json beside it, which BullMQ needs.
      `--config=${fileURLToPath(new URL("../../../deno.json", import.meta.url))}`,
      "--allow-read",
      "--allow-env",
      "--allow-sys",
      "--allow-net",
      `--allow-write=${project}`,
      "--allow-run",
      new URL("../_testing/worker.ts", import.meta.url).href,
      ...[url, "1", `${project}/work`],
    ],
    cwd: project,
    stdin: "null",
    stdout: "null",
    stderr: "inherit",
  }).spawn();
}

const run = (project: string, options: Partial<StudyOptions> = {}, specification = {}) =>
  runStudyWith(doubleParts, doubleOptions(project, options, specification));

const linesOf = (project: string) => readRuns(`${project}/results/double/runs.jsonl`).length;

/** How many runs a study of doubles has with its refits. */
const total = 28;

withRedis(
  "runStudy with a queue gives the records and weights of one without, and leaves nothing on the server",
  ({ url }) =>
    withProject(async (project) => {
      const local = await run(project, { name: "local", keepWeights: "all" });
      const worker = startWorker(url, project);
      const queued = await run(project, { queue: url, keepWeights: "all" });
      assert.equal(queued.digest(), local.digest());
      assert.equal(queued.records.length, local.records.length);
      for (const { id, weights } of queued.records) {
        assert.equal(await Deno.readTextFile(`${project}/${weights}`), `weights of ${id}`);
      }
      await worker.stop();
      assert.ok(worker.lines.some((line) => /^run [0-9a-f]{8} of study "double": comp/.test(line)));
      assert.ok(worker.lines.every((line) => !line.includes("s3cret")));
      assert.deepEqual([...Deno.readDirSync(`${project}/work`)], []);
      const client = await redisClient(redisAddress(url), () => {});
      const left = (await client.keys(`${keyPrefix}:*`))
        .filter((key) => /results|double/.test(key));
      client.disconnect();
      assert.deepEqual(left, []);
    }),
);

withRedis(
  "runStudy with a queue may be interrupted and come back: results of meanwhile wait for it",
  ({ url }) =>
    withProject(async (project) => {
      const local = await run(project, { name: "local" });
      const worker = startWorker(url, project);
      for (let time = 0; time < 2; time++) {
        const controller = new AbortController();
        const running = run(project, { queue: url, signal: controller.signal }, {
          millisecondsPerStep: 20,
        });
        const before = linesOf(project);
        await until("some runs are done", () => linesOf(project) >= before + 3);
        controller.abort();
        await assert.rejects(running, StudyInterrupted);
      }
      const queued = await run(project, { queue: url }, { millisecondsPerStep: 20 });
      const slow = await run(project, { name: "slow" }, { millisecondsPerStep: 20 });
      assert.equal(queued.digest(), slow.digest());
      assert.equal(queued.records.length, local.records.length);
      await worker.stop();
    }),
);

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
        await worker.status;
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
      const warnings: string[] = [];
      const worker = startWorker(server.url, project);
      const queued = run(project, {
        queue: server.url,
        reporter: { progress() {}, warn: (message) => warnings.push(message), finish() {} },
      }, specification);
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
  "runWorker refuses bad jobs with a reason and goes on with good ones",
  ({ url }) =>
    withProject(async (project) => {
      const { Queue } = await import("bullmq");
      const { connection } = redisAddress(url);
      const { queue: name } = queueNames("cpu", "double");
      const queue = new Queue(name, { connection, prefix: keyPrefix });
      const fold = {
        index: 0,
        training: [{ start: 50, end: 90 }],
        heldOut: [{ start: 0, end: 5 }],
      };
      const good = {
        schemaVersion: 1,
        study: "double",
        engine: "cpu",
        numericsVersion: (await import("../../core/version.ts")).numericsVersion,
        id: "0".repeat(64),
        specification: { lambda: 1 },
        point: {},
        fold,
        seed: 1,
        keepWeights: false,
        checkpointEvery: null,
      };
      const bad: readonly (readonly [unknown, RegExp])[] = [
        ["garbage", /options must be an object, found "garbage"/],
        [[], /options must be an object/],
        [{ ...good, command: "rm" }, /unknown option "command"/],
        [{ ...good, schemaVersion: 2 }, /schemaVersion must be one of 1, found 2/],
        [
          { ...good, numericsVersion: 99 },
          /must be this worker's, .*found 99: its numbers would be/,
        ],
        [{ ...good, engine: "native/x" }, /must be this worker's, "cpu", found "native\/x"/],
        [{ ...good, specification: {} }, /lambda must be a number/],
        [{ ...good, specification: 3 }, /job.specification must be an object, found 3/],
        [{ ...good, study: "a\nb" }, /must be the name of a study/],
        [{ ...good, fold: { ...fold, path: "../../x" } }, /unknown option "path"/],
        [{ ...good, fold: { ...fold, heldOut: [{ start: 4, end: 1 }] } }, /end must be .* from 4/],
        [{ ...good, id: "../../../etc/passwd" }, /job.id must be the hash of the run/],
        [good, /job.id must be the hash of the run/],
        [{ ...good, checkpointEvery: { steps: 1, path: "/x" } }, /unknown option "path"/],
        [{ ...good, specification: { lambda: 1, text: "x".repeat(65 << 20) } }, /at most 67108864/],
      ];
      const jobs = await Promise.all(bad.map(([data]) => queue.add("run", data, { attempts: 20 })));
      const worker = startWorker(url, project);
      const study = await run(project, { queue: url });
      assert.equal(study.records.length, total);
      for (const [index, job] of jobs.entries()) {
        await until("it is refused", async () => await job.isFailed());
        const { failedReason, attemptsMade } = (await queue.getJob(job.id!))!;
        assert.match(failedReason, bad[index][1]);
        assert.equal(attemptsMade, 1);
      }
      assert.equal(worker.lines.filter((line) => line.includes("Refused:")).length, bad.length);
      await worker.stop();
      await queue.close();
    }),
);

withRedis(
  "runStudy with a queue records a run as failed when its training fails, as without a queue",
  ({ url }) =>
    withProject(async (project) => {
      const worker = startWorker(url, project);
      const study = await run(project, { queue: url }, { mischief: "throw", mischiefFold: 1 });
      const failed = study.records.filter(({ status }) => status === "failed");
      assert.equal(failed.length, 8);
      assert.ok(failed.every(({ error, attempts }) =>
        /RangeError: this fold cannot be used/.test(error!) && attempts === 2
      ));
      const retried = await run(project, { queue: url, retryFailed: true, name: "double" }, {
        mischief: "throw",
        mischiefFold: 1,
      });
      assert.equal(retried.digest(), study.digest());
      await worker.stop();
    }),
);

withRedis(
  "a worker says which runs wait for another engine, a study that no worker listens, and both that no server is there",
  ({ url, port }) =>
    withProject(async (project) => {
      const warnings: string[] = [];
      const controller = new AbortController();
      const waiting = run(project, {
        queue: url,
        signal: controller.signal,
        reporter: { progress() {}, warn: (message) => warnings.push(message), finish() {} },
      });
      waiting.catch(() => {});
      await until("it says so", () => warnings.length > 0);
      assert.match(
        warnings[0],
        /No worker of engine cpu, numerics version \d+, listens on redis:\/\/1/,
      );
      const wasm = runWorker({
        ...workerDoubles,
        engine: () => Promise.resolve({ id: "wasm", name: "wasm" }),
      }, {
        redis: url,
        engine: "wasm",
        project,
        folder: `${project}/work`,
        workers: 1,
        signal: controller.signal,
        print: (line) => warnings.push(line),
      });
      await until("it says so", () => warnings.some((line) => /refuses them/.test(line)));
      assert.ok(warnings.some((line) =>
        /^24 runs wait for a worker of engine cpu, numerics version \d+\. This one \(engine wasm/
          .test(line)
      ));
      controller.abort();
      await assert.rejects(waiting, StudyInterrupted);
      await wasm;
      const wrong = url.replace("s3cret", "hunter2");
      await assert.rejects(checkReachable(redisAddress(wrong)), (error: Error) => {
        assert.match(
          error.message,
          /Cannot use the queue on redis:\/\/127.0.0.1:\d+\/1: WRONGPASS/,
        );
        return !error.message.includes("hunter2");
      });
      const nobody = url.replace(`:${port}`, ":1");
      await assert.rejects(
        run(project, { name: "nobody", queue: nobody }),
        /Cannot use the queue on redis:\/\/127.0.0.1:1\/1: .*ECONNREFUSED/,
      );
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
      const first = begin();
      await until("a run has a checkpoint", async () => (await checkpoints()).length > 0);
      first.controller.abort();
      await first.ended;
      assert.ok((await checkpoints()).length > 0);
      const second = begin();
      let done = false;
      queued.finally(() => done = true).catch(() => {});
      await until("the study is complete", () => done);
      const study = await queued;
      second.controller.abort();
      await second.ended;
      assert.equal(study.digest(), local.digest());
      assert.deepEqual(await checkpoints(), []);
    }),
);

Deno.test("redisAddress reads user, password, database and TLS, and never shows the password", () => {
  const { connection, shown } = redisAddress("rediss://me:p%40ss@[::1]:7000/3");
  assert.deepEqual(
    { ...connection, retryStrategy: null },
    {
      host: "::1",
      port: 7000,
      username: "me",
      password: "p@ss",
      db: 3,
      tls: { servername: "::1" },
      maxRetriesPerRequest: null,
      retryStrategy: null,
    },
  );
  assert.equal(shown, "rediss://[::1]:7000/3");
  for (const bad of ["", "redis", "http://u:secret@h", "redis://u:secret@h/x", "redis://", 3]) {
    assert.throws(() => redisAddress(bad as string), (error: Error) => {
      assert.match(error.message, /The queue must be an address such as redis:/);
      return error instanceof TypeError && !error.message.includes("secret");
    });
  }
});

Deno.test("mod.ts loads neither BullMQ nor ioredis until a queue is used", async () => {
  const folder = await Deno.makeTempDir({ prefix: "parsimony-imports-" });
  try {
    const library = new URL("../../../", import.meta.url);
    const { imports } = JSON.parse(await Deno.readTextFile(new URL("deno.json", library)));
    const broken = "data:text/javascript,throw new Error('loaded')";
    await Deno.writeTextFile(
      `${folder}/deno.json`,
      JSON.stringify({ imports: { ...imports, bullmq: broken, ioredis: broken } }),
    );
    const load = async (code: string) => {
      await Deno.writeTextFile(`${folder}/load.ts`, code);
      return await new Deno.Command(denoProgram("load mod.ts"), {
        args: [
          "run",
          "--no-check",
          "--no-lock",
          "--no-prompt",
          "--allow-read",
          "--allow-env",
          `--config=${folder}/deno.json`,
          `${folder}/load.ts`,
        ],
        env: { NO_COLOR: "1" },
      }).output();
    };
    const text = new TextDecoder();
    const module = await load(`import "${new URL("lib/mod.ts", library)}";`);
    assert.ok(module.success, text.decode(module.stderr));
    const queue = await load(`await import("bullmq");`);
    assert.match(text.decode(queue.stderr), /loaded/);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
