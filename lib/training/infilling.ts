import { RandomStream, randomStream } from "../core/random.ts";
import { addedTokens, infilledBatch } from "../data/infilled_batches.ts";
import { textCutter } from "../data/text_parts.ts";
import type { Vocabulary } from "../data/tokenizers/vocabulary.ts";
import type { Tokens } from "../data/tokens.ts";
import type { LanguageModel } from "../models/model.ts";
import { readsSuffixFirst } from "./infilling_options.ts";
import { heldOutParts, infillingScores } from "./infilling_scores.ts";
import type { TextSpecification } from "./specification.ts";
import { evaluationBatchSize, type Task, type TaskContext } from "./task.ts";

/** What `training.fillInTheMiddle` changes in a task. */
interface TaskInfilling {
  /** Training batches whose windows are rearranged. */
  rearranging(batches: Task["batches"]): Task["batches"];
  /** Targets of a batch that count, of so many without marks; on average, where a window is one piece. */
  counted(targets: number): number;
  /** What is measured at the end. */
  measuring(model: LanguageModel, heldOut: readonly Tokens[]): Pick<Task, "infilling">;
}

const nothing: TaskInfilling = {
  rearranging: (batches) => batches,
  counted: (targets) => targets,
  measuring: () => ({}),
};

/**
 * What filling in the middle adds to a task; nothing without `training.fillInTheMiddle`.
 *
 * Windows are drawn as they are without it, from their own stream, and then rearranged by another one, so that
 * runs with it and without read the same text in the same steps. That one is kept in checkpoints.
 */
export function infillingOf(
  { tokenizer, training }: TextSpecification,
  vocabulary: Vocabulary,
  { seed, purpose }: Pick<TaskContext, "seed" | "purpose">,
): TaskInfilling {
  const { fillInTheMiddle: options, windowLength, batchSize } = training;
  const { infillMarks } = vocabulary;
  if (options === null || infillMarks === undefined) return nothing;
  const { rate, suffixFirst, heldOutPieces } = options;
  const cut = textCutter(tokenizer, vocabulary);
  // What is read first is no mark in a window that is not rearranged.
  const lost = addedTokens - 2;
  return {
    rearranging: (batches) => (windows, from) => {
      const plain = batches(windows, from);
      const stream = from?.infilling === undefined
        ? randomStream(seed, purpose, "fill in the middle")
        : RandomStream.from(from.infilling);
      const rearranging = { rate, suffixFirst, infillMarks, cut, stream };
      return {
        next: () => infilledBatch(plain.next(), rearranging),
        state: plain.state,
        position: () => ({ ...plain.position?.(), infilling: stream.state() }),
      };
    },
    counted: (targets) => targets * (1 - rate * lost / windowLength),
    measuring: (model, heldOut) =>
      heldOutPieces === 0 ? {} : {
        infilling: () =>
          infillingScores(
            model,
            heldOutParts(heldOut, {
              count: heldOutPieces,
              length: windowLength + 1 - addedTokens,
              cut,
              stream: randomStream(seed, purpose, "held-out pieces"),
            }),
            {
              vocabulary: { ...vocabulary, infillMarks },
              suffixFirst: readsSuffixFirst(options),
              batchSize: evaluationBatchSize(batchSize),
            },
          ),
      },
  };
}
