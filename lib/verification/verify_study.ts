import { mostRuns } from "../core/limits.ts";
import { checkOptions, integer, passed } from "../core/options.ts";
import { projectFolder } from "../core/project.ts";
import type { StudyRecord } from "../records/study_record.ts";
import { ownRuns } from "../studies/plan/run_id.ts";
import { studyFolder } from "../studies/storage/folder.ts";
import type { DerivedDocument } from "./_documents.ts";
import { verifyEnsembles } from "./_ensembles.ts";
import { filesBelow } from "./_files.ts";
import { noFindings, type VerifiedPart } from "./_findings.ts";
import { verifyComparisons, verifyDocuments, verifyOtherFiles } from "./_verify_documents.ts";
import { verifyDefinition, verifyRuns } from "./_verify_records.ts";
import { verifyTrainings } from "./_verify_trainings.ts";

export type { DerivedDocument, VerifiedPart };

/** Options of {@link verifyStudy}. */
export interface VerifyOptions {
  /**
   * Finished runs that are trained again, chosen by `seed`.
   *
   * @default {0}
   */
  readonly sample?: number;
  /**
   * Chooses the runs.
   *
   * @default {1}
   */
  readonly seed?: number;
  /**
   * Command that runs the study, or how it follows from `study.json`: what its reports may show beside
   * the library's own commands. Any other is a problem.
   */
  readonly command?: string | ((study: StudyRecord) => string);
  /** Other files that are computed from the records. */
  readonly documents?: readonly DerivedDocument[];
  /** Told of each part when it has been looked at. */
  readonly onPart?: (part: VerifiedPart) => void;
  /**
   * SHA-256 of code that is not this project's own, such as a module that came with the study's folder, and
   * that you have read: with a sample it is trained, in a process that reads a copy of what it needs and
   * may do nothing else. None by default.
   */
  readonly trust?: readonly string[];
  /** Ends a training. */
  readonly signal?: AbortSignal;
  /** Project folder; the nearest one with a deno.json by default. */
  readonly project?: string;
}

const described = {
  sample: integer({ from: 0, to: mostRuns }, 0),
  seed: integer({}, 1),
  command: passed<VerifyOptions["command"]>(),
  documents: passed<readonly DerivedDocument[]>([]),
  onPart: passed<(part: VerifiedPart) => void>(() => {}),
  trust: passed<readonly string[]>([]),
  signal: passed<AbortSignal | undefined>(),
  project: passed<string | undefined>(),
};

/**
 * Checks a stored study without trusting it: computes its definition's hash, specifications, run ids
 * and corpus checksum again, looks for contradictions in its records, compares kept weights with their
 * SHA-256, makes its report again from the records and compares the bytes (the report carries a SHA-256
 * of all records), names files that nothing of the study names, and trains a sample of its runs again.
 *
 * Without a sample it cannot see records that were changed without a contradiction together with the
 * report and the hashes: docs/verification.md lists what it finds.
 *
 * A run trained again gives the same bits on the same engine and version of the numbers; on another its
 * losses may differ by 0.01 nats (by 1 % of a loss above 1).
 *
 * @param name Name of the study: its folder below `results/`.
 * @param options See {@link VerifyOptions}.
 * @returns What was looked at, with what is wrong.
 * @throws {Deno.errors.NotFound} If there is no such study.
 */
export async function verifyStudy(
  name: string,
  options: VerifyOptions = {},
): Promise<VerifiedPart[]> {
  const { sample, seed, command, documents, onPart, trust, signal } = checkOptions(
    "verifyStudy",
    options,
    described,
  );
  const folder = studyFolder(name, options.project ?? projectFolder());
  const findings = noFindings(onPart);
  const { parts } = findings;
  const study = await verifyDefinition(findings, folder, name);
  if (study === undefined) return parts;
  const runs = await verifyRuns(findings, folder, study);
  if (runs === undefined) return parts;
  const ensembles = await verifyEnsembles(findings, folder, study, runs);
  const stored = { folder, study, runs, records: ownRuns(study, runs), ensembles };
  const all = await verifyDocuments(findings, stored, { command, documents });
  const paths = await filesBelow(folder.path);
  const comparisons = await verifyComparisons(findings, stored, paths);
  verifyOtherFiles(findings, stored, paths, { documents: all, comparisons });
  await verifyTrainings(findings, stored, paths, { sample, seed, trust, signal });
  return parts;
}
