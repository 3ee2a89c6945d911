import type {
  Activations,
  Cell,
  Counterpart,
  RecurrentModuleNames,
  RecurrentUnits,
} from "./kind.ts";
import type { RecurrentSpecification } from "./_recurrent_options.ts";

/** Sizes and dropouts, which every recurrent model has. */
export const recurrentRoles = {
  embeddingSize: "size",
  hiddenSize: "size",
  layers: "size",
  embeddingDropout: "strength",
  inputDropout: "strength",
  outputDropout: "strength",
  hiddenDropout: "strength",
  recurrentDropout: "strength",
  // It goes along with the dropouts.
  lockedDropout: "strength",
} as const;

/** What of a specification is read here. */
type Sizes =
  & Pick<RecurrentSpecification, "embeddingSize" | "hiddenSize" | "layers">
  & Partial<Pick<RecurrentSpecification, "tiedWeights">>;

/** Outputs of the embedding and of each layer. */
export function recurrentOutputs({ embeddingSize, layers, hiddenSize }: Sizes): number {
  return embeddingSize + layers * hiddenSize;
}

/** What a language model with one stack of layers named `name` says of itself besides its own words. */
export function recurrentLanguageModel(name: string, { gates, candidate }: Cell) {
  return {
    roles: recurrentRoles,
    carriesState: true,
    outputs: recurrentOutputs,
    activations: (specification: Sizes & Dropouts) => recurrentActivations(gates, specification),
    furtherFlops: () => 0,
    units: (
      { layers, tiedWeights = false, activation }: Sizes & Pick<Cell, "activation">,
    ): RecurrentUnits => ({
      sides: [name],
      layers,
      tiedWeights,
      tables: tiedWeights ? [] : [{ table: "embedding/table", layers: [`${name}0`] }],
      gates,
      candidate,
      activation,
    }),
  };
}

/** The parameters of nn.Embedding, nn.GRU, nn.LSTM or nn.RNN, and nn.Linear. */
export function recurrentCounterparts(
  cell: "gru" | "lstm" | "rnn",
  { layers, tiedWeights = false }: Sizes,
  modules: RecurrentModuleNames,
): Counterpart[] {
  const list: Counterpart[] = [
    { ours: "embedding/table", theirs: [`${modules.embedding}.weight`] },
  ];
  for (let layer = 0; layer < layers; layer++) {
    const ours = `${cell}${layer}`;
    const theirs = (part: string) => `${modules.cell}.${part}_l${layer}`;
    list.push(
      { ours: `${ours}/kernel`, theirs: [theirs("weight_ih")], transposed: true },
      { ours: `${ours}/recurrentKernel`, theirs: [theirs("weight_hh")], transposed: true },
    );
    if (cell === "gru") {
      list.push(
        { ours: `${ours}/bias`, theirs: [theirs("bias_ih")] },
        { ours: `${ours}/recurrentBias`, theirs: [theirs("bias_hh")] },
      );
    } else list.push({ ours: `${ours}/bias`, theirs: [theirs("bias_ih"), theirs("bias_hh")] });
  }
  if (!tiedWeights) {
    list.push({ ours: "output/kernel", theirs: [`${modules.output}.weight`], transposed: true });
  }
  return [...list, { ours: "output/bias", theirs: [`${modules.output}.bias`] }];
}

type Dropouts = Partial<
  Pick<RecurrentSpecification, "inputDropout" | "hiddenDropout" | "outputDropout">
>;

/** By the number of gates: hidden sizes of a position whatever the layers, and of each, as measured. */
const hiddenSizes: { readonly [gates: number]: readonly [number, number] } = {
  1: [1.5, 1.8],
  3: [9, 4.4],
  4: [8.5, 4.7],
};

/** Gates, states and their gradients; with dropout what it leaves of inputs and outputs. */
export function recurrentActivations(
  gates: number,
  { embeddingSize, hiddenSize, layers, ...dropouts }: Sizes & Dropouts,
): Activations {
  const [fixed, layer] = hiddenSizes[gates];
  const { inputDropout = 0, hiddenDropout = 0, outputDropout = 0 } = dropouts;
  const masked = hiddenDropout > 0 || outputDropout > 0 ? hiddenSize : 0;
  return {
    fixed: fixed * hiddenSize + (inputDropout > 0 ? embeddingSize : 0),
    layers,
    layer: layer * hiddenSize + masked,
    kept: hiddenSize,
  };
}
