import { join } from "node:path";
import { plotlyScript } from "../plots/plotly_script.ts";
import { reportDocument } from "../reports/document.ts";
import { renderMarkdown } from "../reports/markdown.ts";
import { figurePaths, renderReport } from "../reports/report.ts";
import type { StudyRecords } from "../statistics/study_records.ts";

/** A file that is computed from the records alone. */
export interface DerivedDocument {
  /** Its name in the study's folder. */
  readonly name: string;
  /**
   * Computes it again, byte by byte.
   *
   * @param stored What the file holds: for what is no number, such as the command that is shown.
   */
  render(study: StudyRecords, stored: string): MaybePromise<string | Uint8Array>;
}

type MaybePromise<T> = T | Promise<T>;

/** The reports of a study: the page, the Markdown, and the pictures of its figures. */
export function reportsOf(study: StudyRecords): DerivedDocument[] {
  const { figures } = reportDocument(study, null);
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
      render: async (study, stored) =>
        renderReport(study, { script: await plotlyScript(), command: shownCommand(stored) }),
    },
    {
      name: "report.md",
      render: (study, stored) => renderMarkdown(reportDocument(study, shownCommand(stored)), paths),
    },
    ...pictures,
  ];
}

/** The command that a report shows: the line that is none of those that every report has. */
function shownCommand(report: string): string | null {
  const [, page, markdown] = report.match(
    /(?:<h3>To reproduce<\/h3>\n<pre>([^<]*)<\/pre>|### To reproduce\n+```+\w*\n([^`]*)\n```)/,
  ) ?? [];
  const lines = (page === undefined ? markdown ?? "" : unescape(page)).split("\n");
  return lines.find((line) =>
    line !== "" && !/^(git checkout|deno task (report|study|verify)) /.test(line)
  ) ?? null;
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

/** What of a derived document is not what the records give; null when there is no such file. */
export async function documentProblems(
  folder: string,
  document: DerivedDocument,
  study: StudyRecords,
): Promise<string[] | null> {
  let stored: Uint8Array;
  try {
    stored = await Deno.readFile(join(folder, document.name));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    throw error;
  }
  const text = new TextDecoder().decode(stored);
  const due = await document.render(study, text);
  if (typeof due !== "string") {
    const same = due.length === stored.length && due.every((byte, at) => byte === stored[at]);
    return same ? [] : ["it is not the picture that the records give"];
  }
  if (due === text) return [];
  let at = 0;
  while (at < due.length && due[at] === text[at]) at++;
  const excerpt = (whole: string) => JSON.stringify(whole.slice(Math.max(0, at - 40), at + 40));
  const line = text.slice(0, at).split("\n").length;
  return [
    `it is not what the records give, first at line ${line}: it has ${
      excerpt(text)
    }, the records ` +
    `give ${excerpt(due)}`,
  ];
}
