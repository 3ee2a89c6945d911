import { visibleText } from "../core/html.ts";
import { keptDocuments } from "../experiments/findings/kept_documents.ts";
import { packStudy } from "../verification/pack_study.ts";
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
  for (const { name, licence, found } of needs.texts) {
    if (found !== "elsewhere") continue;
    print(
      withText
        ? `Its text ${name} is in it. Licence: ${licence}. Give it away only where that allows it.`
        : `Its text ${name} is not in it (--with-text takes it along). Licence: ${licence}.`,
    );
  }
  for (const { module } of needs.modules) {
    print(
      `Its module ${module} is ${withModules ? "" : "not "}in it${
        withModules ? ", to be read" : " (--with-modules takes it along)"
      }.`,
    );
  }
  if (leftOut.length > 0) {
    print(`Left out, because it is not of this study alone: ${leftOut.join(", ")}.`);
  }
  return 0;
}
