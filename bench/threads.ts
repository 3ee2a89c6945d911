import { checkInteger, checkOneOf } from "../lib/core/check.ts";
import { wait } from "../lib/core/wait.ts";
import { type CommandContext, parseCommand } from "../lib/commands/command.ts";
import { checkConfiguration, type ConfigurationName, configurations } from "./configurations.ts";
import { describeMachine } from "./machine.ts";
import { checkEngines, type OurFirst, type Participant } from "./participants.ts";
import { startOurs, startPeer } from "./participants.ts";
import { findPeer } from "./peer_environment.ts";
import { threadsReport } from "./threads_report.ts";
import { type ThreadsResult, type ThreadsRow, writeJson } from "./results.ts";
import { alternate, ratioSpread, spread } from "./statistics.ts";
import { warmUp } from "./warm_up.ts";

/** Words for `deno task bench threads --help`. */
export const threadsUsage = `deno task bench threads [options]

Steps of one training on several threads, of as many trainings in processes of their own at once, and of
PyTorch with as many threads, in turns.
  --configurations B,G  which (default B,G)
  --engines wasm,native which of ours (default wasm,native)
  --threads 2           how many (default 2)
  --processes 2         processes of one thread each at once, as the yardstick: as many as threads by
                        default, or 1 for none, where the memory does not hold them
  --alternations 12     turns of each (default 12)
  --milliseconds 500    least time of a turn (default 500)
  --rest 0              milliseconds between two: Linux holds a process with real-time priority (chrt) up
                        for 50 ms of each second of which it takes more than 950
  --json FILE           also write the results there
  --python PATH         a Python with PyTorch (default: one made by the bench)`;

interface Settings {
  readonly engines: readonly string[];
  readonly threads: number;
  readonly processes: number;
  readonly alternations: number;
  readonly milliseconds: number;
  readonly rest: number;
  readonly python: string;
}

/** `bench threads`: what several cores give one training. */
export async function benchThreads({ args, print }: CommandContext): Promise<number> {
  const { values } = parseCommand(args, {
    options: {
      configurations: { type: "string", default: "B,G" },
      engines: { type: "string", default: "wasm,native" },
      threads: { type: "string", default: "2" },
      processes: { type: "string" },
      alternations: { type: "string", default: "12" },
      milliseconds: { type: "string", default: "500" },
      rest: { type: "string", default: "0" },
      json: { type: "string" },
      python: { type: "string" },
    },
    positionals: [0, 0],
  });
  const names = values.configurations.split(",").map(checkConfiguration);
  const machine = describeMachine();
  const number = (name: "threads" | "alternations" | "milliseconds" | "rest", from: number) =>
    checkInteger(`--${name}`, Number(values[name]), { from });
  const threads = number("threads", 2);
  const processes = checkOneOf("--processes", Number(values.processes ?? threads), [1, threads]);
  const settings: Settings = {
    engines: checkEngines(values.engines),
    ...{ threads, processes },
    alternations: number("alternations", 1),
    milliseconds: number("milliseconds", 1),
    rest: number("rest", 0),
    python: await findPeer(values.python, print),
  };
  const rows: ThreadsRow[] = [];
  const torch = new Set<string>();
  for (const name of names) {
    print(`${name}: ${configurations[name].words}`);
    for (const engine of settings.engines) {
      const measured = await measure(name, engine, settings);
      torch.add(measured.torch);
      rows.push(measured.row);
    }
  }
  const result: ThreadsResult = { machine, torch: [...torch][0], threads: settings.threads, rows };
  print(`\n${threadsReport(result)}`);
  if (values.json !== undefined) await writeJson(values.json, result);
  return 0;
}

async function measure(
  configuration: ConfigurationName,
  engine: string,
  settings: Settings,
): Promise<{ row: ThreadsRow; torch: string }> {
  const { threads, alternations, rest } = settings;
  const hasYardstick = settings.processes > 1;
  const started: Participant<unknown>[] = [];
  const start = async <First>(starting: Promise<Participant<First>>) => {
    const participant = await starting;
    started.push(participant);
    return participant;
  };
  try {
    const request = { task: "training", configuration, addition: "none" };
    const alone: Participant<OurFirst>[] = [];
    while (alone.length < settings.processes) alone.push(await start(startOurs(engine)));
    const together = await start(startOurs(engine, [], threads));
    const peer = await start(startPeer(settings.python, threads));
    const processes: (() => Promise<number>)[] = [];
    for (const participant of alone) processes.push(await warmUp(participant, request, settings));
    const ofThreads = await warmUp(together, request, settings);
    const ofPeer = await warmUp(peer, { ...request, mode: "eager" }, settings);
    /** Milliseconds in which all processes together do one step. */
    const atOnce = async () => {
      const times = await Promise.all(processes.map((step) => step()));
      return 1 / times.reduce((sum, time) => sum + 1 / time, 0);
    };
    const rested = (step: () => Promise<number>) => async () => {
      await wait(rest);
      return await step();
    };
    const [one, several, torch, all = null] = await alternate(
      [processes[0], ofThreads, ofPeer, ...hasYardstick ? [atOnce] : []].map(rested),
      alternations,
    );
    const byThreads = one.map((time, turn) => time / several[turn]);
    const byProcesses = all?.map((time, turn) => one[turn] / time) ?? null;
    const peak = async (participant: Participant<unknown>) =>
      (await participant.ask<{ peakMebibytes: number }>({ task: "memory" })).peakMebibytes;
    const row: ThreadsRow = {
      configuration,
      engine: together.first.engine.id,
      alternations,
      milliseconds: spread(one),
      threadsMilliseconds: spread(several),
      processesMilliseconds: all && spread(all),
      gain: spread(byThreads),
      processesGain: byProcesses && spread(byProcesses),
      share: byProcesses && ratioSpread(byThreads, byProcesses),
      peerMilliseconds: spread(torch),
      ratio: ratioSpread(several, torch),
      peakMebibytes: await peak(alone[0]),
      threadsPeakMebibytes: await peak(together),
    };
    return { row, torch: peer.first.torch };
  } finally {
    for (const participant of started) await participant.stop();
  }
}
