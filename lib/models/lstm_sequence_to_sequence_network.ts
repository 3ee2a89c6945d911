import * as tf from "@tensorflow/tfjs";
import type { RandomStream } from "../core/random.ts";
import type { PaddedSequences, PairBatch } from "../data/pair_batches.ts";
import { rowDropout } from "../ops/dropout.ts";
import { embedding } from "../ops/embedding.ts";
import { linear } from "../ops/linear.ts";
import { lstm, lstmOfTokens, type LstmState } from "../ops/lstm.ts";
import { attend, type Memory, memoryOf } from "./_dot_attention.ts";
import type { LstmSequenceToSequenceSpecification } from "./lstm_sequence_to_sequence.ts";
import type { Decoder, SequenceToSequenceModel } from "./model.ts";
import { type ModelContext, withoutWeights } from "./_parameters.ts";
import {
  droppedInputs,
  droppedKernel,
  recurrentParameters,
  type WindowSizes,
} from "./_recurrent.ts";
import type { Complete } from "./_recurrent_options.ts";
import { type LastOutputs, trainingLoss } from "./_training_loss.ts";

/** What an encoder-decoder is built for, besides its specification. */
export interface SequenceToSequenceContext extends ModelContext {
  /** Tokens of sources; `vocabularySize` counts those of targets. */
  readonly sourceVocabularySize: number;
}

/**
 * Builds the model that a specification describes. Its layers are `sourceEmbedding`,
 * `targetEmbedding`, `encoder0` …, `decoder0` …, with attention `attention`, and `output`.
 *
 * @param specification Of an LSTM encoder-decoder.
 * @param context Both vocabulary sizes, seed and fold.
 */
