import { show } from "../core/check.ts";
import { visibleText } from "../core/html.ts";
import { studyArgument } from "../core/study_commands.ts";
import { keptDocuments } from "../experiments/findings/kept_documents.ts";
import { findingAddition } from "../experiments/findings/paper.ts";
import { writePaper } from "../papers/write_paper.ts";
import { writeMarkdownReport, writeReport } from "../reports/report.ts";
import { writeComparison, writeMarkdownComparison } from "../reports/write_comparison.ts";
import type { ManyStudiesOptions } from "../statistics/compare_many_studies.ts";
import { studyFolder } from "../studies/storage/folder.ts";
import { type ArchiveOptions, writeArchive } from "../verification/write_archive.ts";
import { needsInWords } from "./_needs_in_words.ts";
import { storedStudy } from "./_stored_study.ts";
import { type CommandContext, CommandError, parseCommand } from "./command.ts";
import { shortened } from "./notebooks.ts";

/**
 * `report NAME`: writes results/NAME/report.html and report.md from the study's records;
 * `report --compare A B`: writes results/A/compare-with-B.html and .md; of more than two studies, or with `--arm` or
 * `--point`, one contrast in each, and what they come to. With `--latex` a paper is written
 * instead: results/NAME/paper, or results/A/paper-with-B. `report NAME --archive` writes results/NAME/NAME.tar.
 */
export async function report({ args, print }: CommandContext): Promise<number> {
  const comparing = args.includes("--compare");
  const { positionals, values } = parseCommand(args, {
    options: {
      compare: { type: "boolean", default: false },
      latex: { type: "boolean", default: false },
      arm: { type: "string" },
      parent: { type: "string" },
      point: { type: "string" },
      from: { type: "string" },
      region: { type: "string" },
      archive: { type: "boolean", default: false },
      "with-text": { type: "boolean", default: false },
      "with-modules": { type: "boolean", default: false },
      "with-weights": { type: "boolean", default: false },
    },
    positionals: comparing ? [2, 1000] : [1, 1],
  });
  const contrast = contrastOf(values);
  if (!comparing && Object.keys(contrast).length > 0) {
    throw new CommandError(`--${Object.keys(contrast)[0]} needs --compare.`, 2, true);
  }
  const taken = {
    withText: values["with-text"],
    withModules: values["with-modules"],
    withWeights: values["with-weights"],
  };
  checkArchive({ ...values, compare: comparing }, Object.values(taken).includes(true));
  if (values.archive) return await archive(storedStudy(positionals[0]), taken, print);
  const folders = positionals.map((name) => studyFolder(name).path);
  const [folder, other] = folders;
  const isOfPoints = folders.length <= 2 && Object.keys(contrast).length === 0;
  if (values.latex) {
    const options = { addition: findingAddition, ...(!isOfPoints && { contrast }) };
    print(shortened(await writePaper(folders, options)));
  } else if (!isOfPoints) {
    print(shortened(await writeComparison(folders, contrast)));
    print(shortened(await writeMarkdownComparison(folders, contrast)));
  } else if (comparing) {
    print(shortened(await writeComparison(folder, other)));
    print(shortened(await writeMarkdownComparison(folder, other)));
  } else {
    print(shortened(await writeReport(folder)));
    print(shortened(await writeMarkdownReport(folder)));
  }
  return 0;
}

/** What is compared in several studies; points are JSON. */
function contrastOf(
  { arm, parent, point, from, region }: {
    readonly [option in "arm" | "parent" | "point" | "from" | "region"]?: string;
  },
): ManyStudiesOptions {
  const json = (option: string, text: string) => {
    try {
      return JSON.parse(text);
    } catch {
      throw new CommandError(
        `--${option} must be a point as JSON, such as '{"lambda":0.001}', found ${show(text)}.`,
        2,
        true,
      );
    }
  };
  return {
    ...(arm !== undefined && { arm }),
    ...(parent !== undefined && { parent }),
    ...(point !== undefined && { point: json("point", point) }),
    ...(from !== undefined && { from: json("from", from) }),
    ...(region !== undefined && { region: Number(region) }),
  };
}

function checkArchive(
  { archive, compare, latex }: { readonly [option in "archive" | "compare" | "latex"]: boolean },
  takesAlong: boolean,
): void {
  const refused = archive && compare
    ? "--archive takes one study, --compare several."
    : archive && latex
    ? "--archive makes the paper itself: leave --latex out."
    : takesAlong && !archive
    ? "--with-text, --with-modules and --with-weights say what --archive takes along."
    : null;
  if (refused !== null) throw new CommandError(refused, 2, true);
}

async function archive(
  name: string,
  taken: ArchiveOptions,
  printLine: (line: string) => void,
): Promise<number> {
  const print = (line: string) => printLine(visibleText(line));
  const documents = keptDocuments(name);
  const { path, bytes, sha256, files, needs } = await writeArchive(name, {
    ...taken,
    documents,
    addition: findingAddition,
  });
  print(`${shortened(path)}: ${files} files, ${bytes} bytes`);
  print(`SHA-256 ${sha256}`);
  for (const line of needsInWords(needs, taken)) print(line);
  print(`Checked by deno task verify ${studyArgument(shortened(path))}, in any project.`);
  return 0;
}
