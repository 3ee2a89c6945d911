import assert from "node:assert/strict";
import { inlineText } from "../data/corpora.ts";
import { bytePairs } from "../data/tokenizers/byte_pairs.ts";
import type { JsonObject } from "../core/json.ts";
import { llamaLanguageModel } from "../models/llama_language_model.ts";
import { transformerLanguageModel } from "../models/transformer_language_model.ts";
import { adamW } from "../optimizers/adam_w.ts";
import { adam } from "../optimizers/adam.ts";
import { validateSpecification } from "../training/specification.ts";
import { planInWords } from "../training/memory_plan.ts";
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

/** SmolLM2-135M, trained whole. */
const smolLm2 = () =>
  libraryTrainings.planMemory!(validateSpecification({
    corpus: inlineText("abcdefg"),
    tokenizer: bytePairs({ vocabularySize: 49_152 }),
    model: llamaLanguageModel({
      ...{ embeddingSize: 576, layers: 30, heads: 9, keyValueHeads: 3, feedForwardSize: 1536 },
      ...{ blockSize: 128, ropeTheta: 100_000, tiedWeights: true },
    }),
    optimizer: adamW({ learningRate: 5e-5, decay: 0.01 }),
    training: { steps: 3, batchSize: 4, windowLength: 128 },
  }) as unknown as JsonObject)!;

Deno.test("two trainings of SmolLM2-135M start on 8 GiB only where all that both are planned to need is free", () => {
  const plan = smolLm2();
  // Its process with evaluations and checkpoints was measured at 2,774 MiB.
  const measured = 2774 / 1024 * gibi;
  assert.ok(plan.bytes > measured && plan.bytes < 1.15 * measured, `${plan.bytes / gibi}`);
  /** Whether a second one starts beside a first that has this much, on a machine with so much in use. */
  const starts = (first: number, others: number) =>
    memoryGuard({
      ...{ workers: 2, expectedMemory: plan.bytes, onWarn() {} },
      availableMemory: () => 8 * gibi - others - first,
    }).fits([{ resident: first }]);
  for (const first of [0.1 * gibi, 2 * gibi, measured]) {
    assert.ok(!starts(first, 2 * gibi), "beside a system, an editor and a browser");
    assert.ok(starts(first, 1 * gibi), "both take 5.4 GiB, and 1.6 GiB are left");
  }
});

Deno.test("trainings that the machine cannot hold are refused, with what would make them fit", () => {
  const plan = planOf(null)!;
  checkWholeMemory(plan, null);
  checkWholeMemory(plan, 8 * gibi);
  // What a plan may be off by is no reason to refuse.
  assert.ok(plan.leastBytes < plan.bytes);
  checkWholeMemory(plan, plan.leastBytes);
  assert.throws(
    () => checkWholeMemory(plan, 2 * gibi),
    /memory of 2 GiB\. A training needs about .* GiB of adam, .*smaller training\.microBatchSize/,
  );
});

Deno.test("docs/larger-trainings.md shows the line that such a study says", async () => {
  const page = await Deno.readTextFile(new URL("../../docs/larger-trainings.md", import.meta.url));
  assert.ok(page.replaceAll(/\s+/g, " ").includes(planInWords(smolLm2())), planInWords(smolLm2()));
});
