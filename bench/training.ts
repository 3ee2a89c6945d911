import { checkInteger } from "../lib/core/check.ts";
import { type CommandContext, parseCommand } from "../lib/commands/command.ts";
import { floorMilliseconds, type TimedShape } from "../lib/engine/product_shapes.ts";
import { type Addition, additionNames, additions, checkAddition } from "./additions.ts";
import {
  checkConfiguration,
  type ConfigurationName,
  configurationNames,
  configurations,
  singleThreadNames,
} from "./configurations.ts";
import { describeMachine } from "./machine.ts";
import {
  checkEngines,
  type OurFirst,
  type Participant,
  startOurs,
  startPeer,
} from "./participants.ts";
import { findPeer } from "./peer_environment.ts";
import { trainingReport } from "./reports.ts";
import { type PeakMemory, type Sides, type TrainingResult, writeJson } from "./results.ts";
import { type BenchRow, makeRows } from "./rows.ts";
import { alternate } from "./statistics.ts";
import { warmUp } from "./warm_up.ts";

/** Words for `deno task bench training --help`. */
export const trainingUsage = `deno task bench training [options]

Times one training step, and one evaluation, of ours and of PyTorch, taking turns.

  --configurations A,B  which of ${configurationNames.join()} (default ${singleThreadNames.join()})
  --engines wasm,native which of ours; relaxed too (default these)
  --with EMA,Muon       beside the step without: any of ${additionNames.join(", ")} (default all)
  --alternations 20     turns
  --milliseconds 100    least time of a turn
  --json FILE           write { machine, rows, … }, in this project's folder
  --python PATH         a Python with torch; by default one made in the cache folder`;

interface Settings {
  readonly engines: readonly string[];
  /** The step without any is first. */
  readonly additions: readonly Addition[];
  readonly alternations: number;
  readonly milliseconds: number;
  readonly python: string;
  readonly print: (line: string) => void;
}

/** `bench training`: our step and PyTorch's, in turns. */
export async function benchTraining({ args, print }: CommandContext): Promise<number> {
  const { values } = parseCommand(args, {
    options: {
      configurations: { type: "string", default: singleThreadNames.join() },
      engines: { type: "string", default: "wasm,native" },
      with: { type: "string", default: additionNames.join() },
      alternations: { type: "string", default: "20" },
      milliseconds: { type: "string", default: "100" },
      json: { type: "string" },
      python: { type: "string" },
    },
    positionals: [0, 0],
  });
  const names = values.configurations.split(",").map(checkConfiguration);
  const machine = describeMachine();
  const settings: Settings = {
    engines: checkEngines(values.engines),
    additions: [...new Set<Addition>(["none", ...values.with.split(",").map(checkAddition)])],
    alternations: checkInteger("--alternations", Number(values.alternations), { from: 1 }),
    milliseconds: checkInteger("--milliseconds", Number(values.milliseconds), { from: 1 }),
    python: await findPeer(values.python, print),
    print,
  };
  const rows: BenchRow[] = [];
  const memory: PeakMemory[] = [];
  const notes: string[] = [];
  let sides: Sides | null = null;
  for (const name of names) {
    print(`${name}: ${configurations[name].words}`);
    memory.push(...await measureMemory(name, settings));
    const measured = await measureConfiguration(name, settings);
    sides ??= measured.sides;
    rows.push(...measured.rows);
    notes.push(...measured.notes);
  }
  const result: TrainingResult = { machine, ...sides!, rows, memory, notes };
  print(`\n${trainingReport(result)}`);
  if (values.json !== undefined) await writeJson(values.json, result);
  return 0;
}

/** One process a side that does nothing else: with penalty, some steps and an evaluation. */
async function measureMemory(
  configuration: ConfigurationName,
  { engines, python }: Settings,
): Promise<PeakMemory[]> {
  const hasPenalties = additions.penalties.configurations.includes(configuration);
  const addition: Addition = hasPenalties ? "penalties" : "none";
  const peakOf = async (start: () => Promise<Participant<unknown>>) => {
    const participant = await start();
    try {
      const request = { configuration, addition, mode: "eager" };
      await participant.ask({ ...request, task: "training", steps: 4 });
      await participant.ask({ ...request, task: "evaluation", steps: 2 });
      const answer = await participant.ask<{ peakMebibytes: number }>({ task: "memory" });
      return answer.peakMebibytes;
    } finally {
      await participant.stop();
    }
  };
  const peerPeakMebibytes = await peakOf(() => startPeer(python));
  const rows: PeakMemory[] = [];
  for (const engine of engines) {
    const peakMebibytes = await peakOf(() => startOurs(engine));
    rows.push({ configuration, engine, peakMebibytes, peerPeakMebibytes });
  }
  return rows;
}

