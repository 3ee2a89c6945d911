import { join } from "node:path";
import { plotlyScript } from "../plots/plotly_script.ts";
import { renderReport } from "../reports/report.ts";
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
  render(study: StudyRecords, stored: string): string | Promise<string>;
}

/** The HTML report. */
export const htmlReport: DerivedDocument = {
  name: "report.html",
  async render(study, stored) {
    return renderReport(study, { script: await plotlyScript(), command: shownCommand(stored) });
  },
};

/** The command that a report shows: the line before the one that writes the report. */
function shownCommand(page: string): string | null {
  const lines = page.match(/<h3>To reproduce<\/h3>\n<pre>([^<]*)<\/pre>/)?.[1].split("\n") ?? [];
  const [command] = lines.filter((line) => !/^(git checkout|deno task (report|study)) /.test(line));
  return command === undefined ? null : unescape(command);
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
  let stored: string;
  try {
    stored = await Deno.readTextFile(join(folder, document.name));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    throw error;
  }
  const due = await document.render(study, stored);
  if (due === stored) return [];
  let at = 0;
  while (at < due.length && due[at] === stored[at]) at++;
  const excerpt = (text: string) => JSON.stringify(text.slice(Math.max(0, at - 40), at + 40));
  const line = stored.slice(0, at).split("\n").length;
  return [
    `it is not what the records give, first at line ${line}: it has ${
      excerpt(stored)
    }, the records ` +
    `give ${excerpt(due)}`,
  ];
}
