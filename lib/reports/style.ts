import { theme } from "../plots/theme.ts";

/** Style of the report: one column, numbers aligned, good to print. */
export const style = `
:root { color-scheme: light; }
* { box-sizing: border-box; }
body { margin: 0; background: #f5f7fa; color: ${theme.text}; font: 16px/1.6 ${theme.font}; }
main { max-width: 1120px; margin: 0 auto; padding: 2.5rem 2rem 4rem; background: #fff; }
h1 { font-size: 1.9rem; line-height: 1.25; margin: 0 0 .25rem; letter-spacing: -.01em; }
h2 { font-size: 1.3rem; margin: 2.8rem 0 .8rem; padding-top: .9rem; border-top: 1px solid ${theme.grid}; }
h3 { font-size: 1.02rem; margin: 1.8rem 0 .4rem; }
p, li, dd { max-width: 46rem; }
.byline { color: ${theme.muted}; margin: 0 0 1.5rem; }
nav { font-size: .9rem; margin: 0 0 1.5rem; }
nav a { margin-right: 1.1rem; white-space: nowrap; }
a { color: #0b69a3; }
.notice { border-left: 4px solid #d55e00; background: #fff4ec; padding: .7rem 1rem; margin: 1rem 0; }
.lead { border-left: 4px solid #0072b2; background: #eef6fc; padding: .7rem 1rem; margin: 1rem 0; }
.scroll { overflow-x: auto; margin: 1rem 0 1.5rem; }
table { border-collapse: collapse; font-size: .86rem; line-height: 1.4; min-width: 60%; }
caption { text-align: left; color: ${theme.muted}; padding-bottom: .45rem; max-width: 56rem; }
th, td { padding: .32rem .55rem; border-bottom: 1px solid ${theme.grid}; text-align: left; vertical-align: top; }
thead th { border-bottom: 2px solid ${theme.axis}; font-weight: 600; vertical-align: bottom; }
tbody th { font-weight: 500; white-space: nowrap; }
.number { text-align: right; font-variant-numeric: tabular-nums; }
td.number, .nowrap, .equation { white-space: nowrap; }
.nowrap { display: inline-block; margin-right: .8rem; }
tr.marked > * { background: #eef6fc; }
tr.baseline > * { background: #f5f7fa; }
tr.incomplete > * { color: ${theme.muted}; }
.tag { display: inline-block; font-size: .74rem; line-height: 1.3; padding: .08rem .45rem; margin: 0 .25rem .1rem 0; border-radius: 1rem; background: #d9e8f5; color: #0b3d61; white-space: nowrap; }
.tag.warn { background: #fde3d3; color: #7a2e00; }
figure { margin: 1.5rem 0; }
.plot { overflow-x: auto; border: 1px solid ${theme.grid}; border-radius: 6px; padding: .3rem; }
.plot > svg { display: block; max-width: 100%; height: auto; }
figcaption { color: ${theme.muted}; font-size: .86rem; margin-top: .4rem; max-width: 46rem; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .25rem 1.2rem; font-size: .92rem; }
dt { color: ${theme.muted}; }
dd { margin: 0; overflow-wrap: anywhere; }
code, pre { font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; font-size: .85em; }
pre { background: #f5f7fa; border-radius: 6px; padding: .8rem 1rem; overflow-x: auto; }
details { margin: .8rem 0; }
summary { cursor: pointer; color: #0b69a3; }
blockquote { margin: .4rem 0 1.2rem; padding: .7rem 1rem; background: #f5f7fa; border-radius: 6px; white-space: pre-wrap; overflow-wrap: anywhere; font: .86rem/1.5 ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; unicode-bidi: isolate; }
blockquote .prompt { color: ${theme.muted}; }
@media (max-width: 640px) { main { padding: 1.2rem 1rem 3rem; } }
@media print {
  body { background: #fff; font-size: 10pt; }
  main { max-width: none; padding: 0; }
  nav, .modebar-container { display: none !important; }
  figure, table, blockquote { break-inside: avoid; }
  h2, h3 { break-after: avoid; }
}
`;
