import assert from "node:assert/strict";
import { readRuns } from "../records/read_runs.ts";
import { gruLanguageModel } from "../models/gru_language_model.ts";
import { ownModel } from "../models/own_model.ts";
import { distilledStudy } from "./_testing/distilled_study.ts";
import { ownStudy, withOwnProject } from "./_testing/own_parts.ts";
import { withProject } from "./_testing/parts.ts";
import { StudyInterrupted } from "./interrupt.ts";
import { silentReporter, type StudyProgress } from "./reporter.ts";
import { runStudy } from "./run_study.ts";
import { points } from "./search/space.ts";
import { successiveHalving } from "./search/successive_halving.ts";
import type { Study } from "./study.ts";

const named = ({ point }: { readonly point: Study["records"][number]["point"] }) =>
  `${point.taught} ${point.size}`;

Deno.test("runStudy trains teachers first and each student by them, on its fold, whatever the workers and interruptions", () =>
  withProject(async (project) => {
    const totals = new Set<number>();
    const progress = ({ total }: StudyProgress) => void totals.add(total);
    const study = await runStudy(
      distilledStudy(project, { workers: 1, reporter: { ...silentReporter, progress } }),
    );
    // Students count from the beginning, refits once the folds have chosen.
    assert.deepEqual([...totals], [16, study.records.length]);
    const byId = new Map(study.records.map((run) => [run.id, run]));
    assert.equal(study.records.filter(({ fold }) => fold !== "final").length, 4 * 2 * 2);
    assert.ok(study.records.every(({ status }) => status === "completed"));
    for (const run of study.records) {
      const teachers = (run.teachers ?? []).map((id) => byId.get(id)!);
      for (const { fold } of teachers) assert.equal(fold, run.fold);
      const said = teachers.map((each) => `${named(each)} ${each.seed}`);
      const expected: { readonly [point: string]: readonly string[] } = {
        "no 8": [],
        "once 4": ["no 8 2", "no 8 1"],
        "once 8": [`no 8 ${run.seed}`],
        "twice 8": [`once 8 ${run.seed}`],
      };
      assert.deepEqual(said, expected[named(run)]);
      // Weights are kept of those that teach.
      const teaches = ["no 8", "once 8"].includes(named(run));
      assert.equal(run.weights !== null, teaches || run.fold === "final", named(run));
    }
    let interruptions = 0;
    for (const enough of [2, 6, 11]) {
      const controller = new AbortController();
      const reporter = {
        ...silentReporter,
        progress: ({ done }: StudyProgress) => done >= enough && controller.abort(),
      };
      const { signal } = controller;
      const options = { name: "interrupted", reporter, signal, checkpointEvery: { steps: 1 } };
      await runStudy(distilledStudy(project, options)).catch((error) => {
        assert.ok(error instanceof StudyInterrupted, error);
        interruptions++;
      });
    }
    assert.ok(interruptions >= 2, `${interruptions}`);
    const again = await runStudy(distilledStudy(project, { name: "interrupted", workers: 3 }));
    assert.equal(again.digest(), study.digest());
  }));

Deno.test("weights that students need and that are not kept any more are trained again, also for a student of later", () =>
  withProject(async (project) => {
    const space = points([{ taught: "no", size: 8 }]);
    // Without a student nothing of it is kept.
    const alone = await runStudy(distilledStudy(project, { space, keepWeights: "none" }));
    assert.ok(alone.records.every(({ weights }) => weights === null));
    const notes: string[] = [];
    const reporter = { ...silentReporter, note: (text: string) => void notes.push(text) };
    const grown = await runStudy(distilledStudy(project, { reporter, keepWeights: "none" }));
    const whole = await runStudy(
      distilledStudy(project, { name: "whole", shareRuns: false, keepWeights: "none" }),
    );
    assert.equal(grown.digest(), whole.digest());
    assert.ok(
      notes.some((note) => /^Run [0-9a-f]{12} is trained again: others need/.test(note)),
      notes.join("\n"),
    );
    await assert.rejects(Deno.stat(`${grown.folder}/checkpoints`), Deno.errors.NotFound);
    // A student's model is trained again with its teachers, whose weights are trained again too.
    const choice = { point: { taught: "twice", size: 8 }, fold: 1, seed: 2 } as const;
    const weightsOf = async (study: Study) => {
      using model = await study.model(choice);
      return [...model.weights().values()].map(({ values }) => [...values]);
    };
    const first = await weightsOf(whole);
    await Deno.remove(`${whole.folder}/weights`, { recursive: true });
    assert.deepEqual(await weightsOf(whole), first);
  }));

