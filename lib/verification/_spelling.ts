import { show } from "../core/check.ts";
import { readFile } from "../core/runtime/files.ts";
/**
 * What of `study.json` or a line of `runs.jsonl` is not spelled as the library writes it. A digit behind
 * the precision of a number, or a space, changes no value and so no other check; this one sees it.
 *
 * @param text Of the file, or of the line without its line feed.
 * @param indent Of `study.json` 2, of a line 0.
 * @returns Where it differs first, in words; null when every byte is as it was written.
 */
export function misspelled(text: string, indent: 0 | 2): string | null {
  if (text.startsWith("\ufeff")) return "it begins with a byte order mark";
  let due: string;
  try {
    due = JSON.stringify(JSON.parse(text), null, indent);
  } catch {
    // Reading it has said so.
    return null;
  }
  const end = indent === 0 ? "" : "\n";
  if (due + end === text) return null;
  let at = 0;
  while (due[at] === text[at]) at++;
  return `it has ${show(text.slice(Math.max(0, at - 20), at + 20))}, written it would be ` +
    show(due.slice(Math.max(0, at - 20), at + 20));
}

/** The same of every whole line of a journal, a problem a line. */
export function misspelledLines(text: string): string[] {
  return text.split("\n").slice(0, -1).flatMap((line, index) => {
    const found = misspelled(line, 0);
    return found === null ? [] : [`line ${index + 1} is not as the library writes it: ${found}`];
  });
}

/** The text of a file with the byte order mark that a reader of text would hide. */
export async function wholeText(path: string): Promise<string> {
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(await readFile(path));
}
