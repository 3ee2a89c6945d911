import { darkTheme, prefersDark, theme } from "../plots/theme.ts";

/** Asks a browser whether a page is as narrow as on a phone; paper never is. */
export const narrowScreen = "screen and (max-width: 640px)";

const palette = {
  light: {
    ...theme,
    page: "#f5f7fa",
    link: "#0b5d92",
    noticeEdge: "#d55e00",
    notice: "#fff4ec",
    leadEdge: "#0072b2",
    lead: "#eef6fc",
    tag: "#d9e8f5",
    tagText: "#0b3d61",
    warn: "#fde3d3",
    warnText: "#7a2e00",
  },
  dark: {
    ...darkTheme,
    page: "#0f1318",
    link: "#7cc0f2",
    noticeEdge: "#f0843c",
    notice: "#33231a",
    leadEdge: "#4ea3dc",
    lead: "#172838",
    tag: "#1f3a52",
    tagText: "#cfe5f7",
    warn: "#4a2a18",
    warnText: "#ffd2b8",
  },
} as const;

const names = [
  "text",
  "muted",
  "grid",
  "axis",
  "background",
  "page",
  "link",
  "noticeEdge",
  "notice",
  "leadEdge",
  "lead",
  "tag",
  "tagText",
  "warn",
  "warnText",
] as const;

/** Samples side by side where there is room, so that the eye can compare them. */
export const samplesStyle =
  `.samples { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 24rem), 1fr)); gap: 0 1.6rem; }
.sample { min-width: 0; }`;

/** What a section of a report needs in a cell of a notebook, whose page has rules of its own. */
export const sectionStyle = [
  ...samplesStyle.split("\n"),
  "tbody th { white-space: nowrap; }",
  ".nowrap { display: inline-block; margin-right: .8em; }",
  ".equation { white-space: nowrap; }",
  ".tag { font-size: 75%; margin-right: .6em; }",
  ".prompt { opacity: .7; text-decoration: underline dotted; }",
  "caption { text-align: left; padding-bottom: .4em; }",
].map((rule) => `.parsimony-section ${rule}`).join("\n");

/** The colours as properties that the rules below use. */
function colors(scheme: keyof typeof palette): string {
  return `:root { color-scheme: ${scheme}; ${
    names.map((name) => `--${name}: ${palette[scheme][name]};`).join(" ")
  } }`;
}

