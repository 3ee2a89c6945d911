/** `kill -9` at chosen points of a study's life, and what must be true behind each. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { type RandomStream, randomStream } from "../../core/random.ts";
import { checkEvidence, idsOf, journalLines, reportBefore } from "./fault_evidence.ts";
import { type Needs, saidFile } from "./fault_study.ts";
import {
  faultEnvironment,
  type FaultPlan,
  type Kill,
  type Phase,
  type Stop,
} from "./fault_points.ts";
import {
  end,
  exists,
  isAlive,
  outcomeOf,
  signal,
  startScript,
  trainingProcesses,
  until,
} from "./processes.ts";

const appends: readonly Phase[] = ["before append", "mid-append", "after sync"];

/** In which process the point of a phase is: appends are the coordinator's, checkpoints a child's. */
function stopsIn({ phase, victim }: Pick<Kill, "phase" | "victim">): Kill["victim"] {
  if (phase === "checkpoint rename") return "child";
  return phase === "hand-over" ? victim : "coordinator";
}

/** Whether the process that is killed is the one that stands in the phase. */
export const isDirect = (kill: Pick<Kill, "phase" | "victim">): boolean =>
  stopsIn(kill) === kill.victim;

/** Every place × victim × phase that there is; only children and workers hand results over. */
export const kinds: readonly Pick<Kill, "place" | "victim" | "phase">[] = [
  ...of("local", "coordinator", [...appends, "checkpoint rename", "report"]),
  ...of("local", "child", [...appends, "checkpoint rename", "hand-over"]),
  ...of("redis", "coordinator", [...appends, "checkpoint rename", "report"]),
  ...of("redis", "child", [...appends, "checkpoint rename", "hand-over"]),
  ...of("redis", "worker", [...appends, "checkpoint rename", "hand-over"]),
];

function of(place: Kill["place"], victim: Kill["victim"], phases: readonly Phase[]) {
  return phases.map((phase) => ({ place, victim, phase }));
}

/** How often each kind of a direct kill, and of an indirect one, is done by the whole suite. */
export const wholeSuite = { rounds: 4, indirectRounds: 1 } as const;

/**
 * Kills at seeded moments of the study: `rounds` of each kind whose victim stands in the phase, and
 * `indirectRounds` of each where another process stands there.
 */
export function planKills(
  { rounds, indirectRounds }: { readonly rounds: number; readonly indirectRounds: number },
  seed: number,
): Kill[] {
  const stream = randomStream(seed, "kill -9");
  return Array.from(
    { length: Math.max(rounds, indirectRounds) },
    (_, round) =>
      kinds.filter((kind) => round < (isDirect(kind) ? rounds : indirectRounds))
        .map((kind) => ({ ...kind, ...moment(kind, stream) })),
  ).flat();
}

function moment({ phase, victim }: Pick<Kill, "phase" | "victim">, stream: RandomStream) {
  const share = stream.uniform();
  return { share, passes: stream.integer(mostPasses(phase, victim) + 1) };
}

function mostPasses(phase: Phase, victim: Kill["victim"]): number {
  if (phase === "report") return reportBefore.length - 1;
  // A study of 8 runs: a child of two does at least two of them, with 4 checkpoints each.
  if (phase === "checkpoint rename") return 5;
  return phase === "hand-over" && victim === "child" ? 1 : 6;
}

/** Where the studies of a suite are, and what they must come to. */
export interface KillBench {
  readonly project: string;
  /** Digest of the undisturbed study. */
  readonly digest: string;
  /** Address of a Redis server, for kills with a queue. */
  readonly redis: string | null;
  /** What the runs of the study need; nothing when left out. */
  readonly needs?: Needs;
}

/** Starts a coordinator of the study that is disturbed. */
export function startCoordinator(
  project: string,
  options: object,
  environment: Record<string, string> = {},
  report = false,
): Deno.ChildProcess {
  const args = [JSON.stringify(options), ...(report ? ["report"] : [])];
  return startScript(project, "fault_coordinator.ts", args, environment);
}

/** Starts a worker for it, with locks of two seconds, that keeps checkpoints in a folder. */
export function startFaultWorker(
  project: string,
  redis: string,
  folder: string,
  environment: Record<string, string> = {},
): Deno.ChildProcess {
  return startScript(project, "fault_worker.ts", [redis, "2", folder], environment);
}

/** The end of a coordinator: its digest, or what it said. */
export async function digestOf(coordinator: Deno.ChildProcess): Promise<string> {
  const { success, out, errors } = await outcomeOf(coordinator);
  return success ? out : `no digest: ${errors}`;
}

