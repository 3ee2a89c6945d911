/**
 * A worker of real trainings that stops where a test's plan says. Its project is found from its
 * working directory.
 *
 * Arguments: address of the server, seconds of its locks, folder for checkpoints.
 */
import { Redis } from "ioredis";
import { projectFolder } from "../../core/project.ts";
import { runWorker } from "../pool/queue/worker.ts";
import { libraryTrainings } from "../_library_trainings.ts";
import { workerParts } from "../work.ts";
import { planFor, stopHere } from "./fault_points.ts";
import { corpusFile } from "./fault_study.ts";

const [redis, lockSeconds, folder] = Deno.args;
const plan = planFor("worker");
if (plan?.phase === "hand-over") {
  const { hset } = Redis.prototype;
  Object.defineProperty(Redis.prototype, "hset", {
    async value(this: Redis, key: string, ...rest: [string, string]) {
      const isResult = key.includes(":results-");
      if (isResult && plan.share < 0.5) stopHere(plan, rest[0]);
      const count = await hset.call(this, key, ...rest);
      if (isResult && plan.share >= 0.5) stopHere(plan, rest[0]);
      return count;
    },
  });
}
await runWorker({
  ...workerParts,
  executor: new URL("./fault_executor.ts", import.meta.url).href,
  engine: libraryTrainings.engine,
}, {
  redis,
  engine: "wasm",
  project: projectFolder(),
  folder,
  corpora: [corpusFile],
  restSeconds: 0.5,
  workers: 2,
  lockSeconds: Number(lockSeconds),
  signal: new AbortController().signal,
  print: (line) => Deno.stderr.writeSync(new TextEncoder().encode(`${line}\n`)),
});
