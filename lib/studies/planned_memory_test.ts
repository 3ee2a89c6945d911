import assert from "node:assert/strict";
import { inlineText } from "../data/corpora.ts";
import { bytePairs } from "../data/tokenizers/byte_pairs.ts";
import type { JsonObject } from "../core/json.ts";
import { transformerLanguageModel } from "../models/transformer_language_model.ts";
import { adam } from "../optimizers/adam.ts";
import { validateSpecification } from "../training/specification.ts";
import { memoryGuard } from "./pool/memory.ts";
import { libraryTrainings } from "./_library_trainings.ts";
import { checkWholeMemory, largestPlan } from "./_planned_memory.ts";

const gibi = 2 ** 30;

/** A training of 135 million weights with Adam, as SmolLM2's. */
const planOf = (microBatchSize: number | null) =>
  libraryTrainings.planMemory!(validateSpecification({
    corpus: inlineText("abcdefg"),
    tokenizer: bytePairs({ vocabularySize: 49_152 }),
    model: transformerLanguageModel({
      ...{ embeddingSize: 576, layers: 27, heads: 9, blockSize: 128 },
    }),
    optimizer: adam({ learningRate: 1e-4 }),
    training: { steps: 2, batchSize: 4, windowLength: 128, microBatchSize },
  }) as unknown as JsonObject);

Deno.test("a second training of 135 million weights waits until both fit, whatever the first has taken yet", () => {
  const plan = largestPlan([planOf(2), null, planOf(null)])!;
  assert.equal(plan.bytes, Math.max(planOf(2)!.bytes, planOf(null)!.bytes));
  assert.ok(plan.bytes > 2.5 * gibi && plan.bytes < 4 * gibi, `${plan.bytes / gibi}`);
  const warnings: string[] = [];
  let available = 5 * gibi;
  const options = {
    ...{ workers: 2, availableMemory: () => available },
    onWarn: (message: string) => warnings.push(message),
  };
  const guard = memoryGuard({ ...options, expectedMemory: plan.bytes });
  const first = { resident: 0.1 * gibi };
  assert.ok(guard.fits([]));
  assert.ok(!guard.fits([first]));
  assert.match(warnings[0], /does not suffice for 2 training processes at once: 5120 MiB are free/);
  available = 8 * gibi;
  assert.ok(guard.fits([first]));
  available = 5 * gibi;
  assert.ok(memoryGuard(options).fits([first]), "without a plan a second one would start");
});

Deno.test("trainings that the machine cannot hold are refused, with what would make them fit", () => {
  const plan = planOf(null)!;
  checkWholeMemory(plan, null);
  checkWholeMemory(plan, 8 * gibi);
  assert.throws(
    () => checkWholeMemory(plan, 2 * gibi),
    /memory of 2 GiB\. A training needs about .* GiB of adam, .*smaller training\.microBatchSize/,
  );
});
