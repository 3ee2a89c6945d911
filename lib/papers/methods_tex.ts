import { partOf, type SectionReader } from "./article.ts";

const head = "% Text, folds, model, penalties, training, selection and tests.\n" +
  "% Needs amsmath, amssymb, siunitx, booktabs, array, references.bib, and what preamble.tex and numbers.tex define.\n";

/**
 * The methods of a study, from the sections of its report.
 *
 * @param reader Its sections.
 * @param name What the names of its tables begin with.
 */
export function methodsTex(reader: SectionReader, name = "methods"): string {
  const arms = partOf(reader.nodes("arms"), /^How arms are compared$/);
  return head + reader.tex(name, reader.nodes("methods")) +
    (arms.length === 0 ? "" : `\n\\subsection{How arms are compared}\n\n${reader.tex(name, arms)}`);
}

/** What methods build on, with citations. */
export function builtOn(sources: string): string {
  return `\\subsection{What it builds on}\n\n${sources}\n`;
}
