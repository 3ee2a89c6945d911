import { lstm, lstmOfTokens } from "../ops/lstm.ts";
import type { LstmLanguageModelSpecification } from "./lstm_language_model.ts";
import type { LanguageModel } from "./model.ts";
import type { ModelContext } from "./_parameters.ts";
import { createRecurrent, droppedKernel } from "./_recurrent.ts";
import type { Complete } from "./_recurrent_options.ts";

/**
 * Builds the model that a specification describes.
 *
 * @param specification Of an LSTM language model.
 * @param context Vocabulary size, seed and fold.
 */
export function createLstmLanguageModel(
  specification: Complete<LstmLanguageModelSpecification>,
  context: ModelContext,
): LanguageModel {
  const { forgetBias } = specification;
  return createRecurrent(specification, context, (make, index) => {
    const { kernel, recurrentKernel, bias } = make.layer("lstm", index, 4, { forgetBias });
    const cell = { kernel, recurrentKernel, bias };
    return {
      stateTensors: 2,
      window(input, sizes, initial, stream) {
        const options = {
          ...cell,
          ...sizes,
          recurrentKernel: droppedKernel(recurrentKernel, specification, stream),
          initialState: initial ? { hidden: initial[0], cell: initial[1] } : undefined,
        };
        const { states, finalState } = "table" in input
          ? lstmOfTokens({ ...options, ...input })
          : lstm({ ...options, ...input });
        return { states, final: () => [finalState.hidden, finalState.cell] };
      },
      step(inputs, batch, [hidden, state]) {
        const initialState = { hidden, cell: state };
        const { finalState } = lstm({ ...cell, inputs, time: 1, batch, initialState });
        return [finalState.hidden, finalState.cell];
      },
    };
  });
}
