import assert from "node:assert/strict";
import { faultOfDocument, faultOfLine, faultOfMessage } from "./judge.ts";

/** Messages of V8 and of Deno's core, as they come. */
function messagesOfTheEngine(): string[] {
  const tries: readonly (() => unknown)[] = [
    () => (undefined as any).x,
    () => (null as any).x = 1,
    () => (3 as any)(),
    () => [...(3 as any)],
    () => new (3 as any)(),
    () => JSON.parse("{"),
    () => JSON.parse("[1,]"),
    () => JSON.parse('{"a" 1}'),
    () => JSON.parse('"\u0001"'),
    () => JSON.parse("nope"),
    () => JSON.parse('"a'),
    () => new Array(-1),
    () => new Float32Array(-1),
    () => new Float32Array(2 ** 40),
    () => new Uint8Array(3).set([1], 9),
    () => "x".repeat(2 ** 40),
    () => decodeURIComponent("%ZZ"),
    () => new URL("nope"),
    () => structuredClone(() => {}),
    () => ([] as number[]).reduce((sum) => sum),
    () => BigInt(0.5),
    () => Number({ toString: 1 }),
    () => Object.defineProperty(Object.freeze({}), "a", { value: 1 }),
    () => (1).toFixed(101),
    () => new Date(NaN).toISOString(),
    () => String.fromCodePoint(-1),
    () => new TextDecoder("utf-8", { fatal: true }).decode(Uint8Array.of(255)),
    () => Uint8Array.fromBase64("?"),
    () => {
      const down = (): number => 1 + down();
      return down();
    },
    () => {
      const round: { a?: unknown } = {};
      round.a = round;
      return JSON.stringify(round);
    },
  ];
  return tries.map((each) => {
    try {
      each();
    } catch (error) {
      return (error as Error).message;
    }
    throw new Error(`${each} does not throw.`);
  });
}

Deno.test("faultOfMessage knows the messages of JavaScript's engine, and takes our own", () => {
  for (const message of messagesOfTheEngine()) {
    assert.notEqual(faultOfMessage(message), null, message);
    // With our own words around them, as one would pass them on.
    const passed = faultOfMessage(`Cannot read study.json: ${message}.`);
    assert.match(passed!, /words of JavaScript's engine|lines/, message);
    assert.notEqual(faultOfLine(message), null, message);
  }
  for (
    const own of [
      "specification.steps must be a whole number from 1, found NaN.",
      'Cannot read results/a/study.json: it is not JSON: line 1, column 7 has "NaN}".',
      'There is no study "x" in results; there are: none. Did you mean "y"?',
    ]
  ) assert.equal(faultOfMessage(own), null);
});

Deno.test("faultOfMessage refuses marks, several lines, length, and what is no sentence", () => {
  const cases: readonly (readonly [string, RegExp])[] = [
    ["a \u001b[31m.", /a raw U\+001B/],
    ["a \u202e.", /a raw U\+202E/],
    ["a \ud800.", /half a surrogate/],
    ["a\nb.", /2 lines/],
    [`${"a".repeat(601)}.`, /602 characters/],
    ["", /no message/],
    ["no such file", /no end of a sentence/],
    ["steps must be a number, found undefined.", /found undefined/],
  ];
  for (const [message, fault] of cases) assert.match(faultOfMessage(message)!, fault);
});

Deno.test("faultOfDocument finds words for what is not there, unless the input has them", () => {
  for (const hole of ["undefined", "NaN", "Infinity", "∞", "[object Object]"]) {
    assert.match(faultOfDocument(`<p>of ${hole} points</p>`, "")!, /in "<p>of/);
    assert.equal(faultOfDocument(`<p>of ${hole} points</p>`, `{"name": "${hole}"}`), null);
  }
  assert.equal(faultOfDocument("undefinedness is\tno hole\n", ""), null);
  assert.match(faultOfDocument("a\u2066", "a\u2066")!, /a raw U\+2066/);
});
