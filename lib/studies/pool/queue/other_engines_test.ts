import assert from "node:assert/strict";
import { withProject, workerDoubles } from "../../_testing/parts.ts";
import { run, startWorker, total } from "../../_testing/queue.ts";
import { withRedis } from "../../_testing/redis_server.ts";
import { until } from "../../_testing/processes.ts";
import { StudyInterrupted } from "../../interrupt.ts";
import { checkReachable, redisAddress } from "./connection.ts";
import { runWorker } from "./worker.ts";

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
  "a worker of another engine does runs only when the study and the worker both allow it, and the records say so",
  ({ url }) =>
    withProject(async (project) => {
      const local = await run(project, { name: "local" });
      const wasm = {
        ...workerDoubles,
        engine: () => Promise.resolve({ id: "wasm", name: "wasm" as const }),
      };
      const warnings: string[] = [];
      const reporter = { progress() {}, warn: (text: string) => warnings.push(text), finish() {} };
      // The worker allows it, the study does not: its runs are refused.
      const controller = new AbortController();
      const worker = startWorker(url, project, { engine: "wasm", allowOther: true }, wasm);
      await assert.rejects(
        run(project, { queue: url, name: "refused", seeds: [1], patienceSeconds: 1 }),
        /job.engine must be this worker's, "wasm", found "cpu": .* not allowed on both sides/,
      );
      const allowed = await run(project, { queue: url, allowOtherWorkers: true, reporter });
      await worker.stop();
      assert.equal(allowed.records.length, total);
      assert.ok(
        allowed.records.every(({ engine, status }) => engine === "wasm" && status === "completed"),
      );
      assert.deepEqual(allowed.records.map(({ id }) => id), local.records.map(({ id }) => id));
      assert.notEqual(allowed.digest(), local.digest());
      assert.equal(
        warnings.filter((line) => /done with engine wasm, .* in place of cpu/.test(line)).length,
        1,
      );
      // The study allows it, the worker does not.
      const strict = startWorker(url, project, { engine: "wasm" }, wasm);
      const waiting = run(project, {
        queue: url,
        name: "waiting",
        allowOtherWorkers: true,
        signal: controller.signal,
      });
      waiting.catch(() => {});
      await until("it listens", () => strict.lines.length > 0);
      await new Promise((resolve) => setTimeout(resolve, 1000));
      controller.abort();
      await assert.rejects(waiting, StudyInterrupted);
      await strict.stop();
      assert.ok(strict.lines.every((line) => !line.startsWith("run ")));
    }),
);
