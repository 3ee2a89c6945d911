import type { Json, JsonObject } from "../../../core/json.ts";
import type { Look, Read } from "../truth.ts";

/** What is wrong with a sentence, or what of it could not be read. */
export interface Complaint {
  readonly sentence: string;
  readonly what: string;
}

/** Where a text stands: what it may be about although it does not say so. */
export interface Place {
  /** A point that lines go through, of which only the axis that is named differs. */
  readonly through?: JsonObject;
  /** Whether it is about how points were searched. */
  readonly strategy?: boolean;
  /** The axis of a figure, and its view. */
  readonly axis?: string;
  readonly look?: Look;
  readonly read?: Read;
}

export const symbols: { readonly [axis: string]: string } = { lambda: "λ", alpha: "α", eta: "η" };

export function short(value: Json): string {
  if (typeof value === "string") return value;
  if (value === null) return "none";
  if (typeof value !== "number") return JSON.stringify(value);
  const four = Number(value.toPrecision(4));
  return four !== 0 && (Math.abs(four) < 1e-3 || Math.abs(four) >= 1e6)
    ? four.toExponential()
    : String(four);
}

export const setting = (axis: string, value: Json) => `${symbols[axis] ?? axis} = ${short(value)}`;
export const inWords = (point: JsonObject) =>
  Object.entries(point).map(([axis, value]) => setting(axis, value)).join(", ") ||
  "the only setting";

/** What losses are said in. */
export const lossUnit = "(?:nats per token|bits per byte|bits per character)";

export const number = "[+−]?\\d+\\.\\d{2,3}(?!\\d)";
export const looks: readonly (readonly [Look, Look])[] = [["last", "last"], ["best", "best"], [
  "last",
  "best",
]];
export const wordsOf: readonly (readonly [RegExp, Read])[] = [
  [/\bgap\b|\bclose[ds]?\b/, "gap"],
  [/training loss/i, "training"],
  [/(?<!training )\bloss\b|cross-entropy/i, "loss"],
  [/exact(ly)? (zeros?|0)|weights/i, "zeros"],
  [/\|w\|/, "near"],
  [/weight norm/i, "norm"],
];

export const valueOf = (text: string) => Number(text.replace("−", "-"));
export const close = (
  text: string,
  value: number | null | undefined,
  decimals = text.length - text.indexOf(".") - 1,
) =>
  value !== null && value !== undefined &&
  Math.abs(valueOf(text) - value) <= 0.5 * 10 ** -decimals + 1e-9;
/** To a hundredth: the power is integrated with steps. */
export const nearly = (text: string, value: number) =>
  Math.abs(valueOf(text) / value - 1) < 0.01 || close(text, value);
export const closeP = (sign: string, text: string, value: number | null) =>
  value !== null && (sign === "<" ? value < Number(text) : close(text, value));

/** Phrases with a number or a word about penalties that say nothing about a study. */
export const harmless = [
  "p < 0.05",
  "in evaluation mode without penalty",
  "early in training a model without penalty leads, so that penalized points are pruned more often",
  "early in training a model with a weaker remedy leads",
  "0.5 nats below the unigram entropy",
  "0.2 bits below the unigram entropy",
  "|w| < 0.001",
  "95 %",
  "covers less than 95 %",
  "cover less than 95 %",
  "95 % confidence",
  "0.5 nats below the entropy of single tokens",
  "0.2 bits below the entropy of single tokens",
  "so there is no gap worth closing",
  "no true difference of up to 300 standard errors has a power of 80 %",
  "no true gap of up to 300 standard errors has a power of 80 %",
];

/** Takes out of a sentence what a pattern matches, and complains where the check does not hold. */
export type Take = (
  pattern: RegExp,
  check: (match: RegExpMatchArray) => boolean,
  what: string,
) => void;
