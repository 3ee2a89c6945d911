import { visibleText } from "../core/html.ts";
import { studyArgument } from "../core/study_commands.ts";
import { keptDocuments } from "../experiments/findings/kept_documents.ts";
import { writeComparison, writeMarkdownComparison } from "../reports/comparison.ts";
import { writeMarkdownReport, writeReport } from "../reports/report.ts";
import { studyFolder } from "../studies/storage/folder.ts";
import { type ArchiveOptions, writeArchive } from "../verification/write_archive.ts";
import { needsInWords } from "./_needs_in_words.ts";
import { storedStudy } from "./_stored_study.ts";
import { type CommandContext, CommandError, parseCommand } from "./command.ts";
import { shortened } from "./notebooks.ts";

/**
 * `report NAME`: writes results/NAME/report.html and report.md from the study's records;
 * `report --compare A B`: writes results/A/compare-with-B.html and .md; `report NAME --archive`: writes
 * results/NAME/NAME.tar.
 */
export async function report({ args, print }: CommandContext): Promise<number> {
  const comparing = args.includes("--compare");
  const { positionals, values } = parseCommand(args, {
    options: {
      compare: { type: "boolean", default: false },
      archive: { type: "boolean", default: false },
      "with-text": { type: "boolean", default: false },
      "with-modules": { type: "boolean", default: false },
      "with-weights": { type: "boolean", default: false },
    },
    positionals: comparing ? [2, 2] : [1, 1],
  });
  const taken = {
    withText: values["with-text"],
    withModules: values["with-modules"],
    withWeights: values["with-weights"],
  };
  const along = Object.values(taken).includes(true);
  if (comparing ? values.archive || along : along && !values.archive) {
    throw new CommandError(
      comparing
        ? "--archive takes one study, --compare two."
        : "--with-text, --with-modules and --with-weights say what --archive takes along.",
      2,
      true,
    );
  }
  if (values.archive) return await archive(storedStudy(positionals[0]), taken, print);
  const [folder, other] = positionals.map((name) => studyFolder(name).path);
  if (comparing) {
    print(shortened(await writeComparison(folder, other)));
    print(shortened(await writeMarkdownComparison(folder, other)));
    return 0;
  }
  print(shortened(await writeReport(folder)));
  print(shortened(await writeMarkdownReport(folder)));
  return 0;
}

async function archive(
  name: string,
  taken: ArchiveOptions,
  printLine: (line: string) => void,
): Promise<number> {
  const print = (line: string) => printLine(visibleText(line));
  const documents = keptDocuments(name);
  const { path, bytes, sha256, files, needs } = await writeArchive(name, { ...taken, documents });
  print(`${shortened(path)}: ${files} files, ${bytes} bytes`);
  print(`SHA-256 ${sha256}`);
  for (const line of needsInWords(needs, taken)) print(line);
  print(`Checked by deno task verify ${studyArgument(shortened(path))}, in any project.`);
  return 0;
}
