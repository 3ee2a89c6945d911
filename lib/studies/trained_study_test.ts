import assert from "node:assert/strict";
import { inlineText } from "../data/corpora.ts";
import { blockedFolds } from "../data/folds.ts";
import { adam } from "../optimizers/adam.ts";
import { adamW } from "../optimizers/adam_w.ts";
import { proximalL1 } from "../penalties/proximal_l1.ts";
import { mean } from "../statistics/estimate.ts";
import { assertClose } from "../statistics/testing/close.ts";
import type { StudyOptions } from "./options.ts";
import { runStudy } from "./run_study.ts";
import { grid } from "./search/space.ts";
import { libraryTrainings } from "./_library_trainings.ts";
import { withProject } from "./_testing/parts.ts";
import { smallStudy, text } from "./_testing/small_study.ts";

Deno.test("runStudy trains real models, the same with 1 worker and with 2, and gives them back", () =>
  withProject(async (project) => {
    const study = await runStudy(smallStudy(project));
    const again = await runStudy(smallStudy(project, { name: "again", workers: 1 }));
    assert.equal(again.digest(), study.digest());
    assert.deepEqual(study.record.baseline, { lambda: 0, alpha: 0 });
    assert.equal(study.record.corpus.tokens, text.length);
    assert.ok(study.records.every(({ status }) => status === "completed"));

    // From the file that was kept, and trained again: the same weights.
    const choice = { point: { lambda: 0, alpha: 0 }, fold: "final", seed: 1 } as const;
    const [{ weights }] = study.runs(choice);
    {
      using kept = await study.model(choice);
      await Deno.remove(`${project}/${weights}`);
      using trained = await study.model(choice);
      assert.deepEqual(trained.weights(), kept.weights());
    }
    using fold = await study.model({ point: { lambda: 1e-3, alpha: 1 }, fold: 1, seed: 1 });
    assert.equal(fold.vocabulary.size, study.runs({ fold: 1 })[0].tokens.vocabulary);
    await assert.rejects(
      study.model({ ...choice, seed: 2 }),
      /Study .* has no seed 2; its seeds are 1\.$/,
    );
    await assert.rejects(study.model({ ...choice, point: { lambda: 3 } }), /has no point/);
  }));

Deno.test("study.runs, study.summary and study.selected give the runs and the means of points", () =>
  withProject(async (project) => {
    const study = await runStudy(smallStudy(project));
    const point = { alpha: 1, lambda: 1e-3 };
    const runs = study.runs({ point });
    assert.deepEqual(runs.map(({ fold, seed }) => [fold, seed]), [[0, 1], [1, 1]]);
    assert.ok(runs.every((run) => run.point.lambda === 1e-3 && run.point.alpha === 1));
    assert.equal(study.runs({ fold: 1 }).length, study.record.space.points.length);
    assert.ok(study.runs({ fold: "final" }).every(({ fold }) => fold === "final"));
    assert.ok(study.runs().length + study.runs({ fold: "final" }).length === study.records.length);
    const { estimates } = study.summary(point).lastStep!;
    const loss = mean(runs.map(({ final }) => final!.heldOutLoss));
    assertClose(estimates.validationLoss.mean, loss, 1e-12);
    const penalized = study.selected("mean", { among: ({ lambda }) => lambda > 0 });
    assert.ok((penalized!.lambda as number) > 0);
    assert.deepEqual(study.selection("mean").selected?.point, study.selected("mean"));
    assert.throws(() => study.summary({ lambda: 3 }), /has no point {"lambda":3}/);
    assert.throws(() => study.runs({ point: { lambda: 3 } }), /has no point {"lambda":3}/);
    assert.throws(() => study.runs({ folds: 1 } as never), /unknown option "folds"/);
  }));

