import { checkOptions, oneOf } from "../core/options.ts";
import { counted, formatSigned } from "../statistics/format.ts";
import { type Estimate, estimateOverFolds } from "../statistics/estimate.ts";
import { frontLayer, onParetoFront } from "./_pareto.ts";
import { valueRange } from "./axes.ts";
import type { Chart, Layer } from "./chart.ts";
import { type Figure, figureOf } from "./figure.ts";
import { categoricalColors, markColors, theme } from "./theme.ts";

/** Losses of a model that was trained further. */
export interface TextLosses {
  /** What it is called, such as its settings. */
  readonly name: string;
  /** On held-out text of the kind that it was trained further on, one a fold. */
  readonly newText: readonly number[];
  /** On other text, which it may forget, one a fold in the same order. */
  readonly otherText: readonly number[];
}

/** A way of training a model further, such as one with a penalty. */
export interface TuningWay {
  /** Such as `LoRA`. */
  readonly name: string;
  /** What it was tuned to. */
  readonly tuned: Omit<TextLosses, "name">;
  /** Settings that were tried, each at its losses; none if not given. */
  readonly tried?: readonly TextLosses[];
}

/** Options of {@link plotForgetting}. */
export interface ForgettingOptions {
  /**
   * What losses are counted in.
   *
   * @default {"bits per byte"}
   */
  readonly unit?: "bits per byte" | "nats per token";
}

const described = {
  unit: oneOf<NonNullable<ForgettingOptions["unit"]>>(
    ["bits per byte", "nats per token"],
    "bits per byte",
  ),
};

/** Losses minus those of the start. */
interface Moved {
  readonly newText: Estimate;
  readonly otherText: Estimate;
}

/** What each way learns and forgets. */
export interface Forgetting {
  readonly start: string;
  readonly folds: number;
  readonly ways: readonly {
    readonly name: string;
    readonly tuned: Moved;
    /** Whether no other way has at most both losses, and one of them lower. */
    readonly onFront: boolean;
    readonly tried: readonly (Moved & { readonly name: string })[];
  }[];
}

/**
 * Pairs the losses of ways of training further with those of the model that all began with, fold by fold.
 *
 * @throws {RangeError} If there is no way, or one has other folds than the start.
 */
export function forgetting(start: TextLosses, ways: readonly TuningWay[]): Forgetting {
  if (ways.length === 0) throw new RangeError("plotForgetting: there must be a way of training.");
  const folds = start.newText.length;
  const against = (name: string, { newText, otherText }: Omit<TextLosses, "name">): Moved => {
    if (
      folds === 0 || [newText, otherText, start.otherText].some((each) => each.length !== folds)
    ) {
      throw new RangeError(
        `plotForgetting: ${name} must have losses of ${
          counted(Math.max(1, folds), "fold")
        } on both texts, as ` +
          `${start.name} has, found ${newText.length} and ${otherText.length}.`,
      );
    }
    const minus = (losses: readonly number[], from: readonly number[]) =>
      estimateOverFolds(losses.map((loss, fold) => [loss - from[fold]]))!;
    return {
      newText: minus(newText, start.newText),
      otherText: minus(otherText, start.otherText),
    };
  };
  const moved = ways.map(({ name, tuned, tried = [] }) => ({
    name,
    tuned: against(name, tuned),
    tried: tried.map((each) => ({
      name: each.name,
      ...against(`${name}, ${each.name}`, each),
    })),
  }));
  const front = onParetoFront(
    moved.map(({ tuned }) => [tuned.newText.mean, tuned.otherText.mean]),
  );
  return {
    start: start.name,
    folds,
    ways: moved.map((way, index) => ({ ...way, onFront: front[index] })),
  };
}

