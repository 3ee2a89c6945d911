import assert from "node:assert/strict";
import { sha256 } from "../core/hash.ts";
import { readJournal } from "../records/read_runs.ts";
import type { RunRecord } from "../records/run_record.ts";
import { StudyInterrupted } from "./interrupt.ts";
import type { StudyOptions } from "./options.ts";
import { runStudyWith } from "./_study_course.ts";
import { silentReporter, type StudyReporter } from "./reporter.ts";
import { crossValidationRuns } from "./plan/run_id.ts";
import { untilStop } from "./_shared_runs.ts";
import { grid } from "./search/space.ts";
import { bayesianSearch } from "./search/bayesian_search.ts";
import { successiveHalving } from "./search/successive_halving.ts";
import { logRange } from "./search/dimensions.ts";
import type { Study } from "./study.ts";
import { doubleOptions, doubleParts, withProject } from "./_testing/parts.ts";
import { outcomeOf, startScript } from "./_testing/processes.ts";

/** A study of doubles that shares its runs, and what its reporter noted. */
async function run(project: string, changes: Partial<StudyOptions>) {
  const notes: string[] = [];
  const reporter = { ...silentReporter, note: (message: string) => void notes.push(message) };
  const options = doubleOptions(project, {
    shareRuns: true,
    // The weights of doubles are none that could be copied.
    keepWeights: "none",
    reporter,
    ...changes,
  });
  return { study: await runStudyWith(doubleParts, options), notes };
}

const linesOf = ({ folder }: Study) => readJournal(`${folder}/runs.jsonl`).lines;
const trained = (study: Study) =>
  linesOf(study).filter(({ copiedFrom }) => copiedFrom === undefined);
const unshared = async (project: string, changes: Partial<StudyOptions>) =>
  (await run(project, { ...changes, name: "unshared", shareRuns: false })).study.digest();

const few = grid({ lambda: [0, 0.01], alpha: [0, 1] });
const more = grid({ lambda: [0, 0.01, 0.02], alpha: [0, 1] });

Deno.test("runs of a study are copied from another of the project by their id, and only what is missing is trained", () =>
  withProject(async (project) => {
    const { study: a, notes } = await run(project, { name: "a", space: few });
    assert.deepEqual(notes, []);
    assert.deepEqual(trained(a), linesOf(a));
    const { study: b, notes: said } = await run(project, { name: "b", space: more });
    const copied = linesOf(b).filter(({ copiedFrom }) => copiedFrom === "a");
    const ids = new Set(linesOf(a).map(({ id }) => id));
    assert.deepEqual(trained(b).filter(({ id }) => ids.has(id)), [], "none is trained twice");
    assert.ok(copied.length >= 24 && trained(b).length >= 12);
    assert.match(said[0], /^24 runs were copied from study a; 12 are left to train\.$/);
    for (const record of copied) {
      const { copiedFrom: _, ...rest } = record;
      assert.deepEqual(rest, linesOf(a).find(({ id }) => id === record.id));
      assert.equal(Object.keys(record).at(-1), "copiedFrom");
    }
    assert.equal(b.digest(), await unshared(project, { space: more }));
    const before = await Deno.readTextFile(`${b.folder}/runs.jsonl`);
    assert.deepEqual((await run(project, { name: "b", space: more })).notes, []);
    assert.equal(await Deno.readTextFile(`${b.folder}/runs.jsonl`), before);
  }));

Deno.test("a copy has the point of its own study, and a copy of a copy names the study that trained it", () =>
  withProject(async (project) => {
    const { study: a } = await run(project, { name: "a", space: few });
    const renamed: Partial<StudyOptions> = {
      space: grid({ λ: [0, 0.01], α: [0, 1] }),
      specify: ({ λ, α }) => doubleOptions(project).specify({ lambda: λ, alpha: α }),
      baseline: { λ: 0, α: 0 },
    };
    const { study: b } = await run(project, { ...renamed, name: "b" });
    assert.deepEqual(trained(b), []);
    assert.ok(linesOf(b).every(({ point }) => "λ" in point && "α" in point));
    assert.equal(b.digest(), await unshared(project, renamed));
    await Deno.remove(a.folder, { recursive: true });
    const { study: c, notes } = await run(project, { name: "c", space: few });
    assert.deepEqual(trained(c), []);
    assert.match(notes[0], /copied from study a; none is left/);
    // Its own runs come back to a study whose folder was removed.
    const { study: again, notes: said } = await run(project, { name: "a", space: few });
    assert.match(said[0], /copied from study b; none is left/);
    assert.equal(again.digest(), a.digest());
  }));

