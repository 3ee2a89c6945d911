/**
 * PNG of a static image, by resvg in WebAssembly: no browser, no native code, the same bytes anywhere.
 *
 * @module
 */

import { initWasm, Resvg } from "@resvg/resvg-wasm";
import { interFaces } from "./_inter.ts";
import resvg from "./_resvg_wasm.js";

let ready: Promise<void> | undefined;

/**
 * Draws an SVG as PNG.
 *
 * @param svg An image of {@link ./svg.ts | renderSvg}; styles that ask for a dark page are ignored.
 * @param scale Pixels of the PNG for each of the image.
 * @returns Bytes of a PNG.
 */
export async function renderPng(svg: string, scale = 2): Promise<Uint8Array> {
  await (ready ??= initWasm(resvg));
  const drawing = new Resvg(svg, {
    font: {
      fontBuffers: [...interFaces()],
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
