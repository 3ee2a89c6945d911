import { checkOneOf } from "../lib/core/check.ts";
import { gruLanguageModel } from "../lib/models/gru_language_model.ts";
import type { ModelSpecification } from "../lib/models/kinds.ts";
import type { SequenceToSequenceSpecification } from "../lib/models/kinds.ts";
import { llamaLanguageModel } from "../lib/models/llama_language_model.ts";
import { lstmLanguageModel } from "../lib/models/lstm_language_model.ts";
import { lstmSequenceToSequence } from "../lib/models/lstm_sequence_to_sequence.ts";
import { transformerLanguageModel } from "../lib/models/transformer_language_model.ts";

/** A training whose step is measured, the same on both sides (`peer.py` holds PyTorch's). */
export interface Configuration {
  readonly name: ConfigurationName;
  readonly words: string;
  readonly vocabulary: number;
  /** Positions of a window. */
  readonly time: number;
  /** Windows side by side. */
  readonly batch: number;
  /** What an encoder reads; null for language models. */
  readonly source: { readonly vocabulary: number; readonly time: number } | null;
  readonly model: ModelSpecification | SequenceToSequenceSpecification;
  /** Modes of the peer, where it is not tried in all; compilers need minutes for a model of many layers. */
  readonly peerModes?: readonly string[];
  /** Multiplications and additions in the matrix products of our training step, and forward only. */
  readonly flop: { readonly training: number; readonly evaluation: number };
}

export const configurationNames = ["A", "B", "C", "D", "E", "F", "G"] as const;
export type ConfigurationName = typeof configurationNames[number];

/** Those that one thread is compared with PyTorch's on; G is large enough for several, a step of F takes seconds. */
export const singleThreadNames: readonly ConfigurationName[] = ["A", "B", "C", "D", "E"];

/** A configuration's name given on the command line, or a RangeError that names all. */
export function checkConfiguration(name: string): ConfigurationName {
  return checkOneOf("configuration", name, configurationNames);
}

/** The configurations by name. */
export const configurations: Readonly<Record<ConfigurationName, Configuration>> = {
  A: {
    name: "A",
    words: "characters: vocabulary 65, embedding 64, GRU 128, batch 32, window 64",
    vocabulary: 65,
    time: 64,
    batch: 32,
    source: null,
    model: gruLanguageModel({ embeddingSize: 64, hiddenSize: 128 }),
    flop: recurrentFlop({ vocabulary: 65, sizes: [64, 128], gates: 3, batch: 32, time: 64 }),
  },
  B: {
    name: "B",
    words: "words, article 1: vocabulary 10,000, embedding 256, GRU 512, batch 64, window 32",
    vocabulary: 10000,
    time: 32,
    batch: 64,
    source: null,
    model: gruLanguageModel({ embeddingSize: 256, hiddenSize: 512 }),
    flop: recurrentFlop({ vocabulary: 10000, sizes: [256, 512], gates: 3, batch: 64, time: 32 }),
  },
  C: {
    name: "C",
    words: "words, PTB small: vocabulary 10,000, 2 × LSTM 200, batch 20, window 20",
    vocabulary: 10000,
    time: 20,
    batch: 20,
    source: null,
    model: lstmLanguageModel({ embeddingSize: 200, hiddenSize: 200, layers: 2 }),
    flop: recurrentFlop({
      vocabulary: 10000,
      sizes: [200, 200, 200],
      gates: 4,
      batch: 20,
      time: 20,
    }),
  },
  D: {
    name: "D",
    words:
      "nanoGPT's CPU setting: vocabulary 65, 4 blocks, 4 heads, width 128, batch 12, window 64",
    vocabulary: 65,
    time: 64,
    batch: 12,
    source: null,
    model: transformerLanguageModel({ embeddingSize: 128, layers: 4, heads: 4, blockSize: 64 }),
    flop: transformerFlop({ vocabulary: 65, width: 128, blocks: 4, batch: 12, time: 64 }),
  },
  E: {
    name: "E",
    words: "sequence to sequence, characters: 2 × LSTM 256, batch 64, source 16, target 59",
    vocabulary: 93,
    time: 59,
    batch: 64,
    source: { vocabulary: 70, time: 16 },
    model: lstmSequenceToSequence({ embeddingSize: 256, hiddenSize: 256 }),
    flop: sequenceToSequenceFlop({
      source: 70,
      target: 93,
      hidden: 256,
      batch: 64,
      times: [16, 59],
    }),
  },
  F: {
    name: "F",
    words:
      "SmolLM2-135M: vocabulary 49,152, 30 blocks, 9 heads (3 of keys and values), width 576, " +
      "batch 4, window 128",
    vocabulary: 49_152,
    time: 128,
    batch: 4,
    source: null,
    model: llamaLanguageModel({
      ...{ embeddingSize: 576, layers: 30, heads: 9, keyValueHeads: 3, feedForwardSize: 1536 },
      ...{ blockSize: 128, ropeTheta: 100_000, tiedWeights: true },
    }),
    peerModes: ["eager"],
    flop: llamaFlop({
      ...{ vocabulary: 49_152, width: 576, blocks: 30, batch: 4, time: 128 },
      ...{ keyValueWidth: 192, feedForward: 1536 },
    }),
  },
  G: {
    name: "G",
    words: "words, a Transformer as wide as SmolLM2-135M: vocabulary 10,000, 2 blocks, 9 heads, " +
      "width 576, batch 4, window 128",
    vocabulary: 10000,
    time: 128,
    batch: 4,
    source: null,
    model: transformerLanguageModel({ embeddingSize: 576, layers: 2, heads: 9, blockSize: 128 }),
    flop: transformerFlop({ vocabulary: 10000, width: 576, blocks: 2, batch: 4, time: 128 }),
  },
};

