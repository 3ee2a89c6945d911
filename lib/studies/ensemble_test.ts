import assert from "node:assert/strict";
import { meanOfModels } from "../ensembles/mean_of_models.ts";
import { parameterCount } from "../records/parameter_count.ts";
import { mean } from "../statistics/estimate.ts";
import { assertClose } from "../statistics/testing/close.ts";
import { runStudy } from "./run_study.ts";
import { withProject } from "./_testing/parts.ts";
import { smallStudy } from "./_testing/small_study.ts";

const point = { lambda: 1e-3, alpha: 1 };

Deno.test("study.ensemble gives loss, samples, size and cost of the mean of a point's runs on a fold", () =>
  withProject(async (project) => {
    const study = await runStudy(smallStudy(project, { keepWeights: "all", seeds: [1, 2, 3] }));
    for (const fold of [0, "final"] as const) {
      const chosen = fold === "final" ? study.selected()! : point;
      const runs = study.runs({ point: chosen, fold });
      const ensemble = await study.ensemble({ point: chosen, fold });
      const again = await study.ensemble({ point: chosen, fold, seeds: [1, 2, 3] });
      assert.deepEqual(again.record.final, ensemble.record.final);
      assert.equal(again.record.id, ensemble.record.id);
      const losses = runs.map(({ final }) => final!.heldOutLoss);
      assert.equal(ensemble.memberLoss, mean(losses));
      assert.equal(ensemble.bestMemberLoss, Math.min(...losses));
      assert.ok(ensemble.validationLoss <= ensemble.memberLoss);
      assert.equal(ensemble.perplexity, Math.exp(ensemble.validationLoss));
      const weights = 3 * parameterCount(runs[0].parameters);
      assert.deepEqual(ensemble.size, { members: 3, weights, bytes: 4 * weights });
      assert.equal(ensemble.cost.steps, 3 * 6);
      assert.equal(ensemble.cost.tokens, 3 * 6 * 4 * 8);
      assert.ok(ensemble.cost.flops! > 0);
      assert.equal(ensemble.samples.length, runs[0].samples.length);

      // The same models in this process, on the same text.
      const models = await Promise.all(
        [1, 2, 3].map((seed) => study.model({ point: chosen, fold, seed })),
      );
      using together = meanOfModels(models);
      const { heldOut: [text] } = await study.texts(fold);
      assertClose(together.crossEntropy(text), ensemble.validationLoss, 1e-6);
    }
    const [one, two] = await Promise.all([
      study.ensemble({ point, fold: 0, seeds: [2] }),
      study.ensemble({ point, fold: 0, seeds: [2, 1], mean: "logits" }),
    ]);
    assertClose(
      one.validationLoss,
      study.runs({ point, fold: 0, seed: 2 })[0].final!.heldOutLoss,
      1e-6,
    );
    assert.deepEqual([two.mean, two.seeds], ["logits", [2, 1]]);
    assert.equal((await study.ensemble()).fold, "final");
    assert.deepEqual((await study.ensemble()).point, study.selected());
  }));

Deno.test("study.ensemble refuses what cannot be an ensemble, and says why", () =>
  withProject(async (project) => {
    const study = await runStudy(smallStudy(project, { keepWeights: "all", seeds: [1, 2] }));
    const ask = (choice: object) => study.ensemble({ point, fold: 0, ...choice });
    await assert.rejects(ask({ seeds: [1, 1] }), /seeds must differ, .* found 1 twice/);
    await assert.rejects(ask({ seeds: [] }), /seeds must be a list of whole numbers, found \[\]/);
    await assert.rejects(ask({ seeds: [1.5] }), /a seed must be a whole number/);
    await assert.rejects(
      ask({ seeds: [1, 7] }),
      /has no seed 7; its seeds are 1, 2\.$/,
    );
    await assert.rejects(ask({ fold: 9 }), /has no fold 9; its folds are [^;]*\.$/);
    await assert.rejects(ask({ point: { lambda: 9 } }), /has no point/);
    await assert.rejects(ask({ mean: "median" }), /mean must be one of "probabilities", "logits"/);
    await assert.rejects(ask({ models: 2 }), /unknown option "models"/);
    const [{ weights }] = study.runs({ point, fold: 0, seed: 2 });
    await Deno.remove(`${project}/${weights}`);
    await assert.rejects(
      ask({}),
      /run with seed 2 has kept its weights in .*, and they are not there/,
    );

    const without = await runStudy(smallStudy(project, { name: "without", seeds: [1, 2] }));
    await assert.rejects(
      without.ensemble({ point, fold: 0 }),
      /Cannot give the ensemble of .*"fold":0.*: its run with seed 1 kept no weights\. .*keepWeights: "all"/,
    );
    // Refits keep theirs.
    assert.equal((await without.ensemble()).size.members, 2);
  }));

Deno.test("study.ensemble refuses runs that did not complete", () =>
  withProject(async (project) => {
    const study = await runStudy(smallStudy(project, {
      keepWeights: "all",
      specify: ({ lambda, alpha }) => {
        const specification = smallStudy(project).specify({ lambda, alpha });
        // A step so large that its losses are no numbers.
        const learningRate = lambda > 0 ? 1e38 : 0.01;
        return { ...specification, optimizer: { kind: "sgd", learningRate } as never };
      },
    }));
    const diverged = study.records.find(({ status }) => status === "diverged")!;
    await assert.rejects(
      study.ensemble({ point: diverged.point, fold: diverged.fold }),
      /its run with seed 1 diverged \(A loss or gradient became NaN or infinite/,
    );
  }));
