import { join } from "node:path";
import { checkInteger } from "../lib/core/check.ts";
import { type CommandContext, CommandError, parseCommand } from "../lib/commands/command.ts";
import { withProject } from "../lib/studies/_testing/parts.ts";
import { outcomeOf, startScript } from "../lib/studies/_testing/processes.ts";
import { redisInstalled, startRedisServer } from "../lib/studies/_testing/redis_server.ts";
import type { ScaleMeasurement, ScaleRequest } from "../lib/studies/_testing/scale_process.ts";
import { describeMachine } from "./machine.ts";
import { scaleReport } from "./reports.ts";
import { type ScaleResult, writeJson } from "./results.ts";

/** Words for `deno task bench scale --help`. */
export const scaleUsage = `deno task bench scale [options]

Runs studies whose trainings train nothing, through the real pool, journal and queue: what a study
itself costs for each run, and whether that grows.

  --runs 5000,10000,20000   sizes of the studies, multiples of 10
  --queue-workers 8         worker processes on a Redis server of its own, for the largest size; 0: none
  --json FILE               write { machine, rows }, in this project's folder`;

/** `bench scale`: exit code 1 when the cost of a run grows with their number. */
export async function benchScale({ args, print }: CommandContext): Promise<number> {
  const { values } = parseCommand(args, {
    options: {
      runs: { type: "string", default: "5000,10000,20000" },
      "queue-workers": { type: "string", default: "8" },
      json: { type: "string" },
    },
    positionals: [0, 0],
  });
  const sizes = values.runs.split(",").map((size) => {
    const runs = checkInteger("--runs", Number(size), { from: 10 });
    if (runs % 10 !== 0) {
      throw new CommandError(`--runs must be multiples of 10, found ${size}.`, 2);
    }
    return runs;
  });
  const queueWorkers = checkInteger("--queue-workers", Number(values["queue-workers"]), {
    from: 0,
    to: 64,
  });
  if (queueWorkers > 0 && !redisInstalled) {
    throw new CommandError("redis-server is not installed; --queue-workers 0 does without.", 2);
  }
  const machine = describeMachine();
  const rows: ScaleResult["rows"][number][] = [];
  const local = { where: "local", workers: navigator.hardwareConcurrency };
  await withProject(async (folder) => {
    for (const runs of sizes) {
      const request = { name: `local-${runs}`, runs, workers: local.workers, queue: null };
      rows.push({ ...local, ...await measure(folder, request) });
      print(`${runs} runs, local: done`);
    }
  });
  if (queueWorkers > 0) {
    await withProject(async (folder) => {
      await using server = await startRedisServer();
      const workers = Array.from(
        { length: queueWorkers },
        () =>
          startScript(folder, "worker.ts", [server.url, "30", join(folder, "work")], {}, "null"),
      );
      try {
        const request = { name: "queue", runs: Math.max(...sizes), workers: 1, queue: server.url };
        rows.push({ where: "Redis", workers: queueWorkers, ...await measure(folder, request) });
      } finally {
        for (const worker of workers) {
          worker.kill("SIGKILL");
          await worker.status;
        }
      }
    });
  }
  const result: ScaleResult = { machine, rows };
  print(scaleReport(result));
  if (values.json !== undefined) await writeJson(values.json, result);
  return growthOf(rows) <= mostGrowth ? 0 : 1;
}

/** How much more a run may cost in the largest local study than in the smallest, noise included. */
export const mostGrowth = 1.5;

/** Cost of a run in the largest local study through that in the smallest. */
export function growthOf(rows: ScaleResult["rows"]): number {
  const local = rows.filter(({ where }) => where === "local").sort((a, b) => a.runs - b.runs);
  return local.at(-1)!.coordinatorMilliseconds / local[0].coordinatorMilliseconds;
}

async function measure(folder: string, request: ScaleRequest): Promise<ScaleMeasurement> {
  const process = startScript(folder, "scale_process.ts", [JSON.stringify(request)]);
  const { success, out, errors } = await outcomeOf(process);
  if (!success) throw new Error(`A study of ${request.runs} runs failed: ${errors}`);
  return JSON.parse(out);
}
