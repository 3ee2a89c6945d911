/**
 * PNG of a static image, by resvg in WebAssembly: no browser, no native code, the same bytes anywhere.
 *
 * @module
 */

import { brotliDecompressSync } from "node:zlib";
import { initWasm, Resvg } from "@resvg/resvg-wasm";
import inter from "./_inter.json" with { type: "json" };
import resvg from "./_resvg_wasm.js";

let ready: Promise<Uint8Array[]> | undefined;

/** Starts resvg once and gives the fonts; imports bring both, so no permission is needed. */
function start(): Promise<Uint8Array[]> {
  ready ??= (async () => {
    await initWasm(resvg);
    return inter.faces.map(({ brotli }) =>
      new Uint8Array(brotliDecompressSync(Uint8Array.fromBase64(brotli)))
    );
  })();
  return ready;
}

/**
 * Draws an SVG as PNG.
 *
 * @param svg An image of {@link ./svg.ts | renderSvg}; styles that ask for a dark page are ignored.
 * @param scale Pixels of the PNG for each of the image.
 * @returns Bytes of a PNG.
 */
export async function renderPng(svg: string, scale = 2): Promise<Uint8Array> {
  const fontBuffers = await start();
  const drawing = new Resvg(svg, {
    font: {
      fontBuffers,
      defaultFontFamily: "Inter",
      sansSerifFamily: "Inter",
      loadSystemFonts: false,
    },
    fitTo: { mode: "zoom", value: scale },
  });
  try {
    return drawing.render().asPng();
  } finally {
    drawing.free();
  }
}
