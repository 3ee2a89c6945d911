import { join } from "node:path";
import type { RandomStream } from "../core/random.ts";
import { comparisonDocument } from "../reports/comparison.ts";
import { reportDocument } from "../reports/document.ts";
import { renderMarkdown } from "../reports/markdown.ts";
import { renderPage } from "../reports/page.ts";
import { figurePaths, readStudy } from "../reports/report.ts";
import { formatOutcome } from "../reports/outcome.ts";
import { loadStudy } from "../studies/study.ts";
import { verifyStudy } from "../verification/verify_study.ts";
import { baseName } from "./_base.ts";
import { faultOfDocument, faultOfMessage } from "./judge.ts";
import { type Base, type Kind, Nonsense } from "./kind.ts";
import { mutatedJsonText, mutateText, oneOf } from "./mutate.ts";

/** Name of the study whose files are changed. */
export const changedName = "changed";

/** A study whose files were changed. */
export interface Files {
  readonly definition: string;
  readonly journal: string;
}

/** A study's files with a change in one of them; that of the journal is in one line, or of lines. */
export function changedStudy({ definition, journal }: Base, stream: RandomStream): Files {
  if (stream.integer(2) === 0) {
    return { definition: mutatedJsonText(JSON.parse(definition), stream, 2) + "\n", journal };
  }
  const lines = journal.trimEnd().split("\n");
  const at = stream.integer(lines.length);
  const turn = stream.integer(10);
  if (turn === 0) return { definition, journal: mutateText(journal, stream) };
  if (turn === 1) {
    return { definition, journal: [...lines, lines[at], oneOf(lines, stream)].join("\n") + "\n" };
  }
  if (turn === 2) return { definition, journal: lines.toSpliced(at, 2).join("\n") + "\n" };
  const line = mutatedJsonText(JSON.parse(lines[at]), stream).replaceAll("\n", " ");
  return { definition, journal: lines.with(at, line).join("\n") + "\n" };
}

/** Puts a changed study into the project. */
export async function writeStudy(base: Base, { definition, journal }: Files): Promise<void> {
  const folder = join(base.project, "results", changedName);
  await Deno.mkdir(folder, { recursive: true });
  await Deno.writeTextFile(join(folder, "study.json"), definition);
  await Deno.writeTextFile(join(folder, "runs.jsonl"), journal);
}

/** What was changed, for whoever repeats it. */
export function shownChange(base: Base, files: Files): string {
  const [from, to] = files.definition === base.definition
    ? [base.journal, files.journal]
    : [base.definition, files.definition];
  let first = 0;
  while (first < from.length && from[first] === to[first]) first++;
  const where = files.definition === base.definition ? "runs.jsonl" : "study.json";
  return `${where}: …${to.slice(Math.max(0, first - 60), first + 120)}…`;
}

/** Everything that a reader is shown of a study, as texts. */
function documents(base: Base): { readonly [what: string]: string } {
  const study = loadStudy(changedName);
  const source = readStudy(study.folder);
  const document = reportDocument(source, null);
  const compared = comparisonDocument(source, readStudy(join(base.project, "results", baseName)));
  return {
    table: `${study}\n${study.digest()}`,
    outcome: formatOutcome(study),
    report: withoutScripts(renderPage(document, "")),
    markdown: renderMarkdown(document, document.figures.map((_, index) => figurePaths(index))),
    comparison: withoutScripts(renderPage(compared, "")),
  };
}

/** Refuses documents that speak of what is not there. */
export function judgeDocuments(base: Base, input: string): void {
  for (const [what, text] of Object.entries(documents(base))) {
    const fault = faultOfDocument(text, input);
    if (fault !== null) throw new Nonsense(`${what}: ${fault}`);
  }
}

/** A page without its style and its own program, which speak of `undefined` and infinities. */
function withoutScripts(page: string): string {
  return page.replace(/<(script|style)\b(?![^>]*json)[^]*?<\/\1>/g, "");
}

/** A kind of input: a study with a changed file, and what is done with its folder. */
function changedStudies(
  name: string,
  share: number,
  use: (base: Base, files: Files) => void | Promise<void>,
): Kind {
  return {
    name,
    share,
    open: (base) => (stream) => {
      const files = changedStudy(base, stream);
      return {
        input: shownChange(base, files),
        async run() {
          await writeStudy(base, files);
          await use(base, files);
        },
      };
    },
  };
}

/** Files of studies, read, reported, compared, verified. */
export const studyFiles: readonly Kind[] = [
  changedStudies(
    "report",
    14,
    (base, { definition, journal }) => judgeDocuments(base, definition + journal),
  ),
  changedStudies("verify", 10, async () => {
    for (const { what, problems, notes } of await verifyStudy(changedName)) {
      for (const text of [what, ...problems, ...notes]) {
        const fault = faultOfMessage(text.replace(/[.?!]?$/, "."));
        if (fault !== null) throw new Nonsense(`${what}: ${fault} in "${text}"`);
      }
    }
  }),
];
