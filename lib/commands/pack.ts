import { visibleText } from "../core/html.ts";
import { keptDocuments } from "../experiments/findings/kept_documents.ts";
import { packStudy } from "../verification/pack_study.ts";
import { needsInWords } from "./_needs_in_words.ts";
import { storedStudy } from "./_stored_study.ts";
import { type CommandContext, parseCommand } from "./command.ts";
import { shortened } from "./notebooks.ts";

/** `pack STUDY [--with-text] [--with-modules]`: copies a study to `packed/`, to be given away. */
export async function pack({ args, print: printLine }: CommandContext): Promise<number> {
  const { positionals, values } = parseCommand(args, {
    options: {
      "with-text": { type: "boolean", default: false },
      "with-modules": { type: "boolean", default: false },
    },
    positionals: [1, 1],
  });
  const name = storedStudy(positionals[0]);
  const { "with-text": withText, "with-modules": withModules } = values;
  const documents = keptDocuments(name).map((document) => document.name);
  const { folder, needs, leftOut } = await packStudy(name, { withText, withModules, documents });
  const print = (line: string) => printLine(visibleText(line));
  print(`${shortened(folder)}: NEEDS.md says what it takes to train its runs again.`);
  for (const line of needsInWords(needs, { withText, withModules })) print(line);
  if (leftOut.length > 0) {
    print(`Left out, because it is not of this study alone: ${leftOut.join(", ")}.`);
  }
  return 0;
}
