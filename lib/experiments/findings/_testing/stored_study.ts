import { withTemporaryProject } from "../../../core/testing/temporary_project.ts";
import type { RunRecord } from "../../../records/run_record.ts";
import { inlineText } from "../../../data/corpora.ts";
import { blockedFolds } from "../../../data/folds.ts";
import { characters } from "../../../data/tokenizers/characters.ts";
import { gruLanguageModel } from "../../../models/gru_language_model.ts";
import { adam } from "../../../optimizers/adam.ts";
import { decoupledWeightDecay } from "../../../penalties/decoupled_weight_decay.ts";
import { silentReporter } from "../../../studies/reporter.ts";
import { runStudy } from "../../../studies/run_study.ts";
import { grid } from "../../../studies/search/space.ts";

const text = Array.from({ length: 60 }, (_, i) => `call me ${i % 7} ishmael, ${i * i} whales. `)
  .join("");

/** Uses a project with a small study, trained for real. */
export async function withStoredStudy(
  use: (project: string, runs: readonly RunRecord[]) => void | Promise<void>,
): Promise<void> {
  await withTemporaryProject(async (project) => {
    const { records } = await runStudy({
      name: "stored",
      project,
      space: grid({ lambda: [0], alpha: [0, 1] }),
      specify: ({ alpha }) => ({
        corpus: inlineText(text),
        tokenizer: characters(),
        model: gruLanguageModel({ embeddingSize: 4, hiddenSize: 6 }),
        penalties: [decoupledWeightDecay({ strength: alpha })],
        optimizer: adam({ learningRate: 0.01 }),
        training: { steps: 4, batchSize: 4, windowLength: 8, evaluateEvery: 2 },
      }),
      folds: blockedFolds({ count: 2 }),
      seeds: [1, 2],
      workers: 2,
      reporter: silentReporter,
    });
    await use(project, records);
  });
}
