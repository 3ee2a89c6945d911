import assert from "node:assert/strict";
import { corpus, inlineText, loadCorpus } from "../data/corpora.ts";
import { blockedFolds } from "../data/folds.ts";
import { characters } from "../data/tokenizers/characters.ts";
import { gruLanguageModel } from "../models/gru_language_model.ts";
import { adam } from "../optimizers/adam.ts";
import { asgd } from "../optimizers/asgd.ts";
import { decoupledWeightDecay } from "../penalties/decoupled_weight_decay.ts";
import { describeFindings } from "../statistics/describe.ts";
import { finalResults } from "../statistics/final_block.ts";
import { findings } from "../statistics/findings.ts";
import { keptEvaluation } from "../statistics/summarize.ts";
import { assertClose } from "../statistics/testing/close.ts";
import { runsFrame } from "../frames/mod.ts";
import type { SpecificationOptions } from "../training/specification.ts";
import type { StudyOptions } from "./options.ts";
import { definitionHash } from "./same_definition.ts";
import { silentReporter } from "./reporter.ts";
import { lowestMean } from "./plan/rule.ts";
import { runStudy } from "./run_study.ts";
import { grid } from "./search/space.ts";
import { withProject } from "./_testing/parts.ts";

/** So little text that a model over-fits it. */
const text = await loadCorpus(
  corpus("moby-dick", { excerpt: { start: 40_000, length: 2_500 } }),
);

function study(
  project: string,
  name: string,
  training: Partial<SpecificationOptions["training"]>,
  changes: Partial<StudyOptions> = {},
): StudyOptions {
  return {
    name,
    project,
    space: grid({ alpha: [0, 0.5] }),
    specify: ({ alpha }) => ({
      corpus: inlineText(text),
      tokenizer: characters(),
      model: gruLanguageModel({ embeddingSize: 6, hiddenSize: 32 }),
      optimizer: adam({ learningRate: 4e-2 }),
      penalties: [decoupledWeightDecay({ strength: alpha })],
      training: {
        steps: 100,
        batchSize: 4,
        windowLength: 12,
        evaluateEvery: 4,
        samples: { count: 0 },
        ...training,
      },
    }),
    folds: blockedFolds({ count: 3, finalShare: 0.2 }),
    seeds: [1],
    select: lowestMean("validationLoss"),
    workers: 2,
    reporter: silentReporter,
    ...changes,
  } as StudyOptions;
}

const patience = { earlyStopping: { patience: 3 } };

Deno.test("with early stopping, what each run kept is summarized, compared, described, shown and handed out", () =>
  withProject(async (project) => {
    const stopped = await runStudy(study(project, "stopped", patience));
    const { record, records } = stopped;
    assert.equal(record.refits, "chosenStep");
    const onFolds = records.filter(({ fold }) => fold !== "final");
    assert.ok(onFolds.some(({ best, final }) => best!.heldOutLoss < final!.heldOutLoss - 0.02));

    const shown = findings(record, records);
    for (const { point, lastStep, bestStep } of shown.summaries) {
      const own = onFolds.filter((run) => run.point.alpha === point.alpha);
      const kept = own.map(({ best }) => best!.heldOutLoss);
      assert.deepEqual(lastStep!.estimates.validationLoss.foldMeans, kept);
      assert.deepEqual(bestStep, lastStep);
      assert.ok(String(stopped).includes(lastStep!.estimates.validationLoss.mean.toFixed(3)));
    }
    assert.deepEqual(
      shown.lastStepAgainstEarlyStopping!.points,
      shown.lossAtLastStep!.points,
      "the baseline was stopped early already",
    );
    const listed = runsFrame(stopped).column("validationLoss").values as number[];
    const kept = records.map((run) => keptEvaluation({ record }, run)!.heldOutLoss);
    assert.deepEqual(listed.toSorted(), kept.toSorted());

    // The model of a run has the recorded loss that is compared.
    const [run] = onFolds;
    assert.notEqual(run.best!.step, run.final!.step);
    const model = await stopped.model({ point: run.point, fold: run.fold });
    const [heldOut] = (await stopped.texts(run.fold)).heldOut;
    assertClose(model.crossEntropy(heldOut), keptEvaluation({ record }, run)!.heldOutLoss, 1e-6);
    model.dispose();

    // The selected model is the refit, trained to the step that the folds chose.
    const refits = finalResults(record, records, shown.summaries);
    for (const { lastStep, chosenStep, point } of refits) {
      const steps = onFolds.filter((run) => run.point.alpha === point.alpha)
        .map(({ best }) => best!.step).sort((a, b) => a - b);
      assert.equal(lastStep!.step, steps[1]);
      assert.deepEqual(chosenStep, lastStep);
    }
    assert.deepEqual(stopped.selected(), { alpha: 0.5 });
    const selected = await stopped.model();
    const [final] = (await stopped.texts("final")).heldOut;
    const score = refits.find(({ point }) => point.alpha === 0.5)!.lastStep!;
    assertClose(selected.crossEntropy(final), score.loss, 1e-6);
    selected.dispose();

    // The same verdict as without the option, and no sentence about a step that there is not.
    const whole = await runStudy(study(project, "whole", {}));
    assert.equal(whole.record.refits, undefined);
    const verdicts = [shown, findings(whole.record, whole.records)];
    assert.deepEqual(verdicts.map(({ earlyStopping }) => earlyStopping!.kind), [
      "withinNoise",
      "withinNoise",
    ]);
    const words = describeFindings(shown).map(({ text }) => text).join(" ");
    assert.doesNotMatch(words, /null/);
    assert.match(words, /the losses above are already those of early stopping/);

    const again = await runStudy(study(project, "stopped", patience));
    assert.equal(again.digest(), stopped.digest());
    assert.equal(again.records.length, records.length);
  }));

