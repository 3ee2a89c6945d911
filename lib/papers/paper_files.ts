import type { FileContent } from "../core/files.ts";
import { type StudyCommands, taskCommands } from "../core/study_commands.ts";
import { comparisonDocument } from "../reports/comparison.ts";
import { type ReportDocument, reportDocument } from "../reports/document.ts";
import type { StudyRecords } from "../statistics/study_records.ts";
import type { Article, ArticleSection } from "./article.ts";
import { comparisonArticle } from "./comparison_article.ts";
import { utf16 } from "./escape_tex.ts";
import { preamble } from "./preamble.ts";
import { studyArticle } from "./study_article.ts";

/** What a paper is written of. */
export interface PaperSource {
  /** One study, or the two that are compared. */
  readonly studies: readonly StudyRecords[];
  /** Commands of the project that holds them; those of the library's own by default. */
  readonly commands?: StudyCommands;
}

/**
 * The files of a paper, from records alone: the same records give the same bytes.
 *
 * @param source The study, or the studies that are compared.
 * @returns `article.tex`, which pdflatex sets as it is, and what it takes in; paths are relative.
 */
export async function paperFiles(source: PaperSource): Promise<readonly FileContent[]> {
  const { article, document } = articleOf(source);
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
    ...article.files,
    ...figures,
  ];
}

function articleOf({ studies, commands = taskCommands }: PaperSource): {
  article: Article;
  document: ReportDocument;
} {
  const [first, second] = studies;
  const reportOf = (study: StudyRecords) => reportDocument(study, null, commands);
  if (second === undefined) {
    const document = reportOf(first);
    return { document, article: studyArticle(first.record, document) };
  }
  const document = comparisonDocument(first, second);
  const compared = studies.map((each) => ({ study: each.record, report: reportOf(each) }));
  return { document, article: comparisonArticle(compared, document) };
}

/** A document that pdflatex sets as it is, with the same bytes each time. */
function articleTex({ name, title, date, abstract, sections, appendix }: Article): string {
  return String
    .raw`% Set it by: pdflatex article (twice). Every piece can be taken into a document of yours by \input.
\documentclass[11pt,a4paper]{article}
\usepackage[textwidth=6.75in,textheight=9.4in,centering]{geometry}
\input{preamble}
\usepackage{microtype}
\usepackage{float}
\usepackage[font=small,labelfont=bf,skip=5pt]{caption}
\floatplacement{table}{!htbp}
\floatplacement{figure}{!htbp}
\renewcommand{\topfraction}{0.9}
\renewcommand{\bottomfraction}{0.8}
\renewcommand{\textfraction}{0.08}
\renewcommand{\floatpagefraction}{0.75}
\setcounter{topnumber}{4}
\setcounter{totalnumber}{6}
\raggedbottom
\emergencystretch=3em
% The same text gives the same bytes.
\ifdefined\pdftrailerid\pdfinfoomitdate=1\pdftrailerid{}\pdfsuppressptexinfo=-1
\pdfinfo{/Title <${utf16(name)}>}\fi
\title{${title}}
% Put your name here.
\author{}
\date{${date}}
\begin{document}
\maketitle
\begin{abstract}
${abstract}\end{abstract}
${sections.map(sectionTex).join("")}${
    appendix.length === 0 ? "" : `\\clearpage
\\appendix
% Nothing floats here.
\\floatplacement{table}{H}
\\floatplacement{figure}{H}
${appendix.map(sectionTex).join("")}`
  }\end{document}
`;
}

function sectionTex({ title, tex }: ArticleSection): string {
  return `\n\\section{${title}}\n\n${tex}`;
}
