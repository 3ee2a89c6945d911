import assert from "node:assert/strict";
import { withProject } from "../_testing/parts.ts";
import { linesOf, run, startWorker } from "../_testing/queue.ts";
import {
  changePassword,
  drop,
  evict,
  fill,
  giveGarbage,
  makeReadOnly,
  type RedisTrouble,
  replaceResults,
  replaceWaiting,
  withVictim,
} from "../_testing/redis_trouble.ts";
import { withRedis } from "../_testing/redis_server.ts";
import { until } from "../_testing/processes.ts";

/** What happens to the server in mid-study, and what the study says of it, once. */
const troubles: readonly (readonly [string, RedisTrouble, RegExp | null])[] = [
  ["is full", fill, /^The queue on .* is full: make room.*trying again/],
  ["takes no writes", makeReadOnly, /^The queue on .* takes no writes: it is the copy/],
  ["has another password", changePassword, /^The queue on .* refuses user, password/],
  [
    "has results of another type",
    replaceResults,
    /^The queue on .* under one of its keys .*results-/,
  ],
  [
    "has a queue of another type",
    replaceWaiting,
    /^The queue on .* under one of its keys .*:wait must/,
  ],
  ["has garbage in its results", giveGarbage, /^What lay on .* as a run's result was none/],
  ["drops what fits least", evict, null],
  ["has dropped the runs", drop("runs"), null],
  ["has dropped the list of those that wait", drop("wait"), null],
  ["has dropped the list of those in training", drop("active"), null],
  ["has dropped the locks", drop("locks"), null],
  ["has dropped the results", drop("results"), null],
  ["has dropped everything", drop("everything"), null],
];

for (const [what, make, said] of troubles) {
  withRedis(
    `F2: runStudy with a queue ends with the same digest when the server ${what} meanwhile`,
    ({ url }) =>
      withProject(async (project) => {
        const slow = { millisecondsPerStep: 40 };
        const local = await run(project, { name: "local" }, slow);
        const warnings: string[] = [];
        const reporter = {
          progress() {},
          warn: (message: string) => void warnings.push(message),
          finish() {},
        };
        const worker = startWorker(url, project, { lockSeconds: 1, restSeconds: 0.5 });
        const queued = run(project, { queue: url, reporter }, slow);
        queued.catch(() => {});
        try {
          await until("some runs are done", () => linesOf(project) >= 2);
          await withVictim({ url, engine: "cpu", study: "double" }, async (victim) => {
            const undo = await make(victim);
            if (said !== null) {
              await until("it is said", () => warnings.some((line) => said.test(line)));
            }
            await new Promise((resolve) => setTimeout(resolve, 300));
            await undo();
          });
          const study = await queued;
          assert.equal(study.digest(), local.digest());
          assert.ok(study.records.every(({ status }) => status === "completed"));
          if (said !== null) assert.equal(warnings.filter((line) => said.test(line)).length, 1);
          assert.ok(warnings.every((line) => !line.includes("\u202e")));
        } finally {
          await worker.stop();
        }
      }),
  );
}
