import assert from "node:assert/strict";
import { ema } from "../averages/ema.ts";
import { averageName, type AverageSpecification } from "../averages/kinds.ts";
import { lastEvaluations } from "../averages/last_evaluations.ts";
import { swa } from "../averages/swa.ts";
import { averages as allAverages } from "../averages/testing/averages.ts";
import { cyclicSchedule } from "../core/schedule.ts";
import { inlineText } from "../data/corpora.ts";
import { characters } from "../data/tokenizers/characters.ts";
import { gruLanguageModel } from "../models/gru_language_model.ts";
import { adam } from "../optimizers/adam.ts";
import { adamW } from "../optimizers/adam_w.ts";
import { asgd } from "../optimizers/asgd.ts";
import type { OptimizerSpecification } from "../optimizers/optimizer.ts";
import { rmsprop } from "../optimizers/rmsprop.ts";
import { sgd } from "../optimizers/sgd.ts";
import type { FoldRecord } from "../records/study_record.ts";
import type { CurvePoint, RunRecord } from "../records/run_record.ts";
import { validateSpecification } from "./specification.ts";
import { specificationWarnings } from "./specification_warnings.ts";
import { execute } from "./testing/execute.ts";
import type { TrainingOptions } from "./training_options.ts";

const text = "the sea was calm and the whale slept below; the mast leaned. ".repeat(6);
const fold: FoldRecord = {
  index: 0,
  training: [{ start: 0, end: 260 }],
  heldOut: [{ start: 260, end: 310 }],
  choosing: [{ start: 310, end: text.length }],
};

function specificationOf(
  training: Partial<TrainingOptions>,
  optimizer: OptimizerSpecification = adam({ learningRate: 2e-2 }),
) {
  return {
    corpus: inlineText(text),
    tokenizer: characters(),
    model: gruLanguageModel({ embeddingSize: 4, hiddenSize: 8, outputDropout: 0.2 }),
    optimizer,
    training: {
      steps: 12,
      batchSize: 4,
      windowLength: 8,
      evaluateEvery: 2,
      samples: { count: 1, length: 20 },
      ...training,
    },
  };
}

const run = (training: Partial<TrainingOptions>, optimizer?: OptimizerSpecification) =>
  execute(specificationOf(training, optimizer), fold);

/** Losses of some weights along a run, null before they are there. */
const lossesOf = ({ curve }: RunRecord, name: string) =>
  curve.map(({ averages }) => {
    const { weights: _, ...losses } = averages?.find(({ weights }) => weights === name) ?? {};
    return losses;
  });

const mainLosses = ({ curve }: RunRecord) =>
  curve.map(({ heldOutLoss, choosingLoss }) => ({ heldOutLoss, choosingLoss }));

const optimizers = [
  sgd({ learningRate: 0.5, momentum: 0.5 }),
  sgd({ learningRate: 1, schedule: cyclicSchedule({ after: 4, every: 4, lowest: 0.1 }) }),
  rmsprop({ learningRate: 5e-3 }),
  adam({ learningRate: 2e-2 }),
  adamW({ learningRate: 2e-2, decay: 0.1 }),
];

for (const optimizer of optimizers) {
  Deno.test(`averages of one run have the losses that each has alone, and change no step: ${JSON.stringify(optimizer)}`, async () => {
    const plain = await run({}, optimizer);
    const together = await run({ averages: allAverages, chosenAverage: "trained" }, optimizer);
    assert.deepEqual(lossesOf(together, "trained"), mainLosses(plain));
    assert.deepEqual(mainLosses(together), mainLosses(plain));
    assert.deepEqual(together.samples, plain.samples);
    for (const average of allAverages) {
      const alone = await run({ averages: [average] }, optimizer);
      const name = averageName(average);
      assert.deepEqual(lossesOf(alone, name), lossesOf(together, name), name);
      assert.deepEqual(lossesOf(alone, "trained"), mainLosses(plain), name);
      // Before it begins the trained weights are what is evaluated.
      const chosen = lossesOf(alone, name).map((losses, at) =>
        "heldOutLoss" in losses ? losses : mainLosses(plain)[at]
      );
      assert.deepEqual(mainLosses(alone), chosen, name);
    }
  });
}

Deno.test("the chosen average is what is sampled, and what the record's other numbers are of", async () => {
  const averages = [ema({ decay: 0.99 }), swa({ start: 3, every: 2 })];
  const records = await Promise.all(
    (["trained", 0, 1] as const).map((chosenAverage) => run({ averages, chosenAverage })),
  );
  const different = (read: (record: RunRecord) => unknown) =>
    new Set(records.map((record) => JSON.stringify(read(record)))).size;
  for (
    const name of ["heldOutLoss", "trainingLoss", "weightNorm"] satisfies (keyof CurvePoint)[]
  ) assert.equal(different(({ final }) => final![name]), 3, name);
  assert.equal(different(({ samples }) => samples), 3);
  assert.equal(different(({ final }) => final!.averages), 1);
  assert.equal(different(({ curve }) => curve.map((at) => at.gradientNorm)), 1);
});

Deno.test("early stopping reads the chosen average's losses and keeps its weights", async () => {
  const averages = [lastEvaluations({ count: 2 }), ema({ decay: 0.5 })];
  const training = { averages, steps: 60, evaluateEvery: 2, earlyStopping: { patience: 2 } };
  const optimizer = adam({ learningRate: 0.3 });
  const stopped = await run(training, optimizer);
  assert.ok(stopped.stoppedAtStep !== null && stopped.best!.step < stopped.final!.step);
  // As long as its best evaluation, without early stopping: the same weights, so the same samples.
  const { step } = stopped.best!;
  const short = await run({ ...training, earlyStopping: null, steps: step }, optimizer);
  assert.deepEqual(short.samples, stopped.samples);
  assert.deepEqual(short.final, stopped.best);
});

Deno.test("averages stay out of the JSON without them, and are refused where they contradict", () => {
  const check = (training: Partial<TrainingOptions>, optimizer?: OptimizerSpecification) =>
    validateSpecification(specificationOf(training, optimizer));
  const averages: readonly AverageSpecification[] = [ema({ decay: 0.9 })];
  assert.equal(check({}).training.chosenAverage, 0);
  assert.equal(check({ averages }).training.averages.length, 1);
  assert.throws(
    () => check({ averages }, asgd({ learningRate: 1 })),
    /^RangeError: Cannot combine ema and asgd: asgd averages the weights itself/,
  );
  assert.throws(
    () => check({ averages, chosenAverage: 1 }),
    /training.chosenAverage must be "trained" or 0, the place of the only average, found 1\./,
  );
  assert.throws(
    () => check({ chosenAverage: "trained" }),
    /chosenAverage must be left out where there are no averages, found "trained"\./,
  );
  assert.throws(() => check({ averages: [...averages, ...averages] }), /different averages/);
  assert.throws(() => check({ averages, chosenAverage: "mean" as never }), /chosenAverage/);
});

Deno.test("averages that do not begin before the last step are warned of", () => {
  const warnings = (averages: readonly AverageSpecification[]) =>
    specificationWarnings(validateSpecification(specificationOf({ averages })), []);
  assert.deepEqual(warnings([ema({ decay: 0.9, start: 12 }), lastEvaluations({ count: 2 })]), []);
  assert.deepEqual(warnings([swa({ start: 13, every: 2 })]), [
    "training.averages: SWA, every 2 steps, from step 13: it begins after the last step, 12.",
  ]);
});
