import { inlineText } from "../../data/corpora.ts";
import { blockedFolds } from "../../data/folds.ts";
import { characters } from "../../data/tokenizers/characters.ts";
import { gruLanguageModel } from "../../models/gru_language_model.ts";
import { adam } from "../../optimizers/adam.ts";
import { decoupledWeightDecay } from "../../penalties/decoupled_weight_decay.ts";
import { proximalL1 } from "../../penalties/proximal_l1.ts";
import type { StudyOptions } from "../options.ts";
import { silentReporter } from "../reporter.ts";
import { grid } from "../search/space.ts";

/** Text of {@link smallStudy}. */
export const text = Array.from(
  { length: 60 },
  (_, i) => `call me ${i % 7} ishmael, ${i * i} whales. `,
)
  .join("");

/** Options of a study of real, small trainings; those given replace or extend them. */
export function smallStudy(
  project: string | undefined,
  changes: Partial<StudyOptions> = {},
  training: Partial<ReturnType<StudyOptions["specify"]>["training"]> = {},
): StudyOptions {
  return {
    name: "small",
    project,
    space: grid({ lambda: [0, 1e-3], alpha: [0, 1] }),
    specify: ({ lambda, alpha }) => ({
      corpus: inlineText(text),
      tokenizer: characters(),
      model: gruLanguageModel({ embeddingSize: 4, hiddenSize: 6 }),
      penalties: [proximalL1({ strength: lambda }), decoupledWeightDecay({ strength: alpha })],
      optimizer: adam({ learningRate: 0.01 }),
      training: { steps: 6, batchSize: 4, windowLength: 8, evaluateEvery: 3, ...training },
    }),
    folds: blockedFolds({ count: 2 }),
    seeds: [1],
    workers: 2,
    // Most tests are about training, also of what another study of their project has.
    shareRuns: false,
    reporter: silentReporter,
    ...changes,
  };
}
