import assert from "node:assert/strict";
import { readRuns } from "../records/read_runs.ts";
import { readStudyRecord } from "../records/read_study.ts";
import { StudyInterrupted } from "./interrupt.ts";
import type { StudyOptions } from "./options.ts";
import { silentReporter, type StudyProgress } from "./reporter.ts";
import { runStudyWith } from "./_study_course.ts";
import { grid, points } from "./search/space.ts";
import { loadStudy } from "./study.ts";
import { doubleOptions, doubleParts, withProject } from "./_testing/parts.ts";
import { withSmallDisk } from "./_testing/small_disk.ts";

const foldsOf = (count: number, final = true) =>
  ({ count, final }) as unknown as StudyOptions["folds"];

Deno.test("runStudy trains every point on every fold with every seed, then the refits, once", () =>
  withProject(async (project) => {
    const study = await runStudyWith(doubleParts, doubleOptions(project));
    const crossValidation = study.records.filter(({ fold }) => fold !== "final");
    assert.equal(crossValidation.length, 2 * 2 * 3 * 2);
    const { refits } = study.selection();
    assert.deepEqual(refits[0], { lambda: 0, alpha: 0 });
    assert.equal(study.records.length, 24 + refits.length * 2);
    const files = ["runs.jsonl", "study.json"].map((name) => `${study.folder}/${name}`);
    const read = () => files.map((file) => Deno.readTextFileSync(file));
    const before = read();
    const again = await runStudyWith(doubleParts, doubleOptions(project));
    assert.deepEqual(read(), before);
    assert.equal(again.digest(), study.digest());
    assert.equal(loadStudy("double", { project }).digest(), study.digest());
  }));

Deno.test("runStudy gives the same digest with 1 worker and with 2, and anew", () =>
  withProject(async (project) => {
    const digests = [];
    for (const [name, workers] of [["a", 1], ["b", 2], ["c", 2]] as const) {
      const study = await runStudyWith(doubleParts, doubleOptions(project, { name, workers }));
      digests.push(study.digest());
    }
    assert.equal(new Set(digests).size, 1);
  }));

Deno.test("runStudy does only the missing runs, and again those of lines that were torn", () =>
  withProject(async (project) => {
    const study = await runStudyWith(doubleParts, doubleOptions(project));
    const path = `${study.folder}/runs.jsonl`;
    const lines = (await Deno.readTextFile(path)).trimEnd().split("\n");
    await Deno.writeTextFile(path, lines.slice(0, 9).join("\n") + `\n${lines[9].slice(0, 50)}`);
    const warnings: string[] = [];
    const reporter = { progress() {}, warn: (text: string) => warnings.push(text), finish() {} };
    const again = await runStudyWith(doubleParts, doubleOptions(project, { reporter }));
    assert.equal(again.digest(), study.digest());
    assert.match(warnings[0], /line 10\) was not finished/);
    // Finished runs were not done again: their lines, with duration and host, are the old ones.
    const after = (await Deno.readTextFile(path)).trimEnd().split("\n");
    assert.deepEqual(after.slice(0, 9), lines.slice(0, 9));
    assert.equal(after.length, lines.length);
  }));

Deno.test("runStudy refuses another definition under the same name and says what differs", () =>
  withProject(async (project) => {
    const space = grid({ lambda: [0, 0.01] });
    const base = doubleOptions(project, { space, seeds: [1] });
    const study = await runStudyWith(doubleParts, base);
    const other = (changes: Partial<StudyOptions>) =>
      runStudyWith(doubleParts, { ...base, ...changes });
    const steps: StudyOptions["specify"] = (
      point,
    ) => ({ ...base.specify(point), steps: 5 } as never);
    const withList = (sizes: number[]): StudyOptions["specify"] => (point) =>
      ({ ...base.specify(point), sizes }) as never;
    const cases: [Partial<StudyOptions>, RegExp][] = [
      [{ specify: steps }, /point {"lambda":0}: steps is 4, now 5/],
      [{ space: grid({ lambda: [0] }) }, /point {"lambda":0.01} is stored, and not asked for now/],
      [{ seeds: [2] }, /seed 1 is stored, and not asked for now/],
      [{ folds: foldsOf(2) }, /fold 2 is stored, and not asked for now/],
      [{ folds: foldsOf(3, false) }, /finalFold is .*, now null/],
      [{ baseline: null }, /baseline is {"lambda":0}, now null/],
      // Nothing is cut off in the middle.
      [{ specify: withList([1, 2, 3]) }, /: sizes is not there, now \[1,2,3\]\n/],
      [
        { select: { kind: "mean", metric: "validationLoss", axes: [] } },
        /select.kind is "oneStand/,
      ],
    ];
    for (const [changes, expected] of cases) {
      await assert.rejects(other(changes), expected);
      await assert.rejects(other(changes), /Give this study another name, or undo the change/);
    }
    const parts = {
      ...doubleParts,
      engine: () => Promise.resolve({ id: "wasm", name: "wasm" as const }),
    };
    await assert.rejects(runStudyWith(parts, base), /engine is "cpu", now "wasm"/);
    assert.equal(loadStudy("double", { project }).digest(), study.digest());
  }));

