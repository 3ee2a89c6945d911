import { brotliDecompressSync } from "node:zlib";
import inter from "./_inter.json" with { type: "json" };

let faces: readonly Uint8Array[] | undefined;

/** The typeface of images, regular and semi-bold: it is imported, so no permission is needed. */
export function interFaces(): readonly Uint8Array[] {
  faces ??= inter.faces.map(({ brotli }) =>
    new Uint8Array(brotliDecompressSync(Uint8Array.fromBase64(brotli)))
  );
  return faces;
}
