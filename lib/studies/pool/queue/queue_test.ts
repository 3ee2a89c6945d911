import assert from "node:assert/strict";
import { withProject } from "../../_testing/parts.ts";
import { linesOf, run, startWorker } from "../../_testing/queue.ts";
import { withRedis } from "../../_testing/redis_server.ts";
import { until } from "../../_testing/processes.ts";
import { StudyInterrupted } from "../../interrupt.ts";
import { keyPrefix, redisAddress, redisClient } from "./connection.ts";

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
