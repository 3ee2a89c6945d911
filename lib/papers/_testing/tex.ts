import assert from "node:assert/strict";
import { dirname, join } from "node:path";
import type { FileContent } from "../../core/files.ts";
import { type CompiledPaper, compilePaper } from "../compile_paper.ts";

const programs = ["pdflatex", "pdftotext", "pdffonts", "pdfimages"];
const required = Deno.env.get("PARSIMONY_REQUIRE_ALL") === "1";
const missing = (await Promise.all(programs.map(isMissing))).flatMap((each) => each ?? []);

async function isMissing(program: string): Promise<string | null> {
  try {
    await new Deno.Command(program, { args: ["-v"], stdout: "null", stderr: "null" }).output();
    return null;
  } catch {
    return program;
  }
}

/** A test with TeX and what reads its PDFs; ignored, with the reason in its name, where they are missing. */
export function withTex(name: string, use: (folder: string) => Promise<void>): void {
  const ignore = missing.length > 0 && !required;
  Deno.test({
    name: ignore ? `${name} (ignored: no ${missing.join(", ")})` : name,
    ignore,
    async fn() {
      const folder = await Deno.makeTempDir();
      try {
        await use(folder);
      } finally {
        await Deno.remove(folder, { recursive: true });
      }
    },
  });
}

/** Writes files below a folder. */
export async function writeFiles(folder: string, files: readonly FileContent[]): Promise<void> {
  for (const { path, content } of files) {
    const whole = join(folder, path);
    await Deno.mkdir(dirname(whole), { recursive: true });
    if (typeof content === "string") await Deno.writeTextFile(whole, content);
    else await Deno.writeFile(whole, content as Uint8Array);
  }
}

/** What a program prints. */
export async function printed(program: string, ...args: string[]): Promise<string> {
  const { stdout } = await new Deno.Command(program, { args, stderr: "null" }).output();
  return new TextDecoder().decode(stdout);
}

/**
 * Sets a paper, and looks whether pdflatex warned of nothing, each font is embedded and drawn by outlines,
 * and no figure is a raster.
 *
 * @returns The PDF, and its text.
 */
export async function setAndCheck(
  folder: string,
  files: readonly FileContent[],
): Promise<CompiledPaper & { readonly text: string }> {
  await writeFiles(folder, files);
  const compiled = await compilePaper(folder);
  assert.deepEqual(compiled.warnings, []);
  const [, , ...fonts] = (await printed("pdffonts", compiled.path)).trim().split("\n");
  assert.ok(fonts.length > 3, "some fonts");
  for (const font of fonts) {
    assert.doesNotMatch(font, /Type 3/);
    assert.match(font, / yes (yes|no)\s+(yes|no)\s+\d+\s+\d+$/, font);
  }
  const images = (await printed("pdfimages", "-list", compiled.path)).trim().split("\n");
  assert.equal(images.length, 2, images.join("\n"));
  return { ...compiled, text: await printed("pdftotext", "-raw", compiled.path, "-") };
}