Deno.test("runStudy says at which place two definitions differ, however long they are", () =>
  withProject(async (project) => {
    const space = grid({ lambda: [0] });
    const run = (name: string, extra: object) => {
      const options = doubleOptions(project, { name, space, seeds: [1] });
      const specify: StudyOptions["specify"] = (point) =>
        ({ ...options.specify(point), ...extra }) as never;
      return runStudyWith(doubleParts, { ...options, specify });
    };
    const sizes = Array.from({ length: 100 }, (_, index) => index);
    await run("list", { sizes });
    await assert.rejects(
      run("list", { sizes: sizes.with(73, -1) }),
      /point {"lambda":0}: sizes\[73\] is 73, now -1\n/,
    );
    await assert.rejects(run("list", { sizes: [0] }), /sizes has length 100, now 1\n/);
    const text = (letter: string) => ({ text: letter.repeat(5000) });
    await run("text", text("a"));
    await assert.rejects(
      run("text", text("b")),
      /text is a text of 5002 characters as JSON \(SHA-256 [0-9a-f]{12}\), now a text of 5002 /,
    );
  }));

Deno.test("runStudy lets a study grow by points, folds and seeds and does only what is missing", () =>
  withProject(async (project) => {
    const options = (lambdas: number[], seeds: number[], count: number) =>
      doubleOptions(project, { space: grid({ lambda: lambdas }), seeds, folds: foldsOf(count) });
    const first = await runStudyWith(doubleParts, options([0, 0.01], [1], 2));
    const before = await Deno.readTextFile(`${first.folder}/runs.jsonl`);
    const grown = await runStudyWith(doubleParts, options([0, 0.01, 0.1], [1, 2], 3));
    const after = await Deno.readTextFile(`${first.folder}/runs.jsonl`);
    assert.ok(after.startsWith(before));
    assert.equal(grown.records.filter(({ fold }) => fold !== "final").length, 3 * 2 * 3);
    assert.notEqual(grown.record.definitionHash, first.record.definitionHash);
    assert.equal(grown.record.createdAt, first.record.createdAt);
  }));

Deno.test("runStudy records diverged and failed runs and goes on; failed ones are retried on demand", () =>
  withProject(async (project) => {
    const diverging = { mischief: "diverge", mischiefFold: 1 };
    const options = doubleOptions(project, { name: "diverging", seeds: [1] }, diverging);
    const study = await runStudyWith(doubleParts, options);
    const count = (status: string) => study.records.filter((run) => run.status === status).length;
    assert.equal(count("diverged"), 4);
    // No point is complete, so that only the baseline is refit.
    assert.equal(count("completed"), 8 + 1);
    assert.match(String(study), /1 diverged/);

    const failing = { mischief: "throw", mischiefFold: 0 };
    const failingOptions = doubleOptions(project, { name: "failing", seeds: [1] }, failing);
    const failed = await runStudyWith(doubleParts, failingOptions);
    const lines = () => Deno.readTextFileSync(`${failed.folder}/runs.jsonl`).split("\n").length - 1;
    assert.equal(failed.records.filter(({ status }) => status === "failed").length, 4);
    const before = lines();
    await runStudyWith(doubleParts, failingOptions);
    assert.equal(lines(), before);
    const retried = await runStudyWith(doubleParts, { ...failingOptions, retryFailed: true });
    assert.equal(lines(), before + 4);
    assert.equal(retried.digest(), failed.digest());
  }));

Deno.test("runStudy keeps weights of none, of the refits, or of all runs, and names them", () =>
  withProject(async (project) => {
    for (const keepWeights of ["none", "selected", "all"] as const) {
      const options = doubleOptions(project, { name: keepWeights, keepWeights, seeds: [1] });
      const study = await runStudyWith(doubleParts, options);
      const kept = study.records.filter(({ weights }) => weights !== null);
      const expected = {
        none: 0,
        selected: study.records.filter(({ fold }) => fold === "final").length,
        all: study.records.length,
      };
      assert.equal(kept.length, expected[keepWeights]);
      for (const { weights, id } of kept) {
        assert.equal(weights, `results/${keepWeights}/weights/${id}.safetensors`);
        assert.equal(await Deno.readTextFile(`${project}/${weights}`), `weights of ${id}`);
      }
    }
  }));

