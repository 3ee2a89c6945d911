import { join } from "node:path";
import { show } from "../core/check.ts";
import { isNotFound } from "../core/runtime/errors.ts";
import { readTextFileSync } from "../core/runtime/files.ts";
import { plotlyScript } from "../plots/plotly_script.ts";
import { comparisonDocument } from "../reports/comparison.ts";
import {
  type ComparisonDefinition,
  comparisonName,
  parseComparisonDefinition,
  renderComparisonDefinition,
} from "../reports/comparison_definition.ts";
import type { ReportDocument } from "../reports/document.ts";
import { manyStudiesDocument } from "../reports/many_studies.ts";
import { renderMarkdown } from "../reports/markdown.ts";
import { renderPage } from "../reports/page.ts";
import { figurePaths, readStudy } from "../reports/report.ts";
import type { StudyRecords } from "../statistics/study_records.ts";
import { studyFolder } from "../studies/storage/folder.ts";
import type { DerivedDocument } from "./_documents.ts";

/** The comparisons of a study with others. */
export interface Comparisons {
  /** Name of the other study, or what the files of several are called by. */
  readonly other: string;
  /** The page, the Markdown and its pictures; none where they cannot be made again. */
  readonly documents: readonly DerivedDocument[];
  /** Why they cannot be made again; null where they can. */
  readonly reason: string | null;
}

const comparison = /^compare-with-(.+)\.(?:html|md|json)$/;

/**
 * The comparisons that lie in a study's folder, to be made again from the records of all their studies.
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
    const several = paths.includes(`compare-with-${other}.json`);
    try {
      return {
        other,
        documents: several
          ? ofSeveral(study, other, project)
          : documentsOf(comparisonDocument(study, otherStudy(other, project)), other),
        reason: null,
      };
    } catch (error) {
      const reason = error instanceof AbsentStudy
        ? `the other study, ${error.study}, is not there`
        : `they cannot be compared again: ${(error as Error).message}`;
      return { other, documents: [], reason };
    }
  });
}

class AbsentStudy extends Error {
  readonly study: string;

  constructor(study: string) {
    super(`${study} is not there`);
    this.study = study;
  }
}

function otherStudy(name: string, project: string): StudyRecords {
  try {
    return readStudy(studyFolder(name, project).path);
  } catch (error) {
    if (isNotFound(error)) throw new AbsentStudy(name);
    throw error;
  }
}

/** A page of several studies, by the definition that lies beside it. */
function ofSeveral(study: StudyRecords, other: string, project: string): DerivedDocument[] {
  const { path } = studyFolder(study.record.name, project);
  const name = `compare-with-${other}.json`;
  const definition = parseComparisonDefinition(readTextFileSync(join(path, name)));
  checkDefinition(definition, study.record.name, other);
  const [, ...others] = definition.studies;
  const sources = [study, ...others.map((each) => otherStudy(each, project))];
  const document = manyStudiesDocument(sources, definition.options);
  return [
    ...documentsOf(document, other),
    { name, render: () => renderComparisonDefinition(definition) },
  ];
}

function checkDefinition(
  { studies, options }: ComparisonDefinition,
  own: string,
  other: string,
): void {
  const [first] = studies;
  if (first !== own) {
    throw new TypeError(`its first study should be ${own}, found ${show(first)}`);
  }
  const due = comparisonName(studies, options);
  if (due !== `compare-with-${other}`) {
    throw new TypeError(`by its studies and options it should be called ${show(due)}`);
  }
}

function documentsOf(document: ReportDocument, other: string): DerivedDocument[] {
  const name = `compare-with-${other}`;
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
