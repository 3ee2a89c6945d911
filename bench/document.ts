import { join } from "node:path";
import { writeFileAtomically } from "../lib/core/files.ts";
import { readJsonFile } from "../lib/core/json_file.ts";
import { projectFolder } from "../lib/core/project.ts";
import { type CommandContext, parseCommand } from "../lib/commands/command.ts";
import { replaceBetweenMarks } from "../lib/experiments/between_marks.ts";
import {
  memoryReport,
  openingReport,
  profileReport,
  scaleReport,
  searchReport,
  sweepReport,
  trainingReport,
} from "./reports.ts";
import { threadsReport } from "./threads_report.ts";

/** Words for `deno task bench document --help`. */
export const documentUsage = `deno task bench document

Writes the results in docs/benchmarks/ (training.json, sweep.json, memory.json, profile.json,
scale.json, search.json, report.json, threads.json, as --json of each bench wrote them) into docs/benchmarks.md.
A result of another machine is NAME-MACHINE.json, such as training-amd.json.`;

// deno-lint-ignore no-explicit-any -- the files hold what the benches wrote
const reports: Readonly<Record<string, (result: any) => string>> = {
  training: trainingReport,
  sweep: sweepReport,
  memory: memoryReport,
  profile: profileReport,
  scale: scaleReport,
  search: searchReport,
  threads: threadsReport,
  report: openingReport,
};

/** Where the results lie that the document shows. */
export const resultsFolder = join(projectFolder(), "docs", "benchmarks");
/** The document. */
export const documentPath = join(projectFolder(), "docs", "benchmarks.md");

/** `bench document`: docs/benchmarks.md from the results. */
export async function benchDocument({ args, print }: CommandContext): Promise<number> {
  parseCommand(args, { options: {}, positionals: [0, 0] });
  const text = await Deno.readTextFile(documentPath);
  await writeFileAtomically(documentPath, withResults(text, readResults()));
  print("docs/benchmarks.md is written.");
  return 0;
}

/** Results by the name of their file, which begins with that of their bench. */
export function readResults(): Map<string, unknown> {
  const files = [...Deno.readDirSync(resultsFolder)].map(({ name }) => name);
  return new Map(
    files.filter((name) => name.endsWith(".json")).sort().map((name) => [
      name.slice(0, -".json".length),
      readJsonFile(join(resultsFolder, name)),
    ]),
  );
}

/** Report of a result that is named by its bench, or by its bench and a machine: NAME-MACHINE. */
function reportOf(name: string): (result: unknown) => string {
  const bench = name.split("-")[0];
  if (!Object.hasOwn(reports, bench)) {
    throw new Error(
      `Cannot show the result ${name}: the benches are ${Object.keys(reports).join(", ")}.`,
    );
  }
  return reports[bench];
}

/** The document with the results between their marks, `<!-- begin NAME -->` and `<!-- end NAME -->`. */
export function withResults(text: string, results: ReadonlyMap<string, unknown>): string {
  for (const [name, result] of results) {
    const render = reportOf(name);
    const marks = {
      begin: `<!-- begin ${name} -->`,
      end: `<!-- end ${name} -->`,
      document: "docs/benchmarks.md",
    };
    const report = render(result);
    const [off, on] = ["start", "end"].map((word) => `<!-- deno-fmt-ignore-${word} -->`);
    text = replaceBetweenMarks(text, marks, () => `\n${off}\n\n${report}\n\n${on}\n`);
  }
  return text;
}
