import { ownRuns } from "../studies/plan/run_id.ts";
import type { StudyFolder } from "../studies/storage/folder.ts";
import { verifyEnsembles } from "./_ensembles.ts";
import { filesBelow } from "./_files.ts";
import type { Findings, StoredStudy } from "./_findings.ts";
import { verifyPapers } from "./_paper.ts";
import {
  type DocumentsOptions,
  verifyComparisons,
  verifyDocuments,
  verifyOtherFiles,
} from "./_verify_documents.ts";
import { verifyDefinition, verifyRuns } from "./_verify_records.ts";
import { type TrainingsOptions, verifyTrainings } from "./_verify_trainings.ts";

/**
 * Looks at all that lies in a study's folder, wherever that is, and trains a sample again.
 *
 * @param beforeTraining Looks at more, where the study's files can be read: told the names of
 * what is computed from them.
 * @throws {Deno.errors.NotFound} If there is no such study.
 */
export async function verifyFolder(
  findings: Findings,
  folder: StudyFolder,
  { sample, seed, command, documents, addition, trust, signal }:
    & DocumentsOptions
    & TrainingsOptions,
  beforeTraining: (stored: StoredStudy, documents: readonly string[]) => void = () => {},
): Promise<void> {
  const study = await verifyDefinition(findings, folder, folder.name);
  if (study === undefined) return;
  const runs = await verifyRuns(findings, folder, study);
  if (runs === undefined) return;
  const ensembles = await verifyEnsembles(findings, folder, study, runs);
  const stored = { folder, study, runs, records: ownRuns(study, runs), ensembles };
  const all = await verifyDocuments(findings, stored, { command, documents });
  const paths = await filesBelow(folder.path);
  const comparisons = await verifyComparisons(findings, stored, paths);
  const source = { record: study, records: runs, ensembles };
  const papers = await verifyPapers(findings, folder, source, paths, addition);
  verifyOtherFiles(findings, stored, paths, { documents: all, comparisons, papers });
  beforeTraining(stored, [...all.map(({ name }) => name), ...papers]);
  await verifyTrainings(findings, stored, paths, { sample, seed, trust, signal });
}
