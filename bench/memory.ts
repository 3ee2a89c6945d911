import { checkInteger } from "../lib/core/check.ts";
import { type CommandContext, parseCommand } from "../lib/commands/command.ts";
import { checkConfiguration, type ConfigurationName } from "./configurations.ts";
import { growthOf, type MemorySample } from "./growth.ts";
import { describeMachine } from "./machine.ts";
import { checkEngines, startOurs } from "./participants.ts";
import { memoryReport } from "./reports.ts";
import { type MemoryResult, writeJson } from "./results.ts";

/** Words for `deno task bench memory --help`. */
export const memoryUsage = `deno task bench memory [options]

Trains many steps and looks whether tensors, the engine's memory or the process's grow.

  --configuration A     which
  --engines wasm,native which of ours; relaxed too (default these)
  --steps 10000         optimizer steps
  --json FILE           write { machine, rows }, in this project's folder`;

/** `bench memory`: exit code 1 when something grows. */
export async function benchMemory({ args, print }: CommandContext): Promise<number> {
  const { values } = parseCommand(args, {
    options: {
      configuration: { type: "string", default: "A" },
      engines: { type: "string", default: "wasm,native" },
      steps: { type: "string", default: "10000" },
      json: { type: "string" },
    },
    positionals: [0, 0],
  });
  const configuration = checkConfiguration(values.configuration);
  const engines = checkEngines(values.engines);
  const steps = checkInteger("--steps", Number(values.steps), { from: 20 });
  const machine = describeMachine();
  const rows: MemoryResult["rows"][number][] = [];
  for (const engine of engines) {
    const samples = await sampleMemory(engine, configuration, steps);
    rows.push({ configuration, engine, ...growthOf(samples), samples });
  }
  const result: MemoryResult = { machine, rows };
  print(memoryReport(result));
  if (values.json !== undefined) await writeJson(values.json, result);
  return rows.every(({ flat }) => flat) ? 0 : 1;
}

/** Twenty samples, evenly over the steps, each after a full collection: what is left is in use. */
async function sampleMemory(
  engine: string,
  configuration: ConfigurationName,
  steps: number,
): Promise<MemorySample[]> {
  const ours = await startOurs(engine, ["--expose-gc"]);
  try {
    const samples: MemorySample[] = [];
    const part = Math.ceil(steps / 20);
    for (let step = 0; step < steps; step += part) {
      const count = Math.min(part, steps - step);
      await ours.ask({ task: "training", configuration, addition: "penalties", steps: count });
      const memory = await ours.ask<Omit<MemorySample, "step">>({ task: "memory" });
      samples.push({ step: step + count, ...memory });
    }
    return samples;
  } finally {
    await ours.stop();
  }
}
