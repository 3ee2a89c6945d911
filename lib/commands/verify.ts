import { show } from "../core/check.ts";
import { didYouMean } from "../core/did_you_mean.ts";
import { projectFolder } from "../core/project.ts";
import { keptDocuments } from "../findings/kept_documents.ts";
import { listStudies } from "../studies/folder.ts";
import { verifyStudy } from "../verification/verify_study.ts";
import { type CommandContext, CommandError, parseCommand, wholeNumber } from "./command.ts";

/** `verify STUDY [--sample N] [--seed S]`: computes everything about a study again, and compares. */
export async function verify({ args, print, signal }: CommandContext): Promise<number> {
  const { positionals, values } = parseCommand(args, {
    options: { sample: { type: "string", default: "0" }, seed: { type: "string", default: "1" } },
    positionals: [1, 1],
  });
  const sample = wholeNumber("--sample", values.sample, { from: 0 });
  const seed = wholeNumber("--seed", values.seed);
  const name = positionals[0].replace(/\\/g, "/").replace(/^(\.\/)?results\//, "").replace(
    /\/+$/,
    "",
  );
  if (!listStudies().includes(name)) {
    throw new CommandError(
      `There is no study ${show(name)} in ${projectFolder()}/results; there are: ${
        listStudies().join(", ") || "none"
      }.${didYouMean(name, listStudies())}`,
    );
  }
  const parts = await verifyStudy(name, {
    sample,
    seed,
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
