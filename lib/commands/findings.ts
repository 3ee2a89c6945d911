import { join } from "node:path";
import { writeFileAtomically } from "../core/files.ts";
import { projectFolder } from "../core/project.ts";
import { checkFigures } from "../findings/figures.ts";
import { computeMarkedNumbers } from "../findings/marked_numbers.ts";
import { type CommandContext, parseCommand } from "./command.ts";

/** Documents whose numbers come from records; in the strict ones, all of them do. */
const documents = [["docs/findings.md", true], ["README.md", false]] as const;

/** `findings [--write]`: computes numbers and figures of the documents again from the records. */
export async function findings({ args, print }: CommandContext): Promise<number> {
  const { values } = parseCommand(args, {
    options: { write: { type: "boolean", default: false } },
    positionals: [0, 0],
  });
  const project = projectFolder();
  let failed = 0;
  for (const [name, strict] of documents) {
    const path = join(project, name);
    const before = await Deno.readTextFile(path);
    const { text, marks, problems } = computeMarkedNumbers(before, { project, strict });
    if (values.write && text !== before) await writeFileAtomically(path, text);
    const left = values.write ? computeMarkedNumbers(text, { project, strict }).problems : problems;
    print(`${left.length === 0 ? "✓" : "✗"} ${name}: ${marks} marks`);
    for (const problem of left) print(`    ${problem}`);
    failed += left.length;
  }
  for (const { path, problem } of await checkFigures({ project, write: values.write })) {
    print(`${problem === null ? "✓" : "✗"} ${path}${problem === null ? "" : `: ${problem}`}`);
    if (problem !== null) failed++;
  }
  return failed === 0 ? 0 : 1;
}