export function createLstmSequenceToSequence(
  specification: Complete<LstmSequenceToSequenceSpecification>,
  context: SequenceToSequenceContext,
): SequenceToSequenceModel {
  const { vocabularySize, sourceVocabularySize } = context;
  const { hiddenSize, kernelInitializer, forgetBias, embeddingDropout } = specification;
  const make = recurrentParameters(specification, context);
  const { parameters } = make;
  const oneHot = specification.embeddingSize === 0;

  // A table for one-hot vectors is the identity, and no parameter.
  const constants: tf.Tensor2D[] = [];
  const tableOf = (layer: string, tokens: number): tf.Tensor2D => {
    if (!oneHot) return make.table(layer, tokens);
    constants.push(
      context.described ? withoutWeights<tf.Rank.R2>([tokens, tokens]) : tf.keep(tf.eye(tokens)),
    );
    return constants.at(-1)!;
  };
  const cellsOf = (side: "encoder" | "decoder", tokens: number) =>
    Array.from({ length: specification.layers }, (_, index) => {
      const inputSize = oneHot && index === 0 ? tokens : undefined;
      const { kernel, recurrentKernel, bias } = make.layer(side, index, 4, {
        forgetBias,
        inputSize,
      });
      return { kernel, recurrentKernel, bias };
    });
  const attentionKernel = (name: string) =>
    make.parameter<tf.Rank.R2>(
      "attention",
      name,
      "kernel",
      [hiddenSize, hiddenSize],
      kernelInitializer,
    );
  const encoder = {
    table: tableOf("sourceEmbedding", sourceVocabularySize),
    cells: cellsOf("encoder", sourceVocabularySize),
  };
  const rereads = specification.decoderReads === "source";
  const decoder = rereads ? { ...encoder, cells: cellsOf("decoder", sourceVocabularySize) } : {
    table: tableOf("targetEmbedding", vocabularySize),
    cells: cellsOf("decoder", vocabularySize),
  };
  const attentionKernels = specification.attention === "none" ? null : {
    context: attentionKernel("contextKernel"),
    state: attentionKernel("stateKernel"),
  };
  // With tied weights there is a table that is a parameter.
  const output = make.output(decoder.table as tf.Variable<tf.Rank.R2>);

  const drop = (
    inputs: tf.Tensor2D,
    rate: number,
    sizes: WindowSizes,
    stream: RandomStream | null,
  ) => droppedInputs(inputs, rate, specification, sizes, stream);

  /** One side over a whole window: states of the top layer, [time × batch, hidden], and final states. */
  function run(
    { table: whole, cells }: typeof encoder,
    { tokens, time, batch, mask }: PaddedSequences,
    initialStates: readonly LstmState[] | null,
    stream: RandomStream | null,
  ): { states: tf.Tensor2D; finalStates: LstmState[] } {
    const { inputDropout, hiddenDropout } = specification;
    const sizes = { time, batch };
    const table = stream !== null && embeddingDropout > 0
      ? rowDropout({ inputs: whole, rate: embeddingDropout, stream })
      : whole;
    let states: tf.Tensor2D | null = null;
    const finalStates = cells.map((cell, index) => {
      const { recurrentKernel } = cell;
      const options = {
        ...cell,
        ...sizes,
        mask,
        recurrentKernel: droppedKernel(recurrentKernel, specification, stream),
        initialState: initialStates?.[index],
      };
      const result = states !== null
        ? lstm({ ...options, inputs: drop(states, hiddenDropout, sizes, stream) })
        : stream !== null && inputDropout > 0
        ? lstm({
          ...options,
          inputs: drop(embedding({ table, tokens }), inputDropout, sizes, stream),
        })
        : lstmOfTokens({ ...options, table, tokens });
      states = result.states;
      return result.finalState;
    });
    return { states: states!, finalStates };
  }

  /** What the decoder reads of the sources. */
  function encode(source: PaddedSequences, stream: RandomStream | null): Encoded {
    const { states, finalStates } = run(encoder, source, null, stream);
    return {
      finalStates,
      memory: attentionKernels === null ? undefined : memoryOf(source, states),
    };
  }

  /** What the output layer reads, [time × batch, hidden], row t × batch + b. */
  function decoderStates(
    target: PaddedSequences,
    { finalStates: initialStates, memory }: Encoded,
    stream: RandomStream | null,
  ): LastOutputs & { finalStates: LstmState[] } {
    const { states: own, finalStates } = run(decoder, target, initialStates, stream);
    const outputs = memory === undefined || attentionKernels === null
      ? own
      : attend(own, target, memory, attentionKernels);
    const dropped = drop(outputs, specification.outputDropout, target, stream);
    return { dropped, outputs, finalStates };
  }

  /** The same for a whole batch under teacher forcing. */
  function teacherForced(batch: PairBatch, stream: RandomStream | null): LastOutputs {
    const tokens = rereads
      ? Int32Array.from(batch.inputs, (_, row) => sourceToken(batch.source, row))
      : batch.inputs;
    const target = { ...batch, tokens };
    return decoderStates(target, encode(batch.source, stream), stream);
  }

  function startDecoder(source: PaddedSequences): Decoder {
    const { memory, finalStates } = tf.tidy(() => encode(source, null));
    let states = finalStates;
    let row = 0;
    return {
      next(written) {
        const tokens = rereads
          ? Int32Array.from(written, () => sourceToken(source, row++))
          : written;
        const [logits, next] = tf.tidy((): [tf.Tensor2D, LstmState[]] => {
          const step = { tokens, time: 1, batch: source.batch };
          const read = { finalStates: states, memory };
          const { dropped: inputs, finalStates } = decoderStates(step, read, null);
          return [linear({ inputs, ...output }), finalStates];
        });
        tf.dispose(states);
        states = next;
        const scores = Float32Array.from(logits.dataSync());
        logits.dispose();
        return scores;
      },
      dispose: () => tf.dispose({ states, memory }),
    };
  }

  return {
    vocabularySize,
    parameters,
    loss: (batch, stream, terms) =>
      trainingLoss(teacherForced(batch, stream), output, batch, vocabularySize, terms),
    logits: (batch) =>
      tf.tidy(() => linear({ inputs: teacherForced(batch, null).dropped, ...output })),
    decoder: startDecoder,
    dispose: () => tf.dispose([...parameters.map(({ variable }) => variable), ...constants]),
  };
}

/** Token of a source at row t × batch + b of any length; its last one, the end token, after its end. */
function sourceToken({ tokens, time, batch, mask }: PaddedSequences, row: number): number {
  let at = Math.min(row, (time - 1) * batch + row % batch);
  while (mask !== undefined && mask[at] === 0) at -= batch;
  return tokens[at];
}

/** What a decoder knows of the sources, as plain object types, which tidy wants; `memory` is for attention. */
type Encoded = {
  readonly finalStates: LstmState[];
  readonly memory: Memory | undefined;
};
