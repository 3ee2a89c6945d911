import type { RandomStream } from "../core/random.ts";

/** One of a list, by a random stream. */
export function oneOf<T>(list: readonly T[], stream: RandomStream): T {
  return list[stream.integer(list.length)];
}

/** Texts that print badly, lead elsewhere, or are names of what every object has. */
export const oddTexts: readonly string[] = [
  "",
  " ",
  "\n",
  "a\nb\r\nc",
  "\u0000",
  "\u001b[31mred\u001b[0m",
  "\u001b]0;title\u0007",
  "\u202etxt.exe",
  "\u2066left\u2069\u200e\u200f\u061c",
  "\u2028\u2029\ufeff",
  "\ud800",
  "\udfff half",
  "\u{1f40b}\u{1d54f}",
  "a\u0301\u0323",
  "<script>alert(1)</script><!--",
  "`x` $y$ | {{z}} [a](javascript:b)",
  "__proto__",
  "constructor",
  "toString",
  "hasOwnProperty",
  "../../../etc/passwd",
  "/etc/passwd",
  "..\\..\\secret",
  "file:///etc/passwd",
  "C:\\x",
  "./",
  "results/base/study.json",
  "-",
  "--help",
  "--redis=\u001b[2J",
  "%ZZ%00",
  "NaN",
  "Infinity",
  "undefined",
  "null",
  "true",
  "1e999",
  "-0",
  "0x10",
  "9".repeat(400),
  "x".repeat(10_000),
];

const oddNumbers: readonly number[] = [
  -0,
  0,
  1,
  -1,
  0.5,
  2,
  7,
  1e-320,
  1e21,
  1e308,
  2 ** 31,
  2 ** 32,
  2 ** 53,
  -(2 ** 53),
  NaN,
  Infinity,
  -Infinity,
];

const oddKeys: readonly string[] = [
  "__proto__",
  "constructor",
  "toString",
  "length",
  "then",
  "toJSON",
  "kind",
  "0",
  "",
  "\u001b[31m",
  "\u202e",
  "a\nb",
  "sha256",
  "path",
];

/** A value of any type, most of them of the wrong one wherever they stand. */
export function oddValue(stream: RandomStream): unknown {
  switch (stream.integer(12)) {
    case 0:
      return null;
    case 1:
      return stream.integer(2) === 0;
    case 2:
    case 3:
    case 4:
      return oneOf(oddNumbers, stream);
    case 5:
    case 6:
    case 7:
      return oneOf(oddTexts, stream);
    case 8:
      return oneOf<unknown[]>([[], [null], [[]], [NaN], ["a", 1, {}]], stream);
    case 9:
      return oneOf<object>(
        [{}, { kind: null }, { length: 3 }, { toString: 1 }, { start: 0 }],
        stream,
      );
    case 10:
      return nested(stream);
    default:
      return undefined;
  }
}

/** Lists or objects in one another, up to deeper than what reads them by calling itself can go. */
function nested(stream: RandomStream): unknown {
  const depth = oneOf([3, 100, 10_000], stream);
  const list = stream.integer(2) === 0;
  let value: unknown = 0;
  for (let level = 0; level < depth; level++) value = list ? [value] : { a: value };
  return value;
}

type Container = unknown[] | Record<string, unknown>;

/** A place in a value: what holds it, and under which key. */
interface Place {
  readonly holder: Container;
  readonly key: string;
}

/**
 * A copy of a JSON value with changes: other types, keys that are gone, new, doubled or renamed, odd
 * texts and numbers, elements cut, repeated or swapped.
 *
 * @param value What the library accepts.
 * @param stream Chooses what is changed, and how.
 * @param changes How many changes; one to three by default.
 *
 * @example
 * ```ts
 * import { mutateJson } from "./mutate.ts";
 * import { randomStream } from "../core/random.ts";
 * import assert from "node:assert/strict";
 * const value = { a: [1, 2], b: "x" };
 * const changed = mutateJson(value, randomStream(1, "example"));
 * assert.notDeepEqual(changed, value);
 * assert.deepEqual(value, { a: [1, 2], b: "x" });
 * assert.deepEqual(mutateJson(value, randomStream(1, "example")), changed);
 * ```
 */
export function mutateJson(
  value: unknown,
  stream: RandomStream,
  changes = 1 + (stream.integer(3) === 0 ? stream.integer(3) : 0),
): unknown {
  const root: { value: unknown } = { value: structuredClone(value) };
  for (let change = 0; change < changes; change++) {
    const places = placesIn(root);
    // The root itself may be gone by an earlier change.
    if (places.length > 0) changeAt(oneOf(places, stream), places, stream);
  }
  return root.value;
}

/** Every place of a value, its root too; not inside of what is nested very deeply. */
function placesIn(root: { value: unknown }): Place[] {
  const found: Place[] = [];
  const visit = (holder: Container, depth: number) => {
    for (const key of Object.keys(holder)) {
      found.push({ holder, key });
      const inner = (holder as Record<string, unknown>)[key];
      if (inner !== null && typeof inner === "object" && depth < 40) {
        visit(inner as Container, depth + 1);
      }
    }
  };
  visit(root as unknown as Record<string, unknown>, 0);
  // The root itself is rarely what goes wrong.
  return found.length > 1 ? [...found, ...found.slice(1)] : found;
}

