import assert from "node:assert/strict";
import { dirname } from "node:path";
import { readRuns } from "../../records/read_runs.ts";
import type { RunRecord } from "../../records/run_record.ts";
import { openJournal } from "./journal.ts";
import { withProject } from "../_testing/parts.ts";
import { withSmallDisk } from "../_testing/small_disk.ts";

const runs = readRuns(new URL("../../records/_testing/runs.v1.jsonl", import.meta.url).pathname);
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

const line = (run: RunRecord) => `${JSON.stringify(run)}\n`;

Deno.test("F8: openJournal sets damaged lines aside, keeps all records and goes on; readers refuse them", () =>
  withProject(async (project) => {
    const path = `${project}/runs.jsonl`;
    const [first, second, third] = runs.map(line);
    const half = second.slice(0, 200);
    const cases: Record<string, { content: string; kept: RunRecord[]; aside: string }> = {
      garbage: {
        content: `${first}garbage\n${third}`,
        kept: [runs[0], runs[2]],
        aside: "garbage\n",
      },
      "zeros of a lost block": {
        content: `${first}${"\0".repeat(64)}${third}`,
        kept: [runs[0], runs[2]],
        aside: `${"\0".repeat(64)}${third}`,
      },
      "cut in place, and a record behind": {
        content: `${first}${half}${third}`,
        kept: [runs[0], runs[2]],
        aside: `${half}${third}`,
      },
      "grown together": {
        content: `${first.trimEnd()}${second}${third}`,
        kept: runs.slice(0, 3),
        aside: `${first.trimEnd()}${second}`,
      },
      "torn as well": {
        content: `${first}garbage\n${third}${half}`,
        kept: [runs[0], runs[2]],
        aside: "garbage\n",
      },
    };
    for (const [what, { content, kept, aside }] of Object.entries(cases)) {
      await Deno.writeTextFile(path, content);
      assert.throws(() => readRuns(path), /line \d is not the record of a run/, what);
      const warnings: string[] = [];
      const journal = openJournal(path, (message) => warnings.push(message));
      assert.deepEqual(journal.runs(), kept, what);
      journal.append(runs[3]);
      journal.close();
      assert.deepEqual(readRuns(path), [...kept, runs[3]], what);
      assert.equal(await Deno.readTextFile(`${project}/damaged-runs.txt`), aside, what);
      assert.match(
        warnings[0],
        /^Line \d of .*runs\.jsonl is no .* set aside in .*damaged-runs\.txt/,
      );
      assert.equal(warnings.length, what === "torn as well" ? 2 : 1);
      await Deno.remove(`${project}/damaged-runs.txt`);
    }
  }));

Deno.test("openJournal refuses a file that is mostly damaged or of a newer version, and changes nothing", () =>
  withProject(async (project) => {
    const path = `${project}/runs.jsonl`;
    const newer = line({ ...runs[1], schemaVersion: 2 as 1 });
    for (
      const [content, refusal] of [
        [`${line(runs[0])}garbage\nmore\n`, /runs\.jsonl: line 2 is not the record of a run/],
        [`${line(runs[0])}${newer}garbage\n`, /line 2 of .*runs\.jsonl: .*newer|newer/],
      ] as const
    ) {
      await Deno.writeTextFile(path, content);
      assert.throws(() => openJournal(path, silent), refusal);
      assert.equal(await Deno.readTextFile(path), content);
      assert.deepEqual([...Deno.readDirSync(project)].map(({ name }) => name).sort(), [
        "deno.json",
        "deno.lock",
        "runs.jsonl",
      ]);
    }
  }));

const replacedBy = (content: string) => (path: string) => {
  Deno.writeTextFileSync(`${path}.copy`, content);
  Deno.renameSync(`${path}.copy`, path);
};

