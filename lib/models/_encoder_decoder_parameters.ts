import * as tf from "@tensorflow/tfjs";
import type { LstmSequenceToSequenceSpecification } from "./lstm_sequence_to_sequence.ts";
import { type ModelContext, withoutWeights } from "./_parameters.ts";
import { recurrentParameters } from "./_recurrent.ts";
import type { Complete } from "./_recurrent_options.ts";

/** What an encoder-decoder is built for, besides its specification. */
export interface SequenceToSequenceContext extends ModelContext {
  /** Tokens of sources; `vocabularySize` counts those of targets. */
  readonly sourceVocabularySize: number;
}

/** An encoder-decoder's parameters, as its layers take them. */
export type EncoderDecoderParameters = ReturnType<typeof encoderDecoderParameters>;

/** Makes the parameters of an LSTM encoder-decoder. */
export function encoderDecoderParameters(
  specification: Complete<LstmSequenceToSequenceSpecification>,
  context: SequenceToSequenceContext,
) {
  const { vocabularySize, sourceVocabularySize } = context;
  const { hiddenSize, kernelInitializer, forgetBias } = specification;
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
  return { parameters, constants, encoder, decoder, rereads, attentionKernels, output };
}