Deno.test("a study whose teacher fails trains its students no more, and completes", () =>
  withProject(async (project) => {
    const options = distilledStudy(project);
    const study = await runStudy({
      ...options,
      specify(point) {
        const specification = options.specify(point);
        if (point.taught !== "no") return specification;
        // So large a rate that its loss is no number any more.
        const optimizer = { ...specification.optimizer, learningRate: 1e38 };
        return { ...specification, optimizer } as typeof specification;
      },
    });
    const runs = readRuns(`${study.folder}/runs.jsonl`);
    assert.deepEqual([...new Set(runs.map(named))], ["no 8"]);
    assert.ok(runs.every(({ status }) => status === "diverged"));
  }));

Deno.test("runStudy refuses teachers that it cannot have before their students, before anything is trained", () =>
  withProject(async (project) => {
    const options = distilledStudy(project);
    const changed = (training: object, model?: object): typeof options => ({
      ...options,
      specify(point) {
        const specification = options.specify(point);
        if (point.taught !== "no") return specification;
        const changed = { ...specification.training, ...training };
        return {
          ...specification,
          training: changed,
          model: { ...specification.model, ...model },
        } as typeof specification;
      },
    });
    const refused: readonly [typeof options, RegExp][] = [
      [
        { ...options, queue: "redis://localhost:1" },
        /training.teacher hands weights from run to run, which a queue does not: leave teacher or queue/,
      ],
      [
        { ...options, strategy: successiveHalving({ rungs: [3], reductionFactor: 2 }) },
        /cannot combine successiveHalving and training.teacher: it pauses runs, so that a teacher might/,
      ],
      [
        changed({ trainingTokens: 200 }),
        /training.teacher of point {"taught":"once","size":4}: {"taught":"no","size":8} cannot teach it: its training.trainingTokens must be the student's, all, found 200/,
      ],
      [
        changed({ carriedState: true }),
        /cannot teach it: its training.carriedState must be false, found true/,
      ],
      [
        { ...options, seeds: [1] },
        /training.teacher of point .*: its seeds must be of the study's, 1, found 2/,
      ],
    ];
    for (const [given, message] of refused) {
      await assert.rejects(async () => await runStudy(given), message);
    }
    await assert.rejects(Deno.stat(`${project}/results/small`), Deno.errors.NotFound);
  }));

Deno.test("a model of one's own learns from one of the library's, and is refused as a teacher", () =>
  withOwnProject({}, async (project) => {
    const gru = gruLanguageModel({ embeddingSize: 4, hiddenSize: 6 });
    const own = ownModel({ module: "parts/bigram.ts" });
    const study = (name: string, taught: object, teaching: object) =>
      ownStudy(project, (lambda) => {
        const teacher = lambda > 0 ? { point: { lambda: 0 }, share: 0.5 } : null;
        const training = { steps: 6, batchSize: 4, windowLength: 8, evaluateEvery: 3, teacher };
        return { model: lambda > 0 ? taught : teaching, training } as object;
      }, { name });
    const { records } = await runStudy(study("own student", own, gru));
    assert.ok(records.some(({ teachers }) => teachers !== undefined));
    for (const { status, error } of records) assert.equal(status, "completed", error ?? "");
    await assert.rejects(
      async () => await runStudy(study("own teacher", gru, own)),
      /{"lambda":0} cannot teach it: its model must be one of the library's, found ownModel/,
    );
  }));

Deno.test("students and teachers that another study of the project has are copied, with the weights of those that teach", () =>
  withProject(async (project) => {
    const first = await runStudy(distilledStudy(project, { name: "first" }));
    const notes: string[] = [];
    const reporter = { ...silentReporter, note: (text: string) => void notes.push(text) };
    const options = { name: "second", shareRuns: true, reporter };
    const second = await runStudy(distilledStudy(project, options));
    assert.equal(second.digest(), first.digest());
    assert.ok(second.records.every(({ copiedFrom }) => copiedFrom === "first"));
    for (const { weights, teachers } of second.records) {
      if (weights !== null) assert.ok((await Deno.stat(`${project}/${weights}`)).isFile);
      for (const id of teachers ?? []) {
        assert.ok((await Deno.stat(`${second.folder}/weights/${id}.safetensors`)).isFile);
      }
    }
    assert.match(notes.join("\n"), /copied from study first/);
  }));
