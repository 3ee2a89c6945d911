import { basename, join } from "node:path";
import { escapeHtml } from "../lib/core/html.ts";
import { replaceBetweenMarks } from "../lib/experiments/between_marks.ts";
import { type Notebook, readNotebook, sourceOf } from "../lib/notebook/notebook_file.ts";
import { notebookPaths, print, project } from "./_steps.ts";
import { toolOptions } from "./_usage.ts";

const usage = `pictures [--check]
  Writes docs/images/notebooks/ and the table of notebooks in README.md from what the notebooks hold.
  --check  writes nothing, and fails where they are something else
  The picture of a notebook is the first static image of its cell tagged "picture", else of all cells.`;

/** Width at which a picture stands in the table, in pixels: a half of a page on GitHub. */
const width = 440;

/**
 * The picture of a notebook, as a static image that one of its cells holds.
 *
 * @param name Name for error messages.
 * @throws {Error} If no cell has a static image, the tagged one has none, or several are tagged.
 */
export function pictureOf({ cells }: Notebook, name: string): string {
  const tagged = cells.filter(({ metadata }) => metadata.tags?.includes("picture"));
  if (tagged.length > 1) throw new Error(`${name} has ${tagged.length} cells tagged "picture".`);
  for (const cell of tagged.length > 0 ? tagged : cells) {
    for (const output of cell.outputs ?? []) {
      const svg = "data" in output ? output.data["image/svg+xml"] : undefined;
      if (svg !== undefined) return Array.isArray(svg) ? svg.join("") : String(svg);
    }
  }
  throw new Error(
    tagged.length > 0
      ? `The cell of ${name} that is tagged "picture" has no static image: ${sourceOf(tagged[0])}`
      : `${name} has no static image: run it with deno task notebooks NAME --write.`,
  );
}

/** A notebook in the table: its name without ending, and as HTML its title and what it shows. */
interface Entry {
  readonly name: string;
  readonly title: string;
  readonly words: string;
}

const marks = {
  begin: "<!-- notebooks -->\n",
  end: "<!-- /notebooks -->\n",
  document: "README.md",
};
const markdownRow = /^\| *\[(.*?)\]\(notebooks\/(.*?)\.ipynb\) *\| *(.*?) *\|$/gm;
const htmlCell = /<td[^>]*>\n.*\n<a href="notebooks\/(.*?)\.ipynb">(.*?)<\/a><br>\n(.*?)\n<\/td>/g;

/** Notebooks of a table as this tool writes it, and of Markdown rows `| [title](notebooks/…) | words |`. */
function entriesOf(table: string): Entry[] {
  const html = (markdown: string) =>
    escapeHtml(markdown).replaceAll("&#39;", "'").replace(/`(.*?)`/g, "<code>$1</code>");
  const entries = [
    ...[...table.matchAll(htmlCell)].map(([, name, title, words]) => ({ name, title, words })),
    ...[...table.matchAll(markdownRow)].map(([, title, name, words]) => ({
      name,
      title: html(title),
      words: html(words),
    })),
  ];
  return entries.sort((a, b) => a.name < b.name ? -1 : 1);
}

/**
 * A page whose table of notebooks, between its marks, has a picture of each: two in a row.
 *
 * @param page Text of the page.
 * @param pictures Static images by the notebook's name without its ending.
 * @throws {Error} If a notebook is not in the table or twice, or one there does not exist.
 */
export function withPictures(page: string, pictures: ReadonlyMap<string, string>): string {
  return replaceBetweenMarks(page, marks, (old) => `\n${tableOf(entriesOf(old), pictures)}\n`);
}

function tableOf(entries: readonly Entry[], pictures: ReadonlyMap<string, string>): string {
  const names = entries.map(({ name }) => name);
  for (const name of new Set([...pictures.keys(), ...names])) {
    const times = names.filter((each) => each === name).length;
    if (!pictures.has(name)) {
      throw new Error(`notebooks/${name}.ipynb is in the table and does not exist.`);
    }
    if (times !== 1) {
      throw new Error(
        `notebooks/${name}.ipynb must be in the table of notebooks once, found ${times} times. ` +
          `A line that adds it: | [title](notebooks/${name}.ipynb) | what it shows |`,
      );
    }
  }
  const cells = entries.map((entry) => cellOf(entry, pictures.get(entry.name)!));
  const rows = cells.flatMap((cell, index) =>
    index % 2 > 0 ? [] : [[cell, cells[index + 1] ?? ""]]
  );
  return `<table>\n${rows.map((row) => `<tr>\n${row.join("")}</tr>\n`).join("")}</table>\n`;
}

function cellOf({ name, title, words }: Entry, svg: string): string {
  const alt = svg.match(/<title>([^<]*)<\/title>/)?.[1] ?? "";
  return `<td width="${width}" valign="top">
<a href="notebooks/${name}.ipynb"><img alt="${alt}" src="${folder}/${name}.svg" width="${width}"></a><br>
<a href="notebooks/${name}.ipynb">${title}</a><br>
${words}
</td>
`;
}

const folder = "docs/images/notebooks";

/** All that the tool writes, by path from the project's folder. */
export async function picturesOf(paths: readonly string[]): Promise<Map<string, string>> {
  const written = new Map<string, string>();
  const pictures = new Map<string, string>();
  for (const path of paths) {
    const name = basename(path, ".ipynb");
    const svg = pictureOf(await readNotebook(path), `notebooks/${name}.ipynb`);
    pictures.set(name, svg);
    written.set(`${folder}/${name}.svg`, svg);
  }
  const page = await Deno.readTextFile(join(project, "README.md"));
  return written.set("README.md", withPictures(page, pictures));
}

/** Where files differ from what the notebooks hold, a line each; none when all is well. */
export async function differences(wanted: ReadonlyMap<string, string>): Promise<string[]> {
  const found: string[] = [];
  for (const [path, text] of wanted) {
    const there = await Deno.readTextFile(join(project, path)).catch(() => null);
    if (there !== text) found.push(`${path} is not what the notebooks hold`);
  }
  for (const name of await storedPictures()) {
    if (!wanted.has(`${folder}/${name}`)) found.push(`${folder}/${name} belongs to no notebook`);
  }
  return found;
}

async function storedPictures(): Promise<string[]> {
  const entries = await Array.fromAsync(Deno.readDir(join(project, folder))).catch(() => []);
  return entries.map(({ name }) => name).sort();
}

if (import.meta.main) {
  const { check } = toolOptions(usage, { check: { type: "boolean", default: false } });
  const wanted = await picturesOf(await notebookPaths());
  if (check) {
    const found = await differences(wanted);
    for (const line of found) print(`${line}: deno task pictures`);
    Deno.exit(found.length === 0 ? 0 : 1);
  }
  await Deno.mkdir(join(project, folder), { recursive: true });
  for (const [path, text] of wanted) {
    await Deno.writeTextFile(join(project, path), text);
    print(path);
  }
  for (const name of await storedPictures()) {
    if (!wanted.has(`${folder}/${name}`)) await Deno.remove(join(project, folder, name));
  }
}