Deno.test("study.texts are what its models were measured on: a model's loss on them is the recorded one", () =>
  withProject(async (project) => {
    const study = await runStudy(smallStudy(project, { keepWeights: "all" }));
    for (const fold of [0, 1, "final"] as const) {
      const point = study.record.baseline!;
      const texts = await study.texts(fold);
      const model = await study.model({ point, fold, seed: 1 });
      const { final } = study.records.find((run) => run.fold === fold && run.point.lambda === 0)!;
      assert.equal(texts.heldOut.length, 1);
      // Batches of another size are summed in single precision.
      assertClose(model.crossEntropy(texts.heldOut[0]), final!.heldOutLoss, 1e-6);
      assert.ok(texts.training.every((each) => text.includes(each)));
      assert.deepEqual(
        model.parameters.map(({ name, shape }) => [name, [...shape]]),
        [...model.weights()].map(([name, { shape }]) => [name, [...shape]]),
      );
      assert.equal(model.parameters.find(({ name }) => name === "gru0/bias")!.kind, "bias");
      model.dispose();
    }
    await assert.rejects(study.texts(7), /has no fold 7; its folds are 0, 1, final/);
  }));

Deno.test("runStudy refuses specifications, corpora and folds that cannot be used, and names the point", () =>
  withProject(async (project) => {
    const { specify } = smallStudy(project);
    const change = (changes: (point: { lambda: number }) => object): Partial<StudyOptions> => ({
      specify: (point) => ({ ...specify(point), ...changes(point) }),
    });
    const cases: [Partial<StudyOptions>, RegExp][] = [
      [change(() => ({ penalty: 1 })), /for {"lambda":0,"alpha":0}: .*unknown option "penalty"/],
      [
        change(() => ({ penalties: [{ kind: "l3", strength: 1 }] })),
        /penalty: kind must be one of "l1".* found "l3"/,
      ],
      [
        change(() => ({ penalties: [{ kind: "l1", strength: -1 }] })),
        /strength must be .*found -1/,
      ],
      [
        change(() => ({ penalties: [{ kind: "l1", strength: NaN }] })),
        /strength must be .*found NaN/,
      ],
      [
        change(({ lambda }) => ({ corpus: inlineText(`${text}${lambda}`) })),
        /must have the same corpus/,
      ],
      [change(() => ({ corpus: inlineText("too short") })), /at least as many windows .* as folds/],
      [
        change((point) => ({ training: { ...specify(point).training, trainingTokens: 9e5 } })),
        /trainingTokens must be at most \d+, the training tokens of fold \d, found 900000/,
      ],
      [
        change(() => ({ corpus: { ...inlineText(text), sha256: "0".repeat(64) } })),
        /its SHA-256 must be 0000/,
      ],
      [{ folds: { ...blockedFolds({ count: 2 }), count: 1 } }, /count must be/],
    ];
    for (const [changes, expected] of cases) {
      await assert.rejects(runStudy(smallStudy(project, changes)), expected);
    }
    await assert.rejects(Deno.stat(`${project}/results`), Deno.errors.NotFound);
  }));

Deno.test("runStudy records a run whose loss becomes NaN as diverged and goes on", () =>
  withProject(async (project) => {
    const { specify } = smallStudy(project);
    const options = smallStudy(project, {
      space: grid({ learningRate: [0.01, 1e30] }),
      baseline: { learningRate: 0.01 },
      specify: ({ learningRate }) => ({
        ...specify({ lambda: 0, alpha: 0 }),
        optimizer: adam({ learningRate }),
      }),
    });
    const study = await runStudy(options);
    const statuses = (rate: number) =>
      study.records.filter(({ point }) => point.learningRate === rate).map(({ status }) => status);
    assert.deepEqual(statuses(1e30), ["diverged", "diverged"]);
    assert.ok(statuses(0.01).every((status) => status === "completed"));
  }));

Deno.test("libraryTrainings sees a penalty in penalties and in adamW's decay", async () => {
  const { specify } = smallStudy("");
  const unpenalized = async (changes: object) => {
    const options = { ...specify({ lambda: 0, alpha: 0 }), ...changes };
    const folds = blockedFolds({ count: 2 });
    const { specifications } = await libraryTrainings.prepare([{ point: {}, options }], folds, "");
    return libraryTrainings.isUnpenalized(specifications[0]);
  };
  assert.equal(await unpenalized({}), true);
  assert.equal(await unpenalized({ penalties: [] }), true);
  assert.equal(await unpenalized({ penalties: [proximalL1({ strength: 1e-9 })] }), false);
  const optimizer = adamW({ learningRate: 0.01, decay: 0.1 });
  assert.equal(await unpenalized({ penalties: [], optimizer }), false);
});
