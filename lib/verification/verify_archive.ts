import { dirname, join } from "node:path";
import { writeFileAtomically } from "../core/files.ts";
import { checkOptions, integer, passed } from "../core/options.ts";
import { projectFolder, resolveInside } from "../core/project.ts";
import { makeFolder, makeTemporaryFolder, openFileSync, remove } from "../core/runtime/files.ts";
import { archivesFolder } from "../data/whole_text.ts";
import { mostRuns } from "../core/limits.ts";
import { studyFolderAt } from "../studies/storage/folder.ts";
import { studyPart } from "./_archive_files.ts";
import type { DerivedDocument } from "./_documents.ts";
import { noFindings, type StoredStudy, type VerifiedPart } from "./_findings.ts";
import { type OpenArchive, openArchive } from "./_open_archive.ts";
import { verifyContents, verifyEnvironment } from "./_verify_archived.ts";
import { verifyFolder } from "./_verify_folder.ts";
import type { VerifyOptions } from "./verify_study.ts";

/** Options of {@link verifyArchive}. */
export interface VerifyArchiveOptions extends Omit<VerifyOptions, "documents"> {
  /**
   * Finished runs that are trained again, chosen by `seed`.
   *
   * @default {2}
   */
  readonly sample?: number;
  /** Other files that are computed from the records, by the name of the study. */
  readonly documents?: (study: string) => readonly DerivedDocument[];
}

/**
 * Checks an archive that {@link writeArchive} wrote, without trusting it: every byte of the archive that is
 * no content, the SHA-256 of every file, that it has the files that its study has and no others, the
 * environment, and then all that {@link verifyStudy} looks at; a sample of its runs is trained again.
 *
 * Before the form is known to be right, nothing is unpacked: a path that leads outside, a link, a device,
 * two files of one name or a size beyond the end are refused. The study's files are then unpacked into a new
 * folder below `.temporary/` of the project, which is removed; `results/` is not touched, and nothing of the
 * archive is run.
 *
 * @param path Path of the archive.
 * @param options See {@link VerifyArchiveOptions}.
 * @returns What was looked at, with what is wrong.
 * @throws {Deno.errors.NotFound} If there is no such file.
 */
export async function verifyArchive(
  path: string,
  options: VerifyArchiveOptions = {},
): Promise<VerifiedPart[]> {
  const { project = projectFolder(), onPart, documents, ...checked } = checkOptions(
    "verifyArchive",
    options,
    {
      sample: integer({ from: 0, to: mostRuns }, 2),
      seed: integer({}, 1),
      command: passed<VerifyOptions["command"]>(),
      documents: passed<NonNullable<VerifyArchiveOptions["documents"]>>(() => []),
      addition: passed<VerifyOptions["addition"]>(),
      onPart: passed<(part: VerifiedPart) => void>(() => {}),
      trust: passed<readonly string[]>([]),
      signal: passed<AbortSignal | undefined>(),
      project: passed<string | undefined>(),
    },
  );
  const findings = noFindings(onPart);
  using file = openFileSync(path);
  const archive = openArchive(findings, path, file);
  if (archive === undefined) return findings.parts;
  const folder = await unpacked(archive, project);
  try {
    const at = studyFolderAt(folder, archive.study, project);
    const verified = (stored: StoredStudy, made: readonly string[]) => {
      verifyContents(findings, archive, stored, made);
      verifyEnvironment(findings, archive, stored.study, project);
    };
    await verifyFolder(findings, at, { ...checked, documents: documents(archive.study) }, verified);
  } finally {
    await remove(dirname(folder), { recursive: true });
  }
  return findings.parts;
}

/** Writes the study's files into a new folder. */
async function unpacked(archive: OpenArchive, project: string): Promise<string> {
  const dir = archivesFolder(project);
  await makeFolder(dir);
  const folder = join(await makeTemporaryFolder({ dir }), "study");
  for (const path of archive.paths) {
    if (!path.startsWith(studyPart)) continue;
    const target = resolveInside(folder, path.slice(studyPart.length));
    await writeFileAtomically(target, archive.content(path)!);
  }
  return folder;
}
