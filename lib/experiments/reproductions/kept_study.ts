import { join } from "node:path";
import { checkKeys } from "../../core/check.ts";
import { writeFileAtomically } from "../../core/files.ts";
import { engineNameOf } from "../../core/engine_name.ts";
import { hashJson } from "../../core/json.ts";
import { projectFolder } from "../../core/project.ts";
import { readCatalogue } from "../../data/catalogue.ts";
import { verifyDataset } from "../../data/verify_dataset.ts";
import { recordsHash } from "../../reports/provenance_section.ts";
import { writeReport } from "../../reports/report.ts";
import type { StudyRecord } from "../../records/study_record.ts";
import type { StudyRecords } from "../../statistics/study_records.ts";
import { digestRuns } from "../../studies/digest.ts";
import type { StudyOptions } from "../../studies/options.ts";
import { runStudy } from "../../studies/run_study.ts";
import type { Study } from "../../studies/study.ts";

/** A study whose records the repository keeps, with a document that is made of them. */
export interface KeptStudy {
  /** Name of the study: its folder below `results/`. */
  readonly name: string;
  /** Corpora of the catalogue that it reads. */
  readonly corpora: readonly string[];
  /** The study. */
  readonly study: Pick<
    StudyOptions,
    "space" | "specify" | "folds" | "seeds" | "baseline" | "ensembles"
  >;
  /** Name of the document in the study's folder. */
  readonly documentName: string;
  /** The document; the same records give the same bytes. */
  render(study: StudyRecords): string;
}

/** How a kept study runs. */
export interface KeptStudyOptions extends
  Pick<
    StudyOptions,
    "engine" | "workers" | "threads" | "retryFailed" | "reporter" | "signal" | "project"
  > {
  /** A few steps of a smaller model; false by default. */
  readonly quick?: boolean;
}

/** Checks the options of {@link runKeptStudy} and of what calls it. */
export function checkKeptStudyOptions(subject: string, options: KeptStudyOptions): void {
  checkKeys(subject, options, [
    "engine",
    "workers",
    "threads",
    "retryFailed",
    "reporter",
    "signal",
    "project",
    "quick",
  ]);
}

/**
 * Runs a kept study, or goes on with it, and writes its document and `report.html`.
 *
 * @param kept What to run.
 * @param options See {@link KeptStudyOptions}; `quick` is the caller's.
 * @throws {Error} If a corpus that it needs is not here; the message says how to get it.
 */
export async function runKeptStudy(kept: KeptStudy, options: KeptStudyOptions): Promise<Study> {
  const { quick: _, ...rest } = options;
  await refuseAbsent(kept, options.project ?? projectFolder());
  const study = await runStudy({
    name: kept.name,
    ...kept.study,
    keepWeights: "none",
    // Each is trained for itself: what is kept vouches for its own runs.
    shareRuns: false,
    ...rest,
  });
  await writeFileAtomically(join(study.folder, kept.documentName), kept.render(study));
  await writeReport(study, { command: commandOf(study.record) });
  return study;
}

async function refuseAbsent({ name, corpora }: KeptStudy, project: string): Promise<void> {
  const { datasets } = readCatalogue(project);
  for (const corpus of corpora) {
    const entry = datasets.find((each) => each.name === corpus)!;
    const { state, problems } = await verifyDataset(entry, project);
    if (state === "verified") continue;
    throw new Error(
      `Cannot run ${name}: its corpus ${corpus} is ${state} (${problems.join("; ")}). Get it by ` +
        `deno task datasets fetch ${corpus}, or from files of yours by deno task datasets fetch ` +
        `${corpus} --from FOLDER.`,
    );
  }
}

/** Ending of the names of quick studies. */
export const quickEnding = "-quick";

/** The command that made a kept study's records; it says the engine where that is not `wasm`. */
export function commandOf({ name, engine }: Pick<StudyRecord, "name" | "engine">): string {
  const quick = name.endsWith(quickEnding);
  const own = name.slice(name.lastIndexOf("/") + 1, quick ? -quickEnding.length : undefined);
  const options = [
    ...(quick ? ["--quick"] : []),
    ...(engineNameOf(engine) === "wasm" ? [] : ["--engine", engineNameOf(engine)]),
  ];
  return ["deno", "task", "reproduce", own, ...options].join(" ");
}

/**
 * The end of a kept study's document: what the numbers were made with, hashes of everything that is
 * recorded, and how to run and verify it.
 */
export function renderOrigin(study: StudyRecords): string {
  const { record, records, ensembles = [] } = study;
  const ofEnsembles = ensembles.length === 0
    ? ""
    : `; of its ${ensembles.length} ensembles:\n\`${recordsHash(ensembles)}\``;
  const minutes = records.reduce((sum, run) => sum + run.durationSeconds, 0) / 60;
  const others = records.filter(({ status }) => status !== "completed").length;
  const { provenance, corpus } = record;
  return `## Where the numbers come from

${records.length} runs (${others} not completed), ${
    minutes.toFixed(1)
  } minutes of training in all, on
${provenance.cpu}, engine ${record.engine}, numerics version ${provenance.numericsVersion}, Parsimony
${provenance.parsimony}, Deno ${provenance.deno}. Corpus: ${corpus.name} (${corpus.licence}), SHA-256
\`${corpus.sha256}\`. Digest of the records: \`${
    digestRuns(records)
  }\`; SHA-256 of all that they say,
durations included: \`${recordsHash(records)}\`; of the definition: \`${
    hashJson(record)
  }\`${ofEnsembles}.

\`\`\`sh
${commandOf(record)}
deno task verify results/${record.name} --sample 1
\`\`\`
`;
}
