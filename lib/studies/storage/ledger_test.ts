import assert from "node:assert/strict";
import { sha256 } from "../../core/hash.ts";
import { readRuns } from "../../records/read_runs.ts";
import type { RunRecord } from "../../records/run_record.ts";
import { openLedger } from "./ledger.ts";
import { listStudies } from "./folder.ts";

const stored = new URL("../../records/_testing/runs.v1.jsonl", import.meta.url).pathname;
const runs = readRuns(stored);
const [first, second] = runs.filter(({ status }) => status === "completed");
const idOf = (number: number) => number.toString(16).padStart(64, "0");

async function withResults(use: (project: string) => void | Promise<void>): Promise<void> {
  const project = await Deno.makeTempDir({ prefix: "parsimony-ledger-" });
  try {
    await Deno.mkdir(`${project}/results`);
    await use(project);
  } finally {
    await Deno.remove(project, { recursive: true });
  }
}

/** What a ledger finds of some runs, opened anew. */
function found(project: string, ...wanted: readonly RunRecord[]): [string, string[]][] {
  const ledger = openLedger(project);
  try {
    const all = ledger.find(new Set(wanted.map(({ id }) => id)));
    return [...all].map(([study, hashes]) => [study, [...hashes]]);
  } finally {
    ledger.close();
  }
}

function enter(project: string, study: string, ...entered: readonly RunRecord[]): void {
  const ledger = openLedger(project);
  ledger.enter(study, entered);
  ledger.close();
}

const hashOf = (run: RunRecord) => sha256(JSON.stringify(run));
const pathOf = (project: string) => `${project}/results/.trained`;

Deno.test("the ledger finds the lines of runs that were entered, by their studies, and none of failed runs", () =>
  withResults((project) => {
    assert.deepEqual(found(project, first), []);
    enter(project, "größe/λ 1", first);
    enter(project, "other", second, { ...first, status: "failed" });
    assert.deepEqual(found(project, first, second), [
      ["größe/λ 1", [hashOf(first)]],
      ["other", [hashOf(second)]],
    ]);
    assert.deepEqual(found(project, second), [["other", [hashOf(second)]]]);
    assert.deepEqual(listStudies(project), []);
  }));

Deno.test("the ledger loses at most the line that a crash tore, at whichever byte", () =>
  withResults(async (project) => {
    enter(project, "a", first);
    const whole = (await Deno.stat(pathOf(project))).size;
    enter(project, "a", second);
    const bytes = await Deno.readFile(pathOf(project));
    for (const length of [whole + 1, whole + 64, whole + 100, bytes.length - 2]) {
      await Deno.truncate(pathOf(project), length);
      assert.deepEqual(found(project, first, second), [["a", [hashOf(first)]]]);
      enter(project, "b", second);
      assert.deepEqual(found(project, second), [["b", [hashOf(second)]]]);
      // Back to where it was, in the same file.
      await Deno.truncate(pathOf(project), whole);
      await Deno.writeFile(pathOf(project), bytes.subarray(whole), { append: true });
      assert.deepEqual(found(project, second), [["a", [hashOf(second)]]]);
    }
  }));

Deno.test("a ledger that was copied, or put in the place of another, vouches for nothing and is begun anew", () =>
  withResults(async (project) => {
    enter(project, "a", first);
    const bytes = await Deno.readFile(pathOf(project));
    await withResults(async (other) => {
      await Deno.copyFile(pathOf(project), pathOf(other));
      assert.deepEqual(found(other, first), []);
      enter(other, "b", second);
      assert.deepEqual(found(other, first, second), [["b", [hashOf(second)]]]);
      // A received folder unpacked over one's own: the name leads to a new file, or the old one is overwritten.
      await Deno.writeFile(pathOf(other), bytes);
      assert.deepEqual(found(other, first, second), []);
    });
    // However large it is.
    await Deno.writeTextFile(pathOf(project), "x");
    await Deno.truncate(pathOf(project), 2 ** 40);
    assert.deepEqual(found(project, first), []);
    await Deno.remove(pathOf(project));
    await Deno.writeFile(pathOf(project), bytes);
    assert.deepEqual(found(project, first), []);
    assert.match(
      await Deno.readTextFile(pathOf(project)),
      /^Runs that this project trained; [^\n]*\n$/,
    );
  }));

Deno.test("the ledger of a folder that is moved stays valid", () =>
  withResults(async (project) => {
    enter(project, "a", first);
    await withResults(async (other) => {
      await Deno.rename(pathOf(project), pathOf(other));
      assert.deepEqual(found(other, first), [["a", [hashOf(first)]]]);
    });
  }));

Deno.test("the ledger follows no link, and a project without permission to write it goes without", async () => {
  await withResults(async (project) => {
    const target = `${project}/important.txt`;
    await Deno.writeTextFile(target, "mine");
    await Deno.symlink(target, pathOf(project));
    enter(project, "a", first);
    assert.equal(await Deno.readTextFile(target), "mine");
    assert.deepEqual(found(project, first), [["a", [hashOf(first)]]]);
  });
  await withResults(async (project) => {
    await Deno.mkdir(`${pathOf(project)}/full`, { recursive: true });
    enter(project, "a", first);
    assert.deepEqual(found(project, first), []);
  });
});

Deno.test({
  name: "the ledger is not asked for where only a study's own folder may be written",
  permissions: { read: true, write: false },
  fn: () => assert.deepEqual(found("/", first), []),
});

Deno.test("several writers at once, each beginning the ledger, lose no line", () =>
  withResults(async (project) => {
    const ledgers = Array.from({ length: 4 }, () => openLedger(project));
    for (let round = 0; round < 50; round++) {
      for (const [index, ledger] of ledgers.entries()) {
        ledger.enter(`study ${index}`, [{ ...first, id: idOf(100 * index + round) }]);
      }
    }
    ledgers.forEach((ledger) => ledger.close());
    const all = Array.from({ length: 400 }, (_, number) => ({ ...first, id: idOf(number) }));
    const counts = found(project, ...all).map(([study, hashes]) => [study, hashes.length]);
    assert.deepEqual(counts, [0, 1, 2, 3].map((index) => [`study ${index}`, 50]));
    await Promise.resolve();
  }));
