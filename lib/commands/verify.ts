import { projectFolder } from "../core/project.ts";
import { keptDocuments } from "../findings/kept_documents.ts";
import { listStudies } from "../studies/folder.ts";
import { verifyStudy } from "../verification/verify_study.ts";
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
    documents: keptDocuments(name),
    onPart({ what, problems }) {
      print(`${problems.length === 0 ? "✓" : "✗"} ${what}`);
      for (const problem of problems) print(`    ${problem}`);
    },
  });
  const failed = parts.filter(({ problems }) => problems.length > 0).length;
  print(`${parts.length - failed} well, ${failed} not.`);
  return failed === 0 ? 0 : 1;
}
