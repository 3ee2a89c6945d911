import * as tf from "@tensorflow/tfjs";
import type { RandomStream } from "../core/random.ts";
import type { PaddedSequences, PairBatch } from "../data/pair_batches.ts";
import { rowDropout } from "../ops/dropout.ts";
import { embedding } from "../ops/embedding.ts";
import { linear } from "../ops/linear.ts";
import { lstm, lstmOfTokens, type LstmState } from "../ops/lstm.ts";
import { attend, type Memory, memoryOf, memoryOfRows } from "./_dot_attention.ts";
import {
  type EncoderDecoderParameters,
  encoderDecoderParameters,
  type SequenceToSequenceContext,
} from "./_encoder_decoder_parameters.ts";
import type { LstmSequenceToSequenceSpecification } from "./lstm_sequence_to_sequence.ts";
import type { Decoder, SequenceToSequenceModel } from "./model.ts";
import { droppedInputs, droppedKernel } from "./_recurrent.ts";
import type { Complete } from "./_recurrent_options.ts";
import { type LastOutputs, passesOver, trainingLoss } from "./_training_loss.ts";

/** What a network computes from: its specification and its parameters. */
interface Network {
  readonly specification: Complete<LstmSequenceToSequenceSpecification>;
  readonly made: EncoderDecoderParameters;
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
  const { vocabularySize } = context;
  const made = encoderDecoderParameters(specification, context);
  const { parameters, constants, output } = made;
  const network = { specification, made };

  return {
    vocabularySize,
    parameters,
    loss: (batch, stream, terms) =>
      trainingLoss(
        passesOver(batch, stream, terms, () => teacherForced(network, batch, stream)),
        output,
        batch,
        vocabularySize,
        terms,
      ),
    logits: (batch) =>
      tf.tidy(() => linear({ inputs: teacherForced(network, batch, null).dropped, ...output })),
    decoder: (source) => startDecoder(network, source),
    dispose: () => tf.dispose([...parameters.map(({ variable }) => variable), ...constants]),
  };
}

/** A table of token vectors and the layers that read them. */
type Side = EncoderDecoderParameters["encoder"];

/** One side over a whole window: states of the top layer, [time × batch, hidden], and final states. */
function run(
  { specification }: Network,
  { table: whole, cells }: Side,
  { tokens, time, batch, mask }: PaddedSequences,
  initialStates: readonly LstmState[] | null,
  stream: RandomStream | null,
): { states: tf.Tensor2D; finalStates: LstmState[] } {
  const { embeddingDropout, inputDropout, hiddenDropout } = specification;
  const sizes = { time, batch };
  const drop = (inputs: tf.Tensor2D, rate: number) =>
    droppedInputs(inputs, rate, specification, sizes, stream);
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
      ? lstm({ ...options, inputs: drop(states, hiddenDropout) })
      : stream !== null && inputDropout > 0
      ? lstm({
        ...options,
        inputs: drop(embedding({ table, tokens }), inputDropout),
      })
      : lstmOfTokens({ ...options, table, tokens });
    states = result.states;
    return result.finalState;
  });
  return { states: states!, finalStates };
}

/** What the decoder reads of the sources. */
function encode(network: Network, source: PaddedSequences, stream: RandomStream | null): Encoded {
  const { encoder, attentionKernels } = network.made;
  const { states, finalStates } = run(network, encoder, source, null, stream);
  return {
    finalStates,
    memory: attentionKernels === null ? undefined : memoryOf(source, states),
  };
}

/** What the output layer reads, [time × batch, hidden], row t × batch + b. */
function decoderStates(
  network: Network,
  target: PaddedSequences,
  { finalStates: initialStates, memory }: Encoded,
  stream: RandomStream | null,
): LastOutputs & { finalStates: LstmState[] } {
  const { specification, made: { decoder, attentionKernels } } = network;
  const { states: own, finalStates } = run(network, decoder, target, initialStates, stream);
  const outputs = memory === undefined || attentionKernels === null
    ? own
    : attend(own, target, memory, attentionKernels);
  const dropped = droppedInputs(
    outputs,
    specification.outputDropout,
    specification,
    target,
    stream,
  );
  return { dropped, outputs, finalStates };
}

/** The same for a whole batch under teacher forcing. */
function teacherForced(
  network: Network,
  batch: PairBatch,
  stream: RandomStream | null,
): LastOutputs {
  const tokens = network.made.rereads
    ? Int32Array.from(batch.inputs, (_, row) => sourceToken(batch.source, row))
    : batch.inputs;
  const target = { ...batch, tokens };
  return decoderStates(network, target, encode(network, batch.source, stream), stream);
}

function startDecoder(network: Network, source: PaddedSequences): Decoder {
  const { rereads, output } = network.made;
  const encoded = tf.tidy(() => encode(network, source, null));
  let { memory, finalStates: states } = encoded;
  let sourceOf = Int32Array.from({ length: source.batch }, (_, row) => row);
  let position = 0;
  /** Goes on with some of the rows. */
  function continueFrom(from: Int32Array): void {
    const sources = from.map((row) => sourceOf[row]);
    const read: Encoded = { finalStates: states, memory };
    const isSame = sources.length === sourceOf.length &&
      sources.every((row, at) => row === sourceOf[at]);
    const kept = tf.tidy(() => ({
      finalStates: states.map(({ hidden, cell }) => ({
        hidden: embedding({ table: hidden, tokens: from }),
        cell: embedding({ table: cell, tokens: from }),
      })),
      memory: memory && (isSame ? memory : memoryOfRows(memory, from)),
    }));
    tf.dispose(isSame ? read.finalStates : read);
    ({ finalStates: states, memory } = kept);
    sourceOf = sources;
  }
  return {
    next(written, from) {
      if (from !== undefined) continueFrom(from);
      const batch = written.length;
      const tokens = rereads
        ? sourceOf.map((row) => sourceToken(source, position * source.batch + row))
        : written;
      position++;
      const [logits, next] = tf.tidy((): [tf.Tensor2D, LstmState[]] => {
        const step = { tokens, time: 1, batch };
        const read = { finalStates: states, memory };
        const { dropped: inputs, finalStates } = decoderStates(network, step, read, null);
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
