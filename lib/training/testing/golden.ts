import { checkOneOf } from "../../core/check.ts";
import { sha256 } from "../../core/hash.ts";
import { randomStream } from "../../core/random.ts";
import { type Batch, trainingBatches } from "../../data/batches.ts";
import { pairBatch, trainingPairBatches } from "../../data/pair_batches.ts";
import { restorePairVocabulary } from "../../data/pair_tokens.ts";
import type { EncodedPair } from "../../data/prepare_pairs.ts";
import { characters } from "../../data/tokenizers/characters.ts";
import { tokensInMemory } from "../../data/tokens.ts";
import { type EngineOptions, useEngine } from "../../engine/engine.ts";
import { createModel } from "../../models/create.ts";
import type { ModelSpecification } from "../../models/kinds.ts";
import { gruLanguageModel } from "../../models/gru_language_model.ts";
import { lstmSequenceToSequence } from "../../models/lstm_sequence_to_sequence.ts";
import { createSequenceToSequence } from "../../models/create.ts";
import { llamaLanguageModel } from "../../models/llama_language_model.ts";
import { lstmLanguageModel } from "../../models/lstm_language_model.ts";
import type { Model } from "../../models/model.ts";
import { rnnLanguageModel } from "../../models/rnn_language_model.ts";
import { transformerLanguageModel } from "../../models/transformer_language_model.ts";
import { adam } from "../../optimizers/adam.ts";
import { createOptimizer } from "../../optimizers/create.ts";
import { decoupledWeightDecay } from "../../penalties/decoupled_weight_decay.ts";
import { proximalL1 } from "../../penalties/proximal_l1.ts";
import { effectsOf } from "../../penalties/targets.ts";
import { trainingStep } from "../train.ts";

const models: { readonly [name: string]: ModelSpecification } = {
  gru: gruLanguageModel({
    embeddingSize: 7,
    hiddenSize: 19,
    layers: 2,
    inputDropout: 0.1,
    outputDropout: 0.2,
  }),
  lstm: lstmLanguageModel({ embeddingSize: 7, hiddenSize: 19, outputDropout: 0.2 }),
  rnn: rnnLanguageModel({ embeddingSize: 7, hiddenSize: 19, outputDropout: 0.2 }),
  transformer: transformerLanguageModel({
    embeddingSize: 21,
    layers: 2,
    heads: 3,
    blockSize: 13,
    inputDropout: 0.1,
    residualDropout: 0.2,
  }),
  llama: llamaLanguageModel({
    embeddingSize: 21,
    layers: 2,
    heads: 6,
    keyValueHeads: 3,
    headSize: 6,
    feedForwardSize: 29,
    blockSize: 13,
    queryKeyValueBias: true,
    queryKeyNorm: true,
    residualDropout: 0.2,
    attentionDropout: 0.1,
  }),
};

/** SHA-256 of final weights by training, and the id of the engine that has them. */
export interface GoldenDigests {
  readonly engine: string;
  readonly digests: { readonly [model: string]: string };
}

/**
 * SHA-256 of the final weights of small trainings on an engine: 40 steps of Adam with proximal
 * L1, decoupled decay, dropout and clipping, on tokens from a seeded stream. The sizes are odd, so
 * that every kernel meets its edges.
 *
 * @param engine By name.
 * @param options Its threads; a `smallestWork` of 0 shares all work among them.
 */
export async function goldenDigests(
  engine: "wasm" | "relaxed" | "blocked",
  options: EngineOptions = {},
): Promise<GoldenDigests> {
  const { id } = await useEngine(engine, options);
  const digests: { [model: string]: string } = {};
  for (const [name, specification] of Object.entries(models)) {
    digests[name] = languageModelDigest(specification);
  }
  digests.sequenceToSequence = sequenceToSequenceDigest();
  return { engine: id, digests };
}

const vocabularySize = 23;

function languageModelDigest(specification: ModelSpecification): string {
  const tokens = randomStream(1, "golden", "tokens");
  const text = Int32Array.from({ length: 600 }, (_, position) =>
    // Half of the tokens follow from their position, so that there is something to learn.
    position % 2 === 0 ? (position >> 1) % vocabularySize : tokens.integer(vocabularySize));
  return trainAndDigest(
    createModel(specification, { vocabularySize, seed: 1, fold: "golden" }),
    trainingBatches([tokensInMemory(text)], {
      windowLength: 11,
      batchSize: 5,
      stream: randomStream(1, "golden", "batches"),
    }),
  );
}

/** Pairs of unequal lengths, so that both sides are padded; with attention. */
function sequenceToSequenceDigest(): string {
  const letters = Array.from({ length: 19 }, (_, index) => String.fromCharCode(97 + index));
  const marks = ["\uFFFD", "<padding>", "<begin>", "<end>"];
  const vocabulary = restorePairVocabulary(characters(), [...marks, ...letters]);
  const stream = randomStream(1, "golden", "pairs");
  const pairs = Array.from({ length: 40 }, (): EncodedPair => {
    const ids = Array.from({ length: 1 + stream.integer(9) }, () => 4 + stream.integer(19));
    return {
      source: Int32Array.of(...ids, vocabulary.endId),
      target: Int32Array.of(...ids.toReversed().slice(stream.integer(2)), vocabulary.endId),
    };
  });
  const specification = lstmSequenceToSequence({
    embeddingSize: 7,
    hiddenSize: 19,
    layers: 2,
    inputDropout: 0.1,
    outputDropout: 0.2,
    attention: "dot",
  });
  const sizes = { vocabularySize, sourceVocabularySize: vocabularySize };
  return trainAndDigest(
    createSequenceToSequence(specification, { ...sizes, seed: 1, fold: "golden" }),
    trainingPairBatches(pairs, {
      batchOf: (pairs) =>
        pairBatch(pairs, { sourceVocabulary: vocabulary, targetVocabulary: vocabulary }),
      batchSize: 5,
      stream: randomStream(1, "golden", "batches"),
    }),
  );
}

function trainAndDigest(model: Model, batches: { next(): Batch }): string {
  const effects = effectsOf(
    [proximalL1({ strength: 1e-4 }), decoupledWeightDecay({ strength: 0.1 })],
    model.parameters.map(({ description }) => description),
  );
  const learningRate = 1e-2;
  const optimizer = createOptimizer(adam({ learningRate }), model.parameters, effects, {
    norm: 0.5,
  });
  const dropout = randomStream(1, "golden", "dropout");
  for (let step = 1; step <= 40; step++) {
    trainingStep(model, optimizer, batches.next(), { learningRate, dropout });
  }
  const bytes = model.parameters.map(({ variable }) => {
    const weights = Float32Array.from(variable.dataSync() as Float32Array);
    return new Uint8Array(weights.buffer);
  });
  const digest = sha256(Uint8Array.from(bytes.flatMap((part) => [...part])));
  optimizer.dispose();
  model.dispose();
  return digest;
}

if (import.meta.main) {
  const engine = checkOneOf("engine", Deno.args[0] ?? "wasm", ["wasm", "relaxed"] as const);
  // deno-lint-ignore no-console -- the test reads what it prints
  console.log(JSON.stringify(await goldenDigests(engine)));
}
