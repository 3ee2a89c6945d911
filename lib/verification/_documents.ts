import { showLong } from "../core/check.ts";
import { join } from "node:path";
import { isNotFound } from "../core/runtime/errors.ts";
import { readFile } from "../core/runtime/files.ts";
import { formsOf, type StudyCommands, taskCommands } from "../core/study_commands.ts";
import { plotlyScript } from "../plots/plotly_script.ts";
import { type ReportDocument, reportDocument } from "../reports/document.ts";
import { renderMarkdown } from "../reports/markdown.ts";
import { needsName, renderNeeds } from "../reports/needs_document.ts";
import { renderPage } from "../reports/page.ts";
import { figurePaths } from "../reports/report.ts";
import type { StudyRecords } from "../statistics/study_records.ts";
import { regularFile } from "./_carried.ts";

/** A file that is computed from the records alone. */
export interface DerivedDocument {
  /** Its name in the study's folder. */
  readonly name: string;
  /**
   * Computes it again, byte by byte.
   *
   * @param stored What the file holds: for what is no number, such as the command that is shown; empty
   * where there is none.
   */
  render(study: StudyRecords, stored: string): MaybePromise<string | Uint8Array>;
  /** What of the file no record gives, and rendering takes over from it. */
  taken?(stored: string): Remarks;
}

/** What is wrong, and what is only said. */
export interface Remarks {
  readonly problems: readonly string[];
  readonly notes: readonly string[];
}

type MaybePromise<T> = T | Promise<T>;

/**
 * The reports of a study: the page, the Markdown, the pictures of its figures, and what it needs elsewhere.
 *
 * @param command Command that runs the study, which the reports may show; null for none.
 * @param commands Those of the project, for a report that is not there yet.
 */
export function reportsOf(
  study: StudyRecords,
  command: string | null,
  commands: StudyCommands = taskCommands,
): DerivedDocument[] {
  const documents = new Map<string, ReportDocument>();
  /** Both reports are of one document, which takes most of the time. */
  const documentWith = (shown: ShownCommands) => {
    const key = JSON.stringify(shown);
    let document = documents.get(key);
    if (document === undefined) {
      documents.set(key, document = reportDocument(study, shown.command, shown.commands));
    }
    return document;
  };
  const shownIn = (stored: string) => stored === "" ? { command, commands } : shownCommands(stored);
  const { figures } = documentWith({ command, commands });
  const paths = figures.map((_, index) => figurePaths(index));
  const pictures = figures.flatMap((figure, index) =>
    (["light", "dark"] as const).map((scheme): DerivedDocument => ({
      name: paths[index][scheme],
      render: () => figure.png({ dark: scheme === "dark" }),
    }))
  );
  return [
    {
      name: "report.html",
      render: async (_, stored) => renderPage(documentWith(shownIn(stored)), await plotlyScript()),
      taken: (stored) => commandRemarks(shownCommands(stored).command, command),
    },
    {
      name: "report.md",
      render: (_, stored) => renderMarkdown(documentWith(shownIn(stored)), paths),
      taken: (stored) => commandRemarks(shownCommands(stored).command, command),
    },
    ...pictures,
    { name: needsName, render: ({ record }) => renderNeeds(record) },
  ];
}

/** What a report shows to be run. */
interface ShownCommands {
  /** Runs the study; null for none. */
  readonly command: string | null;
  /** Those that every report has, in the form of the project that wrote it. */
  readonly commands: StudyCommands;
}

function shownCommands(report: string): ShownCommands {
  const { page, markdown } = report.match(
    /<h3>To reproduce<\/h3>\n<pre>(?<page>[^<]*)<\/pre>|### To reproduce\n+(?<fence>```+)\w*\n(?<markdown>[^]*?)\n\k<fence>\n/,
  )?.groups ?? {};
  const lines = (page === undefined ? markdown ?? "" : unescape(page)).split("\n");
  // A checkout before it; verify, report and digest after it.
  const own = lines.slice(lines[0].startsWith("git checkout ") ? 1 : 0, -3);
  const [verify = "", written = "", digest = ""] = lines.slice(-3);
  // Any other is not taken over, and so is a difference.
  const form = (name: keyof StudyCommands, line: string) =>
    formsOf(name).find((each) => line.startsWith(`${each} `)) ?? taskCommands[name];
  return {
    command: own.join("\n") || null,
    commands: {
      verify: form("verify", verify),
      report: form("report", written),
      study: form("study", digest),
    },
  };
}