Deno.test("a study whose study.json has no refits goes on with refits to the last step, as it was defined", () =>
  withProject(async (project) => {
    const training = { ...patience, steps: 12 };
    const options = study(project, "old", training);
    await runStudy(options);
    const path = `${project}/results/old/study.json`;
    const { refits, ...old } = JSON.parse(await Deno.readTextFile(path));
    assert.equal(refits, "chosenStep");
    const record = { ...old, definitionHash: definitionHash(old) };
    await Deno.writeTextFile(path, `${JSON.stringify(record, null, 2)}\n`);
    const kept = await Deno.readTextFile(path);
    const study_ = await runStudy(options);
    assert.equal(await Deno.readTextFile(path), kept);
    const steps = study_.records.filter(({ fold }) => fold === "final")
      .map(({ final }) => final!.step);
    assert.deepEqual(new Set(steps), new Set([12]));
  }));

/** Records of the refits and their weights, of a study on a text with this end. */
async function refitsOf(
  project: string,
  name: string,
  ending: string,
  change: Partial<SpecificationOptions>,
  training: Partial<SpecificationOptions["training"]>,
) {
  const options = study(project, name, training);
  const { specify } = options;
  const trained = await runStudy({
    ...options,
    space: grid({ alpha: [0] }),
    folds: blockedFolds({ count: 2, finalShare: 0.2 }),
    // The final block of 0.2 is replaced.
    specify: (point) => ({
      ...specify(point),
      corpus: inlineText(text.slice(0, -500) + ending),
      ...change,
    } as SpecificationOptions),
  });
  const refits = trained.records.filter(({ fold }) => fold === "final");
  assert.ok(refits.length > 0);
  const models = await Promise.all(refits.map(({ point }) => trained.model({ point })));
  const weights = models.map((model) => [...model.weights()].map(([, { values }]) => values));
  for (const model of models) model.dispose();
  return { refits, weights };
}

Deno.test("the text of the final block changes nothing in the training of a refit, early stopping and NT-ASGD included", () =>
  withProject(async (project) => {
    const endings = [text.slice(-500), "kick vivid bulk; ".repeat(30).slice(0, 500)];
    const ways = [
      [{}, { ...patience, steps: 40, evaluateEvery: 2 }],
      [
        // Read by the trigger, these endings would begin the average at other steps.
        {
          model: gruLanguageModel({ embeddingSize: 4, hiddenSize: 8 }),
          optimizer: asgd({ learningRate: 2, nonMonotoneInterval: 1 }),
          penalties: [],
        },
        { steps: 40, evaluateEvery: 2 },
      ],
    ] as const;
    for (const [at, [change, training]] of ways.entries()) {
      const [first, second] = [
        await refitsOf(project, `first-${at}`, endings[0], change, training),
        await refitsOf(project, `second-${at}`, endings[1], change, training),
      ];
      assert.deepEqual(first.weights, second.weights);
      assert.deepEqual(
        first.refits.map(({ curve }) => curve.map(({ trainingLoss }) => trainingLoss)),
        second.refits.map(({ curve }) => curve.map(({ trainingLoss }) => trainingLoss)),
      );
      const losses = (refits: typeof first.refits) => refits.map(({ final }) => final!.heldOutLoss);
      assert.notDeepEqual(losses(first.refits), losses(second.refits));
    }
  }));
