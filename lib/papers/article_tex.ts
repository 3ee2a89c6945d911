import type { Article, ArticleSection } from "./article.ts";
import { utf16 } from "./escape_tex.ts";

/**
 * `article.tex`: a document that pdflatex sets as it is, with the same bytes each time.
 *
 * @param article What is in it.
 */
export function articleTex({ name, title, date, abstract, sections, appendix }: Article): string {
  return String
    .raw`% Set it by: pdflatex article (twice). Every piece can be taken into a document of yours by \input.
\documentclass[11pt,a4paper]{article}
\usepackage[textwidth=6.75in,textheight=9.4in,centering]{geometry}
\input{preamble}
\input{numbers}
\usepackage{microtype}
\usepackage{float}
\usepackage[font=small,labelfont=bf,skip=5pt,justification=raggedright]{caption}
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
    sectionTex({ title: "Data statement", tex: "\\input{data}\n" })
  }
{\raggedright
\bibliographystyle{plain}
\bibliography{references}
}
\clearpage
\appendix
% Nothing floats here.
\floatplacement{table}{H}
\floatplacement{figure}{H}
${appendix.map(sectionTex).join("")}${
    sectionTex({ title: "Checklist", tex: "\\input{checklist}\n" })
  }\end{document}
`;
}

function sectionTex({ title, tex }: ArticleSection): string {
  return `\n\\section{${title}}\n\n${tex}`;
}
