import type { ReportDocument } from "../reports/document.ts";
import type { StudyRecord } from "../records/study_record.ts";
import { listInWords } from "../statistics/format.ts";
import { type Article, type ArticleSection, sectionReader } from "./article.ts";
import { escapeTex } from "./escape_tex.ts";
import { figuresTex, namedFigures } from "./figures_tex.ts";
import { proseTex } from "./inline.ts";
import { methodsTex } from "./methods_tex.ts";

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
 * @param document The report of the comparison.
 */
export function comparisonArticle(
  compared: readonly ComparedStudy[],
  document: ReportDocument,
): Article {
  const reader = sectionReader(document);
  const figures = namedFigures(document.figures);
  const names = listInWords(compared.map(({ study }) => study.name));
  const shown = document.sections.map(({ id }) => id)
    .filter((id) => !["abstract", "figures", "points"].includes(id));
  const titleOf = (id: string) => document.sections.find((each) => each.id === id)!.title;
  const readers = compared.map(({ report }) => sectionReader(report));
  const results = shown.map((id) => {
    const before = reader.files.length;
    const tex = reader.tex(id, reader.nodes(id));
    const added = reader.files.length > before ? `See Table~\\ref{tab:${id}-1}.\n\n` : "";
    return `\\paragraph{${escapeTex(titleOf(id))}.} ${added}${tex}`;
  });
  const methods = compared.map(({ study }, index): ArticleSection => ({
    title: proseTex(`Methods of ${study.name}`),
    tex: methodsTex(readers[index], `methods-${index + 1}`),
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
        tex: `${
          proseTex(
            `This comparison asks whether the settings that ${names} select differ in their loss on ` +
              `held-out text. ${document.byline}.`,
          )
        }\n`,
      },
      {
        title: "Results",
        tex: `${results.join("\n")}\n${figuresTex(figures, document.figures)}`,
      },
    ],
    appendix: [
      {
        title: escapeTex(titleOf("points")),
        tex: reader.tex("points", reader.nodes("points")),
      },
      ...methods.map(({ title }, index) => ({ title, tex: `\\input{methods-${index + 1}}\n` })),
    ],
    files: [
      ...methods.map(({ tex }, index) => ({ path: `methods-${index + 1}.tex`, content: tex })),
      ...reader.files,
      ...tables,
    ],
  };
}
