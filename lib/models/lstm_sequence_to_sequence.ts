import * as tf from "@tensorflow/tfjs";
import { checkKeys, checkOneOf, show } from "../core/check.ts";
import type { RandomStream } from "../core/random.ts";
import type { PaddedSequences, PairBatch } from "../data/pair_batches.ts";
import { dropout, lockedDropout, rowDropout } from "../ops/dropout.ts";
import { embedding } from "../ops/embedding.ts";
import { linear } from "../ops/linear.ts";
import { lstm, lstmOfTokens, type LstmState } from "../ops/lstm.ts";
import { attend, type Memory, memoryOf } from "./_dot_attention.ts";
import { type ModelContext, withoutWeights } from "./_parameters.ts";
import { droppedKernel, recurrentParameters } from "./_recurrent.ts";
import {
  recurrentOptionNames,
  type RecurrentOptions,
  recurrentOptions,
  type RecurrentSpecification,
} from "./_recurrent_options.ts";
import { type LastOutputs, trainingLoss } from "./_training_loss.ts";
import type { Decoder, SequenceToSequenceModel } from "./model.ts";

/** An LSTM encoder-decoder, as plain JSON with every default filled in. */
export interface LstmSequenceToSequenceSpecification extends RecurrentSpecification {
  /** Tells it from other models. */
  readonly kind: "lstmSequenceToSequence";
  /** Added to the initial biases of the forget gates. */
  readonly forgetBias: number;
  /** Whether the decoder looks back at the encoder's states, by their dot products with its own. */
  readonly attention: "none" | "dot";
  /** `source`: the decoder reads the source again, not the target before; absent for the target. */
  readonly decoderReads?: "source";
}

/** What an encoder-decoder is built for, besides its specification. */
export interface SequenceToSequenceContext extends ModelContext {
  /** Tokens of sources; `vocabularySize` counts those of targets. */
  readonly sourceVocabularySize: number;
}

/**
 * Specifies an LSTM encoder-decoder (Sutskever et al. 2014), the model of article 2: an LSTM reads the
 * source and its end token; another one begins with the state that the first ended in and predicts the
 * target, token by token, from the tokens before (teacher forcing in training and in the loss).
 *
 * With x and y the embedded source and target tokens, layer by layer (equations in `lstm`):
 *
 * - (h_S, c_S) = LSTM_encoder(x_1 … x_S, end), from a state of 0
 * - s_t = LSTM_decoder(begin, y_1 … y_{t−1}), from (h_S, c_S)
 * - logits_t = s_t W_out + b_out, over all target tokens, those for padding, begin and end included
 *
 * With `dot` attention (Luong et al. 2015, global, after the decoder, no input feeding), with e_1 … e_S
 * the encoder's top states, a_t = softmax over j of s_t · e_j, c_t = Σ_j a_tj e_j, and
 * tanh(c_t W_c + s_t W_s) takes the place of s_t in the logits. (Luong's W_c is both, one above the
 * other; apart they save a copy.)
 *
 * Padding is masked on both sides: it changes neither state, loss nor gradient. Sutskever et al. read
 * sources backwards; here they are read forwards. Each layer has one bias, as in Keras; PyTorch's two
 * add up to it.
 *
 * @param options.embeddingSize Width of a token's vector, on both sides, from 1; 0 for one-hot vectors,
 * which have no parameters, as in Keras's example lstm_seq2seq.
 * @param options.hiddenSize Width of the states, from 1.
 * @param options.layers LSTM layers on top of each other, on both sides, from 1; 1 by default.
 * @param options.tiedWeights Whether the output kernel is the table of target vectors (then penalties
 * see it as an embedding); needs embeddingSize = hiddenSize. False by default.
 * @param options.forgetBias Added to the initial biases of the forget gates: 1 by default, as in Keras;
 * 0 by default with `initialization` `pytorch` or `gpt2`.
 * @param options.attention `none` by default, or `dot`.
 * @param options.decoderReads `source` for a decoder that reads the source again, by the encoder's table,
 * in place of the target's tokens before: step t reads source token t, and the end token after the last.
 * It never sees what it wrote. For articles and code that do so; the target if not given.
 * @param options.embeddingDropout Share of tokens, of sources and of targets, whose vectors are 0
 * throughout a batch in training, in [0, 1); 0 by default.
 * @param options.inputDropout Share of embedded inputs set to 0 in training, in [0, 1); 0 by default.
 * @param options.outputDropout Share of each layer's outputs set to 0 in training, in [0, 1). The state
 * that passes from encoder to decoder is not touched.
 * @param options.hiddenDropout The same of the layers below the top one, in [0, 1); outputDropout by
 * default. Needs 2 layers.
 * @param options.recurrentDropout Share of each recurrent kernel's weights set to 0 in training, anew
 * for each batch, in [0, 1).
 * @param options.lockedDropout Whether input and output dropout use one mask for all steps; false by
 * default.
 * @param options.embeddingInitializer Uniform ±0.05 by default, as in Keras.
 * @param options.kernelInitializer Glorot-uniform by default, as in Keras (input and output kernels).
 * @param options.recurrentInitializer Orthogonal by default, as in Keras.
 * @param options.biasInitializer Biases of recurrent layers; zeros by default.
 * @param options.outputBiasInitializer Output bias; zeros by default.
 * @param options.initialization Whose initial weights those are that no initializer above is given for:
 * `keras` (by default), `pytorch` or `gpt2`; see `Initialization`.
 * @returns Plain JSON.
 * @throws {TypeError | RangeError} If an option is unknown or out of its range.
 *
 * @example
 * ```ts
 * import { lstmSequenceToSequence } from "./lstm_sequence_to_sequence.ts";
 * import assert from "node:assert/strict";
 * const model = lstmSequenceToSequence({ embeddingSize: 64, hiddenSize: 256 });
 * assert.equal(model.layers, 1);
 * assert.throws(() => lstmSequenceToSequence({ embeddingSize: 64, hiddenSize: 0 }), /from 1/);
 * ```
 */
