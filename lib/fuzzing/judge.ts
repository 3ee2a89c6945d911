/** Words of JavaScript's engine and of Deno's core, which say nothing to whoever gave the input. */
const foreign: readonly RegExp[] = [
  /Cannot (read|set) propert/,
  /Cannot (convert|mix|destructure|assign|redefine|define|delete|access|use '|create property)/,
  /is not (iterable|a function|a constructor|an object|defined|extensible)/,
  /\bnot iterable\b/,
  /[Uu]nexpected (token|end of|non-whitespace|number|string|identifier)/,
  /JSON at position|in JSON at|valid JSON|Bad control character|Bad escaped|Unterminated string/,
  /Expected (property name|',' or|double-quoted|':')/,
  /Invalid (array length|typed array|string length|count value|time value|array buffer|URL\b)/,
  /Invalid (date|code point|regular expression|character in)/i,
  /[Aa]rray buffer allocation|Start offset|byte length of .* should be|[Oo]ffset is (outside|out of)/,
  /URI malformed|encoded data (was|is) not valid|could not be cloned|circular structure/,
  /Maximum call stack|call stack size|too much recursion|out of memory/i,
  /undefined \((reading|setting)/,
  /Reduce of empty array|must be called with|Class constructor|Receiver must be|Derived constructors/,
  /Method \S+ called on|argument must be of type|Received (undefined|null|an instance|type)/,
  /The first argument must|Illegal (invocation|constructor)|Found a character that cannot be part/,
  /BigInt|Symbol\(|toFixed\(\)|toString\(\) radix|digits argument|Incorrect header/,
  /\[object |found undefined\b|ERR_[A-Z]|^\w*Error: |Uncaught/,
  /^\s+at .*[:(]\d+:\d+\)?$/m,
];

/** Characters that colour or reorder what is printed; line feeds are looked at apart. */
const invisible =
  // deno-lint-ignore no-control-regex
  /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/;

/** Characters of a message that one can take in at a glance. */
const longest = 600;

/** What is wrong with a text that is printed, of one line or several; null when nothing is. */
export function faultOfPrinted(text: string): string | null {
  const odd = invisible.exec(text);
  if (odd !== null) {
    const code = odd[0].charCodeAt(0).toString(16).toUpperCase().padStart(4, "0");
    return `a raw U+${code}`;
  }
  if (!text.isWellFormed()) return "half a surrogate pair";
  return null;
}

/**
 * What keeps a text from being one clear line of this library's: several lines, raw control or
 * bidirectional marks, words of V8, more than 600 characters, or no end of a sentence.
 *
 * @returns What is wrong, or null.
 *
 * @example
 * ```ts
 * import { faultOfMessage } from "./judge.ts";
 * import assert from "node:assert/strict";
 * assert.equal(faultOfMessage("steps must be a whole number, found null."), null);
 * assert.match(faultOfMessage("Cannot read properties of null (reading 'a')")!, /words of/);
 * ```
 */
export function faultOfMessage(message: string): string | null {
  const printed = faultOfPrinted(message.replaceAll("\n", " "));
  if (printed !== null) return printed;
  if (message.trim() === "") return "no message";
  if (message.includes("\n")) return `${message.split("\n").length} lines`;
  const words = foreign.find((pattern) => pattern.test(message));
  if (words !== undefined) return `words of JavaScript's engine: ${words.exec(message)![0]}`;
  if (message.length > longest) return `${message.length} characters`;
  if (!/[.?!]$/.test(message)) return "no end of a sentence";
  return null;
}

/** What is wrong with a line that a command prints; null when nothing is. */
export function faultOfLine(line: string): string | null {
  const words = foreign.find((pattern) => pattern.test(line));
  if (words !== undefined) return `words of JavaScript's engine: ${words.exec(line)![0]}`;
  return line.length > longest ? `${line.length} characters` : faultOfPrinted(line);
}

/** Words in a document that stand for a number or a text that is not there. */
const holes = /\bundefined\b|\bNaN\b|\[object [A-Z]|\bInfinity\b|∞/g;

/**
 * What is wrong with a document made of accepted input: words for what is not there, or raw marks; null
 * when nothing is.
 *
 * @param text The document.
 * @param input What it was made of: words that stand there already are its own.
 */
export function faultOfDocument(text: string, input: string): string | null {
  for (const { 0: hole, index } of text.matchAll(holes)) {
    if (input.includes(hole)) continue;
    const around = text.slice(Math.max(0, index - 60), index + 40);
    return `"${hole}" in "${around.replace(/\s+/g, " ")}"`;
  }
  return faultOfPrinted(text.replaceAll("\t", " "));
}
