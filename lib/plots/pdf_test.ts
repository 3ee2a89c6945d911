import assert from "node:assert/strict";
import { join } from "node:path";
import { hostileTexts } from "../core/testing/hostile_texts.ts";
import { figureOf } from "./figure.ts";
import { figures } from "./testing/figures.ts";

const folder = "/usr/bin";
const missing = !exists(`${folder}/pdffonts`) && Deno.env.get("PARSIMONY_REQUIRE_ALL") !== "1";

function exists(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}

/** A test with the programs of poppler, which read PDFs; ignored where they are missing. */
function withPoppler(
  name: string,
  use: (read: (program: string, pdf: Uint8Array, ...options: string[]) => Promise<string>) => void,
): void {
  Deno.test({
    name: missing ? `${name} (ignored: no pdffonts of poppler found)` : name,
    ignore: missing,
    async fn() {
      const temporary = await Deno.makeTempDir();
      try {
        await use(async (program, pdf, ...options) => {
          const file = join(temporary, "figure.pdf");
          await Deno.writeFile(file, pdf);
          const last = program === "pdftotext" ? ["-"] : [];
          const args = program === "pdfimages" ? ["-list", file] : [...options, file, ...last];
          const { success, stdout, stderr } = await new Deno.Command(`${folder}/${program}`, {
            args,
          }).output();
          const complaints = new TextDecoder().decode(stderr);
          assert.ok(success && complaints === "", complaints);
          return new TextDecoder().decode(stdout);
        });
      } finally {
        await Deno.remove(temporary, { recursive: true });
      }
    },
  });
}

withPoppler(
  "every figure's PDF embeds its typefaces, holds no raster image, and gives its labels as text",
  async (read) => {
    for (const [name, figure] of Object.entries(figures())) {
      const { pdf } = await figure.print({ columns: 2 });
      const fonts = (await read("pdffonts", pdf)).trim().split("\n").slice(2);
      assert.ok(fonts.length >= 1 && fonts.length <= 2, name);
      for (const font of fonts) {
        assert.match(font, /^[A-Z]{6}\+Inter-\w+ +CID TrueType +Identity-H +yes yes yes/, name);
      }
      const images = (await read("pdfimages", pdf)).trim().split("\n");
      assert.equal(images.length, 2, `${name}: ${images}`);
      const words = (await read("pdftotext", pdf)).replace(/\s+/g, " ");
      for (const { y } of figure.chart.panels) {
        // Long titles are broken.
        for (const word of y.title.split(" ")) assert.ok(words.includes(word), `${name}: ${word}`);
      }
    }
  },
);

withPoppler(
  "names that are hostile, or of other scripts, are drawn and can be copied",
  async (read) => {
    const { gap: { chart: gap } } = figures();
    const names = ["罰", "עונש", "🐋 a", "\\input{x}%_$#~^&<b>", "é λ ≤ −", ...hostileTexts];
    for (const name of names) {
      const [panel] = gap.panels;
      const layers = panel.layers.map((layer) => "name" in layer ? { ...layer, name } : layer);
      const chart = { ...gap, title: name, panels: [{ ...panel, layers }] };
      const pdf = (await figureOf(chart).print()).pdf;
      const text = (await read("pdftotext", pdf)).normalize("NFC");
      const shown = name.toWellFormed().replace("\ud800", "�").replace(
        // deno-lint-ignore no-control-regex
        /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g,
        (character) =>
          `‹U+${character.codePointAt(0)!.toString(16).toUpperCase().padStart(4, "0")}›`,
      );
      const squeezed = (each: string) => each.replace(/\s+/g, "");
      assert.ok(
        squeezed(text).includes(squeezed(shown)) ||
          // A text that runs from right to left is given in the order in which it is read.
          squeezed(text).includes([...squeezed(shown)].reverse().join("")),
        `${JSON.stringify(name)} in ${JSON.stringify(text)}`,
      );
    }
  },
);
