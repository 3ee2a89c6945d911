/** Colours and type of every figure, and of the report around them, on a light background. */
export const theme = {
  font: "Inter, system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif",
  text: "#1f2933",
  muted: "#52606d",
  grid: "#e4e7eb",
  axis: "#9aa5b1",
  background: "#ffffff",
  /** A cell of a map without a value. */
  emptyCell: "#f0f2f4",
  titleSize: 16,
  subtitleSize: 12,
  textSize: 12,
} as const;

/** The same on a dark background. */
export const darkTheme = {
  text: "#e3e8ee",
  muted: "#a5b1be",
  grid: "#313a45",
  axis: "#6b7885",
  background: "#161b22",
  emptyCell: "#2a323c",
} as const;

/** What asks a browser whether its user wants a dark page; paper is always light. */
export const prefersDark = "screen and (prefers-color-scheme: dark)";

/** Colours for things without an order: Okabe and Ito, told apart by colour-blind readers. */
export const categoricalColors: readonly string[] = [
  "#0072b2",
  "#d55e00",
  "#009e73",
  "#cc79a7",
  "#56b4e9",
  "#e69f00",
  "#000000",
];

/** What selected points are marked with. */
export const markColors = {
  mean: "#d55e00",
  oneStandardError: "#d81b60",
  band: "#1f2933",
} as const;

// Cividis (Nuñez, Anderton and Renslow 2018), at even steps: reads the same to colour-blind readers
// and in grey.
const cividis = ["#00224e", "#123570", "#3b496c", "#575d6d", "#707173", "#8a8678", "#a59c74"]
  .concat(["#c3b369", "#e1cc55", "#fee838"]);

// Viridis without its yellow end, which is hard to see as a line on white.
const orderedStops = ["#440154", "#414487", "#2a788e", "#22a884", "#7ad151"];

/**
 * Colours for things with an order, such as the values of an axis, dark to light.
 *
 * @param count How many, from 1.
 */
export function orderedColors(count: number): string[] {
  return Array.from(
    { length: count },
    (_, index) => interpolate(orderedStops, count === 1 ? 0 : index / (count - 1)),
  );
}

/** Colour of a value of a heat map, from 0 (light) to 1 (dark). */
export function heatColor(share: number): string {
  return interpolate(cividis, 1 - Math.min(1, Math.max(0, share)));
}

/**
 * Black or white, whichever reads better on a colour. By names that no other part of a figure has, so
 * that a dark figure changes its background and not the text of a cell.
 */
export function textColorOn(color: string): string {
  return luminance(channels(color)) > 0.179 ? "#111111" : "white";
}

/**
 * A colour of the light theme on a dark background: its own counterpart, or the same hue mixed with
 * white. Luminance grows by one rule for all, so that the order of ordered colours stays, and exceeds
 * the background's by a contrast of 3 at least.
 */
export function darkColor(color: string): string {
  for (const name of Object.keys(darkTheme) as (keyof typeof darkTheme)[]) {
    if (theme[name] === color) return darkTheme[name];
  }
  const wanted = 0.17 + 0.8 * luminance(channels(color));
  let [low, high] = [0, 1];
  for (let halving = 0; halving < 12; halving++) {
    const middle = (low + high) / 2;
    if (luminance(mixedWithWhite(color, middle)) < wanted) low = middle;
    else high = middle;
  }
  return hex(mixedWithWhite(color, high));
}

/** A colour as dark as lines and marks on white paper need: its contrast is 3 at least. */
export function inkColor(color: string): string {
  const least = 3;
  const darkened = (share: number) => channels(color).map((value) => Math.round(value * share));
  const stands = (rgb: readonly number[]) => 1.05 / (luminance(rgb) + 0.05) >= least;
  if (stands(channels(color))) return color;
  let [low, high] = [0, 1];
  for (let halving = 0; halving < 12; halving++) {
    const middle = (low + high) / 2;
    if (stands(darkened(middle))) low = middle;
    else high = middle;
  }
  return hex(darkened(low));
}

/** Relative luminance of WCAG 2, from 0 to 1. */
export function luminance(rgb: readonly number[]): number {
  const [red, green, blue] = rgb.map((value) => {
    const share = value / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function mixedWithWhite(color: string, share: number): number[] {
  return channels(color).map((value) => Math.round(value + (255 - value) * share));
}

/** A colour with an opacity, as CSS. */
export function withOpacity(color: string, opacity: number): string {
  return `rgba(${channels(color).join(", ")}, ${opacity})`;
}

/** Red, green and blue of a colour, 0 to 255. */
export function channels(color: string): number[] {
  return [1, 3, 5].map((start) => parseInt(color.slice(start, start + 2), 16));
}

function interpolate(stops: readonly string[], share: number): string {
  const place = share * (stops.length - 1);
  const index = Math.min(stops.length - 2, Math.floor(place));
  const [from, to] = [channels(stops[index]), channels(stops[index + 1])];
  const mixed = from.map((value, channel) =>
    Math.round(value + (to[channel] - value) * (place - index))
  );
  return hex(mixed);
}

function hex(rgb: readonly number[]): string {
  return `#${rgb.map((value) => value.toString(16).padStart(2, "0")).join("")}`;
}
