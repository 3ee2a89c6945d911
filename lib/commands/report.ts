import { show } from "../core/check.ts";
import type { ManyStudiesOptions } from "../statistics/compare_many_studies.ts";
import { writeComparison, writeMarkdownComparison } from "../reports/write_comparison.ts";
import { writeMarkdownReport, writeReport } from "../reports/report.ts";
import { writePaper } from "../papers/write_paper.ts";
import { studyFolder } from "../studies/storage/folder.ts";
import { archive, archiveOptions, takenAlong } from "./_archive.ts";
import { type CommandContext, CommandError, parseCommand } from "./command.ts";
import { shortened } from "./notebooks.ts";

/**
 * `report NAME`: writes results/NAME/report.html and report.md from the study's records;
 * `report --compare A B`: writes results/A/compare-with-B.html and .md; of more than two studies, or with `--arm` or
 * `--point`, one contrast in each, and what they come to. With `--latex` a paper is written
 * instead: results/NAME/paper, or results/A/paper-with-B; with `--archive` results/NAME/NAME.tar.
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
      ...archiveOptions,
    },
    positionals: comparing ? [2, 1000] : [1, 1],
  });
  const taken = takenAlong(values);
  if (taken !== null) {
    if (comparing || values.latex) {
      throw new CommandError("--archive makes one file of one study, and nothing else.", 2, true);
    }
    return await archive(positionals[0], taken, print);
  }
  const folders = positionals.map((name) => studyFolder(name).path);
  const [folder, other] = folders;
  const contrast = contrastOf(values);
  if (!comparing && Object.keys(contrast).length > 0) {
    throw new CommandError(`--${Object.keys(contrast)[0]} needs --compare.`, 2, true);
  }
  if (values.latex) {
    print(shortened(await writePaper(comparing ? [folder, other] : folder)));
    return 0;
  }
  if (folders.length > 2 || Object.keys(contrast).length > 0) {
    print(shortened(await writeComparison(folders, contrast)));
    print(shortened(await writeMarkdownComparison(folders, contrast)));
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
