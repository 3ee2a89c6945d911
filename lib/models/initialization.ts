import { checkOneOf } from "../core/check.ts";
import {
  fanInUniform,
  glorotUniform,
  type Initializer,
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

/** Initializers of the parts that recurrent models and Transformers have in common. */
export interface CommonInitializers {
  /** Vectors of tokens. */
  readonly embedding: Initializer;
  /** Input and output kernels. */
  readonly kernel: Initializer;
  /** Biases of linear layers. */
  readonly bias: Initializer;
}

/** Initializers of a recurrent model's parts. */
export interface RecurrentInitializers extends CommonInitializers {
  /** Recurrent kernels. */
  readonly recurrent: Initializer;
  /** The one bias of a recurrent layer, before what is added to forget gates. */
  readonly recurrentBias: Initializer;
  /** Added to the biases of forget gates. */
  readonly forgetBias: number;
}

/**
 * What a recurrent model begins with.
 *
 * @param biases Biases that a recurrent layer has in this model: where it has one in place of two,
 * `pytorch` draws their sum.
 */
export function recurrentInitializers(
  initialization: Initialization,
  { hiddenSize, biases }: { readonly hiddenSize: number; readonly biases: "one" | "sum of two" },
): RecurrentInitializers {
  switch (initialization) {
    case "keras":
      return {
        embedding: uniform({ range: 0.05 }),
        kernel: glorotUniform(),
        recurrent: orthogonal(),
        recurrentBias: zeros(),
        forgetBias: 1,
        bias: zeros(),
      };
    case "pytorch": {
      const range = 1 / Math.sqrt(hiddenSize);
      return {
        embedding: normal({ standardDeviation: 1 }),
        // The output layer, too, reads hiddenSize numbers.
        kernel: uniform({ range }),
        recurrent: uniform({ range }),
        recurrentBias: biases === "one" ? uniform({ range }) : triangular({ range: 2 * range }),
        forgetBias: 0,
        bias: uniform({ range }),
      };
    }
    case "gpt2": {
      const narrow = normal({ standardDeviation: 0.02 });
      return {
        embedding: narrow,
        kernel: narrow,
        recurrent: narrow,
        recurrentBias: zeros(),
        forgetBias: 0,
        bias: zeros(),
      };
    }
  }
}

/** What a Transformer begins with; `residual` is for kernels whose results are added to the residual stream. */
export function transformerInitializers(
  initialization: Initialization,
  { layers }: { readonly layers: number },
): CommonInitializers & { readonly residual: Initializer } {
  switch (initialization) {
    case "keras":
      return {
        embedding: uniform({ range: 0.05 }),
        kernel: glorotUniform(),
        residual: glorotUniform(),
        bias: zeros(),
      };
    case "pytorch":
      return {
        embedding: normal({ standardDeviation: 1 }),
        kernel: fanInUniform(),
        residual: fanInUniform(),
        bias: fanInUniform(),
      };
    case "gpt2":
      return {
        embedding: normal({ standardDeviation: 0.02 }),
        kernel: normal({ standardDeviation: 0.02 }),
        residual: normal({ standardDeviation: 0.02 / Math.sqrt(2 * layers) }),
        bias: zeros(),
      };
  }
}

/** Checks the option, which is `byDefault` where it was not given. */
export function checkInitialization(
  subject: string,
  value: unknown,
  byDefault: Initialization,
): Initialization {
  return checkOneOf(
    `${subject}: initialization`,
    value ?? byDefault,
    initializations,
  ) as Initialization;
}
