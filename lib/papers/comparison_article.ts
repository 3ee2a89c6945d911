import type { ReportDocument } from "../reports/document.ts";
import type { StudyRecord } from "../records/study_record.ts";
import { listInWords } from "../statistics/format.ts";
import { escapeTex } from "./escape_tex.ts";
import { type Article, sectionReader } from "./article.ts";
import { figuresTex, namedFigures } from "./figures_tex.ts";
import { proseTex } from "./inline.ts";

/**
 * The article of a comparison of studies, from the sections of its report.
 *
 * @param studies The studies, in the order in which they are compared.
 * @param document The report of the comparison.
 */
export function comparisonArticle(
  studies: readonly StudyRecord[],
  document: ReportDocument,
): Article {
  const reader = sectionReader(document);
  const figures = namedFigures(document.figures);
  const [appended, shown] = [["points"], document.sections.map(({ id }) => id)];
  const others = shown.filter((id) => !["abstract", "figures", ...appended].includes(id));
  const titleOf = (id: string) => document.sections.find((each) => each.id === id)!.title;
  const section = (id: string) => ({
    title: escapeTex(titleOf(id)),
    tex: reader.tex(id, reader.nodes(id)),
  });
  return {
    title: escapeTex(document.title),
    date: studies.map(({ createdAt }) => createdAt.slice(0, 10)).sort().at(-1)!,
    abstract: reader.tex("abstract", reader.nodes("abstract")),
    figures,
    sections: [
      {
        title: "Question",
        tex: `${
          proseTex(
            `This comparison asks whether the settings that ${
              listInWords(studies.map(({ name }) => name))
            } select differ in their loss on held-out text. ${document.byline}.`,
          )
        }\n`,
      },
      ...others.map(section),
      { title: "Figures", tex: figuresTex(figures, document.figures) },
    ].filter(({ tex }) => tex.trim() !== ""),
    appendix: appended.filter((id) => shown.includes(id)).map(section),
    files: reader.files,
  };
}
