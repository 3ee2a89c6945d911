import { show } from "../core/check.ts";
import { visibleLine } from "../core/html.ts";
import { mostRuns } from "../core/limits.ts";
import { keptDocuments } from "../experiments/findings/kept_documents.ts";
import { findingAddition } from "../experiments/findings/paper.ts";
import { commandOf } from "../experiments/reproductions/kept_study.ts";
import type { StudyRecord } from "../records/study_record.ts";
import { listStudies } from "../studies/storage/folder.ts";
import { verifyArchive } from "../verification/verify_archive.ts";
import {
  type VerifiedPart,
  type VerifyOptions,
  verifyStudy,
} from "../verification/verify_study.ts";
import { storedStudy } from "./_stored_study.ts";
import { type CommandContext, CommandError, parseCommand, wholeNumber } from "./command.ts";

/**
 * `verify STUDY [--sample N] [--seed S] [--command TEXT] [--trust SHA256]`: computes everything about a
 * study again, and compares; `verify ARCHIVE`: the same of a study that came as one file.
 */
export async function verify({ args, print, signal }: CommandContext): Promise<number> {
  const { positionals, values } = parseCommand(args, {
    options: {
      sample: { type: "string" },
      seed: { type: "string" },
      command: { type: "string" },
      trust: { type: "string", multiple: true, default: [] },
    },
    positionals: [1, 1],
  });
  const given = wholeNumber("--sample", values.sample, { from: 0, to: mostRuns });
  // Drawn anew, or whoever made the records would know which runs are looked at.
  const seed = values.seed === undefined
    ? crypto.getRandomValues(new Uint32Array(1))[0]
    : wholeNumber("--seed", values.seed);
  for (const sha256 of values.trust) checkTrust(sha256);
  const [typed] = positionals;
  const options = {
    seed,
    signal,
    trust: values.trust,
    command: values.command ?? keptCommand,
    addition: findingAddition,
    onPart({ what, problems, notes }: VerifiedPart) {
      // What a folder of others holds must not look like a line of ours.
      const say = (text: string) => print(visibleLine(text));
      say(`${problems.length === 0 ? "✓" : "✗"} ${what}`);
      for (const problem of problems) say(`    ${problem}`);
      for (const note of notes) say(`    – ${note}`);
    },
  };
  const archive = isArchive(typed);
  const sample = given ?? (archive ? archiveSample : 0);
  const parts = archive
    ? await verifyArchive(typed, { ...options, sample, documents: keptDocuments })
    : await verifyNamed(storedStudy(typed), { ...options, sample });
  if (sample === 0) {
    print(
      "Not seen without --sample: records that were changed without a contradiction, and the report " +
        "with them.",
    );
  }
  const failed = parts.filter(({ problems }) => problems.length > 0).length;
  print(`${parts.length - failed} well, ${failed} not.`);
  return failed === 0 ? 0 : 1;
}

/** Runs of an archive that are trained again where nobody says how many. */
const archiveSample = 2;

/** A file of this kind, unless a study has that name. */
function isArchive(typed: string): boolean {
  return typed.endsWith(".tar") && !listStudies().includes(typed);
}

function verifyNamed(name: string, options: VerifyOptions): Promise<VerifiedPart[]> {
  return verifyStudy(name, { ...options, documents: keptDocuments(name) });
}

/** The command of a study that the repository keeps; null for others. */
function keptCommand(study: StudyRecord): string | null {
  return keptDocuments(study.name).length > 0 ? commandOf(study) : null;
}

function checkTrust(sha256: string): void {
  if (/^[0-9a-f]{64}$/.test(sha256)) return;
  throw new CommandError(
    `--trust must be the SHA-256 of code that you have read, 64 digits from 0 to f as verify says ` +
      `them, found ${show(sha256)}.`,
    2,
    true,
  );
}
