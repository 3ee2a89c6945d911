import { show } from "../core/check.ts";
import { oneOf, option, orAbsent, orNotGiven } from "../core/options.ts";
import type { Activations, ActivationSizes, ModelKind } from "./kind.ts";
import { recurrentActivations, recurrentOutputs, recurrentRoles } from "./_recurrent_kind.ts";
import {
  forgetBias,
  type RecurrentOptions,
  recurrentOptions,
  type RecurrentSpecification,
  size,
  specifyRecurrent,
} from "./_recurrent_options.ts";

/** An LSTM encoder-decoder, as plain JSON; absent options are at their defaults. */
export interface LstmSequenceToSequenceSpecification extends RecurrentSpecification {
  /** Tells it from other models. */
  readonly kind: "lstmSequenceToSequence";
  /**
   * Width of a token's vector, on both sides, from 1; 0 for one-hot vectors, which have no parameters, as
   * in Keras's example lstm_seq2seq.
   */
  readonly embeddingSize: number;
  /**
   * Added to the initial biases of the forget gates: 1 if not given, as in Keras, and 0 with
   * `initialization` `pytorch` or `gpt2`.
   */
  readonly forgetBias: number;
  /**
   * Whether the decoder looks back at the encoder's states, by their dot products with its own.
   *
   * @default {"none"}
   */
  readonly attention: "none" | "dot";
  /**
   * `source` for a decoder that reads the source again, by the encoder's table, in place of the target's
   * tokens before: step t reads source token t, and the end token after the last. It never sees what it
   * wrote. For articles and code that do so; the target if not given.
   */
  readonly decoderReads?: "source";
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
 * @param options See {@link LstmSequenceToSequenceSpecification}.
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
  return specifyRecurrent<LstmSequenceToSequenceSpecification>(
    "lstmSequenceToSequence",
    options,
    lstmOptions,
    { checkTogether },
  );
}

const lstmOptions = {
  ...recurrentOptions,
  embeddingSize: option((name, value) => value === 0 ? 0 : size.check(name, value)),
  forgetBias,
  attention: orNotGiven(oneOf(["none", "dot"], "none")),
  decoderReads: orAbsent(oneOf(["source"])),
};

function checkTogether(
  { tiedWeights, decoderReads, embeddingSize }: LstmSequenceToSequenceSpecification,
): void {
  if (!tiedWeights) return;
  if (decoderReads !== undefined) {
    throw new RangeError(
      "lstmSequenceToSequence: tiedWeights needs a decoder that reads targets, found decoderReads " +
        `${show(decoderReads)}.`,
    );
  }
  if (embeddingSize === 0) {
    throw new RangeError(
      "lstmSequenceToSequence: tiedWeights needs vectors of tokens, found embeddingSize 0.",
    );
  }
}

/** What is known of {@link lstmSequenceToSequence} without its network. */
export const lstmSequenceToSequenceKind: ModelKind<LstmSequenceToSequenceSpecification> = {
  create: lstmSequenceToSequence,
  options: lstmOptions,
  name: "LSTM encoder-decoder",
  formula:
    "(h, c) = LSTM(source) from 0, s = LSTM(target before) from (h, c), logits = s W_out + b_out",
  tex: String.raw`(h, c) = \mathrm{LSTM}(x_1, \dots, x_S), \qquad
    s_t = \mathrm{LSTM}(y_1, \dots, y_{t-1}; h, c), \qquad
    \mathrm{logits}_t = s_t W_{\text{out}} + b_{\text{out}}`,
  roles: recurrentRoles,
  carriesState: false,
  outputs: recurrentOutputs,
  activations: pairActivations,
  units: ({ layers, tiedWeights = false, decoderReads }) => ({
    sides: ["encoder", "decoder"],
    layers,
    tiedWeights,
    gates: 4,
    candidate: 2,
    tables: decoderReads === "source"
      ? [{ table: "sourceEmbedding/table", layers: ["encoder0", "decoder0"] }]
      : [
        { table: "sourceEmbedding/table", layers: ["encoder0"] },
        ...(tiedWeights ? [] : [{ table: "targetEmbedding/table", layers: ["decoder0"] }]),
      ],
  }),
};

/** Of both sides; the scores of attention, and what it reads by them. */
function pairActivations(
  { attention, ...sizes }: LstmSequenceToSequenceSpecification,
  { windowLength }: ActivationSizes,
): Activations {
  const of = recurrentActivations(4, sizes);
  const attending = attention === "none" ? 0 : 5 * sizes.hiddenSize + windowLength;
  return { ...of, fixed: of.fixed + attending, layers: 2 * of.layers };
}