function changeAt({ holder, key }: Place, places: readonly Place[], stream: RandomStream): void {
  const object = holder as Record<string, unknown>;
  const found = object[key];
  const set = (value: unknown) => void define(holder, key, value);
  switch (stream.integer(10)) {
    case 0:
      if (Array.isArray(holder)) holder.splice(Number(key), 1);
      else delete object[key];
      return;
    case 1: {
      const name = oneOf(oddKeys, stream);
      const value = oddValue(stream);
      if (Array.isArray(holder)) holder.splice(Number(key), 0, value);
      else define(holder, name, value);
      return;
    }
    case 2: {
      // What stands elsewhere, of a type that may not fit here.
      const other = oneOf(places, stream);
      return set(copied((other.holder as Record<string, unknown>)[other.key]));
    }
    case 3:
      if (Array.isArray(found)) {
        return set(oneOf<unknown>([[], [...found, ...found], found[0]], stream));
      }
      if (typeof found === "string") return set(mutateText(found, stream));
      if (typeof found === "number") return set(nearby(found, stream));
      return set(oddValue(stream));
    case 4:
      if (typeof found === "number") return set(nearby(found, stream));
      if (typeof found === "string") return set(mutateText(found, stream));
      return set([found]);
    case 5:
      if (found !== null && typeof found === "object") return set(oddValue(stream));
      return set(typeof found === "string" ? Number(found) : String(found));
    default:
      return set(oddValue(stream));
  }
}

/** A copy, but of what is nested more deeply than can be copied. */
function copied(value: unknown): unknown {
  try {
    return structuredClone(value);
  } catch {
    return null;
  }
}

/** As JSON.parse sets a key: also `__proto__` is one like the others. */
function define(holder: Container, key: string, value: unknown): void {
  Object.defineProperty(holder, key, {
    value,
    enumerable: true,
    configurable: true,
    writable: true,
  });
}

function nearby(number: number, stream: RandomStream): number {
  return oneOf(
    [-number, number + 1, number - 1, number / 3, number * 10, number * 1e12, ...oddNumbers],
    stream,
  );
}

/** A text with a piece cut, doubled, turned around or put in, or with other ends of lines. */
export function mutateText(text: string, stream: RandomStream): string {
  const at = stream.integer(text.length + 1);
  const end = at + stream.integer(Math.min(40, text.length - at) + 1);
  const piece = text.slice(at, end);
  const put = (between: string) => text.slice(0, at) + between + text.slice(end);
  switch (stream.integer(8)) {
    case 0:
      return text.slice(0, at);
    case 1:
      return put("");
    case 2:
      return put(piece + piece);
    case 3:
      return put([...piece].reverse().join(""));
    case 4:
      return text.replaceAll("\n", "\r\n");
    case 5:
      return `\ufeff${text}`;
    case 6:
      return put(String.fromCharCode(stream.integer(0x10000)));
    default:
      return put(oneOf(oddTexts, stream));
  }
}

/** Bytes that are cut, flipped, doubled, put in, or marked as another encoding. */
export function mutateBytes(bytes: Uint8Array, stream: RandomStream): Uint8Array {
  const at = stream.integer(bytes.length + 1);
  const end = at + stream.integer(Math.min(64, bytes.length - at) + 1);
  const put = (between: readonly number[] | Uint8Array) =>
    Uint8Array.from([...bytes.subarray(0, at), ...between, ...bytes.subarray(end)]);
  switch (stream.integer(8)) {
    case 0:
      return bytes.slice(0, at);
    case 1:
      return put([]);
    case 2:
      return put([...bytes.subarray(at, end), ...bytes.subarray(at, end)]);
    case 3:
      return Uint8Array.from([
        ...oneOf([[0xef, 0xbb, 0xbf], [0xff, 0xfe], [0xfe, 0xff], [0, 0, 0xfe, 0xff]], stream),
        ...bytes,
      ]);
    case 4:
      return put(oneOf([[0], [0x80], [0xc0, 0xaf], [0xed, 0xa0, 0x80], [0xff], [0x1b]], stream));
    case 5:
      return Uint8Array.from([...bytes].flatMap((byte) => [byte, 0]));
    default: {
      const changed = Uint8Array.from(bytes);
      for (let flip = 0; flip <= stream.integer(4) && changed.length > 0; flip++) {
        changed[stream.integer(changed.length)] ^= 1 << stream.integer(8);
      }
      return changed;
    }
  }
}

/**
 * A value as JSON text; what JSON cannot say is written as it might arrive, and sometimes the text itself
 * is changed.
 */
export function mutatedJsonText(value: unknown, stream: RandomStream, indent?: number): string {
  const text = jsonText(mutateJson(value, stream), indent);
  return stream.integer(6) === 0 ? mutateText(text, stream) : text;
}

/** JSON with NaN and infinities as the words that some programs write for them. */
export function jsonText(value: unknown, indent?: number): string {
  const words = new Map<string, string>();
  const replace = (_key: string, inner: unknown) => {
    if (typeof inner !== "number" || Number.isFinite(inner)) return inner;
    const mark = `\u0001number ${inner}\u0001`;
    words.set(JSON.stringify(mark), String(inner));
    return mark;
  };
  let text: string;
  try {
    text = JSON.stringify(value, replace, indent) ?? "nothing";
  } catch (error) {
    // What is nested more deeply than JSON.stringify can go.
    if (!(error instanceof RangeError)) throw error;
    return "[".repeat(20_000) + "]".repeat(20_000);
  }
  for (const [mark, word] of words) text = text.replaceAll(mark, word);
  return text;
}
