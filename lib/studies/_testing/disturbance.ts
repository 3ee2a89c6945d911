/** What disturbances of a study have in common. */
import assert from "node:assert/strict";
import { readRuns } from "../../records/read_runs.ts";
import type { KillBench } from "./kills.ts";
import { until } from "./processes.ts";
import type { RedisServer } from "./redis_server.ts";

/** A disturbance: does it, checks what must hold and says what was seen. */
export type Disturbance = (bench: KillBench, server: RedisServer) => Promise<string>;

export const journalOf = ({ project }: KillBench, name: string): string =>
  `${project}/results/${name}/runs.jsonl`;

export const linesOf = (bench: KillBench, name: string): number =>
  readRuns(journalOf(bench, name)).length;

/** A study was at its end before it was disturbed: on a busy machine the disturbance may come late. */
export class TooLate extends Error {}

/** That a fault struck in mid-study: some of its runs were recorded then, and others not yet. */
export function checkMidStudy(bench: KillBench, name: string, recorded: number): string {
  const all = linesOf(bench, name);
  if (recorded === all) throw new TooLate(`All ${all} runs were recorded before.`);
  assert.ok(recorded > 0 && recorded < all, `${recorded} of ${all} runs were recorded`);
  return `${recorded} of ${all} runs recorded`;
}

/** Does something in mid-study. */
export async function afterSomeRuns<T>(
  bench: KillBench,
  name: string,
  use: () => Promise<T>,
): Promise<T> {
  await until("a run is done", () => linesOf(bench, name) >= 1);
  return await use();
}

/** A name of a study that is disturbed, for its folder. */
export const nameOf = (place: string, what: string): string =>
  `${place}-${what}`.replace(/[^a-z]+/gi, "-");

export const wait = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, milliseconds));

/** Does it again, with another study, where it came too late. */
export async function inTime(names: readonly string[], disturb: (name: string) => Promise<string>) {
  for (const name of names.slice(0, -1)) {
    try {
      return await disturb(name);
    } catch (error) {
      if (!(error instanceof TooLate)) throw error;
    }
  }
  return await disturb(names.at(-1)!);
}
