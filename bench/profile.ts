import { checkInteger, checkOneOf } from "../lib/core/check.ts";
import { type CommandContext, parseCommand } from "../lib/commands/command.ts";
import { checkConfiguration, configurations } from "./configurations.ts";
import { describeMachine, machineLine } from "./machine.ts";
import { startOurs } from "./participants.ts";
import type { ProfileKind, ProfileRow } from "./step_profile.ts";
import { markdownTable, threeDigits } from "./table.ts";

/** Words for `deno task bench profile --help`. */
export const profileUsage = `deno task bench profile [options]

Shows where our training step spends its time, by V8's sampling profiler.

  --configurations A,B  which (default A)
  --engines wasm,native which of ours (default both)
  --task training       or evaluation
  --penalty             with proximal L1 and decoupled decay
  --steps 100           steps that are sampled
  --rows 15             functions that are listed`;

const kinds: Readonly<Record<ProfileKind, string>> = {
  product: "matrix products",
  kernel: "other kernels",
  lib: "our TypeScript",
  tfjs: "tfjs",
  rest: "garbage collection and the rest",
};

/** `bench profile`: which functions a step's time goes to. */
export async function benchProfile({ args, print }: CommandContext): Promise<number> {
  const { values } = parseCommand(args, {
    options: {
      configurations: { type: "string", default: "A" },
      engines: { type: "string", default: "wasm,native" },
      task: { type: "string", default: "training" },
      penalty: { type: "boolean", default: false },
      steps: { type: "string", default: "100" },
      rows: { type: "string", default: "15" },
    },
    positionals: [0, 0],
  });
  const steps = checkInteger("--steps", Number(values.steps), { from: 1 });
  const listed = checkInteger("--rows", Number(values.rows), { from: 1 });
  const task = checkOneOf("--task", values.task, ["training", "evaluation"] as const);
  print(machineLine(describeMachine()));
  for (const configuration of values.configurations.split(",").map(checkConfiguration)) {
    for (const engine of values.engines.split(",")) {
      const ours = await startOurs(checkOneOf("--engines", engine, ["wasm", "native"]));
      try {
        const { gigaflopsPerSecond } = await ours.ask<{ gigaflopsPerSecond: number }>({
          task: "product",
        });
        const request = { configuration, penalty: values.penalty };
        await ours.ask({ ...request, task, steps: Math.ceil(steps / 2) });
        const { rows } = await ours.ask<{ rows: ProfileRow[] }>({
          ...request,
          task: "profile",
          of: task,
          steps,
        });
        const flop = configurations[configuration].flop[task];
        print(
          `\n${configuration} ${task}, ${ours.first.engine.id}: ${
            threeDigits(rows.reduce((sum, { milliseconds }) => sum + milliseconds, 0))
          } ms a step; floor ${threeDigits(flop / gigaflopsPerSecond / 1e6)} ms (${
            threeDigits(flop / 1e9)
          } GFLOP at ${gigaflopsPerSecond.toFixed(0)} GFLOP/s)\n`,
        );
        print(profileTable(rows, listed));
      } finally {
        await ours.stop();
      }
    }
  }
  return 0;
}

function profileTable(rows: readonly ProfileRow[], listed: number): string {
  const cells = (name: string, kind: string, rows: readonly ProfileRow[]) => {
    const sum = (value: (row: ProfileRow) => number) =>
      rows.reduce((total, row) => total + value(row), 0);
    return [
      name,
      kind,
      sum(({ milliseconds }) => milliseconds).toFixed(3),
      `${(100 * sum(({ share }) => share)).toFixed(1)} %`,
    ];
  };
  return markdownTable(["function", "kind", "ms", "share"], [
    ...Object.entries(kinds).map(([kind, words]) =>
      cells("all", words, rows.filter((row) => row.kind === kind))
    ),
    ...rows.slice(0, listed).map((row) => cells(row.name, kinds[row.kind], [row])),
  ], 2);
}
