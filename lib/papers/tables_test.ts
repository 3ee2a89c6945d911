import assert from "node:assert/strict";
import { reportDocument } from "../reports/document.ts";
import { type Element, parseHtml } from "../reports/parse_html.ts";
import { generateStudy, shapes } from "../studies/testing/generated_studies.ts";
import { paperFiles } from "./paper_files.ts";
import { readTable, type ReportTable, tablesIn, transposed } from "./table_model.ts";
import { tableTex } from "./table_tex.ts";

const number = /[<+-]? ?\d+(?:\.\d+)?(?:e[+-]?\d+)?/g;

/** Numbers of a row of a report, but for those of the roles, which are marks in TeX. */
function numbersOf(cells: readonly { readonly text: string }[]): string {
  return (cells.map(({ text }) => text).join(" | ").replaceAll("−", "-").match(number) ?? [])
    .map((each) => each.replaceAll(" ", "")).join(" ");
}

/** Numbers of a cell of TeX: what siunitx, its columns and phantoms make of it. */
function plainTex(cell: string): string {
  return cell.replace(/\\textsuperscript\{[^{}]*\}/g, "")
    .replace(/\\phantom\{[^{}]*\}/g, "")
    .replace(/\\actualtext\{[0-9A-F]*\}|\\chinesetext\{[0-9A-F]*\}|\\unicodename\{[^{}]*\}/g, "")
    .replace(/\\multicolumn\{\d\}\{[a-z]\}/g, "")
    .replace(/\\(num|text\w+|wordbreak)\b/g, "").replaceAll("$-$", "-").replaceAll("--", "–")
    .replace(/[{}$]/g, "").replaceAll("-–", "–");
}

/** Rows of all panels of a table, side by side, without the settings that panels repeat. */
function rowsOf(tex: string): string[] {
  const bodies = [...tex.matchAll(/\\begin\{tabular\}\{(.*)\}\n([^]*?)\\bottomrule/g)].map(
    ([, spec, whole]) => ({
      // Panels differ in their heads, pages of one panel do not.
      head: `${spec}\n${whole.split("\\midrule\n")[0]}`,
      rows: whole.split("\\midrule\n")[1].trimEnd().split(" \\\\\n").map((row) =>
        row.replace(/ \\\\$/, "").split(/(?<!\\)&/).map((cell) => cell.trim())
      ),
    }),
  );
  // Pages of one panel follow each other, and have the same columns.
  const panels: (typeof bodies)[number][] = [];
  for (const body of bodies) {
    const last = panels.at(-1);
    if (last?.head === body.head) last.rows.push(...body.rows);
    else panels.push(body);
  }
  const [first, ...others] = panels;
  return first.rows.map((row, index) => {
    const more = others.flatMap(({ rows }) => {
      const shared = rows[index].findIndex((_, at) =>
        rows.some((each, line) => each[at] !== first.rows[line][at])
      );
      return rows[index].slice(shared);
    });
    return (plainTex([...row, ...more].join(" | ")).match(number) ?? [])
      .map((each) => each.replaceAll(" ", "")).join(" ");
  });
}

const dueOf = (table: ReportTable) => table.rows.map(({ cells }) => numbersOf(cells));

Deno.test("every table of a paper has the numbers of the HTML report's", async () => {
  let compared = 0;
  for (const name of Object.keys(shapes).filter((_, index) => index % 3 === 0)) {
    const study = await generateStudy(name, shapes[name]);
    const { sections } = reportDocument(study, null);
    for (const { id, body } of sections) {
      for (const element of tablesIn(parseHtml(body.html))) {
        const table = readTable(element);
        const tex = tableTex(table, "tab:x");
        const rows = rowsOf(tex).join("\n");
        const due = [table, transposed(table)].map((each) => dueOf(each).join("\n"));
        assert.ok(
          due.includes(rows),
          `${name}, ${id}: ${table.caption}\n${rows}\n--\n${due[0]}\n${tex}`,
        );
        compared += (rows.match(number) ?? []).length;
      }
    }
  }
  assert.ok(compared > 3000, String(compared));
});

Deno.test("a digit that a table has otherwise is seen by that comparison", async () => {
  const study = await generateStudy("grid", Object.values(shapes)[0]);
  const points = reportDocument(study, null).sections.find(({ id }) => id === "points")!;
  const table = readTable(tablesIn(parseHtml(points.body.html))[0]);
  const tex = tableTex(table, "tab:x");
  assert.deepEqual(rowsOf(tex), dueOf(table));
  const at = tex.lastIndexOf(".", tex.indexOf("\\bottomrule")) + 1;
  const changed = tex.slice(0, at) + (tex[at] === "1" ? "2" : "1") + tex.slice(at + 1);
  assert.notDeepEqual(rowsOf(changed), dueOf(table));
});

Deno.test("a paper has the tables of its report but for the list of runs, and the same bytes each time", async () => {
  const study = await generateStudy("grid", Object.values(shapes)[0]);
  const files = await paperFiles({ studies: [study] });
  const written = files.filter(({ path }) => path.startsWith("tables/"))
    .map(({ content }) => rowsOf(content as string).join("\n"));
  const { sections } = reportDocument(study, null);
  const shown = sections.filter(({ id }) => id !== "runs").flatMap(({ body }) =>
    tablesIn(parseHtml(body.html).filter(isOpen)).map((each) => dueOf(readTable(each)).join("\n"))
  );
  assert.ok(shown.length > 3);
  for (const rows of shown) assert.ok(written.includes(rows), rows);
  const article = files.find(({ path }) => path === "article.tex")!.content as string;
  const everything = files.map(({ content }) => typeof content === "string" ? content : "").join();
  for (const { path } of files.filter(({ path }) => path.startsWith("tables/"))) {
    assert.ok(everything.includes(`\\input{${path.replace(".tex", "")}}`), path);
  }
  assert.doesNotMatch(article, /Every run, as recorded/);
  const again = await paperFiles({ studies: [{ ...study, records: study.records.toReversed() }] });
  assert.deepEqual(again.map(({ path }) => path), files.map(({ path }) => path));
  for (const [index, { path, content }] of again.entries()) {
    assert.deepEqual(content, files[index].content, path);
  }
});

const isOpen = (node: string | Element) => typeof node === "string" || node.tag !== "details";
