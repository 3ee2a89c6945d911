/**
 * A worker of doubles, to be killed. Its project is found from its working directory.
 *
 * Arguments: address of the server, seconds of its locks, folder for checkpoints.
 */
import { projectFolder } from "../../core/project.ts";
import { runWorker } from "../pool/queue/worker.ts";
import { workerDoubles } from "./parts.ts";

const [redis, lockSeconds, folder] = Deno.args;
const controller = new AbortController();
Deno.addSignalListener("SIGTERM", () => controller.abort());
await runWorker(workerDoubles, {
  redis,
  engine: "cpu",
  project: projectFolder(),
  folder,
  workers: 1,
  lockSeconds: Number(lockSeconds),
  signal: controller.signal,
  print: (line) => Deno.stdout.writeSync(new TextEncoder().encode(`${line}\n`)),
  pool: { graceSeconds: 1 },
});
Deno.exit(0);