Deno.test("runStudy ends on an aborted signal, keeps finished runs, says how to go on, and goes on", () =>
  withProject(async (project) => {
    const controller = new AbortController();
    const reporter = {
      progress: ({ done }: StudyProgress) => done >= 3 && controller.abort(),
      warn() {},
      finish() {},
    };
    const slow = { millisecondsPerStep: 10 };
    const options = doubleOptions(project, { reporter, signal: controller.signal }, slow);
    await assert.rejects(runStudyWith(doubleParts, options), (error: Error) => {
      assert.ok(error instanceof StudyInterrupted);
      assert.match(error.message, /Study double was interrupted: \d+ of at least 24 runs .* again/);
      return true;
    });
    const kept = readRuns(`${project}/results/double/runs.jsonl`);
    assert.ok(kept.length >= 3 && kept.length < 24);
    const study = await runStudyWith(doubleParts, doubleOptions(project, {}, slow));
    for (const run of kept) {
      assert.deepEqual(study.records.find(({ id }) => id === run.id), run);
    }
    const whole = await runStudyWith(doubleParts, doubleOptions(project, { name: "whole" }, slow));
    assert.equal(study.digest(), whole.digest());
  }));

Deno.test("runStudy marks runs of another numerics version as stale and does them again", () =>
  withProject(async (project) => {
    const study = await runStudyWith(doubleParts, doubleOptions(project));
    // As an older version of the library would have left it.
    const older = JSON.parse(await Deno.readTextFile(`${study.folder}/study.json`));
    older.provenance.numericsVersion = 0;
    await Deno.writeTextFile(`${study.folder}/study.json`, JSON.stringify(older));
    const lines = (await Deno.readTextFile(`${study.folder}/runs.jsonl`)).trimEnd().split("\n")
      .map((line) => JSON.parse(line))
      .map((run, index) => ({ ...run, numericsVersion: 0, id: String(index).padStart(64, "0") }));
    await Deno.writeTextFile(
      `${study.folder}/runs.jsonl`,
      lines.map((run) => `${JSON.stringify(run)}\n`).join(""),
    );
    const again = await runStudyWith(doubleParts, doubleOptions(project));
    assert.equal(again.digest(), study.digest());
    assert.equal(again.stale.length, lines.length);
    assert.equal(again.record.provenance.numericsVersion, study.record.provenance.numericsVersion);
    assert.equal(again.record.resumedWith![0].numericsVersion, 0);
  }));

Deno.test("runStudy refuses bad options before anything is written", () =>
  withProject(async (project) => {
    const specifyWith = (value: unknown): StudyOptions["specify"] => () => value as never;
    const cases: [Partial<StudyOptions>, RegExp][] = [
      [{ name: "../outside" }, /stays inside results/],
      [{ name: "" }, /must have a name/],
      [{ penalty: 1 } as never, /unknown option "penalty"; allowed are name, space/],
      [{ space: { lambda: [1] } as never }, /space must be a search space/],
      [{ space: { kind: "points", points: [{ a: 1 }, { a: 1 }] } }, /twice/],
      [{ seeds: [] }, /seeds must be a list of whole numbers/],
      [{ seeds: [1, 1] }, /seeds must differ/],
      [{ seeds: [0.5] }, /a seed must be a whole number/],
      [
        { engine: "gpu" as never },
        /engine must be one of "cpu", "wasm", "relaxed", "native", "blocked", "auto"/,
      ],
      [{ keepWeights: "some" as never }, /keepWeights must be one of/],
      [{ baseline: { lambda: 7 } }, /baseline must be a point of the space/],
      [{ specify: 3 as never }, /specify must be a function/],
      [{ specify: specifyWith({ lambda: NaN }) }, /NaN/],
      [{ specify: specifyWith({ lambda: 1 }) }, /its own specification, found the same for/],
      [{ specify: specifyWith(Promise.resolve({})) }, /found an async one/],
      [{
        specify: () => {
          throw new Error("no such λ");
        },
      }, /specify gave no valid specification for {"lambda":0,"alpha":0}: no such λ/],
      [{ select: { kind: "mean", metric: "validationLoss", axes: ["beta"] } }, /found "beta"/],
      [{ select: { kind: "best" } as never }, /select: kind must be one of/],
    ];
    for (const [changes, expected] of cases) {
      await assert.rejects(
        async () => await runStudyWith(doubleParts, doubleOptions(project, changes)),
        expected,
      );
    }
    await assert.rejects(Deno.stat(`${project}/results`), Deno.errors.NotFound);
  }));