export function lstmSequenceToSequence(
  options: RecurrentOptions<LstmSequenceToSequenceSpecification>,
): LstmSequenceToSequenceSpecification {
  checkKeys("lstmSequenceToSequence", options, [
    ...recurrentOptionNames,
    "forgetBias",
    "attention",
    "decoderReads",
  ]);
  const { decoderReads } = options;
  if (decoderReads !== undefined && options.tiedWeights) {
    throw new RangeError(
      "lstmSequenceToSequence: tiedWeights needs a decoder that reads targets, found decoderReads " +
        `${show(decoderReads)}.`,
    );
  }
  const oneHot = options.embeddingSize === 0;
  if (oneHot && options.tiedWeights) {
    throw new RangeError(
      "lstmSequenceToSequence: tiedWeights needs vectors of tokens, found embeddingSize 0.",
    );
  }
  return {
    kind: "lstmSequenceToSequence",
    // Any width serves to check the other options.
    ...recurrentOptions(
      "lstmSequenceToSequence",
      oneHot ? { ...options, embeddingSize: 1 } : options,
    ),
    ...(oneHot ? { embeddingSize: 0 } : {}),
    attention: checkOneOf("lstmSequenceToSequence: attention", options.attention ?? "none", [
      "none",
      "dot",
    ]),
    ...(decoderReads === undefined ? {} : {
      decoderReads: checkOneOf(
        "lstmSequenceToSequence: decoderReads",
        decoderReads,
        ["source"] as const,
      ),
    }),
  };
}

/**
 * Builds the model that a specification describes. Its layers are `sourceEmbedding`,
 * `targetEmbedding`, `encoder0` …, `decoder0` …, with attention `attention`, and `output`.
 *
 * @param specification From {@link lstmSequenceToSequence}.
 * @param context Both vocabulary sizes, seed and fold.
 */
export function createLstmSequenceToSequence(
  specification: LstmSequenceToSequenceSpecification,
  context: SequenceToSequenceContext,
): SequenceToSequenceModel {
  const { vocabularySize, sourceVocabularySize } = context;
  const { hiddenSize, kernelInitializer, forgetBias, embeddingDropout = 0 } = specification;
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

  type Sizes = { readonly time: number; readonly batch: number };

  function drop(
    inputs: tf.Tensor2D,
    rate: number,
    { time, batch }: Sizes,
    stream: RandomStream | null,
  ): tf.Tensor2D {
    if (stream === null || rate === 0) return inputs;
    return specification.lockedDropout
      ? lockedDropout({ inputs, rate, stream, time, batch })
      : dropout({ inputs, rate, stream });
  }

  /** One side over a whole window: states of the top layer, [time × batch, hidden], and final states. */
  function run(
    { table: whole, cells }: typeof encoder,
    { tokens, time, batch, mask }: PaddedSequences,
    initialStates: readonly LstmState[] | null,
    stream: RandomStream | null,
  ): { states: tf.Tensor2D; finalStates: LstmState[] } {
    const { inputDropout, outputDropout, hiddenDropout = outputDropout } = specification;
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
