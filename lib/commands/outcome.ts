import { join } from "node:path";
import { hasFile } from "../core/runtime/files.ts";
import { formatOutcome } from "../reports/outcome.ts";
import { loadStudy } from "../studies/study.ts";
import { CommandError } from "./command.ts";
import { shortened } from "./notebooks.ts";

/**
 * Prints what a study ended with: its best points by mean and by one standard error, its digest, and
 * the path of its report.
 *
 * @throws {CommandError} If the study's folder has no report.
 */
export async function printStudyOutcome(
  name: string,
  print: (line: string) => void,
): Promise<void> {
  const study = loadStudy(name);
  const report = join(study.folder, "report.html");
  const found = await hasFile(report);
  if (!found) {
    throw new CommandError(
      `Study ${name} has no report: ${shortened(report)} does not exist. Write it by ` +
        `deno task report ${name}.`,
    );
  }
  print(`\n${formatOutcome(study)}`);
  print(`\nDigest  ${study.digest()}`);
  print(`Report  ${shortened(report)}`);
}