/** Style of the report: one column, numbers aligned, light or dark, good to print. */
export const style = `
${colors("light")}
@media ${prefersDark} {
${colors("dark")}
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--text); font: 16px/1.6 ${theme.font}; }
main { max-width: 1120px; margin: 0 auto; padding: 2.5rem 2rem 4rem; background: var(--background); }
h1 { font-size: 1.9rem; line-height: 1.25; margin: 0 0 .25rem; letter-spacing: -.01em; }
h2 { font-size: 1.3rem; margin: 2.8rem 0 .8rem; padding-top: .9rem; border-top: 1px solid var(--grid); }
h3 { font-size: 1.02rem; margin: 1.8rem 0 .4rem; }
p, li, dd { max-width: 46rem; }
.byline { color: var(--muted); margin: 0 0 1.5rem; }
nav { font-size: .9rem; margin: 0 0 1.5rem; }
nav a { margin-right: 1.1rem; white-space: nowrap; }
a { color: var(--link); }
.notice { border-left: 4px solid var(--noticeEdge); background: var(--notice); padding: .7rem 1rem; margin: 1rem 0; }
.lead { border-left: 4px solid var(--leadEdge); background: var(--lead); padding: .7rem 1rem; margin: 1rem 0; }
.scroll { overflow-x: auto; margin: 1rem 0 1.5rem; }
table { border-collapse: collapse; font-size: .86rem; line-height: 1.4; min-width: 60%; }
caption { text-align: left; color: var(--muted); padding-bottom: .45rem; max-width: 56rem; }
th, td { padding: .32rem .55rem; border-bottom: 1px solid var(--grid); text-align: left; vertical-align: top; }
thead th { border-bottom: 2px solid var(--axis); font-weight: 600; vertical-align: bottom; }
tbody th { font-weight: 500; white-space: nowrap; }
.number { text-align: right; font-variant-numeric: tabular-nums; }
td.number, .nowrap, .equation { white-space: nowrap; }
.nowrap { display: inline-block; margin-right: .8rem; }
tr.marked > * { background: var(--lead); }
tr.baseline > * { background: var(--page); }
tr.incomplete > * { color: var(--muted); }
.tag { display: inline-block; font-size: .74rem; line-height: 1.3; padding: .08rem .45rem; margin: 0 .25rem .1rem 0; border-radius: 1rem; background: var(--tag); color: var(--tagText); white-space: nowrap; }
.tag.warn { background: var(--warn); color: var(--warnText); }
figure { margin: 1.5rem 0; }
.plot { overflow-x: auto; border: 1px solid var(--grid); border-radius: 6px; padding: .3rem; }
.plot > svg { display: block; max-width: 100%; height: auto; }
.plot[data-drawn] > svg { display: none; }
.abstract { border: 1px solid var(--grid); border-radius: 6px; padding: 1rem 1.2rem; max-width: 56rem; }
.formula { overflow-x: auto; overflow-y: hidden; margin: .6rem 0; padding: .2rem 0; max-width: 46rem; }
math { font-family: 'STIX Two Math', 'Cambria Math', 'Latin Modern Math', 'Noto Sans Math', math; }
.formula math { font-size: 1.08rem; }
figcaption { color: var(--muted); font-size: .86rem; margin-top: .4rem; max-width: 46rem; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .25rem 1.2rem; font-size: .92rem; }
dt { color: var(--muted); }
dd { margin: 0; overflow-wrap: anywhere; }
code, pre { font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; font-size: .85em; }
pre { background: var(--page); border-radius: 6px; padding: .8rem 1rem; overflow-x: auto; }
details { margin: .8rem 0; }
summary { cursor: pointer; color: var(--link); }
blockquote { margin: .4rem 0 1.2rem; padding: .7rem 1rem; background: var(--page); border-radius: 6px; white-space: pre-wrap; overflow-wrap: anywhere; font: .86rem/1.5 ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; unicode-bidi: isolate; }
${samplesStyle}
blockquote .prompt { color: var(--muted); text-decoration: underline dotted; text-underline-offset: .2em; }
.plot > svg.narrow { display: none; }
@media ${narrowScreen} {
  main { padding: 1.2rem 1rem 3rem; }
  h1, h2, h3, p, li, summary, caption, figcaption { overflow-wrap: anywhere; }
  h1 { font-size: 1.6rem; }
  :is(p, li, h2, h3, summary) :is(.equation, .nowrap, .tag) { display: inline-block; max-width: 100%; white-space: normal; }
  .plot { border: 0; padding: 0; }
  .plot > svg.wide { display: none; }
  .plot:not([data-drawn]) > svg.narrow { display: block; width: 100%; }
  caption { position: sticky; left: 0; max-width: calc(100vw - 2rem); }
  tbody th { white-space: normal; min-width: 6rem; max-width: 40vw; overflow-wrap: anywhere; }
  .scroll tr > :first-child { position: sticky; left: 0; z-index: 1; }
  .scroll tr:not(.marked, .baseline) > :first-child { background: var(--background); }
  pre { white-space: pre-wrap; overflow-wrap: anywhere; }
  dl { grid-template-columns: 1fr; gap: 0; }
  dd { margin-bottom: .5rem; }
}
@page { margin: 16mm 12mm 18mm; }
@media print {
  body { background: #fff; font-size: 10pt; }
  .plot { border: 0; padding: 0; overflow: visible; }
  .plot > svg.wide, .plot[data-drawn] > svg.wide { display: block; width: 100%; }
  .plot > .live { display: none; }
  .scroll { overflow: visible; }
  table { font-size: 7.5pt; width: 100%; }
  th, td { padding: .15rem .3rem; }
  table.wide { font-size: 6.8pt; }
  table.widest { font-size: 5.7pt; }
  table.wide :is(th, td) { padding: .12rem .22rem; }
  table.widest :is(th, td) { padding: .1rem .16rem; }
  .tag { white-space: normal; padding: 0; font-size: 1em; }
  .tag + .tag::before { content: "· "; }
  td.text { overflow-wrap: anywhere; }
  pre { white-space: pre-wrap; overflow-wrap: anywhere; }
  details::details-content { display: block; content-visibility: visible; block-size: auto; }
  main { max-width: none; padding: 0; }
  nav, .modebar-container { display: none !important; }
  figure, tr, blockquote, .sample { break-inside: avoid; }
  caption, thead, summary, .byline { break-after: avoid; }
  tbody tr:first-child { break-before: avoid; }
  thead { display: table-header-group; }
  h2, h3 { break-after: avoid; }
}
`;
