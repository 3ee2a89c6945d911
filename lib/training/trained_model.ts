import * as tf from "@tensorflow/tfjs";
import { canonicalJson } from "../core/json.ts";
import { randomStream } from "../core/random.ts";
import { evaluationBatches } from "../data/batches.ts";
import { restoreVocabulary, splitTokens, type Vocabulary } from "../data/tokenizers.ts";
import { type EngineName, useEngine } from "../engine/engine.ts";
import { createModel } from "../models/create.ts";
import { type DecodingOptions, generate } from "../models/decoding.ts";
import type { LanguageModel } from "../models/model.ts";
import { readSafetensors, writeSafetensors } from "../models/safetensors.ts";
import { meanCrossEntropy } from "./evaluation.ts";
import { validateSpecification } from "./specification.ts";

/** A trained text generator, ready to be used in a notebook. */
export interface TrainedModel {
  /** Tokens that it reads and writes. */
  readonly vocabulary: Vocabulary;
  /** Weights by parameter name, as copies. */
  weights(): Map<string, { shape: readonly number[]; values: Float32Array }>;
  /** Continues a prompt; the text alone, without the prompt. */
  generate(
    options: DecodingOptions & { prompt: string; length: number; seed: number },
  ): string;
  /** Mean cross-entropy of a text, nats per token, windows as in training. */
  crossEntropy(text: string): number;
  /** Frees the tensors. */
  dispose(): void;
}

/** Bytes of the file that keeps a model: its weights, vocabulary and specification. */
export function weightsFile(
  model: LanguageModel,
  vocabulary: Vocabulary,
  request: { specification: unknown; id: string },
): Uint8Array {
  const tensors = model.parameters.map(({ description: { name, shape }, variable }) =>
    [name, { shape, values: variable.dataSync() as Float32Array }] as const
  );
  return writeSafetensors(new Map(tensors), {
    schemaVersion: "1",
    run: request.id,
    specification: canonicalJson(request.specification),
    vocabulary: JSON.stringify(vocabulary.tokens),
  });
}

/**
 * Builds a trained model from the bytes that {@link weightsFile} wrote.
 *
 * @throws {SyntaxError} If the bytes are no such file or a parameter is missing or misshapen.
 */
export async function readTrainedModel(
  bytes: Uint8Array,
  engine: EngineName | "auto" = "wasm",
): Promise<TrainedModel> {
  await useEngine(engine);
  const { tensors, metadata } = readSafetensors(bytes);
  const specification = validateSpecification(JSON.parse(metadata.specification));
  const { tokenizer, training } = specification;
  const vocabulary = restoreVocabulary(tokenizer, JSON.parse(metadata.vocabulary));
  const model = createModel(specification.model, {
    vocabularySize: vocabulary.size,
    seed: 0,
    fold: "stored",
  });
  for (const { description: { name, shape }, variable } of model.parameters) {
    const stored = tensors.get(name);
    if (stored === undefined || stored.shape.join() !== shape.join()) {
      model.dispose();
      throw new SyntaxError(
        `Cannot build the model: ${name} should have shape [${shape}], found ` +
          `${stored === undefined ? "none" : `[${stored.shape}]`}.`,
      );
    }
    tf.tidy(() => variable.assign(tf.tensor(stored.values, [...shape])));
  }
  return {
    vocabulary,
    weights: () =>
      new Map(model.parameters.map(({ description: { name, shape }, variable }) => [
        name,
        { shape, values: Float32Array.from(variable.dataSync() as Float32Array) },
      ])),
    generate({ prompt, length, seed, ...decoding }) {
      const tokens = vocabulary.encode(splitTokens(tokenizer, prompt));
      const stream = randomStream(seed, "generate");
      return vocabulary.decode(generate(model, tokens, { length, ...decoding }, stream));
    },
    crossEntropy: (text) =>
      meanCrossEntropy(
        model,
        evaluationBatches([vocabulary.encode(splitTokens(tokenizer, text))], {
          windowLength: training.windowLength,
          batchSize: training.batchSize,
        }),
      ),
    dispose: () => model.dispose(),
  };
}
