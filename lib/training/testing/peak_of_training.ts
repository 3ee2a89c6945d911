/** Prints the highest memory of a training of two steps, as a process of its own: the engine's, bytes. */
import { randomStream } from "../../core/random.ts";
import { useEngine } from "../../engine/engine.ts";
import { arenaBytes } from "../../engine/kernels.ts";
import { createAnyModel } from "../../models/create.ts";
import type { Batch } from "../../data/batches.ts";
import { createOptimizer } from "../../optimizers/create.ts";
import { effectsOf } from "../../penalties/targets.ts";
import { validateSpecification } from "../specification.ts";
import { trainingStep } from "../train.ts";
import { createTuning } from "../tuning.ts";

const { json, vocabularySize } = JSON.parse(Deno.args[0]);
const specification = validateSpecification(json);
const { model: given, training, optimizer: rule } = specification;
await useEngine("wasm");
const before = arenaBytes().live;
const { microBatchSize, recomputeBlocks, batchSize: batch } = training;
const model = createAnyModel(given, {
  ...{ vocabularySize, sourceVocabularySize: vocabularySize, seed: 1, fold: 0, recomputeBlocks },
});
const tuning = createTuning(training, model, { seed: 1, purpose: "peak" });
const { trained, differentiated } = tuning;
const descriptions = trained.parameters.map(({ description }) => description);
const plain = createOptimizer(rule, trained.parameters, effectsOf([], descriptions), null);
const optimizer = tuning.follow(plain);
const gradientOf = tuning.gradientOf((gradient) => gradient());
const stream = randomStream(1, "peak");
const time = "windowLength" in training ? training.windowLength : 64;
const draw = () => Int32Array.from({ length: time * batch }, () => stream.integer(vocabularySize));
const drawn: Batch = { inputs: draw(), targets: draw(), time, batch, tokens: time * batch };
const pairs = "decodedPairs" in training ? { source: { tokens: draw(), time, batch } } : {};
for (let step = 0; step < 2; step++) {
  trainingStep(trained, optimizer, { ...drawn, ...pairs }, {
    ...{ learningRate: 0.01, dropout: stream, microBatchSize, differentiated, gradientOf },
  });
}
// deno-lint-ignore no-console -- what the test reads
console.log(arenaBytes().peak - before);
