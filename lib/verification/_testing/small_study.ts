import { join } from "node:path";
import { inTemporaryProject } from "../../core/testing/temporary_project.ts";
import { addDataset } from "../../data/add_dataset.ts";
import { corpus } from "../../data/corpora.ts";
import { blockedFolds } from "../../data/folds.ts";
import { characters } from "../../data/tokenizers/characters.ts";
import { gruLanguageModel } from "../../models/gru_language_model.ts";
import { adam } from "../../optimizers/adam.ts";
import { proximalL1 } from "../../penalties/proximal_l1.ts";
import type { StudyOptions } from "../../studies/options.ts";
import { silentReporter } from "../../studies/reporter.ts";
import { runStudy } from "../../studies/run_study.ts";
import { grid } from "../../studies/search/space.ts";
import type { Study } from "../../studies/study.ts";

const text = Array.from({ length: 60 }, (_, i) => `call me ${i % 7} ishmael, ${i * i} whales. `)
  .join("");

/** Uses a project with the study `small`, trained for real on a text of its catalogue. */
export function withSmallStudy(
  use: (study: Study, project: string) => Promise<void>,
  changes: Partial<StudyOptions> = {},
  earlyStopping: { readonly patience: number } | null = null,
): Promise<void> {
  return inTemporaryProject(async (project) => {
    await Deno.writeTextFile(join(project, "whales.txt"), text);
    // As a fetched corpus of the catalogue: that is what the training processes load.
    await addDataset("whales", "whales.txt", { kind: "text", licence: "CC0-1.0", project });
    await use(await trainSmallStudy(project, changes, earlyStopping), project);
  });
}

/** Trains a study like `small` in its project, with other options. */
export function trainSmallStudy(
  project: string,
  changes: Partial<StudyOptions> = {},
  earlyStopping: { readonly patience: number } | null = null,
): Promise<Study> {
  return runStudy({
    name: "small",
    project,
    space: grid({ lambda: [0, 1e-2] }),
    specify: ({ lambda }) => ({
      corpus: corpus("whales"),
      tokenizer: characters(),
      model: gruLanguageModel({ embeddingSize: 4, hiddenSize: 6 }),
      penalties: [proximalL1({ strength: lambda })],
      optimizer: adam({ learningRate: 0.01 }),
      training: { steps: 6, batchSize: 4, windowLength: 8, evaluateEvery: 3, earlyStopping },
    }),
    folds: blockedFolds({ count: 2 }),
    seeds: [1],
    workers: 2,
    reporter: silentReporter,
    ...changes,
  });
}
