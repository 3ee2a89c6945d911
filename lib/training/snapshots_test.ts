import assert from "node:assert/strict";
import { join } from "node:path";
import { canonicalJson, type JsonObject } from "../core/json.ts";
import { stored } from "../core/left_out.ts";
import { cyclicSchedule } from "../core/schedule.ts";
import { inlineText } from "../data/corpora.ts";
import { characters } from "../data/tokenizers/characters.ts";
import { gruLanguageModel } from "../models/gru_language_model.ts";
import { readSafetensors } from "../models/safetensors.ts";
import { adam } from "../optimizers/adam.ts";
import { ema } from "../averages/ema.ts";
import { executeRun } from "./run.ts";
import type { RunRequest } from "./run_request.ts";
import { snapshotsIn } from "./snapshots.ts";
import { type SpecificationOptions, validateSpecification } from "./specification.ts";
import { specificationWarnings } from "./specification_warnings.ts";
import type { TrainingOptions } from "./training_options.ts";

const fold = { index: 0, training: [{ start: 0, end: 300 }], heldOut: [{ start: 300, end: 400 }] };

const specificationOf = (training: Partial<TrainingOptions>): SpecificationOptions => ({
  corpus: inlineText("the sea was calm, and the whale slept. A sail; a sail! ".repeat(8)),
  tokenizer: characters(),
  model: gruLanguageModel({ embeddingSize: 4, hiddenSize: 6, outputDropout: 0.2 }),
  optimizer: adam({
    learningRate: 2e-2,
    schedule: cyclicSchedule({ after: 2, every: 4, lowest: 0 }),
  }),
  training: { steps: 14, batchSize: 4, windowLength: 8, evaluateEvery: 4, ...training },
});

/** Tensors of the weights file of a run. */
async function weightsOf(
  training: Partial<TrainingOptions>,
  checkpointed: (folder: string) => Partial<RunRequest>[] = () => [{}],
) {
  const folder = await Deno.makeTempDir();
  try {
    const weightsPath = join(folder, "weights");
    for (const part of checkpointed(folder)) {
      const specification = specificationOf(training) as unknown as JsonObject;
      await executeRun({
        ...{ id: "test", specification, point: {}, fold, seed: 1, engine: "wasm", weightsPath },
        ...part,
      });
    }
    return readSafetensors(await Deno.readFile(weightsPath)).tensors;
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** The ends of the cycles. */
const snapshots = { start: 6, every: 4 };

Deno.test("snapshots are the weights of runs that end at their steps, and change nothing of their own run", async () => {
  for (const averages of [[], [ema({ horizon: 5 })]]) {
    const tensors = await weightsOf({ snapshots, averages });
    const plain = await weightsOf({ averages });
    const kept = [...tensors].filter(([name]) => !name.startsWith("snapshot"));
    assert.deepEqual(new Map(kept), plain);
    const taken = snapshotsIn(tensors);
    assert.equal(taken.length, 3);
    for (const [index, steps] of [6, 10, 14].entries()) {
      // Those that are trained, and not their average.
      assert.deepEqual(taken[index], await weightsOf({ steps }), `step ${steps}`);
    }
  }
});

Deno.test("a run that was interrupted has the snapshots that it had taken before, to the bit", async () => {
  const whole = await weightsOf({ snapshots, averages: [ema({ horizon: 5 })] });
  const resumed = await weightsOf({ snapshots, averages: [ema({ horizon: 5 })] }, (folder) => {
    const checkpoint = { path: join(folder, "checkpoint"), seconds: null, steps: null };
    return [{ checkpoint, stopAt: 4 }, { checkpoint, stopAt: 8 }, { checkpoint }];
  });
  assert.deepEqual(resumed, whole);
});

Deno.test("a specification without snapshots has none in its JSON, and wrong ones are refused", () => {
  const without = validateSpecification(specificationOf({}));
  assert.equal(without.training.snapshots, null);
  assert.doesNotMatch(canonicalJson(stored(without)), /snapshots/);
  const valid = validateSpecification(specificationOf({ snapshots }));
  assert.match(canonicalJson(stored(valid)), /"snapshots":\{"every":4,"start":6\}/);
  assert.deepEqual(specificationWarnings(valid, [fold]), []);
  const refused = (snapshots: unknown, message: RegExp) =>
    assert.throws(
      () => validateSpecification(specificationOf({ snapshots: snapshots as never })),
      message,
    );
  refused({ start: 0, every: 1 }, /training\.snapshots\.start must be a finite number from 1/);
  refused({ start: 1 }, /training\.snapshots\.every must be a finite number .*, found nothing/);
  refused({ start: 1, every: 1, count: 2 }, /unknown option "count"/);
  const late = validateSpecification(specificationOf({ snapshots: { start: 15, every: 1 } }));
  assert.deepEqual(specificationWarnings(late, [fold]), [
    "training.snapshots: the first comes after the last step, 14.",
  ]);
});
