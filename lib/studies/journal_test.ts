import assert from "node:assert/strict";
import { readRuns } from "../records/read_runs.ts";
import { openJournal } from "./journal.ts";
import { withProject } from "./_testing/parts.ts";
import { withSmallDisk } from "./_testing/small_disk.ts";

const runs = readRuns(new URL("../records/_testing/runs.v1.jsonl", import.meta.url).pathname);
const silent = () => {};

Deno.test("openJournal makes the file, appends lines and reads them back", () =>
  withProject(async (project) => {
    const path = `${project}/results/a/runs.jsonl`;
    const journal = openJournal(path, silent);
    for (const run of runs) {
      journal.append(run);
      // Another process may read at any time.
      assert.deepEqual(readRuns(path).at(-1), run);
    }
    assert.deepEqual(journal.runs(), runs);
    journal.close();
    const again = openJournal(path, silent);
    assert.deepEqual(again.runs(), runs);
    again.close();
    assert.equal((await Deno.readTextFile(path)).split("\n").length, runs.length + 1);
  }));

Deno.test("openJournal cuts off a last line torn at every one of its bytes, says so and goes on", () =>
  withProject(async (project) => {
    const path = `${project}/runs.jsonl`;
    const encode = (index: number) => new TextEncoder().encode(`${JSON.stringify(runs[index])}\n`);
    const [first, second] = [encode(0), encode(1)];
    for (let length = 0; length < second.length; length++) {
      const torn = new Uint8Array([...first, ...second.subarray(0, length)]);
      await Deno.writeFile(path, torn);
      const warnings: string[] = [];
      const journal = openJournal(path, (message) => warnings.push(message));
      assert.equal(warnings.length, length === 0 ? 0 : 1);
      if (length > 0) assert.match(warnings[0], /line 2\) was not finished .* done again/);
      journal.append(runs[1]);
      journal.close();
      const expected = new Uint8Array([...first, ...second]);
      assert.deepEqual(await Deno.readFile(path), expected, `torn at byte ${length}`);
    }
  }));

Deno.test("openJournal refuses garbage in the middle, names the line and changes nothing", () =>
  withProject(async (project) => {
    const path = `${project}/runs.jsonl`;
    const content = `${JSON.stringify(runs[0])}\ngarbage\n${JSON.stringify(runs[1])}\n{"torn`;
    await Deno.writeTextFile(path, content);
    assert.throws(() => openJournal(path, silent), /runs.jsonl: line 2 is not the record of a run/);
    assert.equal(await Deno.readTextFile(path), content);
  }));

Deno.test("openJournal refuses to append what is no record, and stays whole", () =>
  withProject(async (project) => {
    const path = `${project}/runs.jsonl`;
    const journal = openJournal(path, silent);
    journal.append(runs[0]);
    const final = { ...runs[1].final!, heldOutLoss: NaN };
    assert.throws(() => journal.append({ ...runs[1], final }), /heldOutLoss must be a finite/);
    const point = { lambda: Infinity };
    assert.throws(() => journal.append({ ...runs[1], point }), /Infinity/);
    journal.append(runs[2]);
    journal.close();
    assert.deepEqual(readRuns(path), [runs[0], runs[2]]);
    assert.equal((await Deno.readTextFile(path)).at(-1), "\n");
  }));

Deno.test("openJournal counts a run only when the disk has its line", () =>
  withProject(async (project) => {
    const path = `${project}/runs.jsonl`;
    const journal = openJournal(path, silent);
    const { syncDataSync } = Deno.FsFile.prototype;
    let counted: number | null = null;
    Deno.FsFile.prototype.syncDataSync = function () {
      counted = journal.runs().length;
      syncDataSync.call(this);
    };
    try {
      journal.append(runs[0]);
      assert.equal(counted, 0);
      assert.equal(journal.runs().length, 1);
      // A disk that cannot promise anything: the line is taken back, the run does not count.
      Deno.FsFile.prototype.syncDataSync = () => {
        throw new Error("Input/output error (os error 5)");
      };
      assert.throws(() => journal.append(runs[1]), /Cannot append .*os error 5.* recorded before/s);
    } finally {
      Deno.FsFile.prototype.syncDataSync = syncDataSync;
    }
    assert.deepEqual(journal.runs(), [runs[0]]);
    assert.deepEqual(readRuns(path), [runs[0]]);
    journal.append(runs[1]);
    journal.close();
    assert.deepEqual(readRuns(path), runs.slice(0, 2));
    assert.equal((await Deno.readTextFile(path)).split("\n").length, 3);
  }));

withSmallDisk(
  "openJournal on a full disk loses no recorded run and says what to do",
  async (disk) => {
    const path = `${disk.folder}/runs.jsonl`;
    const journal = openJournal(path, silent);
    let appended = 0;
    assert.throws(() => {
      for (;; appended++) {
        const id = appended.toString(16).padStart(64, "0");
        journal.append({ ...runs[0], id });
      }
    }, /Cannot append to .*No space left on device.* runs recorded before are safe; make room/s);
    assert.ok(appended > 10);
    // Nothing of the line that did not fit is left.
    assert.equal(readRuns(path).length, appended);
    assert.equal((await Deno.readTextFile(path)).at(-1), "\n");
    await disk.makeRoom();
    journal.append(runs[1]);
    journal.close();
    assert.equal(readRuns(path).length, appended + 1);
  },
);

withSmallDisk("openJournal on a read-only disk says what cannot be written", async (disk) => {
  await disk.makeReadOnly();
  assert.throws(
    () => openJournal(`${disk.folder}/runs.jsonl`, silent),
    /Cannot write .*runs.jsonl .*Read-only file system.*No run was started/s,
  );
});
