import { oneOf, orNotGiven } from "../core/options.ts";
import { keepsProbabilities } from "../ops/kept_probabilities.ts";
import { type Initialization, initializations } from "./initialization.ts";
import type { ActivationSizes } from "./kind.ts";
import { initializer, rate } from "./_recurrent_options.ts";

/** Options of every model of blocks besides its sizes and layers. */
export const blockOptions = {
  inputDropout: rate,
  residualDropout: rate,
  attentionDropout: rate,
  stochasticDepth: rate,
  embeddingInitializer: initializer,
  kernelInitializer: initializer,
  residualInitializer: initializer,
  biasInitializer: initializer,
  initialization: orNotGiven(oneOf(initializations, "gpt2")),
};

/** Whose initial weights a model of blocks has. */
export interface BlockInitialization {
  /**
   * Whose initial weights the initializers that are not given are.
   *
   * @default {"gpt2"}
   */
  readonly initialization?: Initialization;
}

/** Sizes and dropouts of every model of blocks. */
export const blockRoles = {
  embeddingSize: "size",
  layers: "size",
  heads: "size",
  blockSize: "size",
  inputDropout: "strength",
  residualDropout: "strength",
  attentionDropout: "strength",
  stochasticDepth: "strength",
} as const;

/** Numbers of a position in each block: probabilities where they are kept, and what is added before masks. */
export function blockActivations(
  { embeddingSize, heads, residualDropout, stochasticDepth = 0 }: {
    readonly embeddingSize: number;
    readonly heads: number;
    readonly residualDropout: number;
    readonly stochasticDepth?: number;
  },
  { windowLength, windows }: ActivationSizes,
): number {
  const kept = keepsProbabilities({ batch: windows, heads, time: windowLength });
  const masked = residualDropout > 0 || stochasticDepth > 0;
  return (kept ? heads * windowLength : 0) + (masked ? 4 * embeddingSize : 0);
}
