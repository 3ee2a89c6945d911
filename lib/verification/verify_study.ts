import { mostRuns } from "../core/limits.ts";
import { checkOptions, integer, passed } from "../core/options.ts";
import { projectFolder } from "../core/project.ts";
import type { StudyRecord } from "../records/study_record.ts";
import { studyFolder } from "../studies/storage/folder.ts";
import type { DerivedDocument } from "./_documents.ts";
import { noFindings, type VerifiedPart } from "./_findings.ts";
import type { PaperAdditions } from "./_paper.ts";
import { verifyFolder } from "./_verify_folder.ts";

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
  readonly command?: string | ((study: StudyRecord) => string | null);
  /** Other files that are computed from the records. */
  readonly documents?: readonly DerivedDocument[];
  /** What the paper of the study has beside, as `writePaper` was given it; nothing by default. */
  readonly addition?: PaperAdditions;
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
  addition: passed<PaperAdditions | undefined>(),
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
  const { project, onPart, ...checked } = checkOptions("verifyStudy", options, described);
  const findings = noFindings(onPart);
  await verifyFolder(findings, studyFolder(name, project ?? projectFolder()), checked);
  return findings.parts;
}