Deno.test("with shareRuns: false nothing is copied", () =>
  withProject(async (project) => {
    await run(project, { name: "a" });
    const { study, notes } = await run(project, { name: "b", shareRuns: false });
    assert.deepEqual(trained(study), linesOf(study));
    assert.deepEqual(notes, []);
  }));

Deno.test("lines that were changed after the project wrote them are trained, and failed runs as well", () =>
  withProject(async (project) => {
    const { study: a } = await run(project, { name: "a", space: few });
    const path = `${a.folder}/runs.jsonl`;
    const lines = (await Deno.readTextFile(path)).trimEnd().split("\n");
    const record: RunRecord = JSON.parse(lines[3]);
    const final = { ...record.final!, weightNorm: 7 };
    const curve = [...record.curve.slice(0, -1), final];
    const failed: RunRecord = { ...JSON.parse(lines[5]), status: "failed" };
    const changed = [...lines];
    changed[3] = JSON.stringify({ ...record, curve, final, best: final });
    changed[4] = lines[4].replace(/"attempts":1/, '"attempts":2');
    changed[5] = JSON.stringify(failed);
    await Deno.writeTextFile(path, `${changed.join("\n")}\n`);
    const { study: b } = await run(project, { name: "b", space: few });
    const ids = [3, 4, 5].map((index) => JSON.parse(lines[index]).id);
    assert.deepEqual(trained(b).map(({ id }) => id).sort(), ids.sort());
    assert.equal(b.digest(), await unshared(project, { space: few }));
  }));

Deno.test("a study that was received, or a results folder that was copied, is trained; named by its SHA-256 it is copied", () =>
  withProject(async (project) => {
    const { study: a } = await run(project, { name: "a" });
    const copy = async (from: string, to: string) => {
      await Deno.mkdir(to, { recursive: true });
      for (const file of ["study.json", "runs.jsonl"]) {
        await Deno.copyFile(`${from}/${file}`, `${to}/${file}`);
      }
    };
    await withProject(async (other) => {
      const gift = `${other}/results/gift`;
      await copy(a.folder, gift);
      // With everything of the folder that it came from.
      await Deno.copyFile(`${project}/results/.trained`, `${other}/results/.trained`);
      const { study: b, notes } = await run(other, { name: "b" });
      assert.deepEqual(trained(b), linesOf(b));
      assert.deepEqual(notes, []);
      await Deno.remove(b.folder, { recursive: true });

      const journal = `${gift}/runs.jsonl`;
      const hash = sha256(await Deno.readFile(journal));
      const { study: c, notes: said } = await run(other, {
        name: "c",
        trustedRuns: { gift: hash },
      });
      assert.ok(linesOf(c).every(({ copiedFrom }) => copiedFrom === "gift"));
      assert.match(said[0], /^24 runs were copied from study gift; none is left/);
      assert.equal(c.digest(), a.digest());
      // The word was given for that study alone.
      const { study: d } = await run(other, { name: "d" });
      assert.deepEqual(trained(d), linesOf(d));

      await Deno.writeTextFile(journal, "\n", { append: true });
      const wrong = run(other, { name: "e", space: more, trustedRuns: { gift: hash } });
      await assert.rejects(wrong, /SHA-256 of its runs.jsonl is [0-9a-f]{64}, found [0-9a-f]{64}/);
      const none = run(other, { name: "f", space: more, trustedRuns: { nobody: hash } });
      await assert.rejects(none, /study "nobody": .* found no file that can be read/);
    });
  }));

Deno.test("lines of a trusted journal that say another fold, seed, engine or version than their id, or more than a record holds, are trained", () =>
  withProject(async (project) => {
    const { study: a } = await run(project, { name: "a", space: few, shareRuns: false });
    const lines = linesOf(a).map((record, index) => ({
      ...record,
      ...[{ seed: 9 }, { fold: 2 }, { engine: "wasm" }, { numericsVersion: 9 }, {
        note: "x",
      }][index],
    }));
    const text = lines.map((line) => `${JSON.stringify(line)}\n`).join("") + "{not a record\n";
    await Deno.mkdir(`${project}/results/gift`);
    await Deno.writeTextFile(`${project}/results/gift/runs.jsonl`, text);
    await Deno.remove(`${project}/results/.trained`);
    const trustedRuns = { gift: sha256(text) };
    const { study: b } = await run(project, { name: "b", space: few, trustedRuns });
    const ids = (records: readonly RunRecord[]) => records.map(({ id }) => id).sort();
    assert.deepEqual(ids(trained(b)), ids(lines.slice(0, 5)));
    assert.equal(b.digest(), a.digest());
  }));

