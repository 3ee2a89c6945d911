import assert from "node:assert/strict";
import { brotliDecompressSync } from "node:zlib";
import fonts from "@expo-google-fonts/inter/package.json" with { type: "json" };
import inter from "./_inter.json" with { type: "json" };
import { renderPng } from "./png.ts";

const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="60" height="20"><text x="2" y="15">` +
  `Loss λ</text></svg>`;

Deno.test("the packed typeface is the package's, byte for byte, with its licence", async () => {
  assert.equal(inter.package, `npm:${fonts.name}@${fonts.version}`);
  const folder = new URL(".", import.meta.resolve("@expo-google-fonts/inter/package.json"));
  assert.equal(inter.licence, await Deno.readTextFile(new URL("LICENSE_FONT", folder)));
  assert.deepEqual(inter.faces.map(({ file }) => file), [
    "400Regular/Inter_400Regular.ttf",
    "600SemiBold/Inter_600SemiBold.ttf",
  ]);
  for (const { file, brotli } of inter.faces) {
    const unpacked = brotliDecompressSync(Uint8Array.fromBase64(brotli));
    assert.ok(unpacked.equals(await Deno.readFile(new URL(file, folder))), file);
  }
});

Deno.test({
  name: "a PNG is drawn without any permission",
  permissions: "none",
  async fn() {
    const png = await renderPng(svg);
    assert.deepEqual([...png.subarray(1, 4)], [..."PNG"].map((letter) => letter.charCodeAt(0)));
    // Without a typeface the image would be empty, and as small as that of an empty text.
    assert.ok(png.length > 2 * (await renderPng(svg.replace("Loss λ", ""))).length);
  },
});
