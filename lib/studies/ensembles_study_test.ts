import assert from "node:assert/strict";
import { join } from "node:path";
import { canonicalJson } from "../core/json.ts";
import { ensembleResult } from "../statistics/ensemble_result.ts";
import { comparable, digestRuns } from "./digest.ts";
import { ensembleId } from "./plan/ensembles.ts";
import { runStudy } from "./run_study.ts";
import { grid } from "./search/space.ts";
import { loadStudy, type Study } from "./study.ts";
import { withProject } from "./_testing/parts.ts";
import { smallStudy } from "./_testing/small_study.ts";
import type { StudyOptions } from "./options.ts";

const options = (project: string, changes: Partial<StudyOptions> = {}) =>
  smallStudy(project, {
    space: grid({ lambda: [0, 1e-3], alpha: [1] }),
    seeds: [1, 2],
    ensembles: [{}, { seeds: [2, 1], point: { lambda: 0, alpha: 1 }, mean: "logits" }],
    ...changes,
  });

const fileOf = ({ folder }: Pick<Study, "folder">) => join(folder, "ensembles.jsonl");
function linesIn(path: string): number {
  try {
    return Deno.readTextFileSync(path).split("\n").length - 1;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return 0;
    throw error;
  }
}

const comparables = ({ ensembles }: Study) =>
  ensembles.map((each) => canonicalJson(comparable(each)));

Deno.test("a study measures its ensembles once, on every fold whose members completed, and reads them back", () =>
  withProject(async (project) => {
    const study = await runStudy(options(project));
    const refits = new Set(study.runs({ fold: "final" }).map(({ point }) => canonicalJson(point)));
    const logits = refits.has(canonicalJson({ lambda: 0, alpha: 1 })) ? 3 : 2;
    assert.equal(study.ensembles.length, 2 * 2 + refits.size + logits);
    for (const record of study.ensembles) {
      assert.equal(record.status, "completed");
      const { mean, members, seeds } = record.ensemble!;
      assert.deepEqual(seeds, mean === "logits" ? [2, 1] : [1, 2]);
      const { engine, numericsVersion } = record;
      assert.equal(record.id, ensembleId({ members, mean, engine, numericsVersion }));
      assert.deepEqual(
        members,
        seeds.map((seed) => study.runs({ point: record.point, fold: record.fold, seed })[0].id),
      );
      const { validationLoss, memberLoss } = ensembleResult(study, record);
      assert.ok(mean === "logits" || validationLoss <= memberLoss);
    }
    // The weights of members are kept.
    assert.ok(study.records.every(({ weights }) => weights !== null));

    const written = await Deno.readTextFile(fileOf(study));
    const again = await runStudy(options(project));
    assert.equal(await Deno.readTextFile(fileOf(study)), written);
    assert.equal(again.digest(), study.digest());
    assert.deepEqual(loadStudy("small", { project }).ensembles, study.ensembles);
    assert.equal(loadStudy("small", { project }).digest(), study.digest());
    // What is there is not measured again.
    await Deno.remove(join(study.folder, "weights"), { recursive: true });
    const asked = await again.ensemble({ point: { lambda: 1e-3, alpha: 1 }, fold: 1 });
    assert.deepEqual(asked.record, study.ensembles.find(({ id }) => id === asked.record.id));
  }));

Deno.test("a study without ensembles has the same records, digest and files as ever", () =>
  withProject(async (project) => {
    const study = await runStudy(options(project));
    const without = await runStudy(options(project, { name: "without", ensembles: undefined }));
    assert.deepEqual(without.ensembles, []);
    assert.ok(!("ensembles" in without.record));
    await assert.rejects(Deno.stat(fileOf(without)), Deno.errors.NotFound);
    assert.equal(without.digest(), digestRuns(study.records));
    assert.notEqual(without.digest(), study.digest());
    assert.notEqual(without.record.definitionHash, study.record.definitionHash);
  }));

Deno.test("ensembles may be added to a study, whose members are trained again where their weights are not there", () =>
  withProject(async (project) => {
    const whole = await runStudy(options(project));
    const later = (changes: Partial<StudyOptions>) =>
      options(project, { name: "later", keepWeights: "none", ...changes });
    const before = await runStudy(later({ ensembles: undefined }));
    const grown = await runStudy(later({}));
    assert.deepEqual(grown.records, before.records);
    assert.deepEqual(comparables(grown), comparables(whole));
    assert.equal(grown.digest(), whole.digest());
    const files = [...Deno.readDirSync(grown.folder)].map(({ name }) => name).sort();
    assert.deepEqual(files, [".lock", "ensembles.jsonl", "runs.jsonl", "study.json"]);
    await assert.rejects(
      runStudy(later({ ensembles: [{}] })),
      /ensemble \{"mean":"logits".*\} is stored, and not asked for now/,
    );
    // More seeds make other ensembles of all of them.
    const seeds = await runStudy(options(project, { seeds: [1, 2, 3] }));
    assert.deepEqual(seeds.ensembles[0].ensemble!.seeds, [1, 2, 3]);
    assert.equal(seeds.ensembles.length, whole.ensembles.length);
  }));

