import assert from "node:assert/strict";
import { withProject } from "../../_testing/parts.ts";
import { jobSender, run, startRealWorker, startWorker, total } from "../../_testing/queue.ts";
import { withRedis } from "../../_testing/redis_server.ts";
import { until } from "../../_testing/processes.ts";
import type { Specification } from "../../../training/specification.ts";
import { smallStudy } from "../../_testing/small_study.ts";
import { runStudy } from "../../run_study.ts";
import { keyPrefix, redisAddress, redisClient } from "./connection.ts";
import { queueNames } from "./job.ts";

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
        numericsVersion: (await import("../../../core/version.ts")).numericsVersion,
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
        [{ ...good, schemaVersion: 2 }, /schemaVersion must be 1, found 2/],
        [
          { ...good, numericsVersion: 99 },
          /must be this worker's, .*found 99: its numbers would be/,
        ],
        [{ ...good, engine: "native/x" }, /must be this worker's, "cpu", found "native\/x"/],
        [{ ...good, specification: {} }, /lambda must be a number/],
        [{ ...good, specification: 3 }, /job.specification must be an object, found 3/],
        [
          { ...good, specification: { lambda: 1, training: { teacher: { point: {} } } } },
          /job.specification must have no training.teacher: weights of other runs do not come over/,
        ],
        [{ ...good, study: "a\nb" }, /must be the name of a study/],
        [{ ...good, fold: { ...fold, path: "../../x" } }, /unknown option "path"/],
        [
          { ...good, fold: { ...fold, heldOut: [{ start: 4, end: 1 }] } },
          /end must be a finite number from 5, found 1/,
        ],
        [
          { ...good, fold: { ...fold, choosing: [{ start: 9, end: 4 }] } },
          /choosing.end must be a finite number from 10, found 4/,
        ],
        [
          { ...good, fold: { ...fold, training: [] } },
          /training must be 1 to 50000 spans, found 0/,
        ],
        [
          {
            ...good,
            fold: {
              ...fold,
              training: Array.from({ length: 100_000 }, (_, i) => ({ start: 9 + i, end: 10 + i })),
            },
          },
          /training must be 1 to 50000 spans, found 100000/,
        ],
        [
          { ...good, fold: { ...fold, training: [{ start: 6, end: 1e16 }] } },
          /training.end must be a whole number, found 10000000000000000/,
        ],
        [
          { ...good, fold: { ...fold, training: [{ start: 4, end: 90 }] } },
          /must have spans that do not overlap, found \[{"start":0,"end":5},{"start":4,"end":90}\]/,
        ],
        [
          { ...good, fold: { ...fold, choosing: [{ start: 60, end: 61 }] } },
          /must have spans that do not overlap/,
        ],
        // A fold may have choosing spans: what is wrong with this job is its id.
        [
          { ...good, fold: { ...fold, choosing: [{ start: 9, end: 14 }] } },
          /job.id must be the hash of the run/,
        ],
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
  "runWorker lives on when what the server holds is no job at all",
  ({ url }) =>
    withProject(async (project) => {
      const client = await redisClient(redisAddress(url), () => {});
      const { queue } = queueNames("cpu", "double");
      const key = (name: string) => `${keyPrefix}:${queue}:${name}`;
      const fields = { name: "run", timestamp: "1", delay: "0", priority: "0" };
      const garbage = {
        "no-json": { ...fields, data: "{not json", opts: "{}" },
        "no-options": { ...fields, data: "{}", opts: "nothing" },
        "no-fields": { data: "\u0000\ufffd" },
        "no-hash": null,
      };
      for (const [id, hash] of Object.entries(garbage)) {
        if (hash !== null) await client.hset(key(id), hash);
        await client.lpush(key("wait"), id);
      }
      const worker = startWorker(url, project, { lockSeconds: 2 });
      const study = await run(project, { queue: url });
      assert.equal(study.records.length, total);
      assert.ok(study.records.every(({ status }) => status === "completed"));
      const refusals = worker.lines.filter((line) =>
        /refused: it cannot be read as a job/.test(line)
      );
      assert.ok(refusals.length > 0);
      assert.ok(worker.lines.some((line) => /^job "no-hash": Refused: /.test(line)));
      assert.ok(!worker.lines.some((line) => /does not answer/.test(line)));
      await worker.stop();
      client.disconnect();
    }),
);

withRedis(
  "a worker of real trainings refuses paths out of the project, unknown options and other checksums, though the id is right",
  ({ url }) =>
    withProject(async (project) => {
      await Deno.mkdir(`${project}/data`);
      await Deno.writeTextFile(
        `${project}/data/secret.txt`,
        "the secret of this machine ".repeat(50),
      );
      const local = await runStudy(smallStudy(project, { name: "local" }));
      const [first] = local.record.specifications as unknown as Specification[];
      const fold = local.record.folds[0];
      const file = (path: string) => ({
        ...first,
        corpus: {
          kind: "file",
          name: "x",
          licence: "none",
          excerpt: null,
          sha256: "0".repeat(64),
          path,
        },
      });
      const bad: readonly (readonly [string, unknown, RegExp])[] = [
        ["up", file("../../../etc/passwd"), /which this project does not list/],
        ["absolute", file("/etc/passwd"), /which this project does not list/],
        ["checksum", file("data/secret.txt"), /another text than the one with the SHA-256 0000/],
        ["weights", { ...first, weightsPath: "/etc/cron.d/x" }, /unknown option "weightsPath"/],
        ["steps", { ...first, training: { ...first.training, steps: -1 } }, /steps must be/],
        ["model", { ...first, model: { kind: "../../evil.ts" } }, /kind/],
        [
          "batch",
          { ...first, training: { ...first.training, batchSize: 1e9 } },
          /batchSize|memory/,
        ],
        [
          "window",
          { ...first, training: { ...first.training, windowLength: 1000 } },
          /fold 0: .*window/,
        ],
      ];
      const jobs = await jobSender(url);
      const worker = startRealWorker(url, project, { corpora: ["data"] });
      try {
        for (const [name, given, expected] of bad) {
          const said = await jobs.said(name, given, fold);
          assert.match(said, expected, name);
          assert.match(said, /^Refused by /, name);
          assert.ok(!/secret of this machine|root:/.test(said), name);
        }
        const queued = await runStudy(smallStudy(project, { queue: url }));
        assert.equal(queued.digest(), local.digest());
      } finally {
        await worker.stop();
        await jobs.end();
      }
    }),
);