/** A process, and what it is asked in each turn. */
interface Candidate {
  readonly name: string;
  readonly addition: Addition;
  readonly ours: boolean;
  /** Of ours: the least that the products of a step take, ms. */
  readonly shapesFloor?: number;
  measure(): Promise<number>;
}

async function measureConfiguration(configuration: ConfigurationName, settings: Settings) {
  const { engines, python, alternations } = settings;
  const started: Participant<unknown>[] = [];
  const start = async <First>(starting: Promise<Participant<First>>) => {
    const participant = await starting;
    started.push(participant);
    return participant;
  };
  try {
    const ours: Participant<OurFirst>[] = [];
    for (const engine of engines) ours.push(await start(startOurs(engine)));
    const peer = await start(startPeer(python));
    const peaks: number[] = [];
    for (const participant of [...ours, peer]) peaks.push(await productSpeed(participant));
    const notes: string[] = [];
    const rows: BenchRow[] = [];
    for (const task of ["training", "evaluation"] as const) {
      const candidates: Candidate[] = [];
      const wanted = additionsOf(task, configuration, settings);
      for (const addition of wanted) {
        const request = { task, configuration, addition };
        for (const participant of ours) {
          const { id } = participant.first.engine;
          const measure = await warmUp(participant, request, settings);
          const shapesFloor = await floorOfShapes(participant, request);
          candidates.push({ name: id, addition, ours: true, shapesFloor, measure });
        }
        const { peerModes = additions[addition].peerModes } = configurations[configuration];
        for (const mode of peerModes) {
          try {
            const measure = await warmUp(peer, { ...request, mode }, settings);
            candidates.push({ name: mode, addition, ours: false, measure });
          } catch (error) {
            const what = `${configuration} ${task}, ${addition}`;
            notes.push(`${what}: no ${mode} (${(error as Error).message})`);
          }
        }
      }
      const measured = await alternate(candidates.map(({ measure }) => measure), alternations);
      const results = candidates.map((candidate, index) => ({
        ...candidate,
        milliseconds: measured[index],
      }));
      const sideOf = (addition: Addition, ours: boolean) =>
        results.filter((each) => each.addition === addition && each.ours === ours);
      for (const addition of wanted) {
        const what = { configuration, task, addition };
        const [own, others] = [sideOf(addition, true), sideOf(addition, false)];
        rows.push(...makeRows(what, own, others, `PyTorch ${peer.first.torch}`, peaks));
      }
    }
    const sides: Sides = {
      engines: ours.map(({ first }, index) => ({
        ...first.engine,
        gigaflopsPerSecond: peaks[index],
      })),
      peer: { ...peer.first, gigaflopsPerSecond: peaks[ours.length] },
    };
    return { rows, notes, sides };
  } finally {
    for (const participant of started) await participant.stop();
  }
}

/** What is measured with a configuration: evaluations are the same whatever trained. */
function additionsOf(
  task: "training" | "evaluation",
  configuration: ConfigurationName,
  { additions: wanted }: Settings,
): readonly Addition[] {
  if (task === "evaluation") return ["none"];
  return wanted.filter((addition) => additions[addition].configurations.includes(configuration));
}

/** The least that the matrix products of a step take, each at the speed of its own shape, ms. */
async function floorOfShapes(
  participant: Participant<unknown>,
  { task, ...request }: { task: string; configuration: ConfigurationName; addition: Addition },
): Promise<number> {
  const question = { ...request, task: "shapes", of: task };
  return floorMilliseconds((await participant.ask<{ shapes: TimedShape[] }>(question)).shapes);
}

async function productSpeed(participant: Participant<unknown>): Promise<number> {
  const answer = await participant.ask<{ gigaflopsPerSecond: number }>({ task: "product" });
  return answer.gigaflopsPerSecond;
}
