import assert from "node:assert/strict";
import type { RunRecord } from "./run_record.ts";
import { parseJournal, readRuns, uniqueRuns } from "./read_runs.ts";
import { recordVersions } from "./check_record.ts";

const here = (name: string) => new URL(`./_testing/${name}`, import.meta.url).pathname;
const encode = (text: string) => new TextEncoder().encode(text);
const stored = Deno.readTextFileSync(here("runs.v1.jsonl"));
const lines = stored.trimEnd().split("\n");

Deno.test("readRuns reads the stored journal of every version", () => {
  for (const version of recordVersions) {
    const runs = readRuns(here(`runs.v${version}.jsonl`));
    assert.equal(runs.length, 5);
    assert.equal(runs[0].curve.at(-1)!.heldOutLoss, 2.4145779118405546);
    assert.equal(runs[0].samples[0].text, "λ = 0 🐋\u2028");
  }
});

Deno.test("readRuns gives no runs for a file that does not exist", () => {
  assert.deepEqual(readRuns(here("nothing.jsonl")), []);
});

Deno.test("parseJournal reads a sample that shares more with the held-out text than with the training text", () => {
  const run: RunRecord = JSON.parse(lines[0]);
  const statistics = {
    tokens: 9,
    distinct: [0.5],
    nGramLength: 4,
    repetition: 0,
    trainingOverlap: 0.25,
    heldOutOverlap: 0.5,
    memorizedShare: -0.25,
    longestCopiedSpan: 4,
  };
  const samples = run.samples.map((sample) => ({ ...sample, statistics }));
  const [read] = parseJournal(encode(`${JSON.stringify({ ...run, samples })}\n`)).lines;
  assert.equal(read.samples[0].statistics!.memorizedShare, -0.25);
});

Deno.test("parseJournal drops the last line torn at every one of its bytes, and reports it", () => {
  const whole = encode(`${lines[0]}\n${lines[1]}\n`);
  const first = encode(`${lines[0]}\n`).length;
  for (let length = first + 1; length < whole.length; length++) {
    const content = parseJournal(whole.subarray(0, length));
    assert.equal(content.lines.length, 1);
    assert.equal(content.length, first);
    assert.deepEqual(content.torn, { line: 2, bytes: length - first });
  }
  assert.equal(parseJournal(whole).torn, null);
  assert.equal(parseJournal(whole).lines.length, 2);
});

Deno.test("parseJournal refuses garbage in the middle and names its line", () => {
  const run: RunRecord = JSON.parse(lines[1]);
  const final = { ...run.final!, heldOutLoss: null };
  const garbage: { readonly [what: string]: [string | Uint8Array, RegExp] } = {
    "text": ["not a record", /line 2 is not the record/],
    "an empty line": ["", /line 2 is not the record/],
    "half a line": [lines[1].slice(0, 300), /line 2 is not the record/],
    "zeros": ["\0\0\0\0", /line 2 is not the record/],
    "a list": ["[1]", /line 2 .*run must be an object/],
    "no UTF-8": [new Uint8Array([0x22, 0xff, 0x22]), /line 2 is not the record/],
    "no id": [JSON.stringify({ ...run, id: undefined }), /run\.id must be 64 hexadecimal/],
    "a bad id": [JSON.stringify({ ...run, id: "../x" }), /run\.id must be 64 hexadecimal/],
    "a bad status": [JSON.stringify({ ...run, status: "fine" }), /run\.status must be one of/],
    "a bad fold": [JSON.stringify({ ...run, fold: -1 }), /run\.fold must be a whole number/],
    "a loss of NaN": [JSON.stringify({ ...run, final }), /run\.final\.heldOutLoss must be a fini/],
    "no curve": [JSON.stringify({ ...run, curve: 3 }), /run\.curve must be a list/],
    "completed without end": [JSON.stringify({ ...run, final: null }), /run\.final must be an ob/],
  };
  for (const [what, [line, expected]] of Object.entries(garbage)) {
    const middle = typeof line === "string" ? encode(line) : line;
    const bytes = [...encode(`${lines[0]}\n`), ...middle, 10, ...encode(`${lines[2]}\n`)];
    assert.throws(() => parseJournal(new Uint8Array(bytes), "runs.jsonl"), expected, what);
  }
});

Deno.test("parseJournal refuses a record of a newer version and says to update", () => {
  const newer = lines[0].replace('"schemaVersion":1', '"schemaVersion":2');
  assert.throws(
    () => parseJournal(encode(`${newer}\n`)),
    /line 1 of runs.jsonl: run.schemaVersion must be at most 1, found 2.*update parsimony/,
  );
  const none = lines[0].replace('"schemaVersion":1', '"schemaVersion":"1"');
  assert.throws(() => parseJournal(encode(`${none}\n`)), /schemaVersion must be 1/);
});

Deno.test("uniqueRuns keeps a finished record over a later one, and a later one over a failed one", () => {
  const run: RunRecord = JSON.parse(lines[0]);
  const failed: RunRecord = { ...run, status: "failed" };
  const pruned: RunRecord = { ...run, status: "pruned" };
  assert.deepEqual(uniqueRuns([failed, run]), [run]);
  assert.deepEqual(uniqueRuns([pruned, run]), [run]);
  assert.deepEqual(uniqueRuns([run, failed]), [run]);
  assert.deepEqual(uniqueRuns([failed, pruned]), [pruned]);
});
