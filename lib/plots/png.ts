/**
 * PNG of a static image, by resvg in WebAssembly: no browser, no native code, the same bytes anywhere.
 *
 * @module
 */

// An import puts the package of fonts where `import.meta.resolve` finds it, in a fresh cache too.
import fonts from "@expo-google-fonts/inter/package.json" with { type: "json" };
import { initWasm, Resvg } from "@resvg/resvg-wasm";

const files = [
  "@resvg/resvg-wasm/index_bg.wasm",
  `${fonts.name}/400Regular/Inter_400Regular.ttf`,
  `${fonts.name}/600SemiBold/Inter_600SemiBold.ttf`,
];

let ready: Promise<Uint8Array[]> | undefined;

/** Starts resvg once and gives the fonts; all lie in Deno's cache of packages. */
function start(): Promise<Uint8Array[]> {
  ready ??= (async () => {
    const [wasm, ...fonts] = await Promise.all(files.map(async (file) => {
      const url = new URL(import.meta.resolve(file));
      try {
        return await Deno.readFile(url);
      } catch (cause) {
        throw new Error(
          `Cannot draw a PNG: ${file} cannot be read (${(cause as Error).message}). It lies in ` +
            `Deno's cache of packages, for which --allow-read is needed.`,
          { cause },
        );
      }
    }));
    await initWasm(wasm);
    return fonts;
  })();
  return ready;
}

/**
 * Draws an SVG as PNG.
 *
 * @param svg An image of {@link ./svg.ts | renderSvg}; styles that ask for a dark page are ignored.
 * @param scale Pixels of the PNG for each of the image.
 * @returns Bytes of a PNG.
 * @throws {Error} If the fonts cannot be read.
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