/** What a coordinator has warned of so far, a line each. */
export function saidBy({ project }: KillBench, name: string): string {
  const path = join(project, saidFile(name));
  return exists(path) ? Deno.readTextFileSync(path) : "";
}

/** Where a study's workers keep files, for each its own: what another left is no evidence for this one. */
export function workFolder({ project }: KillBench, name: string): string {
  return join(project, "worker-files", name);
}

/** Does one kill in a study of its own and checks all that must hold behind it. */
export async function doKill(kill: Kill, name: string, bench: KillBench): Promise<void> {
  const { project, redis, needs } = bench;
  const { place, victim, phase, passes, share } = kill;
  const study = `${project}/results/${name}`;
  const work = workFolder(bench, name);
  const queue = place === "redis" ? redis! : undefined;
  const marker = `${stopsIn(kill) === "child" && queue ? work : study}/.fault`;
  for (const folder of [study, work]) await Deno.mkdir(folder, { recursive: true });
  const report = phase === "report";
  const old = report ? reportBefore[passes] : null;
  if (old !== null) await Deno.writeTextFile(`${study}/report.html`, old);
  const plan: FaultPlan = { process: stopsIn(kill), phase, passes, share, marker };
  const options = { name, ...(queue === undefined ? {} : { queue }), ...(needs && { needs }) };
  const environment = faultEnvironment(plan);
  const workers: Deno.ChildProcess[] = [];
  const coordinate = (environment?: Record<string, string>) =>
    startCoordinator(project, options, environment, report);
  let coordinator = coordinate(environment);
  try {
    if (queue !== undefined) workers.push(startFaultWorker(project, queue, work, environment));
    await until(`a process stops (${describe(kill)})`, () => exists(`${marker}.at`));
    const stop: Stop = JSON.parse(await Deno.readTextFile(`${marker}.at`));
    const before = journalLines(study);
    const checkAfter = await checkEvidence(kill, { study, name, queue, stop });
    const killed = await victimOf(kill, coordinator, workers[0], stop.pid);
    assert.equal(killed === stop.pid, isDirect(kill), "who is killed is the one that stopped");
    await signal(killed, "KILL");
    await until("it is gone", async () => !await isAlive(killed));
    await Deno.writeTextFile(`${marker}.go`, "");
    if (victim === "worker") workers.push(startFaultWorker(project, queue!, work));
    if (victim === "coordinator") {
      await coordinator.output();
      coordinator = coordinate();
    }
    assert.equal(await digestOf(coordinator), bench.digest);
    const after = journalLines(study);
    assert.equal(after.torn, "");
    // What counted is there unchanged, and no run counted twice.
    assert.deepEqual(after.lines.slice(0, before.lines.length), before.lines);
    const ids = idsOf(after);
    assert.equal(new Set(ids).size, ids.length);
    checkAfter();
    if (report) await checkRebuilt(project, study);
  } finally {
    for (const process of [coordinator, ...workers]) await end(process).catch(() => {});
  }
}

/** The process to be killed; a child that did not stop only where it is another that is to stop. */
async function victimOf(
  kill: Kill,
  coordinator: Deno.ChildProcess,
  worker: Deno.ChildProcess | undefined,
  stopped: number,
): Promise<number> {
  if (kill.victim === "coordinator") return coordinator.pid;
  if (kill.victim === "worker") return worker!.pid;
  const children = await trainingProcesses((worker ?? coordinator).pid);
  const child = isDirect(kill) ? children.find((pid) => pid === stopped) : children[0];
  assert.ok(child !== undefined, `training process ${stopped} among ${children}`);
  return child;
}

/** The report that a study has after its kill is the one that its records give undisturbed. */
async function checkRebuilt(project: string, study: string): Promise<void> {
  const read = () => Deno.readTextFile(`${study}/report.html`);
  const rebuilt = await read();
  await Deno.remove(`${study}/report.html`);
  const { success, errors } = await outcomeOf(startScript(project, "fault_report.ts", [study]));
  assert.ok(success, errors);
  assert.equal(rebuilt, await read());
}

/** A kill in words. */
export function describe({ place, victim, phase, passes, share }: Kill): string {
  const who = `${isDirect({ victim, phase }) ? "direct" : "indirect"}, ${place}, ${victim}`;
  return `${who}, ${phase}, point ${passes + 1}, share ${share.toFixed(2)}`;
}
