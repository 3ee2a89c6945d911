import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** Folder of the library. */
export const libraryFolder = dirname(dirname(dirname(dirname(fileURLToPath(import.meta.url)))));

/** A fenced block of a page. */
export interface Block {
  /** What stands behind the fence, such as `ts`. */
  readonly language: string;
  readonly text: string;
}

/** The fenced blocks of a page of the documentation, in their order. */
export function blocksOf(page: string): Block[] {
  const text = Deno.readTextFileSync(join(libraryFolder, page));
  return [...text.matchAll(/^```(\w+)\n([^]*?)^```$/gm)]
    .map(([, language, text]) => ({ language, text }));
}

/** Code of a page by the file that the first line of its block names, such as `// parts/bigram.ts`. */
export function documentedFiles(page: string): { readonly [file: string]: string } {
  return Object.fromEntries(
    blocksOf(page).flatMap(({ text }) => {
      const file = text.match(/^\/\/ (\S+?\.\w+)\b/)?.[1];
      return file === undefined ? [] : [[file, text]];
    }),
  );
}

/** Lines of a definition that a documented module exports. */
export function definitionLines(code: string): string[] {
  return code.slice(code.indexOf("export default")).trimEnd().split("\n");
}
