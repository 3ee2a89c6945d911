/** What something else does to the journal of a study that runs. */
import assert from "node:assert/strict";
import { dirname } from "node:path";
import {
  afterSomeRuns,
  checkMidStudy,
  type Disturbance,
  journalOf,
  linesOf,
  nameOf,
} from "./disturbance.ts";
import { digestOf, saidBy, startCoordinator } from "./kills.ts";
import { exists } from "./processes.ts";

/** Bytes of the file without the last of its lines, and half of that one. */
function cut(bytes: Uint8Array): Uint8Array {
  const last = bytes.lastIndexOf(10, bytes.length - 2) + 1;
  return bytes.subarray(0, Math.floor((last + bytes.length) / 2));
}

/** What happens to a journal, by its path. */
const changes: Readonly<Record<string, (path: string) => void>> = {
  "removed": (path) => Deno.removeSync(path),
  "emptied": (path) => Deno.truncateSync(path),
  "cut": (path) => Deno.truncateSync(path, cut(Deno.readFileSync(path)).length),
  "replaced by a shorter one": (path) => {
    Deno.writeFileSync(`${path}.other`, cut(Deno.readFileSync(path)));
    Deno.renameSync(`${path}.other`, path);
  },
  "replaced by another study's": (path) => {
    const text = Deno.readTextFileSync(path).trim().split("\n")[0];
    const run = JSON.parse(text);
    const other = { ...run, id: run.id.split("").reverse().join(""), seed: 9 };
    Deno.writeTextFileSync(`${path}.other`, `${JSON.stringify(other)}\n`);
    Deno.renameSync(`${path}.other`, path);
  },
  "overwritten with zeros in its last line": (path) => {
    const bytes = Deno.readFileSync(path);
    bytes.fill(0, cut(bytes).length);
    Deno.writeFileSync(path, bytes);
  },
  "removed with its folder": (path) => removeFolder(dirname(path)),
};

/** Removes a folder that others may be writing to: what comes meanwhile goes at the next try. */
function removeFolder(path: string, tries = 20): void {
  try {
    Deno.removeSync(path, { recursive: true });
  } catch (error) {
    if (tries === 0) throw error;
    removeFolder(path, tries - 1);
  }
}

const journalIs = (what: string, change: (path: string) => void): Disturbance => async (bench) => {
  const name = nameOf("journal", what);
  const coordinator = startCoordinator(bench.project, { name });
  const recorded = await afterSomeRuns(bench, name, () => {
    const recorded = linesOf(bench, name);
    change(journalOf(bench, name));
    return Promise.resolve(recorded);
  });
  const ended = await digestOf(coordinator);
  // Another study's records count for the digest; the same command leaves no other.
  const again = await digestOf(startCoordinator(bench.project, { name }));
  assert.equal(again, bench.digest, `ended with ${ended}`);
  assert.match(saidBy(bench, name), /while its study runs/);
  assert.ok(exists(journalOf(bench, name)));
  return `${checkMidStudy(bench, name, recorded)}; said: ${saidBy(bench, name).slice(0, 100)} …`;
};

/** All of them, by what happens. */
export const journalDisturbances: Readonly<Record<string, Disturbance>> = Object.fromEntries(
  Object.entries(changes).map(([what, change]) => [
    `journal ${what} while its study runs`,
    journalIs(what, change),
  ]),
);
