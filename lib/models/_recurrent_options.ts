import { stored } from "../core/left_out.ts";
import { largestSize, mostLayers } from "../core/limits.ts";
import {
  boolean,
  checkOptions,
  integer,
  number,
  oneOf,
  option,
  type Options,
  orAbsent,
  orNotGiven,
} from "../core/options.ts";
import { type Initialization, initializations, recurrentInitializers } from "./initialization.ts";
import { type Initializer, validateInitializer } from "./initializers.ts";

/** What recurrent models of every cell have in common, as plain JSON. */
export interface RecurrentSpecification {
  /** Width of a token's vector, from 1. */
  readonly embeddingSize: number;
  /** Width of the state, from 1. */
  readonly hiddenSize: number;
  /**
   * Recurrent layers on top of each other, from 1.
   *
   * @default {1}
   */
  readonly layers: number;
  /**
   * Whether the output kernel is the embedding's table, transposed (then penalties see it as an
   * embedding); needs embeddingSize = hiddenSize.
   *
   * @default {false}
   */
  readonly tiedWeights?: boolean;
  /**
   * Share of tokens whose vectors are 0 throughout a batch in training, in [0, 1); the output layer still
   * sees them when weights are tied.
   *
   * @default {0}
   */
  readonly embeddingDropout?: number;
  /**
   * Share of embedded inputs set to 0 in training, in [0, 1).
   *
   * @default {0}
   */
  readonly inputDropout: number;
  /**
   * Share of each recurrent layer's outputs set to 0 in training, in [0, 1); a state that passes from
   * encoder to decoder is not touched.
   *
   * @default {0}
   */
  readonly outputDropout: number;
  /** The same of the layers below the top one, which there must be; outputDropout if not given. */
  readonly hiddenDropout?: number;
  /**
   * Share of each recurrent kernel's weights set to 0 in training, anew for each batch and the same for
   * all its steps, in [0, 1).
   *
   * @default {0}
   */
  readonly recurrentDropout?: number;
  /**
   * Whether input and output dropout use one mask for all steps of a window.
   *
   * @default {false}
   */
  readonly lockedDropout?: boolean;
  /** Initial vectors of the tokens; those of `initialization` if not given, as all initializers. */
  readonly embeddingInitializer: Initializer;
  /** Initial input and output kernels. */
  readonly kernelInitializer: Initializer;
  /** Initial recurrent kernels. */
  readonly recurrentInitializer: Initializer;
  /** Initial biases of recurrent layers; absent for zeros. */
  readonly biasInitializer?: Initializer;
  /** Initial output bias; absent for zeros. */
  readonly outputBiasInitializer?: Initializer;
}

/** What a recurrent model's function takes of the above: sizes, and the rest if it is to differ. */
export type RecurrentOptions<Specification extends { readonly kind: string }> =
  & { readonly embeddingSize: number; readonly hiddenSize: number }
  & Partial<Omit<Specification, "kind">>
  & {
    /**
     * Whose initial weights the initializers that are not given are.
     *
     * @default {"keras"}
     */
    readonly initialization?: Initialization;
  };

/** A recurrent model's specification with every option. */
export type Complete<Specification> = Specification & Required<RecurrentSpecification>;

/** A width or a number of layers. */
export const size = integer({ from: 1, to: largestSize });
/** A number of layers; it must be given. */
export const layers = integer({ from: 1, to: mostLayers });
/** A share that is dropped. */
export const rate = orNotGiven(number({ from: 0, below: 1 }, 0));
/** An initializer, or nothing where it is that of `initialization`. */
export const initializer = orNotGiven(orAbsent(option(validateInitializer)));

const flag = orNotGiven(boolean(false));

/** Options of the above and `initialization`. */
export const recurrentOptions = {
  embeddingSize: size,
  hiddenSize: size,
  layers: orNotGiven(integer({ from: 1, to: mostLayers }, 1)),
  tiedWeights: flag,
  embeddingDropout: rate,
  inputDropout: rate,
  outputDropout: rate,
  hiddenDropout: orAbsent(rate),
  recurrentDropout: rate,
  lockedDropout: flag,
  embeddingInitializer: initializer,
  kernelInitializer: initializer,
  recurrentInitializer: initializer,
  biasInitializer: initializer,
  outputBiasInitializer: initializer,
  initialization: orNotGiven(oneOf(initializations, "keras")),
};

/** The addition to initial biases of forget gates. */
export const forgetBias = orNotGiven(orAbsent(number()));

/**
 * Specification of a recurrent model from its options.
 *
 * @param described Options of the model, the common ones among them.
 * @param how.biases As in `recurrentInitializers`.
 * @param how.checkTogether Refuses more options that do not go together.
 */
export function specifyRecurrent<Specification extends { readonly kind: string }>(
  kind: Specification["kind"],
  options: RecurrentOptions<Specification>,
  described: typeof recurrentOptions & Options,
  { biases = "sum of two", checkTogether }: {
    readonly biases?: "one" | "sum of two";
    readonly checkTogether?: (complete: Complete<Specification>) => void;
  } = {},
): Specification {
  const { initialization, ...given } = checkOptions(kind, options, described);
  const { hiddenSize, outputDropout } = given;
  const { forgetBias, ...initializers } = recurrentInitializers(initialization, {
    hiddenSize,
    biases,
  });
  const complete = {
    kind,
    ...initializers,
    ...("forgetBias" in described && { forgetBias }),
    ...given,
    hiddenDropout: given.hiddenDropout ?? outputDropout,
  } as unknown as Complete<Specification>;
  const { layers, hiddenDropout, tiedWeights, embeddingSize } = complete;
  if (layers === 1 && hiddenDropout !== outputDropout) {
    throw new RangeError(
      `${kind}: hiddenDropout is for the layers below the top one and needs layers from 2, found 1.`,
    );
  }
  checkTogether?.(complete);
  if (tiedWeights && embeddingSize !== hiddenSize) {
    throw new RangeError(
      `${kind}: tiedWeights needs embeddingSize equal to hiddenSize, since the table's rows are the ` +
        `output kernel's columns; found ${embeddingSize} and ${hiddenSize}.`,
    );
  }
  return stored<Specification>(complete);
}
