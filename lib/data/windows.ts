import { integer } from "../core/options.ts";
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

/** Refuses spans none of which holds a whole window. */
export function refuseShortSpans(
  subject: string,
  spans: readonly { readonly length: number }[],
  windowLength: number,
): void {
  const longest = spans.reduce((most, { length }) => Math.max(most, length), 0);
  if (longest > windowLength) return;
  throw new RangeError(
    `${subject}: a span must have at least windowLength + 1 = ${windowLength + 1} tokens, found ` +
      `${longest} in the longest.`,
  );
}

/** Places of several parts, one part after the other. */
export interface Parts {
  /** Places of all parts together. */
  readonly total: number;
  /** The part of a place, from 0, and the place in it. */
  find(place: number): { readonly part: number; readonly place: number };
}

/** Lays parts of so many places each one after the other. */
export function layParts(counts: ArrayLike<number>): Parts {
  const starts = new Float64Array(counts.length + 1);
  for (let part = 0; part < counts.length; part++) starts[part + 1] = starts[part] + counts[part];
  return {
    total: starts[counts.length],
    find(place) {
      // The last part that begins there or before: a part without places is never found.
      let part = 0;
      for (let above = counts.length; above - part > 1;) {
        const middle = (part + above) >> 1;
        if (starts[middle] <= place) part = middle;
        else above = middle;
      }
      return { part, place: place - starts[part] };
    },
  };
}

/** Spans cut into consecutive windows of `time` targets; the last one of a span may be shorter. */
export function consecutiveWindows(
  spans: readonly Tokens[],
  time: number,
): Windows & {
  /** Targets of all of them. */
  readonly targets: number;
} {
  const targets = spans.map(({ length }) => Math.max(0, length - 1));
  const parts = layParts(targets.map((count) => Math.ceil(count / time)));
  return {
    count: parts.total,
    targets: targets.reduce((sum, count) => sum + count, 0),
    at(index) {
      const { part, place } = parts.find(index);
      const start = place * time;
      return { span: spans[part], start, length: Math.min(time, targets[part] - start) };
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
