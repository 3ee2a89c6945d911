/**
 * What the pieces of a paper need: packages of TeX, and a few commands.
 *
 * Chinese needs CJKutf8 and its font; where they are missing, its codes are shown.
 */
export const preamble = String
  .raw`% Packages and commands of the tables, the text and the figures of this folder.
% A document of yours that takes them in by \input needs this file before \begin{document}.
\usepackage[T1]{fontenc}
\usepackage[utf8]{inputenc}
\usepackage{lmodern}
\usepackage{amsmath,amssymb}
\usepackage{array,booktabs}
\usepackage{graphicx}
\usepackage{siunitx}
\sisetup{group-digits=none,retain-explicit-plus=true}
% Texts of a PDF that a reader's search and copy find.
\ifdefined\pdfgentounicode
  \input{glyphtounicode}
  \pdfgentounicode=1
\fi
% The text of the first argument, in UTF-16, stands behind what the second one shows.
\ifdefined\pdfliteral
  \DeclareRobustCommand{\actualtext}[2]{\mbox{\pdfliteral direct{/Span <</ActualText <#1>>> BDC}#2\pdfliteral direct{EMC}}}
\else
  \DeclareRobustCommand{\actualtext}[2]{\mbox{#2}}
\fi
% The codes of characters for which there is no font.
\DeclareRobustCommand{\unicodename}[1]{{\guilsinglleft\scriptsize\sffamily#1\guilsinglright}}
% Chinese: text behind, characters, codes.
\newif\ifchinese
\IfFileExists{CJKutf8.sty}{\IfFileExists{c70gbsn.fd}{\usepackage{CJKutf8}\chinesetrue}{}}{}
\ifchinese
  \DeclareRobustCommand{\chinesetext}[3]{\actualtext{#1}{\begin{CJK}{UTF8}{gbsn}#2\end{CJK}}}
\else
  \DeclareRobustCommand{\chinesetext}[3]{\actualtext{#1}{#3}}
\fi
% Where a line may end within a long word.
\newcommand{\wordbreak}{\penalty100\hskip0pt plus0.02em\relax}
% Notes below a table.
\newcommand{\tablenotes}[1]{\par\smallskip{\raggedright\footnotesize#1\par}}
% Lines of code.
\newenvironment{codelines}{\begin{quote}\raggedright\footnotesize\ttfamily}{\end{quote}}
`;