Deno.test("runStudy takes the point of zeros, else the only unpenalized one, as baseline", () =>
  withProject(async (project) => {
    const run = async (name: string, list: { lambda: number; alpha: number; size?: number }[]) => {
      const specify: StudyOptions["specify"] = (point) =>
        ({ ...doubleOptions(project).specify(point), size: point.size }) as never;
      const specification = { name, space: points(list), specify, seeds: [1] };
      return (await runStudyWith(doubleParts, doubleOptions(project, specification))).record
        .baseline;
    };
    const penalized = { lambda: 0.1, alpha: 0, size: 1 };
    assert.deepEqual(await run("a", [penalized, { lambda: 0, alpha: 0, size: 1 }]), {
      lambda: 0,
      alpha: 0,
      size: 1,
    });
    const two = [1, 2].map((size) => ({ lambda: 0, alpha: 0, size }));
    assert.equal(await run("b", [penalized, ...two]), null);
    assert.deepEqual(await run("c", [...two, { lambda: 0, alpha: 0, size: 0 }]), {
      lambda: 0,
      alpha: 0,
      size: 0,
    });
  }));

Deno.test("runStudy says so when results/ cannot be written", () =>
  withProject(async (project) => {
    await Deno.writeTextFile(`${project}/results`, "");
    await assert.rejects(
      runStudyWith(doubleParts, doubleOptions(project)),
      /Cannot read .*study.json: Not a directory/,
    );
  }));

withSmallDisk(
  "runStudy on a full disk keeps what it recorded and goes on when there is room",
  (disk) =>
    withProject(async (project) => {
      await Deno.symlink(disk.folder, `${project}/results`);
      const changes = { keepWeights: "none", patienceSeconds: 0.3 } as const;
      const options = doubleOptions(project, changes, { steps: 60 });
      await assert.rejects(
        runStudyWith(doubleParts, options),
        /Cannot append to .*No space left on device.*runs recorded before are safe/s,
      );
      const kept = readRuns(`${disk.folder}/double/runs.jsonl`);
      assert.ok(kept.length > 0 && kept.length < 24);
      await disk.makeRoom();
      const study = await runStudyWith(doubleParts, options);
      for (const run of kept) assert.ok(study.records.some(({ host }) => host === run.host));
      const whole = await withWholeStudy(project, options);
      assert.equal(study.digest(), whole);
      // A complete study can be read, and run again, where nothing can be written.
      await disk.makeReadOnly();
      assert.equal((await runStudyWith(doubleParts, options)).digest(), whole);
      await assert.rejects(
        runStudyWith(doubleParts, { ...options, name: "new" }),
        /Study "new" cannot be written: .*Read-only file system/s,
      );
    }),
);

withSmallDisk(
  "runStudy waits on a full disk and goes on by itself when there is room",
  (disk) =>
    withProject(async (project) => {
      await Deno.symlink(disk.folder, `${project}/results`);
      const told: string[] = [];
      const reporter = {
        ...silentReporter,
        warn(message: string) {
          if (told.push(message) === 1) setTimeout(disk.makeRoom, 700);
        },
      };
      const options = doubleOptions(project, { keepWeights: "none", reporter }, { steps: 60 });
      const study = await runStudyWith(doubleParts, options);
      assert.equal(study.digest(), await withWholeStudy(project, options));
      assert.match(
        told[0],
        /^Cannot append to .*No space left on device.* what needs it is tried again/,
      );
      assert.match(told.at(-1)!, /^What was missing is back after \d s/);
      assert.equal(readRuns(`${disk.folder}/double/runs.jsonl`).length, study.records.length);
    }),
);

async function withWholeStudy(project: string, options: StudyOptions): Promise<string> {
  const elsewhere = await Deno.makeTempDir();
  try {
    await Deno.copyFile(`${project}/deno.json`, `${elsewhere}/deno.json`);
    return (await runStudyWith(doubleParts, { ...options, project: elsewhere })).digest();
  } finally {
    await Deno.remove(elsewhere, { recursive: true });
  }
}

Deno.test("loadStudy says when there is no such study, and reads study.json back", () =>
  withProject(async (project) => {
    assert.throws(() => loadStudy("nothing", { project }), /There is no study "nothing"/);
    const study = await runStudyWith(doubleParts, doubleOptions(project));
    const record = readStudyRecord(`${study.folder}/study.json`);
    assert.deepEqual(record, study.record);
    assert.deepEqual(record!.select.axes, ["lambda", "alpha"]);
  }));
