import { integer, oneOf, orNotGiven } from "../core/options.ts";
import { layParts } from "./parts.ts";
import { type DocumentWindows, ofPassages, type Passages } from "./passages.ts";
import type { Tokens } from "./tokens.ts";

/** A stretch of a span: `length` targets from `start` on. */
export interface Window {
  readonly span: Tokens;
  readonly start: number;
  /** Targets, at most the batch's time. */
  readonly length: number;
}

/** Windows by their place in an order, each made when it is asked for: a long text has millions of them. */
export interface Windows {
  readonly count: number;
  at(place: number): Window;
}

/** The two sizes that all batches have. */
export const sizes = { windowLength: integer({ from: 1 }), batchSize: integer({ from: 1 }) };

/** How windows lie to the documents of spans, by default across their ends; see {@link DocumentWindows}. */
export const documentWindows = orNotGiven(oneOf<DocumentWindows>(["across", "inside"], "across"));

/** Refuses spans none of which holds a whole window, or a target where windows stay inside documents. */
export function refuseShortSpans(
  subject: string,
  spans: readonly { readonly length: number }[],
  { windowLength, documents }: {
    readonly windowLength: number;
    readonly documents: DocumentWindows;
  },
): void {
  const longest = spans.reduce((most, { length }) => Math.max(most, length), 0);
  const enough = documents === "inside" ? 2 : windowLength + 1;
  if (longest >= enough) return;
  throw new RangeError(
    `${subject}: a span must have at least ${
      documents === "inside" ? "" : "windowLength + 1 = "
    }${enough} tokens, found ${longest} in the longest.`,
  );
}

/** How many windows can begin in each passage, where they are drawn. */
export function placesToBegin(
  passages: Passages,
  { windowLength, documents }: {
    readonly windowLength: number;
    readonly documents: DocumentWindows;
  },
): Float64Array {
  const fewest = documents === "inside" ? 1 : 0;
  return ofPassages(
    passages,
    ({ length }) => length < 2 ? 0 : Math.max(fewest, length - windowLength),
  );
}

/** Passages cut into consecutive windows of `time` targets; the last one of each may be shorter. */
export function consecutiveWindows(
  passages: Passages,
  time: number,
): Windows & {
  /** Targets of all of them. */
  readonly targets: number;
} {
  const targets = ofPassages(passages, ({ length }) => Math.max(0, length - 1));
  const parts = layParts(targets.map((count) => Math.ceil(count / time)));
  return {
    count: parts.total,
    targets: targets.reduce((sum, count) => sum + count, 0),
    at(index) {
      const { part, place } = parts.find(index);
      const { span, start } = passages.at(part);
      const from = place * time;
      return { span, start: start + from, length: Math.min(time, targets[part] - from) };
    },
  };
}

/** `count` of the windows (all, when there are fewer), spaced evenly over them. */
export function evenlySpaced(windows: Windows, count: number): Windows {
  const places = evenPlaces(windows.count, count);
  return { count: places.length, at: (place) => windows.at(places[place]) };
}

/** `count` items of a list (all, when it has fewer), spaced evenly over it. */
export function spacedEvenly<T>(list: readonly T[], count: number): T[] {
  return evenPlaces(list.length, count).map((place) => list[place]);
}

function evenPlaces(length: number, count: number): number[] {
  const chosen = Math.min(count, length);
  return Array.from({ length: chosen }, (_, index) => Math.floor((index + 0.5) * length / chosen));
}
