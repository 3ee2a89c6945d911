import type { Json } from "../core/json.ts";
import { visibleLine, visibleText } from "../core/html.ts";
import type { Chart } from "./chart.ts";

/** A chart with what it draws as text changed. */
export function withTexts(chart: Chart, change: (text: string) => string): Chart {
  const changed = (value: unknown): unknown => {
    if (typeof value === "string") return change(value);
    if (Array.isArray(value)) return value.map(changed);
    if (value === null || typeof value !== "object") return value;
    return Object.fromEntries(
      Object.entries(value as { [name: string]: Json }).map(([key, each]) => [key, changed(each)]),
    );
  };
  return { ...chart, panels: changed(chart.panels) as Chart["panels"] };
}

/** A text with the characters that a typeface lacks written by their code. */
export function byCode(text: string, has: (codePoint: number) => boolean): string {
  return [...visibleText(text)].map((character) => {
    const code = character.codePointAt(0)!;
    // A line feed breaks a label in lines.
    return character === "\n" || has(code)
      ? character
      : `‹U+${code.toString(16).toUpperCase().padStart(4, "0")}›`;
  }).join("");
}

/** A piece of a text as it is drawn, and what it stands for where that is something else. */
export interface Span {
  readonly shown: string;
  readonly actual?: string;
}

/** A text of {@link byCode} in pieces: what is written by its code stands for the character. */
export function spansOf(text: string): Span[] {
  return text.split(/((?:‹U\+[0-9A-F]{4,6}›)+)/).filter((part) => part !== "").map((shown) => {
    const codes = [...shown.matchAll(/‹U\+([0-9A-F]{4,6})›/g)].map(([, code]) =>
      parseInt(code, 16)
    );
    if (codes.length === 0 || codes.some((code) => code > 0x10ffff)) return { shown };
    const actual = String.fromCodePoint(...codes);
    // What is invisible or turns text around is not brought back.
    return visibleLine(actual) === actual && actual.isWellFormed() ? { shown, actual } : { shown };
  });
}
