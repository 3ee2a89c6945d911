import { join } from "node:path";
import { visibleLine } from "../core/html.ts";
import { projectFolder } from "../core/project.ts";
import { readTextFile, writeTextFile } from "../core/runtime/files.ts";
import { uninterrupted } from "../core/uninterrupted.ts";
import { checkFigures } from "../experiments/findings/figures.ts";
import { checkKeptDocuments } from "../experiments/findings/kept_documents.ts";
import { computeMarkedNumbers } from "../experiments/findings/marked_numbers.ts";
import { type CommandContext, parseCommand } from "./command.ts";

/** Documents in which every decimal number comes from records. */
const documents = ["docs/findings.md", "README.md"];

/** `findings [--write]`: computes documents, their numbers and figures again from the records. */
export async function findings({ args, print }: CommandContext): Promise<number> {
  const { values } = parseCommand(args, {
    options: { write: { type: "boolean", default: false } },
    positionals: [0, 0],
  });
  const project = projectFolder();
  let failed = 0;
  for (const name of documents) {
    const path = join(project, name);
    const before = await readTextFile(path);
    const { text, marks, problems } = computeMarkedNumbers(before, { project, strict: true });
    // In place: the task may write README.md, and no other file beside it.
    if (values.write && text !== before) {
      await uninterrupted(() => writeTextFile(path, text));
    }
    const left = values.write
      ? computeMarkedNumbers(text, { project, strict: true }).problems
      : problems;
    print(`${left.length === 0 ? "✓" : "✗"} ${name}: ${marks} marks`);
    for (const problem of left) print(`    ${visibleLine(problem)}`);
    failed += left.length;
  }
  const options = { project, write: values.write };
  for (
    const { path, problem } of [
      ...await checkKeptDocuments(options),
      ...await checkFigures(options),
    ]
  ) {
    print(
      `${problem === null ? "✓" : "✗"} ${path}${
        problem === null ? "" : `: ${visibleLine(problem)}`
      }`,
    );
    if (problem !== null) failed++;
  }
  return failed === 0 ? 0 : 1;
}
