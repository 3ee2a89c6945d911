import type * as tf from "@tensorflow/tfjs";
import type { Initializer } from "./initializers.ts";
import type { LlamaLanguageModelSpecification } from "./llama_language_model.ts";
import { type ModelContext, parameterMaker } from "./_parameters.ts";

/** Makes the parameters of a Llama language model. */
export function llamaParameters(
  specification: LlamaLanguageModelSpecification,
  context: ModelContext,
) {
  const { vocabularySize } = context;
  const { embeddingSize: width, heads, keyValueHeads, headSize, feedForwardSize } = specification;
  const { embeddingInitializer, kernelInitializer, residualInitializer, biasInitializer } =
    specification;
  const { queryKeyValueBias, queryKeyNorm, tiedWeights } = specification;
  const { parameters, parameter } = parameterMaker(context);

  const makeKernel = (
    layer: string,
    name: string,
    shape: [number, number],
    initializer: Initializer = kernelInitializer,
  ) => parameter<tf.Rank.R2>(layer, name, "kernel", shape, initializer);
  const makeProjection = (layer: string, name: string, columns: number) => ({
    kernel: makeKernel(layer, `${name}/kernel`, [width, columns]),
    ...(queryKeyValueBias && {
      bias: parameter<tf.Rank.R1>(
        ...[layer, `${name}/bias`, "bias"] as const,
        [columns],
        biasInitializer,
        width,
      ),
    }),
  });
  const makeGain = (layer: string, name: string, columns: number) =>
    parameter<tf.Rank.R1>(
      ...[layer, name, "normalization"] as const,
      [columns],
      new Float32Array(columns).fill(1),
    );

  const table = parameter<tf.Rank.R2>(
    ...["embedding", "table", "embedding"] as const,
    [vocabularySize, width],
    embeddingInitializer,
  );
  const blocks = Array.from({ length: specification.layers }, (_, index) => {
    const layer = `block${index}`;
    const first = parameters.length;
    const made = {
      attentionNorm: makeGain(layer, "attentionNorm/gain", width),
      query: makeProjection(layer, "query", heads * headSize),
      key: makeProjection(layer, "key", keyValueHeads * headSize),
      value: makeProjection(layer, "value", keyValueHeads * headSize),
      ...(queryKeyNorm && {
        queryNorm: makeGain(layer, "queryNorm/gain", headSize),
        keyNorm: makeGain(layer, "keyNorm/gain", headSize),
      }),
      attentionOutput: makeKernel(
        ...[layer, "attentionOutput/kernel"] as const,
        [heads * headSize, width],
        residualInitializer,
      ),
      feedForwardNorm: makeGain(layer, "feedForwardNorm/gain", width),
      gate: makeKernel(layer, "gate/kernel", [width, feedForwardSize]),
      up: makeKernel(layer, "up/kernel", [width, feedForwardSize]),
      down: makeKernel(layer, "down/kernel", [feedForwardSize, width], residualInitializer),
    };
    return { ...made, parameters: parameters.slice(first).map(({ variable }) => variable) };
  });
  const finalNorm = makeGain("finalNorm", "gain", width);
  const output = tiedWeights
    ? { kernel: table, transposeKernel: true }
    : { kernel: makeKernel("output", "kernel", [width, vocabularySize]) };
  return { parameters, table, blocks, finalNorm, output };
}
