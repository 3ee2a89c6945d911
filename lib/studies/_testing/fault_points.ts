/**
 * Points at which a process of a test stops, so that it (or another one) is killed there for sure and
 * not somewhere near. The library itself knows nothing of them: a test's own process replaces the
 * functions of Deno that the library calls (`writeSync`, `syncDataSync`, `renameSync`) by ones that stop.
 *
 * A process that stops writes its id, and what it is about, into `<marker>.at` and waits; it goes on
 * when the file `<marker>.go` is there.
 */

import { exists } from "./processes.ts";

/** Where in the life of a record something happens. */
export type Phase =
  | "before append"
  | "mid-append"
  | "after sync"
  | "checkpoint rename"
  /** A child or worker gives the record of a run to whom it works for. */
  | "hand-over"
  /** report.html of the complete study is written. */
  | "report";

/** All of them, in their order in a run's life. */
export const phases: readonly Phase[] = [
  "checkpoint rename",
  "hand-over",
  "before append",
  "mid-append",
  "after sync",
  "report",
];

/** Where a process stops. */
export interface FaultPlan {
  /** The process that stops there. */
  readonly process: "coordinator" | "child" | "worker";
  readonly phase: Phase;
  /** How many times it passes that point before. */
  readonly passes: number;
  /**
   * In mid-append: the part of the line's bytes that is written. In report: a part of its bytes is
   * written (< ⅓), all are (< ⅔), it is renamed. Else: before (< ½) or after.
   */
  readonly share: number;
  /** File that says which process stopped; in a folder that it may write. */
  readonly marker: string;
}

/** A kill to be done. */
export interface Kill {
  readonly place: "local" | "redis";
  readonly victim: "coordinator" | "child" | "worker";
  readonly phase: Phase;
  /** Which of the points of this phase, and how far in it. */
  readonly passes: number;
  readonly share: number;
}

const variable = "PARSIMONY_TEST_FAULT";

/** Environment that gives a plan to a process of a test and to those that it starts. */
export function faultEnvironment(plan: FaultPlan | null): Record<string, string> {
  return plan === null ? {} : { [variable]: JSON.stringify(plan) };
}

/** The plan for this kind of process, if there is one. */
export function planFor(process: FaultPlan["process"]): FaultPlan | null {
  const text = Deno.env.get(variable);
  const plan = text === undefined ? null : JSON.parse(text) as FaultPlan;
  return plan?.process === process ? plan : null;
}

let passed = 0;

/** What a process that stopped says of itself. */
export interface Stop {
  readonly pid: number;
  /** The run, or the names of the files, that it is about. */
  readonly about: readonly string[];
}

/** Stops here the first time that the plan's passes are over, in one process only. */
export function stopHere(plan: FaultPlan, ...about: string[]): void {
  if (passed++ < plan.passes) return;
  try {
    Deno.writeTextFileSync(plan.marker, "", { createNew: true });
  } catch {
    return;
  }
  // In two steps: a reader that sees the second file sees it whole.
  const stop: Stop = { pid: Deno.pid, about };
  Deno.writeTextFileSync(`${plan.marker}.tmp`, JSON.stringify(stop));
  Deno.renameSync(`${plan.marker}.tmp`, `${plan.marker}.at`);
  const cell = new Int32Array(new SharedArrayBuffer(4));
  while (!exists(`${plan.marker}.go`)) Atomics.wait(cell, 0, 0, 5);
}

/** Makes the journal's appends stop as planned. */
export function stopInAppends(plan: FaultPlan): void {
  const journals = new WeakSet<Deno.FsFile>();
  const { openSync } = Deno;
  const { writeSync, syncDataSync } = Deno.FsFile.prototype;
  replace(Deno, "openSync", (path: string | URL, options?: Deno.OpenOptions) => {
    const file = openSync(path, options);
    if (String(path).endsWith("runs.jsonl") && options?.append) journals.add(file);
    return file;
  });
  replace(Deno.FsFile.prototype, "writeSync", function (this: Deno.FsFile, bytes: Uint8Array) {
    if (!journals.has(this)) return writeSync.call(this, bytes);
    if (plan.phase === "before append") stopHere(plan);
    if (plan.phase !== "mid-append" || passed !== plan.passes) {
      if (plan.phase === "mid-append") passed++;
      return writeSync.call(this, bytes);
    }
    // The torn line: a part of its bytes is in the file, the rest is not.
    const part = Math.min(bytes.length - 1, Math.max(1, Math.floor(plan.share * bytes.length)));
    const written = writeSync.call(this, bytes.subarray(0, part));
    stopHere(plan);
    return written;
  });
  replace(Deno.FsFile.prototype, "syncDataSync", function (this: Deno.FsFile) {
    syncDataSync.call(this);
    if (plan.phase === "after sync" && journals.has(this)) stopHere(plan);
  });
}

/** Makes the renames of files with an ending stop, before or after the rename. */
export function stopInRenames(plan: FaultPlan, ending: string): void {
  const { renameSync } = Deno;
  replace(Deno, "renameSync", (from: string | URL, to: string | URL) => {
    const stops = String(to).endsWith(ending);
    if (stops && plan.share < 0.5) stopHere(plan, String(from), String(to));
    renameSync(from, to);
    if (stops && plan.share >= 0.5) stopHere(plan, String(from), String(to));
  });
}

/** Which moment of writing report.html a share means. */
export function momentOfReport(share: number): "half written" | "not renamed" | "renamed" {
  return share < 1 / 3 ? "half written" : share < 2 / 3 ? "not renamed" : "renamed";
}

/** Makes the writing of report.html stop: with half of its bytes, before its rename, or behind it. */
export function stopInReport(plan: FaultPlan): void {
  const moment = momentOfReport(plan.share);
  const now = { ...plan, passes: 0 };
  if (moment !== "half written") {
    stopInRenames({ ...now, share: moment === "renamed" ? 1 : 0 }, "report.html");
    return;
  }
  const reports = new WeakMap<Deno.FsFile, string>();
  const { open } = Deno;
  const { write } = Deno.FsFile.prototype;
  replace(Deno, "open", async (path: string | URL, options?: Deno.OpenOptions) => {
    const file = await open(path, options);
    if (String(path).includes("report.html.")) reports.set(file, String(path));
    return file;
  });
  replace(Deno.FsFile.prototype, "write", async function (this: Deno.FsFile, bytes: Uint8Array) {
    const path = reports.get(this);
    if (path === undefined) return await write.call(this, bytes);
    const written = await write.call(this, bytes.subarray(0, Math.ceil(bytes.length / 2)));
    stopHere(now, path, path.slice(0, path.indexOf("report.html.") + "report.html".length));
    return written;
  });
}

function replace<T extends object, K extends keyof T>(owner: T, name: K, by: T[K]): void {
  Object.defineProperty(owner, name, { value: by, configurable: true, writable: true });
}