/** Draws what is learned against what is forgotten, in a colour for each way. */
export function forgettingChart(data: Forgetting, unit: string): Chart {
  const { ways, start } = data;
  const front = ways.filter(({ onFront }) => onFront).map(({ tuned }) => tuned)
    .sort((a, b) => a.otherText.mean - b.otherText.mean || a.newText.mean - b.newText.mean);
  const drawn = ways.flatMap(({ tuned, tried }) => [tuned, ...tried]);
  const ends = drawn.flatMap(({ otherText: { mean, standardError } }) => [
    mean - (standardError ?? 0),
    mean + (standardError ?? 0),
  ]);
  return {
    title: finding(data),
    subtitle:
      `Means over ${
        counted(data.folds, "fold")
      } of losses minus those of ${start} on the same text: ` +
      `further left is learned, further up is forgotten. Filled: tuned, bars are one standard error; ` +
      `hollow: other settings that were tried. On the dashed border no other way has both losses as low.`,
    alt: `Loss on new text against loss on other text, minus ${start}'s. ${
      ways.map((way) => `${way.name}: ${words(way.tuned)}${way.onFront ? ", on the front" : ""}`)
        .join("; ")
    }.`,
    panels: [{
      x: {
        title: `loss on new text minus ${start}'s (${unit})`,
        range: valueRange([0, ...drawn.map(({ newText }) => newText.mean)]),
      },
      y: {
        title: `loss on other text minus ${start}'s (${unit})`,
        range: valueRange([0, ...ends]),
      },
      layers: [
        { kind: "rule", y: 0, label: "", color: theme.axis },
        frontLayer(front.map((each) => [each.newText.mean, each.otherText.mean])),
        ...ways.flatMap(wayLayers),
        {
          kind: "marks",
          name: start,
          symbol: "ring",
          color: markColors.band,
          x: [0],
          y: [0],
          hover: [start],
        },
      ],
    }],
    width: 860,
    height: 480,
    legend: "bottom",
  };
}

function wayLayers({ name, tuned, tried }: Forgetting["ways"][number], index: number): Layer[] {
  const color = categoricalColors[index % categoricalColors.length];
  const common = { kind: "line", name, color, joined: false, marks: true } as const;
  return [
    {
      ...common,
      x: tried.map(({ newText }) => newText.mean),
      y: tried.map(({ otherText }) => otherText.mean),
      hollow: tried.map(() => true),
      hover: tried.map((each) => `${name}, ${each.name}: ${words(each)}`),
      legend: false,
    },
    {
      ...common,
      x: [tuned.newText.mean],
      y: [tuned.otherText.mean],
      errors: [tuned.otherText.standardError],
      hover: [`${name}: ${words(tuned)}`],
      legend: true,
    },
  ];
}

function words({ newText, otherText }: Moved): string {
  return `new text ${formatSigned(newText.mean)}, other text ${formatSigned(otherText.mean)}`;
}

function finding({ ways }: Forgetting): string {
  const by = (text: "newText" | "otherText") =>
    ways.toSorted((a, b) => a.tuned[text].mean - b.tuned[text].mean);
  const [learner] = by("newText");
  const kept = by("otherText");
  const told = (way: Forgetting["ways"][number], text: "newText" | "otherText") =>
    `${formatSigned(way.tuned[text].mean)} (${way.name})`;
  const onOther = kept.length === 1
    ? told(kept[0], "otherText")
    : `from ${told(kept[0], "otherText")} to ${told(kept.at(-1)!, "otherText")}`;
  return `On new text at best ${told(learner, "newText")}; on other text ${onOther}`;
}

/**
 * Draws, for ways of training a model further, the loss on held-out new text against the loss on other text:
 * what was learned against what was forgotten.
 *
 * Losses of a fold are compared with those of the start on the same text, so that what texts differ in is not
 * taken for noise.
 *
 * @param start The model that all ways began with, at its losses.
 * @param ways Ways of training, each tuned, and the settings that were tried.
 * @param options See {@link ForgettingOptions}.
 * @returns A figure that a notebook shows.
 * @throws {RangeError} If there is no way, or one has other folds than the start.
 *
 * @example
 * ```ts
 * import { plotForgetting } from "./forgetting.ts";
 * import assert from "node:assert/strict";
 * const { chart } = plotForgetting(
 *   { name: "the start", newText: [3, 3.2], otherText: [2, 2] },
 *   [
 *     { name: "none", tuned: { newText: [2.5, 2.7], otherText: [2.3, 2.5] } },
 *     { name: "LoRA", tuned: { newText: [2.6, 2.8], otherText: [2.1, 2.1] } },
 *   ],
 * );
 * assert.equal(
 *   chart.title,
 *   "On new text at best −0.500 (none); on other text from +0.100 (LoRA) to +0.400 (none)",
 * );
 * ```
 */
export function plotForgetting(
  start: TextLosses,
  ways: readonly TuningWay[],
  options: ForgettingOptions = {},
): Figure {
  const { unit } = checkOptions("plotForgetting", options, described);
  return figureOf(forgettingChart(forgetting(start, ways), unit));
}
