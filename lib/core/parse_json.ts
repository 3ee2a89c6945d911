import { show } from "./check.ts";

/** Lists and objects in one another that a text may have; what this library writes has under 20. */
const deepest = 500;

/**
 * Reads a JSON text that came from elsewhere.
 *
 * @param text The text.
 * @param what What it is called in the message, such as the path of its file.
 * @throws {SyntaxError} If it is not JSON, with the line and column where it stops being that, or nested
 * more than 500 levels deep, which what reads it could not follow.
 *
 * @example
 * ```ts
 * import { parseJson } from "./parse_json.ts";
 * import assert from "node:assert/strict";
 * assert.deepEqual(parseJson('{"a": [1, null]}', "it"), { a: [1, null] });
 * assert.throws(() => parseJson('{"a": NaN}', "it"), {
 *   message: 'it is not JSON: line 1, column 7 has "NaN}".',
 * });
 * ```
 */
export function parseJson(text: string, what: string): unknown {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new SyntaxError(`${what} is not JSON: ${placeOf(text, firstInvalid(text))}.`);
  }
  if (depthOf(text) > deepest) {
    throw new SyntaxError(
      `${what} must be nested at most ${deepest} levels deep, found ${depthOf(text)}.`,
    );
  }
  return value;
}

function placeOf(text: string, at: number): string {
  const before = text.slice(0, at);
  const line = before.split("\n").length;
  const column = at - before.lastIndexOf("\n");
  const rest = text.slice(at, at + 12);
  return `line ${line}, column ${column} ${rest === "" ? "is its end" : `has ${show(rest)}`}`;
}

/** How deeply the lists and objects of a JSON text are nested. */
function depthOf(text: string): number {
  let depth = 0;
  let most = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === 0x22) at = endOfString(text, at);
    else if (code === 0x7b || code === 0x5b) most = Math.max(most, ++depth);
    else if (code === 0x7d || code === 0x5d) depth--;
  }
  return most;
}

/** Place of the closing quotation mark of a string of valid JSON. */
function endOfString(text: string, start: number): number {
  for (let end = start;;) {
    end = text.indexOf('"', end + 1);
    let slashes = 0;
    while (text[end - 1 - slashes] === "\\") slashes++;
    if (slashes % 2 === 0) return end;
  }
}

const space = /[ \t\n\r]*/y;
const word = /true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
// deno-lint-ignore no-control-regex -- JSON has none of them in strings
const piece = /[^"\\\u0000-\u001f]+|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y;

/** The end of what an expression matches at a place, or the place itself. */
function after(pattern: RegExp, text: string, at: number): number {
  pattern.lastIndex = at;
  return pattern.test(text) ? pattern.lastIndex : at;
}

/** Place of the first character that cannot stand there in JSON. */
export function firstInvalid(text: string): number {
  const open: ("{" | "[")[] = [];
  let expected: "value" | "key" | "colon" | "next" = "value";
  // Directly behind an opening bracket a closing one may stand.
  let fresh = false;
  for (let at = after(space, text, 0);; at = after(space, text, at)) {
    const character = text[at];
    const inside = open.at(-1);
    const closes = character === (inside === "{" ? "}" : "]") && inside !== undefined;
    if (closes && (fresh || expected === "next")) {
      open.pop();
      expected = "next";
      at++;
    } else if (expected === "next") {
      if (character !== "," || inside === undefined) return at;
      expected = inside === "{" ? "key" : "value";
      at++;
    } else if (expected === "colon") {
      if (character !== ":") return at;
      expected = "value";
      at++;
    } else if (character === '"') {
      let end = at + 1;
      for (let next; (next = after(piece, text, end)) !== end; end = next);
      if (text[end] !== '"') return end;
      at = end + 1;
      expected = expected === "key" ? "colon" : "next";
    } else if (expected === "key") return at;
    else if (character === "{" || character === "[") {
      open.push(character);
      expected = character === "{" ? "key" : "value";
      fresh = true;
      at++;
      continue;
    } else {
      const end = after(word, text, at);
      if (end === at) return at;
      at = end;
      expected = "next";
    }
    fresh = false;
  }
}
