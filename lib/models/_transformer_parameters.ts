import type * as tf from "@tensorflow/tfjs";
import { type Initializer, zeros } from "./initializers.ts";
import { type ModelContext, parameterMaker } from "./_parameters.ts";
import type { TransformerLanguageModelSpecification } from "./transformer_language_model.ts";

/** A Transformer's parameters, as its layers take them. */
export type TransformerParameters = ReturnType<typeof transformerParameters>;

/** Makes the parameters of a Transformer language model. */
export function transformerParameters(
  specification: Required<TransformerLanguageModelSpecification>,
  context: ModelContext,
) {
  const { vocabularySize } = context;
  const { embeddingSize: width, blockSize, bias, tiedWeights } = specification;
  const { embeddingInitializer, kernelInitializer, residualInitializer, biasInitializer } =
    specification;
  const { parameters, parameter } = parameterMaker(context);

  const matrix = (
    layer: string,
    name: string,
    kind: "kernel" | "embedding",
    shape: [number, number],
    initializer: Initializer,
    matrices?: number,
  ) => parameter<tf.Rank.R2>(layer, name, kind, shape, initializer, shape[0], matrices);
  const makeLinear = (
    layer: string,
    name: string,
    shape: [number, number],
    initializer: Initializer,
    matrices?: number,
  ) => ({
    kernel: matrix(layer, `${name}/kernel`, "kernel", shape, initializer, matrices),
    bias: bias
      ? parameter<tf.Rank.R1>(
        layer,
        `${name}/bias`,
        "bias",
        [shape[1]],
        biasInitializer,
        shape[0],
      )
      : undefined,
  });
  const makeNorm = (layer: string, prefix: string) => ({
    gain: parameter<tf.Rank.R1>(
      layer,
      `${prefix}gain`,
      "normalization",
      [width],
      new Float32Array(width).fill(1),
    ),
    shift: bias
      ? parameter<tf.Rank.R1>(layer, `${prefix}shift`, "normalization", [width], zeros())
      : undefined,
  });

  const table = matrix(
    "embedding",
    "table",
    "embedding",
    [vocabularySize, width],
    embeddingInitializer,
  );
  const positions = matrix(
    "positions",
    "table",
    "embedding",
    [blockSize, width],
    embeddingInitializer,
  );
  const blocks = Array.from({ length: specification.layers }, (_, index) => {
    const layer = `block${index}`;
    const first = parameters.length;
    const made = {
      attentionNorm: makeNorm(layer, "attentionNorm/"),
      attention: makeLinear(layer, "attention", [width, 3 * width], kernelInitializer, 3),
      attentionOutput: makeLinear(layer, "attentionOutput", [width, width], residualInitializer),
      feedForwardNorm: makeNorm(layer, "feedForwardNorm/"),
      feedForward: makeLinear(layer, "feedForward", [width, 4 * width], kernelInitializer),
      feedForwardOutput: makeLinear(
        layer,
        "feedForwardOutput",
        [4 * width, width],
        residualInitializer,
      ),
    };
    return { ...made, parameters: parameters.slice(first).map(({ variable }) => variable) };
  });
  const finalNorm = makeNorm("finalNorm", "");
  const output = tiedWeights ? { kernel: table, transposeKernel: true } : {
    kernel: matrix("output", "kernel", "kernel", [width, vocabularySize], kernelInitializer),
  };
  return { parameters, table, positions, blocks, finalNorm, output };
}
