import type { FileContent } from "../core/files.ts";
import { type StudyCommands, taskCommands } from "../core/study_commands.ts";
import { comparedStudies, comparisonDocument } from "../reports/comparison.ts";
import { paperDefinition, renderComparisonDefinition } from "../reports/comparison_definition.ts";
import { type ReportDocument, reportDocument } from "../reports/document.ts";
import { comparedMany, manyStudiesDocument } from "../reports/many_studies.ts";
import type { ManyStudiesOptions } from "../statistics/compare_many_studies.ts";
import { currentRuns, inPlannedOrder } from "../statistics/summarize.ts";
import type { StudyRecords } from "../statistics/study_records.ts";
import { traceNumbers } from "../statistics/trace_numbers.ts";
import type { Article } from "./article.ts";
import { articleTex } from "./article_tex.ts";
import { checklist, checklistTex } from "./checklist.ts";
import { comparisonArticle } from "./comparison_article.ts";
import { dataStatements, dataTex } from "./data_statement.ts";
import { proseWith } from "./inline.ts";
import { namesOf, paperSources } from "./number_records.ts";
import { numberMacros, renderNumbers } from "./numbers.ts";
import type { PaperAddition } from "./paper_addition.ts";
import { preamble } from "./preamble.ts";
import { questionInWords } from "./question.ts";
import { referencesOf, renderBbl, renderBib, sourcesTex } from "./references.ts";
import { studyArticle } from "./study_article.ts";

/** What a paper is written of. */
export interface PaperSource {
  /** One study, or those that are compared. */
  readonly studies: readonly StudyRecords[];
  /** What is compared within each study; of two studies their points where it is left out. */
  readonly contrast?: ManyStudiesOptions;
  /** Commands of the project that holds them; those of the library's own by default. */
  readonly commands?: StudyCommands;
  /** What the paper of one study has beside, such as that of a finding. */
  readonly addition?: PaperAddition | null;
}

/**
 * The files of a paper, from records alone: the same records give the same bytes.
 *
 * @param source The study, or the studies that are compared.
 * @returns `article.tex`, which pdflatex sets as it is, and what it takes in; paths are relative.
 */
export async function paperFiles(source: PaperSource): Promise<readonly FileContent[]> {
  const { article, document, files } = articleOf(source);
  const figures: FileContent[] = [];
  for (const { index, name, columns } of article.figures) {
    const { pdf, svg } = await document.figures[index].print({ columns });
    figures.push(
      { path: `figures/${name}.pdf`, content: pdf },
      { path: `figures/${name}.svg`, content: svg },
    );
  }
  return [
    { path: "article.tex", content: articleTex(article) },
    { path: "preamble.tex", content: preamble },
    ...definitionOf(source),
    ...article.files,
    ...files,
    ...figures,
  ];
}

/** What a comparison of several is made of, by which it can be made again; none of points of two. */
function definitionOf({ studies, contrast }: PaperSource): FileContent[] {
  if (studies.length < 2 || isOfPoints(studies, contrast)) return [];
  const names = studies.map(({ record }) => record.name);
  const content = renderComparisonDefinition({ studies: names, options: contrast ?? {} });
  return [{ path: paperDefinition, content }];
}

/** Whether two studies are compared point by point. */
function isOfPoints({ length }: readonly StudyRecords[], contrast?: ManyStudiesOptions): boolean {
  return length === 2 && contrast === undefined;
}

/** The report of a comparison, and what it is written from; null for a single study. */
function comparisonOf(
  studies: readonly StudyRecords[],
  contrast: ManyStudiesOptions | undefined,
): { readonly document: ReportDocument; readonly compared: unknown } | null {
  const [first, second] = studies;
  if (second === undefined) return null;
  if (isOfPoints(studies, contrast)) {
    const compared = comparedStudies(first, second);
    return { document: comparisonDocument(first, second, compared), compared };
  }
  const compared = comparedMany(studies, contrast);
  return { document: manyStudiesDocument(studies, contrast, compared), compared };
}

interface MadeArticle {
  readonly article: Article;
  readonly document: ReportDocument;
  /** What its text takes in beside its own pieces. */
  readonly files: readonly FileContent[];
}

function articleOf(source: PaperSource): MadeArticle {
  const { commands = taskCommands, addition = null } = source;
  // Runs in the order of the plan, whatever order they ended in.
  const studies = source.studies.map((study) => ({
    ...study,
    records: inPlannedOrder(study.record, currentRuns(study.record, study.records)),
  }));
  const records = studies.map(({ record }) => record);
  const { value, numbers } = traceNumbers(() => ({
    question: questionInWords(records[0]),
    reports: studies.map((each) => reportDocument(each, null, commands)),
    comparison: comparisonOf(studies, source.contrast),
    items: checklist(studies),
    statements: dataStatements(records),
  }));
  const macros = numberMacros(numbers, records.flatMap(namesOf));
  const { question, reports, comparison, items, statements } = value;
  const references = referencesOf(records);
  const sources = sourcesTex(references);
  const article = comparison === null
    ? studyArticle(studies[0].record, { question, report: reports[0], macros, addition, sources })
    : comparisonArticle(
      records.map((study, index) => ({ study, report: reports[index] })),
      { report: comparison.document, macros, sources },
    );
  const prose = (section: string) => (text: string) => proseWith(macros, section)(text, false);
  const files = [
    { path: "data.tex", content: dataTex(statements, prose("data")) },
    { path: "checklist.tex", content: checklistTex(items, prose("checklist")) },
    { path: "references.bib", content: renderBib(references) },
    { path: "article.bbl", content: renderBbl(references) },
  ];
  return {
    article,
    document: comparison?.document ?? reports[0],
    files: [...files, {
      path: "numbers.tex",
      content: renderNumbers(macros.all(), paperSources(studies, comparison?.compared)),
    }],
  };
}
