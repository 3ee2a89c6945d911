import { checkBoolean, checkInteger, checkNumber } from "../core/check.ts";
import { largestSize, mostLayers } from "../core/limits.ts";
import {
  checkInitialization,
  type Initialization,
  recurrentInitializers,
} from "./initialization.ts";
import { type Initializer, validateInitializer } from "./initializers.ts";

/** What recurrent language models of every cell have in common, as plain JSON. */
export interface RecurrentSpecification {
  /** Width of a token's vector. */
  readonly embeddingSize: number;
  /** Width of the state. */
  readonly hiddenSize: number;
  /** Recurrent layers on top of each other. */
  readonly layers: number;
  /** Whether the output kernel is the embedding's table, transposed. */
  readonly tiedWeights: boolean;
  /** Share of tokens whose vectors are 0 throughout a batch in training; absent for 0. */
  readonly embeddingDropout?: number;
  /** Share of embedded inputs set to 0 in training. */
  readonly inputDropout: number;
  /** Share of each recurrent layer's outputs set to 0 in training. */
  readonly outputDropout: number;
  /** The same of the layers below the top one; absent where it is outputDropout, too. */
  readonly hiddenDropout?: number;
  /** Share of each recurrent kernel's weights set to 0 in training, anew for each batch. */
  readonly recurrentDropout: number;
  /** Whether input and output dropout use one mask for all steps of a window. */
  readonly lockedDropout: boolean;
  /** Initial vectors of the tokens. */
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
    /** Whose initial weights the initializers that are not given are: `keras` if not given. */
    readonly initialization?: Initialization;
  };

/** Names of the options above, for the check of keys. */
export const recurrentOptionNames = [
  "embeddingSize",
  "hiddenSize",
  "layers",
  "tiedWeights",
  "embeddingDropout",
  "inputDropout",
  "outputDropout",
  "hiddenDropout",
  "recurrentDropout",
  "lockedDropout",
  "embeddingInitializer",
  "kernelInitializer",
  "recurrentInitializer",
  "biasInitializer",
  "outputBiasInitializer",
  "initialization",
] as const;

type RateName =
  | "embeddingDropout"
  | "inputDropout"
  | "outputDropout"
  | "hiddenDropout"
  | "recurrentDropout";
type InitializerName = keyof RecurrentSpecification & `${string}Initializer`;

/**
 * Checks the common options and fills their defaults. Options that came later than the others are left
 * out at their defaults, so that the ids of earlier runs stay.
 *
 * @param biases As in `recurrentInitializers`.
 */
export function recurrentOptions(
  subject: string,
  options: Partial<RecurrentSpecification> & {
    readonly initialization?: Initialization;
    readonly forgetBias?: number;
  },
  biases: "one" | "sum of two" = "sum of two",
): RecurrentSpecification & { readonly forgetBias: number } {
  const size = (name: "embeddingSize" | "hiddenSize" | "layers", value: unknown) =>
    checkInteger(`${subject}: ${name}`, value, {
      from: 1,
      to: name === "layers" ? mostLayers : largestSize,
    });
  const rate = (name: RateName) =>
    checkNumber(`${subject}: ${name}`, options[name] ?? 0, { from: 0, below: 1 });
  const flag = (name: "tiedWeights" | "lockedDropout") =>
    checkBoolean(`${subject}: ${name}`, options[name] ?? false);
  const initializer = (name: InitializerName, byDefault: Initializer) =>
    validateInitializer(`${subject}: ${name}`, options[name] ?? byDefault);
  const [embeddingSize, hiddenSize] = [
    size("embeddingSize", options.embeddingSize),
    size("hiddenSize", options.hiddenSize),
  ];
  const initialization = checkInitialization(subject, options.initialization, "keras");
  const defaults = recurrentInitializers(initialization, { hiddenSize, biases });
  const unlessZeros = (
    name: "biasInitializer" | "outputBiasInitializer",
    byDefault: Initializer,
  ) => {
    const chosen = initializer(name, byDefault);
    return chosen.kind === "zeros" ? {} : { [name]: chosen };
  };
  const embeddingDropout = rate("embeddingDropout");
  const hiddenDropout = options.hiddenDropout === undefined
    ? rate("outputDropout")
    : rate("hiddenDropout");
  const specification = {
    embeddingSize,
    hiddenSize,
    layers: size("layers", options.layers ?? 1),
    tiedWeights: flag("tiedWeights"),
    ...(embeddingDropout === 0 ? {} : { embeddingDropout }),
    inputDropout: rate("inputDropout"),
    outputDropout: rate("outputDropout"),
    ...(hiddenDropout === rate("outputDropout") ? {} : { hiddenDropout }),
    recurrentDropout: rate("recurrentDropout"),
    lockedDropout: flag("lockedDropout"),
    embeddingInitializer: initializer("embeddingInitializer", defaults.embedding),
    kernelInitializer: initializer("kernelInitializer", defaults.kernel),
    recurrentInitializer: initializer("recurrentInitializer", defaults.recurrent),
    ...unlessZeros("biasInitializer", defaults.recurrentBias),
    ...unlessZeros("outputBiasInitializer", defaults.bias),
    forgetBias: checkNumber(`${subject}: forgetBias`, options.forgetBias ?? defaults.forgetBias),
  };
  if (specification.layers === 1 && specification.hiddenDropout !== undefined) {
    throw new RangeError(
      `${subject}: hiddenDropout is for the layers below the top one and needs layers from 2, found 1.`,
    );
  }
  if (specification.tiedWeights && embeddingSize !== hiddenSize) {
    throw new RangeError(
      `${subject}: tiedWeights needs embeddingSize equal to hiddenSize, since the table's rows are the ` +
        `output kernel's columns; found ${embeddingSize} and ${hiddenSize}.`,
    );
  }
  return specification;
}
