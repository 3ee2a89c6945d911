import { join, relative } from "node:path";
import { projectFolder } from "./core/project.ts";
import { formatOutcome } from "./reports/outcome.ts";
import { loadStudy } from "./studies/study.ts";

/**
 * Prints what a study found: its best points, what they mean, and where its report is.
 *
 * @param name Name of a study in results/.
 * @param print Called with each line.
 */
export async function printStudyOutcome(
  name: string,
  print: (line: string) => void,
): Promise<void> {
  const study = loadStudy(name);
  print("");
  print(formatOutcome(study));
  const report = join(study.folder, "report.html");
  const { isFile } = await Deno.stat(report).catch(() => ({ isFile: false }));
  if (isFile) print(`\nReport: ${relative(projectFolder(), report)}`);
}
