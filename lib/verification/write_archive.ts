import { join } from "node:path";
import { writeFileAtomically } from "../core/files.ts";
import { hashedWhenRead } from "../core/hash.ts";
import { boolean, checkOptions, passed } from "../core/options.ts";
import { projectFolder } from "../core/project.ts";
import { studyCommandsIn } from "../core/study_commands.ts";
import { needsOf, type StudyNeeds } from "../reports/needs.ts";
import { readStudy } from "../reports/report.ts";
import { studyFolder } from "../studies/storage/folder.ts";
import {
  environmentFiles,
  environmentName,
  manifestOf,
  renderEnvironment,
  studyPart,
  topOf,
  writtenHere,
} from "./_archive_files.ts";
import { type DerivedDocument, madeAgain, reportsOf } from "./_documents.ts";
import { type PaperAdditions, paperFolder, paperOf } from "./_paper.ts";
import {
  madeFile,
  moduleFiles,
  recordNames,
  storedFiles,
  type TakenAlong,
  textFiles,
  weightsNames,
} from "./_study_files.ts";
import { type PackedFile, tarOf } from "./_tar.ts";

/** Options of {@link writeArchive}. */
export interface ArchiveOptions extends TakenAlong {
  /**
   * Whether the weights come along that runs kept.
   *
   * @default {false}
   */
  readonly withWeights?: boolean;
  /** Other documents that are computed from the records. */
  readonly documents?: readonly DerivedDocument[];
  /** What the paper has beside, made of the records; nothing by default. */
  readonly addition?: PaperAdditions;
  /** Where to write; `results/<study>/<study>.tar` by default. */
  readonly path?: string;
  /** Project folder; the nearest one with a deno.json by default. */
  readonly project?: string;
}

/** An archive that was written. */
export interface WrittenArchive {
  /** Where it was written. */
  readonly path: string;
  /** Its size. */
  readonly bytes: number;
  /** Of the whole file: to be published where others can compare it. */
  readonly sha256: string;
  /** How many files are in it. */
  readonly files: number;
  /** What training its runs again needs besides it. */
  readonly needs: StudyNeeds;
}

/**
 * Writes a study as one file that {@link verifyArchive} checks: records, report with figures, paper,
 * `NEEDS.md`, the environment, and a manifest with the SHA-256 of every file; if asked, text, modules and kept weights.
 *
 * It holds nothing that cannot be checked: documents are made of the records anew, with the command that
 * those in the study's folder show; notebooks, comparisons with other studies and files that nothing of
 * the study names stay out. The file is an uncompressed tar archive (ustar); the same study in the same
 * project gives the same bytes.
 *
 * @param study Name of the study, or the study.
 * @param options See {@link ArchiveOptions}.
 * @returns Where it is, and its SHA-256.
 * @throws {Deno.errors.NotFound} If there is no such study, or its text or a module is not here.
 * @throws {RangeError} If a path is too long for an archive.
 * @throws {Error} If the text or a module is another than the study's.
 */
export async function writeArchive(
  study: string | { readonly name: string },
  options: ArchiveOptions = {},
): Promise<WrittenArchive> {
  const { withText, withModules, withWeights, documents, addition, path, project } = checkOptions(
    "writeArchive",
    options,
    {
      withText: boolean(false),
      withModules: boolean(false),
      withWeights: boolean(false),
      documents: passed<readonly DerivedDocument[]>([]),
      addition: passed<PaperAdditions | undefined>(),
      path: passed<string | undefined>(),
      project: passed<string | undefined>(),
    },
  );
  const name = typeof study === "string" ? study : study.name;
  const folder = studyFolder(name, project ?? projectFolder());
  const source = readStudy(folder.path);
  const { record, records } = source;
  const needs = needsOf(record);
  const commands = studyCommandsIn(folder.path);
  const reports = reportsOf(source, null, commands);
  const paper = await paperOf([source], commands, addition);
  const files: PackedFile[] = [
    ...storedFiles(folder.path, recordNames),
    ...await Promise.all(
      [...reports, ...documents].map(async (document) =>
        madeFile(document.name, await madeAgain(folder.path, document, source))
      ),
    ),
    ...paper.map(({ path, content }) => madeFile(`${paperFolder}/${path}`, content)),
    ...storedFiles(folder.path, withWeights ? weightsNames(records) : []),
    ...(withText ? await textFiles(needs) : []),
    ...(withModules ? moduleFiles(needs, folder) : []),
  ].map((file) => ({ ...file, path: `${studyPart}${file.path}` }));
  files.push(
    madeFile(environmentName, renderEnvironment(record, writtenHere)),
    ...environmentFiles(folder.project),
  );
  files.push(manifestOf(record.name, files));
  const top = topOf(name);
  const { pieces, digest } = hashedWhenRead(
    tarOf(files.map((file) => ({ ...file, path: `${top}/${file.path}` }))),
  );
  const written = path ?? join(folder.path, `${top}.tar`);
  let bytes = 0;
  await writeFileAtomically(written, counted(pieces, (length) => bytes += length));
  return { path: written, bytes, sha256: digest(), files: files.length, needs };
}

function* counted(
  pieces: Iterable<Uint8Array>,
  count: (length: number) => void,
): Iterable<Uint8Array> {
  for (const piece of pieces) {
    count(piece.length);
    yield piece;
  }
}
