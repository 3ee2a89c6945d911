import { visibleText } from "../core/html.ts";
import { studyArgument } from "../core/study_commands.ts";
import { keptDocuments } from "../experiments/findings/kept_documents.ts";
import { type ArchiveOptions, writeArchive } from "../verification/write_archive.ts";
import { needsInWords } from "./_needs_in_words.ts";
import { storedStudy } from "./_stored_study.ts";
import { CommandError } from "./command.ts";
import { shortened } from "./notebooks.ts";

/** Options of `report` that make one file of a study. */
export const archiveOptions = {
  archive: { type: "boolean", default: false },
  "with-text": { type: "boolean", default: false },
  "with-modules": { type: "boolean", default: false },
  "with-weights": { type: "boolean", default: false },
} as const;

/**
 * What the archive takes along; null where none is asked for.
 *
 * @throws {CommandError} If there is no archive to take it.
 */
export function takenAlong(
  values: { readonly [option in keyof typeof archiveOptions]: boolean },
): Pick<ArchiveOptions, "withText" | "withModules" | "withWeights"> | null {
  const { archive, "with-text": withText, "with-modules": withModules } = values;
  const taken = { withText, withModules, withWeights: values["with-weights"] };
  if (archive) return taken;
  if (!Object.values(taken).includes(true)) return null;
  throw new CommandError(
    "--with-text, --with-modules and --with-weights say what --archive takes along.",
    2,
    true,
  );
}

/** Writes the archive of a study, and says what is in it. */
export async function archive(
  typed: string,
  taken: ArchiveOptions,
  printLine: (line: string) => void,
): Promise<number> {
  const print = (line: string) => printLine(visibleText(line));
  const name = storedStudy(typed);
  const documents = keptDocuments(name);
  const { path, bytes, sha256, files, needs } = await writeArchive(name, { ...taken, documents });
  print(`${shortened(path)}: ${files} files, ${bytes} bytes`);
  print(`SHA-256 ${sha256}`);
  for (const line of needsInWords(needs, taken)) print(line);
  print(`Checked by deno task verify ${studyArgument(shortened(path))}, in any project.`);
  return 0;
}
