import { join } from "node:path";
import { isNotFound } from "../core/runtime/errors.ts";
import { readTextFile } from "../core/runtime/files.ts";
import { runProgram } from "../core/runtime/processes.ts";

/** A paper that pdflatex has set. */
export interface CompiledPaper {
  /** Path of the PDF. */
  readonly path: string;
  /** What pdflatex warned of: boxes that are too full or too empty, references, fonts. */
  readonly warnings: readonly string[];
}

/** How to get pdflatex and what the papers need. */
const howToInstall =
  "On Debian and Ubuntu: apt-get install --no-install-recommends texlive-science lmodern " +
  "(and latex-cjk-common latex-cjk-chinese-arphic-gbsn00lp for Chinese); elsewhere TeX Live.";

/**
 * Sets `article.tex` of a folder that `writePaper` wrote, by pdflatex, twice, without its ways out: no
 * program is started by it, and it writes to the folder only.
 *
 * @param folder The folder of the paper.
 * @returns Path of the PDF, and the warnings of the last pass.
 * @throws {Error} If there is no pdflatex, with how to install it, or if it finds an error, with its words.
 */
export async function compilePaper(folder: string): Promise<CompiledPaper> {
  await pass(folder, ["-draftmode"]);
  await pass(folder, []);
  const log = await readTextFile(join(folder, "article.log"));
  return { path: join(folder, "article.pdf"), warnings: warningsIn(log) };
}

async function pass(folder: string, more: readonly string[]): Promise<void> {
  const args = [
    "-interaction=nonstopmode",
    "-halt-on-error",
    "-no-shell-escape",
    ...more,
    "article.tex",
  ];
  const { success, stdout } = await started(folder, args);
  if (success) return;
  const text = new TextDecoder().decode(stdout);
  const from = text.search(/^!/m);
  throw new Error(
    `Cannot set ${join(folder, "article.tex")}: ${
      text.slice(from < 0 ? Math.max(0, text.length - 400) : from).slice(0, 400).trim()
    }. ${howToInstall}`,
  );
}

async function started(folder: string, args: string[]) {
  try {
    return await runProgram("pdflatex", {
      args,
      cwd: folder,
      // Lines of the log are not cut; what is read and written stays in the folder.
      env: { max_print_line: "1000", openout_any: "p", openin_any: "p", TEXINPUTS: ".:" },
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    });
  } catch (error) {
    if (!isNotFound(error)) throw error;
    throw new Error(`Cannot set ${folder}: pdflatex is not there. ${howToInstall}`);
  }
}

const warning = /^((?:Over|Under)full \\[hv]box|.*(?:Warning:|Missing character))/;

/** What a log warns of, a line each. */
function warningsIn(log: string): string[] {
  return log.split("\n").filter((line) => warning.test(line));
}
