import { join } from "node:path";
import type { RunRecord } from "../../records/run_record.ts";
import { inlineText } from "../../data/corpora.ts";
import { blockedFolds } from "../../data/folds.ts";
import { characters } from "../../data/tokenizers.ts";
import { gruLanguageModel } from "../../models/gru_language_model.ts";
import { adam } from "../../optimizers/adam.ts";
import library from "../../../deno.json" with { type: "json" };
import { decoupledWeightDecay } from "../../penalties/decoupled_weight_decay.ts";
import { silentReporter } from "../../studies/reporter.ts";
import { runStudy } from "../../studies/run_study.ts";
import { grid } from "../../studies/space.ts";

const text = Array.from({ length: 60 }, (_, i) => `call me ${i % 7} ishmael, ${i * i} whales. `)
  .join("");

/** Uses a project with a small study, trained for real. */
export async function withStoredStudy(
  use: (project: string, runs: readonly RunRecord[]) => void | Promise<void>,
): Promise<void> {
  const project = await Deno.makeTempDir({ prefix: "parsimony-findings-" });
  try {
    // Without the packages of the queue: they would be looked up where no lock file is.
    const { imports: { bullmq: _, ioredis: __, ...imports }, nodeModulesDir } = library;
    const configuration = JSON.stringify({ imports, nodeModulesDir });
    await Deno.writeTextFile(join(project, "deno.json"), configuration);
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
  } finally {
    await Deno.remove(project, { recursive: true });
  }
}
