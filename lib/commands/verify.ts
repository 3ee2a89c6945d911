import { projectFolder } from "../core/project.ts";
import { findingOf } from "../findings/all.ts";
import { findingDocumentName, renderFinding } from "../findings/document.ts";
import { reproductionOf } from "../reproductions/all.ts";
import { documentName, renderReproduction } from "../reproductions/document.ts";
import { listStudies } from "../studies/folder.ts";
import { type VerifyOptions, verifyStudy } from "../verification/verify_study.ts";
import { type CommandContext, CommandError, parseCommand } from "./command.ts";

/** `verify STUDY [--sample N] [--seed S]`: computes everything about a study again, and compares. */
export async function verify({ args, print, signal }: CommandContext): Promise<number> {
  const { positionals, values } = parseCommand(args, {
    options: { sample: { type: "string", default: "0" }, seed: { type: "string", default: "1" } },
    positionals: [1, 1],
  });
  const name = positionals[0].replace(/\\/g, "/").replace(/^(\.\/)?results\//, "").replace(
    /\/+$/,
    "",
  );
  if (!listStudies().includes(name)) {
    throw new CommandError(
      `There is no study ${JSON.stringify(name)} in ${projectFolder()}/results; there are: ${
        listStudies().join(", ") || "none"
      }.`,
    );
  }
  const parts = await verifyStudy(name, {
    sample: Number(values.sample),
    seed: Number(values.seed),
    signal,
    documents: documentsOf(name),
    onPart({ what, problems }) {
      print(`${problems.length === 0 ? "✓" : "✗"} ${what}`);
      for (const problem of problems) print(`    ${problem}`);
    },
  });
  const failed = parts.filter(({ problems }) => problems.length > 0).length;
  print(`${parts.length - failed} well, ${failed} not.`);
  return failed === 0 ? 0 : 1;
}

/** What a study has beside its HTML report. */
function documentsOf(name: string): VerifyOptions["documents"] {
  const reproduction = reproductionOf(name);
  if (reproduction !== null) {
    return [{ name: documentName, render: (study) => renderReproduction(reproduction, study) }];
  }
  const finding = findingOf(name);
  if (finding === null) return [];
  return [{ name: findingDocumentName, render: (study) => renderFinding(finding, study) }];
}
