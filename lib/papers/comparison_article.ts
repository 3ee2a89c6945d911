import type { ReportDocument } from "../reports/document.ts";
import type { StudyRecord } from "../records/study_record.ts";
import { listInWords } from "../statistics/format.ts";
import { type Article, type ArticleParts, type ArticleSection, sectionReader } from "./article.ts";
import { escapeTex } from "./escape_tex.ts";
import { figuresTex, namedFigures } from "./figures_tex.ts";
import { proseTex } from "./inline.ts";
import { methodsTex } from "./methods_tex.ts";
import { lettersOf } from "./numbers.ts";

/** A study that is compared, with its own report. */
export interface ComparedStudy {
  readonly study: StudyRecord;
  readonly report: ReportDocument;
}

/**
 * The article of a comparison of studies, from the sections of its report; methods of each study come from
 * those of its own.
 *
 * @param compared The studies, in the order in which they are compared.
 * @param parts The report of the comparison, and what stands beside it.
 */
export function comparisonArticle(
  compared: readonly ComparedStudy[],
  { report: document, macros, sources }: ArticleParts,
): Article {
  const reader = sectionReader(document, macros);
  const figures = namedFigures(document.figures);
  const names = listInWords(compared.map(({ study }) => study.name));
  const shown = document.sections.map(({ id }) => id)
    .filter((id) => !["abstract", "figures", "points", "methods"].includes(id));
  const titleOf = (id: string) => document.sections.find((each) => each.id === id)!.title;
  const readers = compared.map(({ report }, index) =>
    sectionReader(report, macros, lettersOf(index).toLowerCase())
  );
  const results = shown.map((id) => {
    const before = reader.files.length;
    const tex = reader.tex(id, reader.nodes(id));
    const added = reader.files.length > before ? `See Table~\\ref{tab:${id}-1}.\n\n` : "";
    return `\\paragraph{${escapeTex(titleOf(id))}.} ${added}${tex}`;
  });
  const methods = compared.map(({ study }, index): ArticleSection => ({
    title: proseTex(`Methods of ${study.name}`),
    tex: methodsTex(readers[index], `methods-of-${index + 1}`),
  }));
  const tables = readers.flatMap(({ files }) => files);
  return {
    name: document.title,
    title: escapeTex(document.title),
    date: compared.map(({ study }) => study.createdAt.slice(0, 10)).sort().at(-1)!,
    abstract: reader.tex("abstract", reader.nodes("abstract")),
    figures,
    sections: [
      {
        title: "Question",
        tex: reader.sentences("question", [
          shown.includes("selected")
            ? `This comparison asks whether the settings that ${names} select differ in their loss on ` +
              `held-out text.`
            : `This comparison takes one difference within each of ${names}, and asks what these come to ` +
              `together.`,
          `${document.byline}.`,
        ]),
      },
      {
        title: "Results",
        tex: `${results.join("\n")}\n${figuresTex(figures, document.figures)}`,
      },
      { title: "What it builds on", tex: `${sources}\n` },
    ],
    appendix: [
      ...document.sections.filter(({ id }) => ["points", "methods"].includes(id)).map(
        ({ id, title }) => ({ title: escapeTex(title), tex: reader.tex(id, reader.nodes(id)) }),
      ),
      ...methods.map(({ title }, index) => ({ title, tex: `\\input{methods-of-${index + 1}}\n` })),
    ],
    files: [
      ...methods.map(({ tex }, index) => ({ path: `methods-of-${index + 1}.tex`, content: tex })),
      ...reader.files,
      ...tables,
    ],
  };
}
