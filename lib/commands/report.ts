import { visibleText } from "../core/html.ts";
import { studyArgument } from "../core/study_commands.ts";
import { keptDocuments } from "../experiments/findings/kept_documents.ts";
import { writeComparison, writeMarkdownComparison } from "../reports/comparison.ts";
import { writeMarkdownReport, writeReport } from "../reports/report.ts";
import { writePaper } from "../papers/write_paper.ts";
import { studyFolder } from "../studies/storage/folder.ts";
import { type ArchiveOptions, writeArchive } from "../verification/write_archive.ts";
import { needsInWords } from "./_needs_in_words.ts";
import { storedStudy } from "./_stored_study.ts";
import { type CommandContext, CommandError, parseCommand } from "./command.ts";
import { shortened } from "./notebooks.ts";

/**
 * `report NAME`: writes results/NAME/report.html and report.md from the study's records;
 * `report --compare A B`: writes results/A/compare-with-B.html and .md. With `--latex` a paper is written
 * instead: results/NAME/paper, or results/A/paper-with-B. `report NAME --archive`: writes
 * results/NAME/NAME.tar instead.
 */
export async function report({ args, print }: CommandContext): Promise<number> {
  const comparing = args.includes("--compare");
  const { positionals, values } = parseCommand(args, {
    options: {
      compare: { type: "boolean", default: false },
      latex: { type: "boolean", default: false },
      archive: { type: "boolean", default: false },
      "with-text": { type: "boolean", default: false },
      "with-modules": { type: "boolean", default: false },
      "with-weights": { type: "boolean", default: false },
    },
    positionals: comparing ? [2, 2] : [1, 1],
  });
  const taken = takenAlong(values);
  if (values.archive) {
    if (comparing || values.latex) {
      throw new CommandError("--archive makes one file of one study, and nothing else.", 2, true);
    }
    return await archive(storedStudy(positionals[0]), taken, print);
  }
  if (Object.values(taken).includes(true)) {
    throw new CommandError(
      "--with-text, --with-modules and --with-weights say what --archive takes along.",
      2,
      true,
    );
  }
  const [folder, other] = positionals.map((name) => studyFolder(name).path);
  if (values.latex) {
    print(shortened(await writePaper(comparing ? [folder, other] : folder)));
    return 0;
  }
  if (comparing) {
    print(shortened(await writeComparison(folder, other)));
    print(shortened(await writeMarkdownComparison(folder, other)));
    return 0;
  }
  print(shortened(await writeReport(folder)));
  print(shortened(await writeMarkdownReport(folder)));
  return 0;
}

function takenAlong(values: { readonly [option: string]: string | boolean | undefined }) {
  return {
    withText: values["with-text"] === true,
    withModules: values["with-modules"] === true,
    withWeights: values["with-weights"] === true,
  };
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
