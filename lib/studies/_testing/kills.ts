/** `kill -9` at chosen points of a study's life, and what must be true behind each. */
import assert from "node:assert/strict";
import { type RandomStream, randomStream } from "../../core/random.ts";
import { faultEnvironment, type FaultPlan, type Phase, phases } from "./fault_points.ts";
import {
  end,
  exists,
  outcomeOf,
  signal,
  startScript,
  trainingProcesses,
  until,
} from "./processes.ts";

/** A kill to be done. */
export interface Kill {
  readonly place: "local" | "redis";
  readonly victim: "coordinator" | "child" | "worker";
  readonly phase: Phase;
  /** Which of the points of this phase, and how far in it. */
  readonly passes: number;
  readonly share: number;
}

/** Every place × victim × phase as often as asked for, at seeded moments of the study. */
export function planKills(rounds: number, seed: number): Kill[] {
  const stream = randomStream(seed, "kill -9");
  const kinds = (["local", "redis"] as const).flatMap((place) =>
    (place === "local"
      ? ["coordinator", "child"] as const
      : ["coordinator", "child", "worker"] as const)
      .flatMap((victim) => phases.map((phase) => ({ place, victim, phase })))
  );
  return Array.from(
    { length: rounds },
    () => kinds.map((kind) => ({ ...kind, ...moment(kind, stream) })),
  )
    .flat();
}

function moment({ phase, victim }: Pick<Kill, "phase" | "victim">, stream: RandomStream) {
  const share = stream.uniform();
  // A study of 8 runs: a child of two does at least two of them, with 4 checkpoints each.
  const most = phase === "checkpoint rename"
    ? 5
    : phase === "report" && victim !== "coordinator"
    ? 1
    : 6;
  return { share, passes: stream.integer(most + 1) };
}

/** Where the studies of a suite are, and what they must come to. */
export interface KillBench {
  readonly project: string;
  /** Digest of the undisturbed study. */
  readonly digest: string;
  /** Address of a Redis server, for kills with a queue. */
  readonly redis: string | null;
}

/** Starts a coordinator of the study that is disturbed. */
export function startCoordinator(
  project: string,
  options: object,
  environment: Record<string, string> = {},
): Deno.ChildProcess {
  return startScript(project, "fault_coordinator.ts", [JSON.stringify(options)], environment);
}

/** Starts a worker for it, with locks of two seconds. */
export function startFaultWorker(
  project: string,
  redis: string,
  environment: Record<string, string> = {},
): Deno.ChildProcess {
  return startScript(project, "fault_worker.ts", [redis, "2", workFolder(project)], environment);
}

/** Folder in which workers keep checkpoints. */
export const workFolder = (project: string) => `${project}/work`;

/** The end of a coordinator: its digest, or what it said. */
export async function digestOf(coordinator: Deno.ChildProcess): Promise<string> {
  const { success, out, errors } = await outcomeOf(coordinator);
  return success ? out : `no digest: ${errors}`;
}

/** Does one kill in a study of its own and checks all that must hold behind it. */
export async function doKill(kill: Kill, name: string, bench: KillBench): Promise<void> {
  const { project, redis } = bench;
  const { place, victim, phase } = kill;
  const study = `${project}/results/${name}`;
  const queue = place === "redis" ? redis! : undefined;
  const marker = `${
    stopsIn(kill) === "child" && queue ? workFolder(project) : study
  }/.fault-${name}`;
  await Deno.mkdir(study, { recursive: true });
  await Deno.mkdir(workFolder(project), { recursive: true });
  const plan: FaultPlan = {
    process: stopsIn(kill),
    phase,
    passes: kill.passes,
    share: kill.share,
    marker,
  };
  const options = { name, ...(queue === undefined ? {} : { queue }) };
  const environment = faultEnvironment(plan);
  const workers: Deno.ChildProcess[] = [];
  let coordinator = startCoordinator(project, options, environment);
  try {
    if (queue !== undefined) workers.push(startFaultWorker(project, queue, environment));
    await until(`a process stops (${describe(kill)})`, () => exists(`${marker}.at`));
    const stopped = Number(await Deno.readTextFile(`${marker}.at`));
    const before = await journalLines(study);
    checkEvidence(kill, before, study);
    if (victim === "coordinator") {
      assert.ok(queue !== undefined || coordinator.pid === stopped || stopsIn(kill) === "child");
      coordinator.kill("SIGKILL");
      await coordinator.output();
    } else if (victim === "worker") {
      await end(workers[0]);
    } else {
      const parent = queue === undefined ? coordinator : workers[0];
      const children = await trainingProcesses(parent.pid);
      const child = children.includes(stopped) ? stopped : children[0];
      assert.ok(child !== undefined, "there is a training process to be killed");
      await signal(child, "KILL");
    }
    await Deno.writeTextFile(`${marker}.go`, "");
    if (victim === "worker") workers.push(startFaultWorker(project, queue!));
    if (victim === "coordinator") coordinator = startCoordinator(project, options);
    assert.equal(await digestOf(coordinator), bench.digest);
    const after = await journalLines(study);
    assert.equal(after.torn, "");
    // What counted is there unchanged, and no run counted twice.
    assert.deepEqual(after.lines.slice(0, before.lines.length), before.lines);
    const ids = after.lines.map((line) => JSON.parse(line).id);
    assert.equal(new Set(ids).size, ids.length);
  } finally {
    await end(coordinator).catch(() => {});
    for (const worker of workers) await end(worker).catch(() => {});
  }
}

/** In which process the point is: the appends are the coordinator's, checkpoints a child's. */
function stopsIn({ phase, victim }: Kill): FaultPlan["process"] {
  if (phase === "checkpoint rename") return "child";
  return phase === "report" ? victim : "coordinator";
}

/** That the point was really hit. */
function checkEvidence(kill: Kill, journal: Journal, study: string): void {
  const { phase, passes } = kill;
  if (phase === "before append") {
    assert.deepEqual([journal.lines.length, journal.torn], [passes, ""]);
  }
  if (phase === "mid-append") {
    assert.equal(journal.lines.length, passes);
    assert.ok(journal.torn.length > 0, `${study}: the last line is torn`);
    assert.throws(() => JSON.parse(journal.torn));
  }
  if (phase === "after sync") {
    assert.deepEqual([journal.lines.length, journal.torn], [passes + 1, ""]);
  }
  if (phase === "checkpoint rename") {
    const folder = kill.place === "local" ? `${study}/checkpoints` : workFolder(`${study}/../..`);
    const ending = kill.share < 0.5 ? ".tmp" : ".checkpoint";
    const names = [...Deno.readDirSync(folder)].map(({ name }) => name);
    assert.ok(names.some((name) => name.endsWith(ending)), `${folder} has a ${ending} file`);
  }
}

interface Journal {
  readonly lines: string[];
  /** What stands behind the last line feed. */
  readonly torn: string;
}

async function journalLines(study: string): Promise<Journal> {
  const lines = (await Deno.readTextFile(`${study}/runs.jsonl`).catch(() => "")).split("\n");
  const torn = lines.pop()!;
  return { lines, torn };
}

/** A kill in words. */
export function describe({ place, victim, phase, passes, share }: Kill): string {
  return `${place}, ${victim}, ${phase}, point ${passes + 1}, share ${share.toFixed(2)}`;
}
