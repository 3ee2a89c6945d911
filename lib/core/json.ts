import { visibleText } from "./html.ts";
import { sha256 } from "./hash.ts";

/** A value that JSON can hold without loss. */
export type Json = null | boolean | number | string | readonly Json[] | JsonObject;

/** An object that JSON can hold without loss. */
export interface JsonObject {
  /** Value of a key. */
  readonly [key: string]: Json;
}

/**
 * Writes a value as canonical JSON: keys sorted by UTF-16 code unit, no white space, numbers as
 * ECMAScript prints them (RFC 8785, the JSON Canonicalization Scheme). A property that is
 * `undefined` is left out.
 *
 * @param value The value.
 * @returns One line of text, the same for equal values whatever the order of their keys.
 * @throws {TypeError} If the value holds what JSON cannot hold without loss (NaN, Infinity, a
 * function, a bigint, a class instance); the message names the path.
 *
 * @example
 * ```ts
 * import { canonicalJson } from "./json.ts";
 * import assert from "node:assert/strict";
 * assert.equal(canonicalJson({ b: [1, 1e-6], a: "é" }), '{"a":"é","b":[1,0.000001]}');
 * assert.throws(() => canonicalJson({ lambda: NaN }), /at \$\.lambda/);
 * ```
 */
export function canonicalJson(value: unknown): string {
  return write(value, []);
}

/**
 * SHA-256 of the canonical JSON of a value.
 *
 * @param value A value that JSON can hold without loss.
 * @returns 64 lowercase hexadecimal digits.
 */
export function hashJson(value: unknown): string {
  return sha256(canonicalJson(value));
}

/** Lists and objects in one another, behind which nothing that is written here is meant. */
const deepest = 500;

function write(value: unknown, path: (string | number)[]): string {
  if (path.length > deepest) {
    throw new TypeError(`Cannot write what is nested more than ${deepest} levels deep as JSON.`);
  }
  if (value === null || typeof value === "boolean" || typeof value === "string") {
    return JSON.stringify(value);
  }
  if (typeof value === "number") {
    if (!Number.isFinite(value)) {
      throw new TypeError(
        `Cannot write ${value} at ${pathInWords(path)} as JSON: only finite numbers can be.`,
      );
    }
    return JSON.stringify(value);
  }
  const inner = (item: unknown, key: string | number) => {
    path.push(key);
    const json = write(item, path);
    path.pop();
    return json;
  };
  if (Array.isArray(value)) return `[${value.map(inner).join(",")}]`;
  if (typeof value === "object" && isPlain(value)) {
    const parts: string[] = [];
    // By UTF-16 code units, as `<` compares.
    for (const key of Object.keys(value).sort()) {
      if (value[key] !== undefined) parts.push(`${JSON.stringify(key)}:${inner(value[key], key)}`);
    }
    return `{${parts.join(",")}}`;
  }
  throw new TypeError(
    `Cannot write a ${typeof value} at ${
      pathInWords(path)
    } as JSON: only plain data can be (null, ` +
      `boolean, finite number, string, array, object).`,
  );
}

/** A path on one line, short, with what is invisible in its keys by its code. */
function pathInWords(path: readonly (string | number)[]): string {
  const whole = `$${path.map((key) => typeof key === "number" ? `[${key}]` : `.${key}`).join("")}`;
  const line = visibleText(whole.replace(/\s/g, " "));
  return line.length > 200 ? `${line.slice(0, 197)}...` : line;
}

function isPlain(value: object): value is Record<string, unknown> {
  const prototype = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype ||
    // A cell of a notebook or a test can hand over an object of another realm.
    Object.getPrototypeOf(prototype) === null;
}
