import { join } from "node:path";
import { checkInteger } from "../lib/core/check.ts";
import { denoProgram } from "../lib/core/runtime/deno_program.ts";
import { projectFolder } from "../lib/core/project.ts";
import { type CommandContext, parseCommand } from "../lib/commands/command.ts";
import { describeMachine } from "./machine.ts";
import { benchFile, checkEngines, fairCommand, linesOf } from "./participants.ts";
import { findPeer } from "./peer_environment.ts";
import { sweepReport } from "./reports.ts";
import { type SweepResult, type SweepRow, writeJson } from "./results.ts";
import { quantile } from "./statistics.ts";
import { peerSettings, workers } from "./sweep_settings.ts";

/** Words for `deno task bench sweep --help`. */
export const sweepUsage = `deno task bench sweep [options]

Times a 5 × 5 grid on 2 folds of configuration A in two processes, ours and PyTorch's in turns.

  --engines wasm,native which of ours; relaxed too (default these)
  --steps 300           optimizer steps of a run
  --rounds 3            sweeps of each side
  --json FILE           write { machine, rows }, in this project's folder
  --python PATH         a Python with torch; by default one made in the cache folder`;

/** One sweep of one side. */
type SweepTiming = Omit<SweepRow, "runsPerMinute">;

/** `bench sweep`: whole studies, from the command to the last record. */
export async function benchSweep({ args, print }: CommandContext): Promise<number> {
  const { values } = parseCommand(args, {
    options: {
      engines: { type: "string", default: "wasm,native" },
      steps: { type: "string", default: "300" },
      rounds: { type: "string", default: "3" },
      json: { type: "string" },
      python: { type: "string" },
    },
    positionals: [0, 0],
  });
  const engines = checkEngines(values.engines);
  const steps = checkInteger("--steps", Number(values.steps), { from: 2 });
  const rounds = checkInteger("--rounds", Number(values.rounds), { from: 1 });
  const machine = describeMachine();
  const python = await findPeer(values.python, print);
  const temporary = join(projectFolder(), ".temporary");
  await Deno.mkdir(temporary, { recursive: true });
  const settings = join(temporary, `bench-sweep-${Deno.pid}.json`);
  const sides: { name: string; run(): Promise<SweepTiming>; timings: SweepTiming[] }[] = [
    ...engines.map((engine) => ({ name: engine, run: () => ourSweep(engine, steps), timings: [] })),
    { name: "peer", run: () => timeSweep(peerCommand(python, settings)), timings: [] },
  ];
  try {
    await Deno.writeTextFile(settings, JSON.stringify(await peerSettings(steps)));
    for (let round = 0; round < rounds; round++) {
      for (const side of sides) side.timings.push(await side.run());
    }
  } finally {
    await Deno.remove(settings).catch(() => {});
  }
  const rows = sides.map(({ timings }) => summarize(timings));
  const result: SweepResult = { machine, steps, workers, rounds, rows };
  print(`\n${sweepReport(result)}`);
  if (values.json !== undefined) await writeJson(values.json, result);
  return 0;
}

function summarize(timings: readonly SweepTiming[]): SweepRow {
  const median = (value: (timing: SweepTiming) => number) => quantile(timings.map(value), 0.5);
  const { runs, engine, bestLoss } = timings[0];
  const seconds = median((timing) => timing.seconds);
  return {
    engine,
    runs,
    runsPerMinute: 60 * runs / seconds,
    secondsToTraining: median((timing) => timing.secondsToTraining),
    secondsToFirstRun: median((timing) => timing.secondsToFirstRun),
    seconds,
    bestLoss,
  };
}

function peerCommand(python: string, settings: string): Deno.Command {
  return fairCommand(python, [benchFile("peer_sweep.py"), settings]);
}

async function ourSweep(engine: string, steps: number): Promise<SweepTiming> {
  const name = `bench-sweep-${Deno.pid}`;
  const permissions = [
    "--no-prompt",
    "--allow-read",
    "--allow-write=results",
    "--allow-env",
    "--allow-sys",
    "--allow-run=deno",
    "--allow-ffi",
  ];
  const args = ["run", "--quiet", "--no-check", ...permissions, benchFile("sweep_study.ts")];
  try {
    return await timeSweep(
      fairCommand(denoProgram("start a sweep"), [...args, name, engine, String(steps)]),
    );
  } finally {
    await Deno.remove(join(projectFolder(), "results", name), { recursive: true }).catch(() => {});
  }
}

/** Runs a command that prints events, and takes the times at which they come. */
async function timeSweep(command: Deno.Command): Promise<SweepTiming> {
  const started = performance.now();
  const process = command.spawn();
  const seconds = () => (performance.now() - started) / 1000;
  const times = { training: NaN, first: NaN, last: NaN };
  let runs = 0;
  let end: { engine: string; bestLoss: number } | null = null;
  const lines = linesOf(process);
  for (let line = await lines.next(); !line.done; line = await lines.next()) {
    const event = JSON.parse(line.value);
    if (event.event === "training") times.training = seconds();
    if (event.event === "run") {
      times.last = seconds();
      if (runs++ === 0) times.first = times.last;
    }
    if (event.event === "end") end = event;
  }
  await process.stdin.close();
  const { code } = await process.status;
  if (code !== 0 || end === null) throw new Error(`A sweep ended with exit code ${code}.`);
  return {
    secondsToTraining: times.training,
    secondsToFirstRun: times.first,
    seconds: times.last,
    runs,
    engine: end.engine,
    bestLoss: end.bestLoss,
  };
}
