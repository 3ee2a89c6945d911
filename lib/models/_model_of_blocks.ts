import * as tf from "@tensorflow/tfjs";
import type { RandomStream } from "../core/random.ts";
import type { Batch } from "../data/batches.ts";
import { linear, type LinearOptions } from "../ops/linear.ts";
import { bySequence, byTime } from "./_blocks.ts";
import type { Decoder, LanguageModel } from "./model.ts";
import { passesOver, trainingLoss } from "./_training_loss.ts";

/** What a decoder-only model of blocks is made of. */
interface ModelOfBlocks {
  readonly vocabularySize: number;
  readonly made: Pick<LanguageModel, "parameters"> & {
    readonly output: Omit<LinearOptions, "inputs">;
  };
  /** What the output layer reads, [batch × time, width], row b × time + t. */
  states(tokens: Int32Array, given: Batch, stream: RandomStream | null): tf.Tensor2D;
  decoder(): Decoder;
}

/** A decoder-only model of blocks, which read whole sequences. */
export function modelOfBlocks(
  { vocabularySize, made: { parameters, output }, states, decoder }: ModelOfBlocks,
): LanguageModel {
  return {
    vocabularySize,
    parameters,
    loss(given, stream, terms) {
      const ordered = { ...given, ...bySequence(given) };
      // Positions over time are rows apart by batch.
      const inTime = terms?.outputDifferences || terms?.outputSquares || terms?.tokensAhead.length;
      const passes = passesOver(given, stream, terms, () => {
        const bySequences = states(ordered.inputs, given, stream);
        const outputs = inTime ? byTime(bySequences, given) : bySequences;
        return { dropped: outputs, outputs };
      });
      return trainingLoss(passes, output, inTime ? given : ordered, vocabularySize, terms);
    },
    logits: (given) =>
      tf.tidy(() => {
        const bySequences = states(bySequence(given).inputs, given, null);
        return linear({ inputs: byTime(bySequences, given), ...output });
      }),
    decoder,
    dispose: () => parameters.forEach(({ variable }) => variable.dispose()),
  };
}