Deno.test("runStudy refuses trustedRuns that are no SHA-256, its own, or at odds with shareRuns", () =>
  withProject(async (project) => {
    const hash = "0".repeat(64);
    const cases: [Partial<StudyOptions>, RegExp][] = [
      [
        { trustedRuns: { gift: "0f" } },
        /trustedRuns: of "gift" must be 64 hexadecimal .* found "0f"/,
      ],
      [{ trustedRuns: [hash] as never }, /trustedRuns must be an object .* found \["0000/],
      [{ trustedRuns: { double: hash } }, /must name other studies, found "double", this one/],
      [{ trustedRuns: { gift: hash }, shareRuns: false }, /left out where shareRuns is false/],
      [{ trustedRuns: { "../gift": hash } }, /A study must have a name/],
      [{ shareRuns: 1 as never }, /shareRuns must be .* found 1/],
    ];
    for (const [changes, expected] of cases) await assert.rejects(run(project, changes), expected);
    await assert.rejects(Deno.stat(`${project}/results`), Deno.errors.NotFound);
  }));

Deno.test("a study that halves has the records of one that shares nothing: copies end at its rungs", () =>
  withProject(async (project) => {
    const space = grid({ lambda: [0, 0.01, 0.02, 0.03], alpha: [0, 1] });
    const strategy = successiveHalving({ rungs: [1, 2], reductionFactor: 2 });
    const { study: full } = await run(project, { name: "full", space });
    const { study: halved } = await run(project, { name: "halved", space, strategy });
    assert.deepEqual(trained(halved).filter(({ fold }) => fold !== "final"), []);
    const { study: alone } = await run(project, {
      name: "alone",
      space,
      strategy,
      shareRuns: false,
    });
    assert.equal(halved.digest(), alone.digest());
    const kinds = (study: Study) =>
      linesOf(study).map(({ id, status, final }) => `${id} ${status} ${final!.step}`).sort();
    assert.deepEqual(kinds(halved), kinds(alone));

    // The other way round: what was pruned is trained to its end, what was not is copied.
    await Deno.remove(full.folder, { recursive: true });
    await Deno.remove(halved.folder, { recursive: true });
    const { study: again } = await run(project, { name: "again", space });
    const pruned = alone.records.filter(({ status }) => status === "pruned").map(({ id }) => id);
    const copied = new Set(linesOf(again).filter((each) => each.copiedFrom).map(({ id }) => id));
    assert.ok(copied.size > 0 && pruned.length > 0);
    assert.ok(pruned.every((id) => !copied.has(id)));
    assert.equal(again.digest(), full.digest());
  }));

Deno.test("a record is cut off at a rung as the same training had recorded it there", () =>
  withProject(async (project) => {
    const { study } = await run(project, { name: "a", space: few });
    const [record] = linesOf(study);
    const [plan] = crossValidationRuns(study.record).filter(({ id }) => id === record.id);
    const at = (stopAt: number, changes: Partial<RunRecord> = {}) =>
      untilStop({ ...plan, stopAt }, { ...record, ...changes });
    const cut = at(2, { weightsSha256: "0".repeat(64) })!;
    assert.equal(cut.status, "pruned");
    assert.deepEqual(cut.curve, record.curve.slice(0, 3));
    assert.deepEqual([cut.final, cut.samples, cut.weightsSha256], [record.curve[2], [], undefined]);
    const lowest = Math.min(...cut.curve.map(({ heldOutLoss }) => heldOutLoss));
    assert.equal(cut.best!.heldOutLoss, lowest);
    assert.equal(cut.cost, undefined);
    const counted = record.parameters.map((each) => ({ ...each, unchangedWeights: 1 }));
    const ofEnd = at(2, { parameters: counted, adapters: counted })!;
    assert.deepEqual([ofEnd.parameters, ofEnd.adapters], [record.parameters, record.parameters]);
    const early = { ...record, stoppedAtStep: 4 };
    assert.equal(untilStop({ ...plan, stopAt: 4 }, early), early, "it had stopped by itself");
    const diverged = { ...record, status: "diverged", error: "NaN" } as const;
    assert.equal(untilStop({ ...plan, stopAt: 4 }, diverged)!.status, "pruned");
    assert.equal(untilStop({ ...plan, stopAt: 4 }, diverged)!.error, null);
    assert.equal(untilStop({ ...plan, stopAt: 5 }, diverged), diverged);
    assert.equal(untilStop(plan, diverged), diverged);
    assert.equal(untilStop(plan, { ...record, status: "pruned" }), null);
    assert.equal(
      untilStop({ ...plan, stopAt: 2 }, { ...record, status: "pruned" })!.final!.step,
      2,
    );
    assert.equal(untilStop(plan, { ...record, status: "failed" }), null);
    // It was not evaluated there.
    const sparse = { ...record, curve: record.curve.filter(({ step }) => step !== 2) };
    assert.equal(untilStop({ ...plan, stopAt: 2 }, sparse), null);
  }));

Deno.test("a search that asks for its points copies what it asks for, round by round", () =>
  withProject(async (project) => {
    const strategy = (count: number) =>
      bayesianSearch({
        dimensions: { lambda: logRange(1e-4, 1), alpha: logRange(1e-2, 1) },
        count,
        seed: 1,
        startup: 4,
        batchSize: 2,
      });
    const options = { space: undefined, baseline: null };
    const { study: a } = await run(project, { ...options, name: "a", strategy: strategy(8) });
    const { study: b } = await run(project, { ...options, name: "b", strategy: strategy(10) });
    const ofA = new Set(linesOf(a).map(({ id }) => id));
    assert.ok(trained(b).every(({ id }) => !ofA.has(id)));
    assert.ok(trained(b).length >= 2 * 6);
    const { study: alone } = await run(project, {
      ...options,
      name: "alone",
      strategy: strategy(10),
      shareRuns: false,
    });
    assert.equal(b.digest(), alone.digest());
  }));

Deno.test("copying that is interrupted or killed goes on by the same call, and copies nothing twice", () =>
  withProject(async (project) => {
    const space = grid({ lambda: Array.from({ length: 60 }, (_, i) => i / 100), alpha: [0] });
    const { study: a } = await run(project, { name: "a", space });
    const controller = new AbortController();
    const journal = `${project}/results/b/runs.jsonl`;
    const open = Deno.openSync;
    // Aborts as soon as a part of the copies is in the journal.
    Deno.openSync = (path, options) => {
      const file = open(path, options);
      if (path !== journal) return file;
      const { syncDataSync } = file;
      file.syncDataSync = () => {
        syncDataSync.call(file);
        controller.abort();
      };
      return file;
    };
    try {
      await assert.rejects(
        run(project, { name: "b", space, signal: controller.signal }),
        StudyInterrupted,
      );
    } finally {
      Deno.openSync = open;
    }
    const { lines } = readJournal(journal);
    assert.equal(lines.length, 100);
    // A kill leaves the last line torn.
    const { size } = await Deno.stat(journal);
    await Deno.truncate(journal, size - 10);
    const { study: b, notes } = await run(project, { name: "b", space });
    assert.match(notes[0], /^261 runs were copied from study a; none is left to train\.$/);
    assert.deepEqual(trained(b), []);
    assert.equal(linesOf(b).length, new Set(linesOf(b).map(({ id }) => id)).size);
    assert.equal(b.digest(), a.digest());
  }));

Deno.test("two studies of a project at once share what the other has, and lose nothing of the ledger", () =>
  withProject(async (project) => {
    const coordinate = async (name: string) => {
      const options = JSON.stringify({ name, shareRuns: true, keepWeights: "none", workers: 1 });
      const specification = JSON.stringify({ millisecondsPerStep: 1 });
      const { out } = await outcomeOf(
        startScript(project, "coordinator.ts", [options, specification]),
      );
      return out;
    };
    const digests = await Promise.all(["a", "b"].map(coordinate));
    assert.match(digests[0], /^[0-9a-f]{64}$/);
    assert.equal(digests[0], digests[1]);
    const specify: StudyOptions["specify"] = (point) =>
      ({ ...doubleOptions(project).specify(point), millisecondsPerStep: 1 }) as never;
    const { study: c } = await run(project, { name: "c", specify });
    assert.deepEqual(trained(c), []);
    assert.equal(c.digest(), digests[0]);
  }));

Deno.test("runs are copied before anything is put on a queue: where all are, no server is asked", () =>
  withProject(async (project) => {
    const { study: a } = await run(project, { name: "a", space: few });
    const { study: b } = await run(project, {
      name: "b",
      space: few,
      queue: "redis://127.0.0.1:1",
    });
    assert.equal(b.digest(), a.digest());
  }));

Deno.test("a reporter without note is told nothing of copies, and needs none", () =>
  withProject(async (project) => {
    await run(project, { name: "a" });
    const { note: _, ...reporter }: StudyReporter = silentReporter;
    assert.deepEqual(trained((await run(project, { name: "b", reporter })).study), []);
  }));