/** How a notebook of this project is run. */
const notebookCommand = /^deno task (?:start|notebooks [\w.-]+)$/;

/** A command is no number: only who made the study, or the library, can say that it is right. */
function commandRemarks(shown: string | null, due: string | null): Remarks {
  if (shown === null || shown === due) return { problems: [], notes: [] };
  const it = `its command, ${showLong(shown)}, is not in the records`;
  if (due === null && notebookCommand.test(shown)) {
    return { problems: [], notes: [`${it}: which notebook runs the study they do not say`] };
  }
  return {
    problems: [
      due === null
        ? `${it}, and not one of the library's: do not run it unread. If it is your own, verify with ` +
          `--command and its text`
        : `${it}: it should be ${showLong(due)}`,
    ],
    notes: [],
  };
}

function unescape(text: string): string {
  const characters: { [name: string]: string } = {
    lt: "<",
    gt: ">",
    quot: '"',
    "#39": "'",
    amp: "&",
  };
  return text.replace(/&(lt|gt|quot|#39|amp);/g, (_, name) => characters[name]);
}

/** A derived document as the records give it, with what it shows that no record has. */
export async function madeAgain(
  folder: string,
  document: DerivedDocument,
  study: StudyRecords,
): Promise<string | Uint8Array> {
  const stored = await regularFile(join(folder, document.name));
  return await document.render(study, stored === null ? "" : new TextDecoder().decode(stored));
}

/** What of a derived document the records do not give; null when there is no such file. */
export async function documentProblems(
  folder: string,
  document: DerivedDocument,
  study: StudyRecords,
): Promise<Remarks | null> {
  let stored: Uint8Array;
  try {
    stored = await readFile(join(folder, document.name));
  } catch (error) {
    if (isNotFound(error)) return null;
    throw error;
  }
  const text = new TextDecoder().decode(stored);
  const { problems, notes } = document.taken?.(text) ?? { problems: [], notes: [] };
  let due: string | Uint8Array;
  try {
    due = await document.render(study, text);
  } catch (error) {
    const reason = (error as Error).message;
    return { problems: [...problems, `it cannot be made of the records: ${reason}`], notes };
  }
  return { problems: [...problems, ...differences(stored, text, due)], notes };
}

/** Where a file differs from what the records give, in words; a difference in bytes alone has no place. */
export function differences(
  stored: Uint8Array,
  text: string,
  due: string | Uint8Array,
): string[] {
  const bytes = typeof due === "string" ? new TextEncoder().encode(due) : due;
  if (bytes.length === stored.length && bytes.every((byte, at) => byte === stored[at])) return [];
  if (typeof due !== "string") return ["it is not the picture that the records give"];
  let at = 0;
  while (at < due.length && due[at] === text[at]) at++;
  const excerpt = (whole: string) => showLong(whole.slice(Math.max(0, at - 40), at + 40));
  const line = text.slice(0, at).split("\n").length;
  return [
    `it is not what the records give, first at line ${line}: it has ${
      excerpt(text)
    }, the records ` +
    `give ${excerpt(due)}`,
  ];
}

/**
 * Documents that others name and that are not there: Markdown and its pictures are written together; a
 * page alone, or Markdown alone, is what someone may have wanted.
 *
 * @returns Problems, and what is only said.
 */
export function missingDocuments(
  reports: readonly DerivedDocument[],
  others: readonly DerivedDocument[],
  found: ReadonlySet<string>,
): [problems: string[], notes: string[]] {
  const missing = reports.map(({ name }) => name).filter((name) => !found.has(name));
  const isPicture = (name: string) => name.startsWith("figures/");
  const pictures = reports.filter(({ name }) => isPicture(name) && found.has(name)).length;
  const problems = [
    ...(found.has("report.md") ? missing.filter(isPicture) : []),
    ...(pictures > 0 && !found.has("report.md") ? ["report.md"] : []),
  ].map((name) => `${name} is not there, though it was written together with what is`);
  const notes = [
    ...(found.has("report.md") && !found.has("report.html") ? ["report.html"] : []),
    ...others.map(({ name }) => name).filter((name) => !found.has(name)),
  ].map((name) => `${name} is not there`);
  return [problems, notes];
}
