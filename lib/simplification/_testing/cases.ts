import type { ModelSpecification } from "../../models/kinds.ts";
import type { SequenceToSequenceSpecification } from "../../models/kinds.ts";
import { gruLanguageModel } from "../../models/gru_language_model.ts";
import { lstmLanguageModel } from "../../models/lstm_language_model.ts";
import { lstmSequenceToSequence } from "../../models/lstm_sequence_to_sequence.ts";
import { rnnLanguageModel } from "../../models/rnn_language_model.ts";
import { transformerLanguageModel } from "../../models/transformer_language_model.ts";
import { gatesOf, type Planted, plantRecurrent } from "./planted.ts";

/** Of models with two layers of six units. */
export const sizes = { embeddingSize: 5, hiddenSize: 6, layers: 2 };
const recurrentRemoved = (cell: string) => [
  { layer: `${cell}1`, kind: "units", removed: 2 },
  { layer: `${cell}0`, kind: "units", removed: 2 },
  { layer: "embedding", kind: "dimensions", removed: 2 },
];

/** Models with planted dead units, and what is to be removed. */
export const cases: {
  name: string;
  model: ModelSpecification | SequenceToSequenceSpecification;
  plant: (weights: Planted) => void;
  removed: { layer: string; kind: string; removed: number }[];
  rows: Record<string, number>;
}[] = [
  ...[true, false].map((resetAfter) => ({
    name: `GRU, reset ${resetAfter ? "after" : "before"}`,
    model: gruLanguageModel({ ...sizes, resetAfter }),
    plant: plantRecurrent("gru", 3, 2),
    removed: recurrentRemoved("gru"),
    rows: { "embedding/table": 1 },
  })),
  {
    name: "LSTM",
    model: lstmLanguageModel(sizes),
    plant: plantRecurrent("lstm", 4, 2),
    removed: recurrentRemoved("lstm"),
    rows: { "embedding/table": 1 },
  },
  ...(["tanh", "relu"] as const).map((activation) => ({
    name: `RNN with ${activation}, with a constant unit`,
    model: rnnLanguageModel({ ...sizes, activation }),
    plant(weights: Planted) {
      plantRecurrent("rnn", 1, 0)(weights);
      for (const layer of ["rnn0", "rnn1"]) {
        weights.column(`${layer}/kernel`, 4);
        weights.column(`${layer}/recurrentKernel`, 4);
        weights.row(`${layer}/recurrentKernel`, 4);
        weights.column(`${layer}/bias`, 4, 0.6);
      }
    },
    removed: [
      { layer: "rnn1", kind: "units", removed: 3 },
      { layer: "rnn0", kind: "units", removed: 3 },
      { layer: "embedding", kind: "dimensions", removed: 2 },
    ],
    rows: { "embedding/table": 1 },
  })),
  {
    name: "tied LSTM, whose top layer stays",
    model: lstmLanguageModel({ embeddingSize: 6, hiddenSize: 6, layers: 2, tiedWeights: true }),
    plant(weights: Planted) {
      weights.row("lstm1/kernel", 2);
      weights.row("lstm0/recurrentKernel", 2, 0, gatesOf(2, 4, 6));
      weights.column("embedding/table", 0);
      weights.copyRow("embedding/table", 3, 5);
    },
    removed: [{ layer: "lstm0", kind: "units", removed: 1 }],
    rows: {},
  },
  ...[true, false].map((bias) => ({
    name: `Transformer ${bias ? "with" : "without"} biases`,
    model: transformerLanguageModel({
      embeddingSize: 8,
      layers: 2,
      heads: 4,
      blockSize: 12,
      bias,
      tiedWeights: bias,
    }),
    plant(weights: Planted) {
      weights.row("block0/feedForwardOutput/kernel", 3);
      for (const unit of [5, 6]) weights.column("block1/feedForward/kernel", unit);
      // Head 1 of block 0 is not read; the values of head 2 of block 1 are the same everywhere.
      for (const place of [2, 3]) weights.row("block0/attentionOutput/kernel", place);
      for (const place of [20, 21]) weights.column("block1/attention/kernel", place);
      if (!bias) weights.copyRow("embedding/table", 3, 5);
    },
    removed: [
      { layer: "block0", kind: "heads", removed: 1 },
      { layer: "block0", kind: "hidden units", removed: 1 },
      { layer: "block1", kind: "heads", removed: 1 },
      { layer: "block1", kind: "hidden units", removed: 2 },
    ],
    rows: (bias ? {} : { "embedding/table": 1 }) as Record<string, number>,
  })),
  ...(["none", "dot"] as const).map((attention) => ({
    name: `encoder-decoder with attention ${attention}`,
    model: lstmSequenceToSequence({ ...sizes, attention }),
    plant(weights: Planted) {
      for (const side of ["encoder", "decoder"]) {
        // Never read on either side, in the lower layer; always 0 on both, in the upper one.
        weights.row(`${side}1/kernel`, 2);
        weights.row(`${side}0/recurrentKernel`, 2, 0, gatesOf(2, 4, 6));
        weights.column(`${side}1/kernel`, 13);
        weights.column(`${side}1/recurrentKernel`, 13, 0, [1]);
        weights.column(`${side}1/bias`, 13);
      }
      // Read by the decoder only: stays.
      weights.row("encoder1/kernel", 4);
      weights.row("encoder0/recurrentKernel", 4, 0, gatesOf(4, 4, 6));
      weights.column("sourceEmbedding/table", 0, -0.3);
      weights.row("decoder0/kernel", 3);
      weights.copyRow("targetEmbedding/table", 5, 6);
      if (attention === "dot") {
        weights.row("output/kernel", 0);
        for (const kernel of ["contextKernel", "stateKernel"]) {
          weights.column(`attention/${kernel}`, 3);
        }
      }
    },
    removed: [
      ...(attention === "dot" ? [{ layer: "attention", kind: "units", removed: 2 }] : []),
      { layer: "encoder1 and decoder1", kind: "units", removed: 1 },
      { layer: "encoder0 and decoder0", kind: "units", removed: 1 },
      { layer: "sourceEmbedding", kind: "dimensions", removed: 1 },
      { layer: "targetEmbedding", kind: "dimensions", removed: 1 },
    ],
    rows: { "targetEmbedding/table": 1 },
  })),
  {
    name: "encoder-decoder that reads the source twice",
    model: lstmSequenceToSequence({ ...sizes, decoderReads: "source" }),
    plant(weights) {
      weights.column("sourceEmbedding/table", 0, 0.5);
      for (const side of ["encoder", "decoder"]) weights.row(`${side}0/kernel`, 1);
      weights.row("encoder0/kernel", 2);
      weights.copyRow("sourceEmbedding/table", 5, 6);
      // The encoder's unit is read by nothing but the decoder's, through its state.
      weights.row("encoder1/recurrentKernel", 2, 0, gatesOf(2, 4, 6));
    },
    removed: [{ layer: "sourceEmbedding", kind: "dimensions", removed: 2 }],
    rows: { "sourceEmbedding/table": 1 },
  },
  {
    name: "encoder-decoder of one-hot vectors",
    model: lstmSequenceToSequence({ embeddingSize: 0, hiddenSize: 6 }),
    plant(weights) {
      weights.row("output/kernel", 0);
      for (const side of ["encoder", "decoder"]) {
        weights.row(`${side}0/recurrentKernel`, 0, 0, gatesOf(0, 4, 6));
      }
    },
    removed: [{ layer: "encoder0 and decoder0", kind: "units", removed: 1 }],
    rows: {},
  },
];
