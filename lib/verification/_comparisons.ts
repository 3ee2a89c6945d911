import { isNotFound } from "../core/runtime/errors.ts";
import { plotlyScript } from "../plots/plotly_script.ts";
import { comparisonDocument } from "../reports/comparison.ts";
import type { ReportDocument } from "../reports/document.ts";
import { renderMarkdown } from "../reports/markdown.ts";
import { renderPage } from "../reports/page.ts";
import { figurePaths, readStudy } from "../reports/report.ts";
import type { StudyRecords } from "../statistics/study_records.ts";
import { studyFolder } from "../studies/storage/folder.ts";
import type { DerivedDocument } from "./_documents.ts";

/** The comparisons of a study with another one. */
export interface Comparisons {
  /** Name of the other study. */
  readonly other: string;
  /** The page, the Markdown and its pictures; none where they cannot be made again. */
  readonly documents: readonly DerivedDocument[];
  /** Why they cannot be made again; null where they can. */
  readonly reason: string | null;
}

const comparison = /^compare-with-(.+)\.(?:html|md)$/;

/**
 * The comparisons that lie in a study's folder, to be made again from the records of both studies.
 *
 * @param study The study with all its runs.
 * @param paths Files of its folder.
 * @param project Project in whose `results/` the other studies are.
 */
export function comparisonsOf(
  study: StudyRecords,
  paths: readonly string[],
  project: string,
): Comparisons[] {
  const others = new Set(paths.flatMap((path) => path.match(comparison)?.[1] ?? []));
  return [...others].map((other) => {
    let document: ReportDocument;
    try {
      document = comparisonDocument(study, readStudy(studyFolder(other, project).path));
    } catch (error) {
      const absent = isNotFound(error);
      const reason = absent
        ? `the other study, ${other}, is not there`
        : `they cannot be compared again: ${(error as Error).message}`;
      return { other, documents: [], reason };
    }
    return { other, documents: documentsOf(document, `compare-with-${other}`), reason: null };
  });
}

function documentsOf(document: ReportDocument, name: string): DerivedDocument[] {
  const paths = document.figures.map((_, index) => figurePaths(index, name));
  return [
    {
      name: `${name}.html`,
      render: async () => renderPage(document, await plotlyScript()),
    },
    { name: `${name}.md`, render: () => renderMarkdown(document, paths) },
    ...document.figures.flatMap((figure, index) =>
      (["light", "dark"] as const).map((scheme): DerivedDocument => ({
        name: paths[index][scheme],
        render: () => figure.png({ dark: scheme === "dark" }),
      }))
    ),
  ];
}