/** What else may happen to a journal of three records; the lines that are set aside then. */
const disturbances: Record<string, { act(path: string): void; told: RegExp; aside?: string }> = {
  "removed": {
    act: (path) => Deno.removeSync(path),
    told: /was removed while its study runs: 3 recorded runs that it lacked were written again/,
  },
  "removed with its folder": {
    act: (path) => Deno.removeSync(dirname(path), { recursive: true }),
    told: /was removed while/,
  },
  "replaced by an older copy": {
    act: replacedBy(line(runs[0])),
    told: /was replaced by another file .*: 2 recorded runs that it lacked/,
  },
  "replaced by records of another study": {
    act: replacedBy(line({ ...runs[0], id: "e".repeat(64) })),
    told: /was replaced by another file .*: 3 recorded runs that it lacked/,
  },
  "replaced by another text": {
    act: replacedBy("a\nb\nc\n"),
    told: /3 recorded runs that it lacked were written again and 3 lines .* are set aside/,
    aside: "a\nb\nc\n",
  },
  "cut to nothing": {
    act: (path) => Deno.truncateSync(path),
    told: /was changed while .*: 3 recorded runs that it lacked/,
  },
  "cut within a line": {
    act: (path) => Deno.truncateSync(path, line(runs[0]).length + 90),
    told: /was changed while .*: 2 recorded runs that it lacked/,
  },
  "changed in a number": {
    act(path) {
      const forged = { ...runs[1], final: { ...runs[1].final!, heldOutLoss: 0.5 } };
      Deno.writeTextFileSync(path, [runs[0], forged, runs[2]].map(line).join(""));
    },
    told: /was changed while .*: 1 recorded run that it lacked .* 1 line that .* set aside/,
    aside: line({ ...runs[1], final: { ...runs[1].final!, heldOutLoss: 0.5 } }),
  },
};

for (const [what, { act, told, aside }] of Object.entries(disturbances)) {
  Deno.test(`F8: openJournal notices before it appends that its file was ${what}, and loses no run`, () =>
    withProject(async (project) => {
      const path = `${project}/results/a/runs.jsonl`;
      for (const moment of ["append", "keep", "close"] as const) {
        const warnings: string[] = [];
        const journal = openJournal(path, (message) => warnings.push(message));
        for (const run of runs.slice(0, 3)) journal.append(run);
        // Another millisecond, as clocks of file systems may count no finer ones.
        await new Promise((resolve) => setTimeout(resolve, 20));
        act(path);
        if (moment === "append") journal.append(runs[3]);
        if (moment === "keep") journal.keep();
        journal.close();
        const expected = runs.slice(0, moment === "append" ? 4 : 3);
        const others = ({ id }: RunRecord) => id !== "e".repeat(64);
        assert.deepEqual(readRuns(path).filter(others), expected, moment);
        assert.deepEqual(journal.runs().filter(others), expected);
        assert.equal(warnings.length, 1, warnings.join("\n"));
        assert.match(warnings[0], told);
        assert.match(warnings[0], /No run is lost\.$/);
        const kept = `${dirname(path)}/damaged-runs.txt`;
        if (aside !== undefined) assert.equal(await Deno.readTextFile(kept), aside);
        else assert.throws(() => Deno.statSync(kept));
        await Deno.remove(dirname(path), { recursive: true });
      }
    }));
}

Deno.test("F8: openJournal notices that its file was cut while it appended, and loses no run", () =>
  withProject(async (project) => {
    const path = `${project}/runs.jsonl`;
    const told: string[] = [];
    const journal = openJournal(path, (message) => told.push(message));
    journal.append(runs[0]);
    const { syncDataSync } = Deno.FsFile.prototype;
    Deno.FsFile.prototype.syncDataSync = function () {
      Deno.truncateSync(path);
      return syncDataSync.call(this);
    };
    try {
      journal.append(runs[1]);
    } finally {
      Deno.FsFile.prototype.syncDataSync = syncDataSync;
    }
    journal.close();
    assert.deepEqual(readRuns(path), runs.slice(0, 2));
    assert.match(told.join(), /was changed while its study runs/);
    await Promise.resolve();
  }));

Deno.test("F8: openJournal notices at its close what was written over while it appended, with size and time as they were", () =>
  withProject(async (project) => {
    const path = `${project}/runs.jsonl`;
    const told: string[] = [];
    const journal = openJournal(path, (message) => told.push(message));
    journal.append(runs[0]);
    journal.append(runs[1]);
    const { mtime, atime } = Deno.statSync(path);
    const bytes = Deno.readFileSync(path);
    Deno.writeFileSync(path, bytes.fill(0, bytes.length - 50));
    Deno.utimeSync(path, atime!, mtime!);
    journal.keep();
    assert.deepEqual(told, []);
    journal.close();
    assert.match(told.join(), /was changed while its study runs: 1 recorded run that it lacked/);
    assert.deepEqual(readRuns(path), runs.slice(0, 2));
    await Promise.resolve();
  }));

Deno.test("openJournal says nothing of a file that was copied in its place or touched only", () =>
  withProject(async (project) => {
    const path = `${project}/runs.jsonl`;
    const journal = openJournal(path, (message) => assert.fail(message));
    journal.append(runs[0]);
    await Deno.copyFile(path, `${path}.copy`);
    await Deno.rename(`${path}.copy`, path);
    journal.append(runs[1]);
    await Deno.utime(path, 1, 1);
    journal.append(runs[2]);
    journal.close();
    assert.deepEqual(readRuns(path), runs.slice(0, 3));
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
