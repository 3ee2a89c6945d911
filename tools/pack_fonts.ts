// Packs the typeface of PNG images into lib/plots/_inter.json, which an import gives without the
// permission to read Deno's cache of packages:
//   deno run --frozen --allow-read --allow-write=lib/plots tools/pack_fonts.ts

import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, constants } from "node:zlib";
import fonts from "@expo-google-fonts/inter/package.json" with { type: "json" };
import { project } from "./_steps.ts";

const faces = ["400Regular/Inter_400Regular.ttf", "600SemiBold/Inter_600SemiBold.ttf"];
const folder = new URL(".", import.meta.resolve("@expo-google-fonts/inter/package.json"));

/** One face: its file in the package, and its bytes, compressed by Brotli, as base64. */
const pack = (file: string) => {
  const bytes = Deno.readFileSync(fileURLToPath(new URL(file, folder)));
  const params = { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY };
  return { file, brotli: new Uint8Array(brotliCompressSync(bytes, { params })).toBase64() };
};

const packed = {
  package: `npm:${fonts.name}@${fonts.version}`,
  licence: Deno.readTextFileSync(fileURLToPath(new URL("LICENSE_FONT", folder))),
  faces: faces.map(pack),
};
Deno.writeTextFileSync(
  join(project, "lib", "plots", "_inter.json"),
  `${JSON.stringify(packed, null, 2)}\n`,
);
