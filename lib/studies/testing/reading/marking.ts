import type { Json, JsonObject } from "../../../core/json.ts";
import type { Truth } from "../truth.ts";
import { harmless, inWords, type Place, setting, short, symbols } from "./words.ts";

const known = new WeakMap<Truth, readonly (readonly [string, number])[]>();

/** Names of the points with their indices, long ones first. */
function namesOf(truth: Truth): readonly (readonly [string, number])[] {
  const names = known.get(truth) ??
    truth.points.map(({ point }, index) => [inWords(point), index] as const)
      .sort(([a], [b]) => b.length - a.length);
  known.set(truth, names);
  return names;
}

/** Puts ⟦index⟧ where a point is named, and takes names out that could hold anything. */
export function markPoints(truth: Truth, text: string, place: Place): string {
  const { axis } = place;
  const { record } = truth.study;
  let marked = text;
  marked = markEdges(truth, marked);
  if (axis !== undefined) marked = markAlong(truth, marked, axis);
  if (place.through !== undefined) marked = markThrough(truth, marked, place.through);
  for (const [name, index] of namesOf(truth)) marked = marked.replaceAll(name, `⟦${index}⟧`);
  for (const name of [record.name, record.corpus.name]) {
    if (/\d/.test(name)) marked = marked.replaceAll(name, "⟨name⟩");
  }
  marked = markBaseline(truth, marked);
  for (const phrase of harmless) marked = marked.replaceAll(phrase, "⟨known⟩");
  const { points } = record.space;
  const settings = points.flatMap((point) => Object.entries(point))
    .map(([name, value]) => setting(name, value)).sort((a, b) => b.length - a.length);
  for (const each of settings) marked = marked.replaceAll(each, "⟨setting⟩");
  for (const name of new Set(points.flatMap((point) => Object.keys(point)))) {
    if (/\d/.test(name)) marked = marked.replaceAll(name, "⟨axis⟩");
  }
  return marked.replace(/\bL[12]\b/g, "⟨kind⟩");
}

/** Marks the values of a figure's axis, with those of the other axes where the title names them. */
function markAlong(truth: Truth, text: string, axis: string): string {
  const { points } = truth;
  const parts = points.map(({ point }, index) => {
    const { [axis]: value, ...others } = point;
    const rest = Object.keys(others).length === 0 ? "" : inWords(others);
    return { index, value, has: axis in point, rest };
  });
  const named = parts.map(({ rest }) => rest)
    .filter((rest) => rest !== "" && text.includes(` (${rest})`))
    .sort((a, b) => b.length - a.length)[0];
  const among = parts.filter(({ rest, has }) => has && (named === undefined || rest === named));
  let marked = named === undefined ? text : text.replace(` (${named})`, "");
  const lacking = parts.filter(({ has }) => !has).map(({ index }) => `⟦${index}⟧`).join("");
  if (lacking !== "") {
    marked = marked.replace(
      new RegExp(`[Ww]ithout ${RegExp.escape(symbols[axis] ?? axis)}`),
      (word) => `${word} ${lacking}`,
    );
  }
  const values = [...new Map(among.map((each) => [short(each.value), each.value]))]
    .sort(([a], [b]) => b.length - a.length);
  for (const [value, json] of values) {
    const tokens = among.filter((each) => short(each.value) === value)
      .map(({ index }) => `⟦${index}⟧`).join("");
    const whole = points.some(({ point }) =>
      marked.includes(inWords(point)) &&
      Object.keys(point).length > 1
    );
    if (!whole) marked = marked.replaceAll(setting(axis, json), tokens);
    marked = marked.replace(`, at ${value} it is`, `, at ${tokens} it is`)
      .replace(`lowest at ${value} (`, `lowest at ${tokens} (`)
      .replace(`highest with ${value},`, `highest with ${tokens},`);
  }
  return marked;
}

/** Takes out `the baseline (decoupled weight decay 0.5, without dropout)` where it has just that. */
function markBaseline(truth: Truth, text: string): string {
  const { baseline } = truth;
  return text.replace(/([Bb]aseline) \(([^()]*)\)/g, (whole, word, parts: string) => {
    const right = baseline !== null && parts.split(", ").every((part) => {
      const strength = / ([\d.e-]+)$/.exec(part)?.[1];
      const has = [...baseline.remedies.values()].filter((each) => each > 0);
      if (part.includes(" = ")) return true;
      return strength === undefined
        ? part.startsWith("without ")
        : has.some((each) => short(each) === strength);
    });
    return right ? `${word} (${parts.replace(/[\d.e-]+$|[\d.e-]+(?=, )/g, "⟨strength⟩")})` : whole;
  });
}

/** Takes out `(α = 1, the largest)` where that is so. */
function markEdges(truth: Truth, text: string): string {
  const values = new Map<string, Json[]>();
  for (const { point } of truth.points) {
    for (const [axis, value] of Object.entries(point)) {
      values.set(axis, [...values.get(axis) ?? [], value]);
    }
  }
  let marked = text;
  for (const [axis, all] of values) {
    const numbers = all.filter((value) => typeof value === "number");
    if (numbers.length === 0) continue;
    for (
      const [word, value] of [["largest", Math.max(...numbers)], [
        "smallest",
        Math.min(...numbers),
      ]] as const
    ) {
      marked = marked.replaceAll(`${setting(axis, value)}, the ${word}`, "⟨edge⟩");
    }
  }
  return marked;
}

/** Marks `α = 1 lowers` and `from 0 to 1 α the gap` by the points that differ in that axis only. */
function markThrough(truth: Truth, text: string, through: JsonObject): string {
  let marked = text;
  for (const [index, { point }] of truth.points.entries()) {
    for (const [axis, value] of Object.entries(point)) {
      const rest = (of: JsonObject) =>
        JSON.stringify(Object.entries(of).filter(([name]) => name !== axis));
      if (rest(point) !== rest(through)) continue;
      for (
        const [before, after] of [["", " lowers"], ["lowest with ", ":"], ["lowest, at ", ""]]
      ) {
        marked = marked.replaceAll(
          `${before}${setting(axis, value)}${after}`,
          `${before}⟦${index}⟧${after}`,
        );
      }
      const name = symbols[axis] ?? axis;
      marked = marked.replaceAll(
        `to ${setting(axis, value)} the gap`,
        `to ⟦${index}⟧ the gap`,
      );
      const [from, to] = [`rom ${short(value)} to `, ` to ${short(value)} ${name} the gap`];
      for (const part of marked.split(";")) {
        if (!part.includes(` ${name} the gap`)) continue;
        marked = marked.replace(
          part,
          part.replace(from, `rom ⟦${index}⟧ to `).replace(to, ` to ⟦${index}⟧ ${name} the gap`),
        );
      }
    }
  }
  return marked;
}

export function unmark(truth: Truth, sentence: string): string {
  return sentence.replace(
    /⟦(\d+)⟧/g,
    (_, index) => `⟦${inWords(truth.points[Number(index)].point)}⟧`,
  );
}
