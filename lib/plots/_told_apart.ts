import type { Chart, DashPattern, Layer, MarkSymbol } from "./chart.ts";
import { isInLegend } from "./layout.ts";
import { inkColor } from "./theme.ts";

/** In the order in which series take them. */
const symbols: readonly MarkSymbol[] = [
  "circle",
  "square",
  "triangle",
  "diamond",
  "triangleDown",
  "plus",
  "cross",
  "star",
];

/** Without "dash", which says something in the figures that have it. */
const patterns: readonly (DashPattern | undefined)[] = [
  undefined,
  "dot",
  "dashDot",
  "longDash",
  "dashDotDot",
];

/** Marks of a line that has none of its own. */
const sparseMarks = 5;

/** How a layer looks in grey, as far as a legend shows it. */
export function lookOf(layer: Layer): string {
  switch (layer.kind) {
    case "line": {
      const line = layer.joined === false ? "no line" : `line ${layer.dash ?? "solid"}`;
      const hollow = (layer.hollow?.length ?? 0) > 0 && layer.hollow!.every(Boolean);
      const mark = layer.marks ? `${layer.symbol ?? "circle"} ${hollow ? "hollow" : "full"}` : "";
      return `${line === "line false" ? "line solid" : line} ${mark} ${
        (layer.width ?? 2) < 1.2 ? "thin" : ""
      }`;
    }
    case "marks":
      return `mark ${layer.symbol}`;
    case "steps":
      return `steps ${layer.dash ?? "solid"}`;
    default:
      return layer.kind;
  }
}

/**
 * A chart whose series are told apart by marks and dashes where they were by colour alone: all that has a
 * colour takes the same mark or the same dashes. Colours are as dark as lines on paper need.
 */
export function toldApart(chart: Chart): Chart {
  const layers = chart.panels.flatMap((panel) => panel.layers);
  const styles = stylesOf(layers);
  return {
    ...chart,
    panels: chart.panels.map((panel) => ({
      ...panel,
      layers: panel.layers.map((layer) => inked(styled(layer, styles))),
    })),
  };
}

interface Styles {
  /** Place of a colour among those that nothing but hue tells apart. */
  readonly places: ReadonlyMap<string, number>;
  /** Names in the legend. */
  readonly names: ReadonlySet<string>;
  /** Looks that several colours share. */
  readonly shared: ReadonlySet<string>;
  readonly symbols: readonly MarkSymbol[];
  /** Whether dashes have a meaning, so that lines without marks take marks. */
  readonly dashed: boolean;
}

function stylesOf(layers: readonly Layer[]): Styles {
  const entries = [
    ...new Map(layers.filter(isInLegend).toReversed().map((layer) => [layer.name, layer])).values(),
  ].toReversed();
  const colored = entries.flatMap((layer) =>
    "color" in layer && layer.kind !== "frames" ? [{ look: lookOf(layer), color: layer.color }] : []
  );
  const alike = colored.filter(({ look, color }) =>
    colored.some((other) => other.look === look && other.color !== color)
  );
  const shared = new Set(alike.map(({ look }) => look));
  const taken = new Set(
    entries.flatMap((layer) =>
      layer.kind === "marks" && !shared.has(lookOf(layer)) ? [layer.symbol] : []
    ),
  );
  return {
    names: new Set(layers.filter(isInLegend).map(({ name }) => name)),
    shared,
    places: new Map(
      [...new Set(alike.map(({ color }) => color))].map((color, place) => [color, place]),
    ),
    symbols: symbols.filter((symbol) => !taken.has(symbol)),
    dashed: layers.some((layer) => layer.kind === "line" && layer.dash && !layer.marks),
  };
}

function styled(layer: Layer, styles: Styles): Layer {
  const place = "color" in layer ? styles.places.get(layer.color) : undefined;
  if (place === undefined) return layer;
  const round = Math.floor(place / styles.symbols.length);
  const symbol = styles.symbols[place % styles.symbols.length];
  switch (layer.kind) {
    case "line": {
      // A line that continues another one, such as from the value 0, has its marks there.
      if (!layer.marks && (layer.dash && !layer.legend || !styles.names.has(layer.name))) {
        return layer;
      }
      const dash = layer.dash || patterns[round % patterns.length];
      if (layer.marks) return { ...layer, symbol, dash };
      if (styles.dashed) {
        return { ...layer, marks: true, symbol, dash, markedAt: sparse(layer.x.length, place) };
      }
      const pattern = patterns[place % patterns.length];
      return place < patterns.length ? { ...layer, dash: pattern } : {
        ...layer,
        dash: pattern,
        marks: true,
        symbol: styles.symbols[Math.floor(place / patterns.length) % styles.symbols.length],
        markedAt: sparse(layer.x.length, place),
      };
    }
    case "marks":
      return layer.name !== "" && styles.shared.has(lookOf(layer)) ? { ...layer, symbol } : layer;
    case "steps":
      return { ...layer, dash: patterns[place % patterns.length] };
    default:
      return layer;
  }
}

/** Evenly spread places of a line, other ones for each series. */
function sparse(length: number, series: number): number[] {
  const count = Math.min(sparseMarks, length);
  const shift = (series % 3 + 1) / 4;
  return Array.from({ length: count }, (_, index) => Math.floor((index + shift) * length / count));
}

function inked(layer: Layer): Layer {
  // A rule without a label stays as faint as the grid.
  return "color" in layer && layer.kind !== "band" && (layer.kind !== "rule" || layer.label !== "")
    ? { ...layer, color: inkColor(layer.color) }
    : layer;
}
