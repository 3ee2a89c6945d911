import { join, relative } from "node:path";
import { addDataset } from "../data/add_dataset.ts";
import { blockedFolds } from "../data/folds.ts";
import { corpus } from "../data/corpora.ts";
import { characters } from "../data/tokenizers/characters.ts";
import { gruLanguageModel } from "../models/gru_language_model.ts";
import { adam } from "../optimizers/adam.ts";
import { l2 } from "../penalties/l2.ts";
import { readStudyRecord } from "../records/read_study.ts";
import type { RunRecord } from "../records/run_record.ts";
import type { StudyRecord } from "../records/study_record.ts";
import { studyFolder, weightsPathOf } from "../studies/storage/folder.ts";
import { StudyInterrupted } from "../studies/interrupt.ts";
import { silentReporter } from "../studies/reporter.ts";
import { crossValidationRuns, refitRuns } from "../studies/plan/run_id.ts";
import type { PlannedRun } from "../studies/search/planned_run.ts";
import { runStudy } from "../studies/run_study.ts";
import { grid } from "../studies/search/space.ts";
import { executeRun } from "../training/run.ts";
import type { Base } from "./kind.ts";

/** Name of the study that every project of {@link makeBase} has. */
export const baseName = "base";

/** The text of its corpus. */
export const baseText = Array.from({ length: 40 }, (_, i) => `call me ${i % 7} whale, ${i * i}. `)
  .join("");

/** Its pairs, a line each. */
export const basePairs = Array.from({ length: 12 }, (_, i) => `go ${i}\tva ${i}.`).join("\n") +
  "\n";

const date = "2026-01-01T00:00:00.000Z";
const noTime = {
  arenaMaximumBytes: 2 ** 31,
  durationSeconds: 0.25,
  finishedAt: date,
  host: "machine",
};

function ofNoPlace(study: StudyRecord): StudyRecord {
  const machine = { operatingSystem: "linux", cpu: "a processor", cores: 2 };
  const git = { gitCommit: null, gitDirty: null };
  return { ...study, createdAt: date, provenance: { ...study.provenance, ...git, ...machine } };
}

/** Puts corpora and a small study, trained for real, into a project that is the working directory. */
export async function makeBase(project: string): Promise<Base> {
  await Deno.writeTextFile(join(project, "whales.txt"), baseText);
  await Deno.writeTextFile(join(project, "pairs.tsv"), basePairs);
  await Deno.mkdir(join(project, "notebooks"));
  await addDataset("whales", "whales.txt", { kind: "text", licence: "CC0-1.0", project });
  const ended = await runStudy({
    name: baseName,
    project,
    space: grid({ lambda: [0, 1e-2], learningRate: [0.01, 0.03] }),
    specify: ({ lambda, learningRate }) => ({
      corpus: corpus("whales"),
      tokenizer: characters(),
      model: gruLanguageModel({ embeddingSize: 2, hiddenSize: 3 }),
      penalties: [l2({ strength: lambda })],
      optimizer: adam({ learningRate }),
      training: { steps: 4, batchSize: 2, windowLength: 8, evaluateEvery: 2 },
    }),
    folds: blockedFolds({ count: 2, finalShare: 0.1 }),
    seeds: [1],
    reporter: silentReporter,
    // Its runs are trained below, in this process.
    signal: AbortSignal.abort(),
  }).catch((error: unknown) => error);
  if (!(ended instanceof StudyInterrupted)) throw ended;
  const folder = studyFolder(baseName, project);
  // The same texts on every machine and day, so that a seed gives the same inputs again.
  const study = ofNoPlace(readStudyRecord(folder.definition)!);
  const definition = `${JSON.stringify(study, null, 2)}\n`;
  await Deno.writeTextFile(folder.definition, definition);
  const runs: RunRecord[] = [];
  const train = (run: PlannedRun, weightsPath: string | null) =>
    executeRun({ ...run, engine: "wasm", weightsPath });
  for (const run of crossValidationRuns(study)) runs.push(await train(run, null));
  const [refit] = refitRuns(study, [study.space.points[0]], runs);
  const weightsPath = weightsPathOf(folder, refit.id);
  const weights = relative(project, weightsPath).replaceAll("\\", "/");
  runs.push({ ...await train(refit, weightsPath), weights });
  const journal = runs.map((run) => `${JSON.stringify({ ...run, ...noTime })}\n`).join("");
  await Deno.writeTextFile(folder.journal, journal);
  return {
    project,
    definition,
    journal,
    weights: await Deno.readFile(weightsPath),
  };
}
