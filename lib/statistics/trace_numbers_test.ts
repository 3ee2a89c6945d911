import assert from "node:assert/strict";
import {
  counted,
  formatCount,
  formatEstimate,
  formatNumber,
  formatPoint,
  formatPValue,
  formatSetting,
  formatShare,
  formatSigned,
  thousands,
} from "./format.ts";
import { splitTraced, traceNumbers, untraced, withoutMarks } from "./trace_numbers.ts";

/** What each function gives of some values, in one text. */
const texts = () =>
  [
    formatNumber(-0.48349, 3),
    formatNumber(null),
    formatNumber(NaN),
    formatSigned(0.0123),
    formatSigned(-0.0123),
    formatEstimate({ mean: 1.5, standardError: 0.25, foldMeans: [] }),
    formatShare(0.5312),
    formatPValue(0.00002),
    formatPValue(0.04),
    formatSetting(Math.sqrt(1e-9)),
    formatPoint({ lambda: 1e-5, arm: "L1" }),
    thousands(78592),
    counted(3, "fold"),
    formatCount(7, "run"),
  ].join("; ");

Deno.test("a trace marks what is formatted, and without its marks a text is what it is without a trace", () => {
  const plain = texts();
  assert.equal(
    plain,
    "−0.483; –; –; +0.012; −0.012; 1.500 ± 0.250; 53.1 %; < 0.001; 0.040; 3.162e-5; " +
      "λ = 1e-5, arm = L1; 78,592; 3 folds; 7",
  );
  const { value, numbers } = traceNumbers(texts);
  assert.notEqual(value, plain);
  assert.equal(withoutMarks(value), plain);
  assert.equal(texts(), plain);
  assert.deepEqual(
    splitTraced(value, numbers).filter((each) => typeof each !== "string")
      .map(({ text, value, counts, of }) => [text, value, counts ?? of]),
    [
      ["−0.483", -0.48349, null],
      ["+0.012", 0.0123, null],
      ["−0.012", -0.0123, null],
      ["1.500", 1.5, null],
      ["0.250", 0.25, null],
      ["53.1", 0.5312, null],
      ["0.001", 0.00002, null],
      ["0.040", 0.04, null],
      ["3.162e-5", Math.sqrt(1e-9), null],
      ["1e-5", 1e-5, "lambda"],
      ["78,592", 78592, null],
      ["3", 3, "fold"],
      ["7", 7, "run"],
    ],
  );
});

Deno.test("pieces of a traced text joined are the text", () => {
  const { value, numbers } = traceNumbers(() => `a ${texts()} b`);
  const joined = splitTraced(value, numbers)
    .map((each) => typeof each === "string" ? each : each.text).join("");
  assert.equal(joined, withoutMarks(value));
});

Deno.test("the same number has the same mark, another value or noun another one, also of thousands", () => {
  const { value, numbers } = traceNumbers(() =>
    Array.from({ length: 5000 }, (_, index) => [formatNumber(index / 7), counted(index, "run")])
      .map(([loss, runs]) => ({ loss, runs }))
  );
  assert.equal(numbers.length, 10_000);
  assert.equal(new Set(value.map(({ loss }) => loss)).size, 5000);
  for (const [index, { loss }] of value.entries()) {
    const [piece] = splitTraced(loss, numbers);
    assert.equal((piece as { value: number }).value, index / 7);
  }
  const again = traceNumbers(() => [formatNumber(0.5), formatNumber(0.5), counted(1, "fold")]);
  assert.equal(again.value[0], again.value[1]);
  assert.equal(again.numbers.length, 2);
});

Deno.test("what is made untraced within a trace has no marks, and the trace goes on behind it", () => {
  const { value } = traceNumbers(() => [untraced(() => formatNumber(1)), formatNumber(1)]);
  assert.equal(value[0], "1.000");
  assert.notEqual(value[1], "1.000");
});

Deno.test("a trace ends when its maker throws, and is not opened twice", () => {
  assert.throws(() =>
    traceNumbers(() => {
      throw new Error("no report");
    }), /no report/);
  assert.equal(formatNumber(1), "1.000");
  assert.throws(() => traceNumbers(() => traceNumbers(() => 1)), /another trace/);
  assert.equal(formatNumber(1), "1.000");
});

Deno.test("a mark that was cut, or that a text brought along, is left out", () => {
  const { value, numbers } = traceNumbers(() => formatNumber(1.25));
  assert.deepEqual(splitTraced(value.slice(0, -2), numbers), ["1.25"]);
  assert.deepEqual(splitTraced("\ufdd1\ufddf7\ufdd0 of \ufdd1", numbers), ["7 of "]);
});