Deno.test("a study that was killed among its ensembles goes on to the same bits", () =>
  withProject(async (project) => {
    const study = await runStudy(options(project));
    const lines = (await Deno.readTextFile(fileOf(study))).trimEnd().split("\n");
    for (const left of [0, 1, lines.length - 1]) {
      const kept = lines.slice(0, left).map((line) => `${line}\n`).join("");
      // The next line was being written.
      await Deno.writeTextFile(fileOf(study), kept + lines[left].slice(0, 300));
      const resumed = await runStudy(options(project));
      assert.equal(resumed.digest(), study.digest());
      assert.ok((await Deno.readTextFile(fileOf(study))).startsWith(kept));
      assert.deepEqual(comparables(resumed), comparables(study));
    }
    await Deno.remove(fileOf(study));
    await assert.rejects(
      runStudy(options(project, { signal: AbortSignal.abort() })),
      { name: "StudyInterrupted" },
    );
    // Interrupted once the first is recorded, or (on a fast machine) done by then.
    const stopping = new AbortController();
    const watched = setInterval(() => {
      if (linesIn(fileOf(study)) > 0) stopping.abort();
    }, 5);
    await runStudy(options(project, { signal: stopping.signal, workers: 1 }))
      .catch((error) => assert.equal(error.name, "StudyInterrupted"))
      .finally(() => clearInterval(watched));
    assert.ok(linesIn(fileOf(study)) > 0);
    assert.equal((await runStudy(options(project))).digest(), study.digest());
  }));

Deno.test("a point whose runs diverge has no ensemble", () =>
  withProject(async (project) => {
    const study = await runStudy(options(project, {
      ensembles: [{}],
      specify: (point) => {
        const specification = smallStudy(project).specify(point);
        // A step so large that its losses are no numbers.
        const learningRate = point.lambda > 0 ? 1e38 : 0.01;
        return { ...specification, optimizer: { kind: "sgd", learningRate } as never };
      },
    }));
    assert.ok(study.records.some(({ status }) => status === "diverged"));
    assert.deepEqual(
      study.ensembles.map(({ point, fold }) => [point.lambda, fold]),
      [[0, 0], [0, 1], [0, "final"]],
    );
  }));

Deno.test("ensembles that a study cannot have are refused before anything is trained", () =>
  withProject(async (project) => {
    const refused = (ensembles: unknown, message: RegExp) =>
      assert.rejects(runStudy(options(project, { ensembles: ensembles as never })), message);
    await refused({}, /runStudy: ensembles must be a list of at least one object, .* found \{\}/);
    await refused([], /at least one object, .* found \[\]/);
    await refused([{ count: 3 }], /ensembles\[0\]: unknown option "count"/);
    await refused(
      [{}, { seeds: [1, 3] }],
      /ensembles\[1\]: seeds must be some of .* 1, 2, found 3/,
    );
    await refused(
      [{ seeds: [1] }],
      /ensembles\[0\]: seeds must be at least 2, for the mean of one run is that run, found \[1\]; .*snapshots/,
    );
    await assert.rejects(
      runStudy(options(project, { seeds: [3], ensembles: [{ mean: "logits" }] })),
      /seeds must be at least 2, .* found the study's \[3\]/,
    );
    await refused([{ seeds: [1, 1] }], /ensembles\[0\]: seeds must differ/);
    await refused([{ seeds: [] }], /ensembles\[0\]: seeds must be a list of whole numbers/);
    await refused([{ point: { lambda: 7 } }], /ensembles\[0\]: point must be a point of the space/);
    await refused([{ mean: "median" }], /ensembles\[0\]: mean must be one of/);
    await refused([{}, { mean: "probabilities" }], /must ask for each ensemble once/);
    assert.deepEqual([...Deno.readDirSync(project)].filter(({ name }) => name === "results"), []);
  }));

Deno.test("snapshots of a run make an ensemble, beside that of the runs, of points that take some", () =>
  withProject(async (project) => {
    const withSnapshots = options(project, {
      ensembles: [{ seeds: [1], snapshots: true }, { snapshots: true, mean: "logits" }, {}],
      specify: (point) => {
        const specification = smallStudy(project).specify(point);
        const snapshots = point.lambda === 0 ? { start: 2, every: 2 } : null;
        return { ...specification, training: { ...specification.training, snapshots } as never };
      },
    });
    const study = await runStudy(withSnapshots);
    const found = study.ensembles.map(({ point, fold, ensemble }) =>
      `${point.lambda} ${fold} ${ensemble!.seeds} ${ensemble!.mean} ${
        ensemble!.snapshots ?? "runs"
      }`
    );
    assert.deepEqual(found.filter((each) => each.startsWith("0 0")), [
      "0 0 1 probabilities 3",
      "0 0 1,2 logits 6",
      "0 0 1,2 probabilities runs",
    ]);
    assert.deepEqual(found.filter((each) => each.startsWith("0.001 0")), [
      "0.001 0 1,2 probabilities runs",
    ]);
    const [first] = study.ensembles;
    const asked = await study.ensemble({
      point: first.point,
      fold: 0,
      seeds: [1],
      snapshots: true,
    });
    assert.deepEqual(asked.record, first);
    const [run] = study.runs({ point: first.point, fold: 0, seed: 1 });
    assert.equal(asked.size.members, 3);
    assert.equal(asked.size.weights, 3 * run.cost!.weights);
    // One training made them all.
    assert.equal(asked.cost.flops, run.cost!.flops);
    assert.equal((await runStudy(withSnapshots)).digest(), study.digest());
    await assert.rejects(
      study.ensemble({ point: { lambda: 1e-3, alpha: 1 }, fold: 0, snapshots: true }),
      /has taken none, see training\.snapshots/,
    );
    const { verifyStudy } = await import("../verification/verify_study.ts");
    const parts = await verifyStudy("small", { project, sample: 99 });
    assert.deepEqual(parts.flatMap(({ problems }) => problems), []);
  }));
