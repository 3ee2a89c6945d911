import type { Chart } from "./chart.ts";
import { darkColor, darkTheme, prefersDark, theme, withOpacity } from "./theme.ts";

/** Opacities at which the colour of a layer fills an area. */
export const fillOpacity = { band: 0.18, steps: 0.22 } as const;

/** The colours of a chart that change on a dark background, with what they become. */
export function darkColors(chart: Chart): { [light: string]: string } {
  const names = Object.keys(darkTheme) as (keyof typeof darkTheme)[];
  const used = new Set([
    ...names.map((name) => theme[name] as string),
    ...chart.panels.flatMap(({ layers }) =>
      layers.flatMap((layer) => "color" in layer ? [layer.color] : [])
    ),
  ]);
  const table: { [light: string]: string } = {};
  for (const color of used) {
    const dark = darkColor(color);
    table[color] = dark;
    for (const opacity of Object.values(fillOpacity)) {
      table[withOpacity(color, opacity)] = withOpacity(dark, opacity);
    }
  }
  return table;
}

/** Style that turns a static image dark where its reader wants that; only the image with the id. */
export function darkStyle(chart: Chart, id: string): string {
  const rules = Object.entries(darkColors(chart)).filter(([light]) => light.startsWith("#")).map(
    ([light, dark]) =>
      `#${id} [fill="${light}"]{fill:${dark}}#${id} [stroke="${light}"]{stroke:${dark}}`,
  );
  return `@media ${prefersDark}{#${id}{fill:${darkTheme.text}}${rules.join("")}}`;
}

/** A static image that is dark whatever its reader wants, with no style of its own. */
export function darkImage(chart: Chart, svg: string): string {
  const table = darkColors(chart);
  return svg.replace(/<style>.*?<\/style>/, "").replace(
    /(?<=(?:fill|stroke)=")#[0-9a-f]{6}(?=")/g,
    (color) => table[color] ?? color,
  );
}

/**
 * Functions for a page: `recolored(value, colors)` of a plotly figure, and `wantsDark()`, which asks the
 * notebook's own theme first (JupyterLab, VS Code).
 */
export const darkFunctions = `
  const recolored = (value, colors) => {
    if (typeof value === "string") {
      return value.replace(/#[0-9a-f]{6}|rgba\\([^)]*\\)/g, (color) => colors[color] ?? color);
    }
    if (Array.isArray(value)) return value.map((each) => recolored(each, colors));
    if (value === null || typeof value !== "object") return value;
    return Object.fromEntries(
      Object.entries(value).map(([key, each]) => [key, recolored(each, colors)]),
    );
  };
  const darkQuery = matchMedia("(prefers-color-scheme: dark)");
  const wantsDark = () => {
    const { jpThemeLight, vscodeThemeKind } = document.body.dataset;
    if (jpThemeLight !== undefined) return jpThemeLight === "false";
    return vscodeThemeKind === undefined ? darkQuery.matches : /dark|high-contrast$/.test(vscodeThemeKind);
  };`;
