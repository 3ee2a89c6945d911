import { show } from "../core/check.ts";
import { mostRuns } from "../core/limits.ts";
import { visibleText } from "../core/html.ts";
import { didYouMean } from "../core/did_you_mean.ts";
import { projectFolder } from "../core/project.ts";
import { keptDocuments } from "../findings/kept_documents.ts";
import { commandOf } from "../reproductions/kept_study.ts";
import { listStudies } from "../studies/folder.ts";
import { verifyStudy } from "../verification/verify_study.ts";
import { type CommandContext, CommandError, parseCommand, wholeNumber } from "./command.ts";

/** `verify STUDY [--sample N] [--seed S] [--command TEXT]`: computes everything about a study again, and compares. */
export async function verify({ args, print, signal }: CommandContext): Promise<number> {
  const { positionals, values } = parseCommand(args, {
    options: {
      sample: { type: "string", default: "0" },
      seed: { type: "string", default: "1" },
      command: { type: "string" },
    },
    positionals: [1, 1],
  });
  const sample = wholeNumber("--sample", values.sample, { from: 0, to: mostRuns });
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
  const documents = keptDocuments(name);
  const parts = await verifyStudy(name, {
    sample,
    seed,
    signal,
    command: values.command ?? (documents.length > 0 ? commandOf : undefined),
    documents,
    onPart({ what, problems, notes }) {
      // What a folder of others holds must not colour or reorder the terminal.
      const say = (text: string) => print(visibleText(text));
      say(`${problems.length === 0 ? "✓" : "✗"} ${what}`);
      for (const problem of problems) say(`    ${problem}`);
      for (const note of notes) say(`    – ${note}`);
    },
  });
  if (sample === 0) {
    print(
      "Not seen without --sample: records that were changed without a contradiction, and the report " +
        "with them.",
    );
  }
  const failed = parts.filter(({ problems }) => problems.length > 0).length;
  print(`${parts.length - failed} well, ${failed} not.`);
  return failed === 0 ? 0 : 1;
}
