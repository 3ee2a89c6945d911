import { meanTargets } from "../data/mean_targets.ts";
import { endOf } from "../data/fold_tokens.ts";
import { readTokens } from "../data/tokens.ts";
import { createModel } from "../models/create.ts";
import { generateTexts } from "../models/decoding.ts";
import { beforeStop, tokensBeforeStop } from "../models/stop_strings.ts";
import { infillingOf } from "./infilling.ts";
import { withMaskedInputs } from "./masked_inputs.ts";
import { prepareFold } from "./prepare_fold.ts";
import { sampleStatistics } from "./sample_statistics.ts";
import type { TextSpecification } from "./specification.ts";
import { builtFor, type Task, type TaskContext } from "./task.ts";
import { evaluationOf, textBatches, toldOfText } from "./text_data.ts";
import { tokenAccuracy } from "./token_accuracy.ts";

/** A language model and the text that it learns. */
export async function textTask(
  specification: TextSpecification,
  { fold, seed, purpose, own, breathe, network = (create) => create() }: TaskContext,
): Promise<Task> {
  const { training } = specification;
  const { documentWindows: documents } = training;
  const data = await prepareFold(specification, fold, { breathe });
  const { vocabulary } = data;
  const evaluation = evaluationOf(specification, data);
  const created = network(() =>
    createModel(specification.model, {
      vocabularySize: vocabulary.size,
      seed,
      fold: purpose,
      own,
      ...builtFor(specification),
    })
  );
  const { unknownId, infillMarks = {} } = vocabulary;
  const marks = Object.values(infillMarks);
  const model = withMaskedInputs(created, training.maskedInputs, {
    unknownId,
    kept: ({ inputs }, row) => marks.includes(inputs[row]),
  });
  const infilling = infillingOf(specification, vocabulary, { seed, purpose });
  return {
    model,
    batches: infilling.rearranging((stream, from) =>
      textBatches(training, data.training, stream, from)
    ),
    evaluation,
    tokensPerBatch: infilling.counted(meanTargets(data.training, { ...training, documents })),
    tokens: toldOfText(data, evaluation),
    vocabularies: {
      vocabulary: vocabulary.tokens,
      ...(vocabulary.marks > 0 && { marks: vocabulary.marks }),
      ...(vocabulary.merges && { merges: vocabulary.merges }),
    },
    ...(training.tokenAccuracy && {
      tokenAccuracy: () => ({
        training: tokenAccuracy(model, evaluation.training),
        heldOut: tokenAccuracy(model, evaluation.heldOut),
      }),
    }),
    ...infilling.measuring(model, data.evaluated?.heldOut.spans ?? data.heldOut),
    samples(stream) {
      const { promptLength, nGramLength, ...writing } = training.samples;
      const { temperature, beams, stopStrings } = writing;
      // A mark before the text is read, and is none of it.
      const { marks } = vocabulary;
      const prompt = readTokens(data.heldOut[0], 0, marks + promptLength);
      const options = { ...writing, endId: endOf(vocabulary) };
      return generateTexts(model, prompt, options, stream, vocabulary).map((written) => {
        const kept = tokensBeforeStop(written, stopStrings, vocabulary);
        return {
          prompt: vocabulary.decode(prompt.subarray(marks)),
          text: beforeStop(vocabulary.decode(written), stopStrings),
          temperature,
          ...(beams > 1 && { beams }),
          ...(nGramLength && kept.length >= nGramLength &&
            { statistics: sampleStatistics(kept, data, { nGramLength }) }),
        };
      });
    },
  };
}
