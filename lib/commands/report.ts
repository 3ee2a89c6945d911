import { writeComparison, writeMarkdownComparison } from "../reports/comparison.ts";
import { writeMarkdownReport, writeReport } from "../reports/report.ts";
import { findingAddition } from "../experiments/findings/paper.ts";
import { writePaper } from "../papers/write_paper.ts";
import { studyFolder } from "../studies/storage/folder.ts";
import { type CommandContext, parseCommand } from "./command.ts";
import { shortened } from "./notebooks.ts";

/**
 * `report NAME`: writes results/NAME/report.html and report.md from the study's records;
 * `report --compare A B`: writes results/A/compare-with-B.html and .md. With `--latex` a paper is written
 * instead: results/NAME/paper, or results/A/paper-with-B.
 */
export async function report({ args, print }: CommandContext): Promise<number> {
  const comparing = args.includes("--compare");
  const { positionals, values } = parseCommand(args, {
    options: {
      compare: { type: "boolean", default: false },
      latex: { type: "boolean", default: false },
    },
    positionals: comparing ? [2, 2] : [1, 1],
  });
  const [folder, other] = positionals.map((name) => studyFolder(name).path);
  if (values.latex) {
    const studies = comparing ? [folder, other] : folder;
    print(shortened(await writePaper(studies, { addition: findingAddition })));
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
