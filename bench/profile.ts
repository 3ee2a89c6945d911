import { checkInteger, checkOneOf } from "../lib/core/check.ts";
import { type CommandContext, parseCommand } from "../lib/commands/command.ts";
import { additionNames, checkAddition } from "./additions.ts";
import { floorMilliseconds, type TimedShape } from "../lib/engine/product_shapes.ts";
import { checkConfiguration, configurations } from "./configurations.ts";
import { describeMachine } from "./machine.ts";
import { checkEngines, startOurs } from "./participants.ts";
import { kindWords, profileReport } from "./reports.ts";
import { type ProfileResult, writeJson } from "./results.ts";
import type { ProfileKind, ProfileRow } from "./step_profile.ts";

/** Words for `deno task bench profile --help`. */
export const profileUsage = `deno task bench profile [options]

Shows where our training step spends its time, by V8's sampling profiler, and how long its matrix
products take alone, shape by shape: the floor.

  --configurations A,B  which (default A)
  --engines wasm,native which of ours; relaxed too (default these)
  --task training       or evaluation
  --with EMA            any of ${additionNames.join(", ")} (default none)
  --steps 100           steps that are sampled
  --rows 15             functions that are listed, and shapes
  --json FILE           write { machine, profiles }, in this project's folder`;

/** `bench profile`: which functions a step's time goes to. */
export async function benchProfile({ args, print }: CommandContext): Promise<number> {
  const { values } = parseCommand(args, {
    options: {
      configurations: { type: "string", default: "A" },
      engines: { type: "string", default: "wasm,native" },
      task: { type: "string", default: "training" },
      with: { type: "string", default: "none" },
      steps: { type: "string", default: "100" },
      rows: { type: "string", default: "15" },
      json: { type: "string" },
    },
    positionals: [0, 0],
  });
  const steps = checkInteger("--steps", Number(values.steps), { from: 1 });
  const listed = checkInteger("--rows", Number(values.rows), { from: 1 });
  const task = checkOneOf("--task", values.task, ["training", "evaluation"] as const);
  const machine = describeMachine();
  const profiles: ProfileResult["profiles"][number][] = [];
  for (const configuration of values.configurations.split(",").map(checkConfiguration)) {
    for (const name of checkEngines(values.engines)) {
      const ours = await startOurs(name);
      try {
        const request = { configuration, addition: checkAddition(values.with), task };
        const some = { ...request, steps: Math.ceil(steps / 2) };
        await ours.ask(some);
        const { milliseconds } = await ours.ask<{ milliseconds: number }>(some);
        const { shapes } = await ours.ask<{ shapes: TimedShape[] }>({
          ...request,
          task: "shapes",
          of: task,
        });
        const speed = await ours.ask<{ gigaflopsPerSecond: number }>({ task: "product" });
        const { rows } = await ours.ask<{ rows: ProfileRow[] }>({
          ...request,
          task: "profile",
          of: task,
          steps,
        });
        profiles.push({
          configuration,
          task,
          engine: ours.first.engine.id,
          gigaflop: configurations[configuration].flop[task] / 1e9,
          ...speed,
          milliseconds,
          shapesFloorMilliseconds: floorMilliseconds(shapes),
          shapes: shapes.toSorted((a, b) => b.count * b.milliseconds - a.count * a.milliseconds)
            .slice(0, listed),
          kinds: Object.keys(kindWords).map((kind) => sumOfKind(kind as ProfileKind, rows)),
          rows: rows.slice(0, listed),
        });
      } finally {
        await ours.stop();
      }
    }
  }
  const result: ProfileResult = { machine, profiles };
  print(profileReport(result));
  if (values.json !== undefined) await writeJson(values.json, result);
  return 0;
}

function sumOfKind(kind: ProfileKind, rows: readonly ProfileRow[]): ProfileRow {
  const own = rows.filter((row) => row.kind === kind);
  const sum = (value: (row: ProfileRow) => number) =>
    own.reduce((total, row) => total + value(row), 0);
  return {
    name: "all",
    kind,
    milliseconds: sum(({ milliseconds }) => milliseconds),
    share: sum(({ share }) => share),
  };
}
