import type { JsonObject } from "../core/json.ts";
import type { Options } from "../core/options.ts";

/** All that is known of one kind of model but for its network; nothing of it loads tfjs. */
export interface ModelKind<Specification> {
  /** Its constructor, which is its validator: options in, plain JSON out. */
  readonly create: (options: never) => Specification;
  /** What it takes. */
  readonly options: Options;
  /** What the field calls it. */
  readonly name: string;
  /** What it computes, in one line. */
  readonly formula: string;
  /** The same in TeX; null where only the user's own code says it. */
  readonly tex: string | null;
  /** What options are for as axes of a study, where it is neither size nor strength nor choice: `own`. */
  readonly roles: { readonly [Option in keyof Specification]?: "size" | "strength" | "choice" };
  /** Whether it has a state that training can carry from window to window. */
  readonly carriesState: boolean;
  /** Whether it has blocks that the backward pass can compute again. */
  readonly recomputesBlocks?: boolean;
  /** Which option is the longest window that it reads; any window where there is none. */
  readonly longestWindow?: keyof Specification & string;
  /** Numbers that its layers give at a position, of each layer its outputs, at least. */
  outputs(specification: Specification): number;
  /** What of a position is in memory at the highest of a training step, as measured; not known without. */
  activations?(specification: Specification, sizes: ActivationSizes): Activations;
  /**
   * Operations of the forward pass a token besides those of its kernels, from a record's JSON; none where
   * shapes and window do not tell.
   */
  furtherFlops?(model: JsonObject, windowLength: number): number;
  /** What its parameters are in PyTorch; null, or no function, where they are nothing there. */
  counterparts?(
    specification: Specification,
    modules: RecurrentModuleNames,
  ): readonly Counterpart[] | null;
  /** What it is in a folder of Hugging Face's transformers; absent where it is nothing there. */
  readonly huggingFace?: HuggingFaceForm<Specification>;
  /** What of it can be taken out where it is dead; nothing where there is no function. */
  units?(specification: Specification): RecurrentUnits | BlockUnits;
}

/** What activations depend on besides the model. */
export interface ActivationSizes {
  /** Positions of a window. */
  readonly windowLength: number;
  /** Windows that are computed at a time. */
  readonly windows: number;
}

/** Numbers that are in memory of a position. */
export interface Activations {
  /** Whatever the layers are. */
  readonly fixed: number;
  /** How many layers there are. */
  readonly layers: number;
  /** Of each of them. */
  readonly layer: number;
  /** Of each where its backward pass computes it again. */
  readonly kept: number;
}

/** What the modules of a recurrent PyTorch model are called. */
export interface RecurrentModuleNames {
  /** nn.Embedding. */
  readonly embedding: string;
  /** nn.GRU, nn.LSTM or nn.RNN. */
  readonly cell: string;
  /** nn.Linear. */
  readonly output: string;
}

/** A parameter in PyTorch. */
export interface Counterpart {
  /** Our name. */
  readonly ours: string;
  /** One name, or two of tensors that are added. */
  readonly theirs: readonly string[];
  /** Whether rows are columns there. */
  readonly transposed?: boolean;
}

/** A kind of model in a folder of Hugging Face's transformers: its config.json and its tensors. */
export interface HuggingFaceForm<Specification> {
  /** What config.json may call it, `model_type`. */
  readonly modelTypes: readonly string[];
  /**
   * What begins the names of tensors but for that of the output kernel; files of the model without its
   * output layer leave it out.
   */
  readonly prefix: string;
  /**
   * Options of the model that a config.json describes. Dropout is not among them, whatever the file says:
   * how to regularize is for the one who trains.
   *
   * @throws {TypeError | RangeError} If the file asks for what the model does not do, with the file's value
   * and those allowed.
   */
  fromConfig(config: JsonObject): Omit<Partial<Specification>, "kind">;
  /**
   * The config.json of a model, without ids of special tokens.
   *
   * @throws {RangeError} If transformers has no such model.
   */
  toConfig(specification: Specification, vocabularySize: number): JsonObject;
  /** Names of its parameters in model.safetensors. */
  tensors(specification: Specification): readonly Counterpart[];
  /** Whether a tensor, named with the prefix, holds nothing of the model: a buffer, a tied output. */
  isNoParameter(specification: Specification, name: string): boolean;
}

/** Recurrent layers on top of each other, on one side or on two whose units are pairs. */
export interface RecurrentUnits extends Cell {
  /** Names of the layers but for their number. */
  readonly sides: readonly string[];
  /** How many there are of each name. */
  readonly layers: number;
  /** Whether the output kernel is a table of vectors, whose rows stay. */
  readonly tiedWeights: boolean;
  /** Tables of vectors that are nothing else too, with the layers that read them. */
  readonly tables: readonly { readonly table: string; readonly layers: readonly string[] }[];
}

/** Gates of a cell, and which of them is the candidate. */
export interface Cell {
  /** How many there are. */
  readonly gates: number;
  /** Number of the candidate, from 0. */
  readonly candidate: number;
  /** Only of a simple recurrent layer, whose state is the activation itself. */
  readonly activation?: "tanh" | "relu";
}

/** Blocks of attention and a feed-forward layer. */
export interface BlockUnits {
  /** How many there are. */
  readonly blocks: number;
  /** Columns of a head's values. */
  readonly headSize: number;
  /** How the feed-forward layers compute GELU. */
  readonly geluApproximation: "none" | "tanh";
}