/**
 * Matrix products of a step of a recurrent language model. A product of [m, k] and [k, n] is 2 m n k;
 * each has two of that size in its backward pass. The first layer's input projection works on the
 * vocabulary where that is smaller than the batch; the state before the first step is 0 and has no
 * gradient.
 *
 * @param options.sizes Widths of the embedding and of each layer.
 * @param options.gates Gates of the cell: 3 for a GRU, 4 for an LSTM.
 */
export function recurrentFlop(
  { vocabulary, sizes, gates, batch, time }: {
    vocabulary: number;
    sizes: readonly number[];
    gates: number;
    batch: number;
    time: number;
  },
): { training: number; evaluation: number } {
  const layers = cellFlop(vocabulary, sizes, gates, batch, time);
  const output = 2 * time * batch * sizes.at(-1)! * vocabulary;
  return {
    training: layers.training + 3 * output,
    evaluation: layers.evaluation + output,
  };
}

function cellFlop(
  vocabulary: number,
  sizes: readonly number[],
  gates: number,
  batch: number,
  time: number,
): { training: number; evaluation: number } {
  let training = 0;
  let evaluation = 0;
  sizes.slice(1).forEach((hidden, layer) => {
    const rows = layer === 0 ? Math.min(vocabulary, time * batch) : time * batch;
    const input = 2 * rows * sizes[layer] * gates * hidden;
    const recurrent = 2 * batch * hidden * gates * hidden;
    evaluation += input + time * recurrent;
    training += 3 * input + time * recurrent + 2 * (time - 1) * recurrent;
  });
  return { training, evaluation };
}

/** As {@link recurrentFlop}, for blocks of attention and a perceptron of four times the width. */
export function transformerFlop(
  { vocabulary, width, blocks, batch, time }: {
    vocabulary: number;
    width: number;
    blocks: number;
    batch: number;
    time: number;
  },
): { training: number; evaluation: number } {
  const rows = batch * time;
  const projections = 2 * rows * 12 * width * width;
  // Scores and weighted values; half of each is masked and need not be computed.
  const attention = 2 * rows * time * width;
  const evaluation = blocks * (projections + attention) + 2 * rows * width * vocabulary;
  return { training: 3 * evaluation, evaluation };
}

/** The same of a Llama: keys and values of fewer heads, and a feed-forward layer of three kernels. */
function llamaFlop(
  { vocabulary, width, keyValueWidth, feedForward, blocks, batch, time }: {
    vocabulary: number;
    width: number;
    keyValueWidth: number;
    feedForward: number;
    blocks: number;
    batch: number;
    time: number;
  },
): { training: number; evaluation: number } {
  const rows = batch * time;
  const kernels = 2 * width * width + 2 * width * keyValueWidth + 3 * width * feedForward;
  const attention = 2 * rows * time * width;
  const evaluation = blocks * (2 * rows * kernels + attention) + 2 * rows * width * vocabulary;
  return { training: 3 * evaluation, evaluation };
}

function sequenceToSequenceFlop(
  { source, target, hidden, batch, times: [sourceTime, targetTime] }: {
    source: number;
    target: number;
    hidden: number;
    batch: number;
    times: readonly [source: number, target: number];
  },
): { training: number; evaluation: number } {
  const encoder = cellFlop(source, [hidden, hidden], 4, batch, sourceTime);
  const decoder = recurrentFlop({
    vocabulary: target,
    sizes: [hidden, hidden],
    gates: 4,
    batch,
    time: targetTime,
  });
  // The decoder's first state has a gradient: it is the encoder's last.
  return {
    training: encoder.training + decoder.training + 2 * 2 * batch * hidden * 4 * hidden,
    evaluation: encoder.evaluation + decoder.evaluation,
  };
}
