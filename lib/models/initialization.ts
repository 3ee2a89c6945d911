import {
  fanInUniform,
  glorotUniform,
  normal,
  orthogonal,
  triangular,
  uniform,
  zeros,
} from "./initializers.ts";

/**
 * Whose initial weights a model begins with, where its other options do not name an initializer.
 *
 * - `keras`: embeddings uniform ±0.05, kernels Glorot-uniform, recurrent kernels orthogonal, biases 0
 *   (1 for the forget gates of an LSTM).
 * - `pytorch`: embeddings normal with standard deviation 1; kernels, recurrent kernels and biases of
 *   recurrent layers uniform ±1/√hiddenSize (one bias in place of PyTorch's two: their sum, forget gates
 *   included); kernels and biases of linear layers uniform ±1/√inputs. With tied weights the embedding's.
 * - `gpt2`: embeddings and kernels normal with standard deviation 0.02, in a Transformer divided by
 *   √(2 · layers) where a kernel's results are added to the residual stream; biases 0.
 */
export type Initialization = "keras" | "pytorch" | "gpt2";

/** The names, for the check of an option. */
export const initializations = ["keras", "pytorch", "gpt2"] as const;

/**
 * What a recurrent model begins with, by its options; `forgetBias` is added to the biases of forget gates.
 *
 * @param biases Biases that a recurrent layer has in this model: where it has one in place of two,
 * `pytorch` draws their sum.
 */
export function recurrentInitializers(
  initialization: Initialization,
  { hiddenSize, biases }: { readonly hiddenSize: number; readonly biases: "one" | "sum of two" },
) {
  switch (initialization) {
    case "keras":
      return {
        embeddingInitializer: uniform({ range: 0.05 }),
        kernelInitializer: glorotUniform(),
        recurrentInitializer: orthogonal(),
        biasInitializer: zeros(),
        outputBiasInitializer: zeros(),
        forgetBias: 1,
      };
    case "pytorch": {
      const range = 1 / Math.sqrt(hiddenSize);
      return {
        embeddingInitializer: normal({ standardDeviation: 1 }),
        // The output layer, too, reads hiddenSize numbers.
        kernelInitializer: uniform({ range }),
        recurrentInitializer: uniform({ range }),
        biasInitializer: biases === "one" ? uniform({ range }) : triangular({ range: 2 * range }),
        outputBiasInitializer: uniform({ range }),
        forgetBias: 0,
      };
    }
    case "gpt2": {
      const narrow = normal({ standardDeviation: 0.02 });
      return {
        embeddingInitializer: narrow,
        kernelInitializer: narrow,
        recurrentInitializer: narrow,
        biasInitializer: zeros(),
        outputBiasInitializer: zeros(),
        forgetBias: 0,
      };
    }
  }
}

/** What a Transformer begins with, by its options. */
export function transformerInitializers(
  initialization: Initialization,
  { layers }: { readonly layers: number },
) {
  switch (initialization) {
    case "keras":
      return {
        embeddingInitializer: uniform({ range: 0.05 }),
        kernelInitializer: glorotUniform(),
        residualInitializer: glorotUniform(),
        biasInitializer: zeros(),
      };
    case "pytorch":
      return {
        embeddingInitializer: normal({ standardDeviation: 1 }),
        kernelInitializer: fanInUniform(),
        residualInitializer: fanInUniform(),
        biasInitializer: fanInUniform(),
      };
    case "gpt2":
      return {
        embeddingInitializer: normal({ standardDeviation: 0.02 }),
        kernelInitializer: normal({ standardDeviation: 0.02 }),
        residualInitializer: normal({ standardDeviation: 0.02 / Math.sqrt(2 * layers) }),
        biasInitializer: zeros(),
      };
  }
}
