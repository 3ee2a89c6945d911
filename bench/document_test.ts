import assert from "node:assert/strict";
import { documentPath, readResults, withResults } from "./document.ts";
import type { MemoryResult } from "./results.ts";

const memory: MemoryResult = {
  machine: {
    processor: "A processor",
    cores: 2,
    memoryGibibytes: 8,
    system: "linux",
    deno: "2",
    loadBefore: 0.5,
    date: "2026-01-02",
  },
  rows: [{
    configuration: "A",
    engine: "wasm",
    flat: false,
    problems: ["tensors from 1 to 2"],
    samples: [{
      step: 10,
      tensors: 2,
      tensorMebibytes: 1,
      engineMebibytes: 1,
      enginePeakMebibytes: 3,
      heapMebibytes: 40,
      residentMebibytes: 100,
    }],
  }],
};

Deno.test("withResults replaces what lies between the marks, and nothing else", () => {
  const text = "before\n<!-- begin memory -->\nold\n<!-- end memory -->\nafter\n";
  const results = new Map([["memory", memory]]);
  const written = withResults(text, results);
  assert.ok(written.startsWith("before\n<!-- begin memory -->\n"));
  assert.ok(written.endsWith("<!-- end memory -->\nafter\n"));
  assert.ok(!written.includes("old"));
  assert.match(written, /A, wasm: GROWS: tensors from 1 to 2\./);
  assert.match(written, /\| +10 \| +2 \| +1\.00 \|/);
  assert.equal(withResults(written, results), written);
});

Deno.test("withResults shows the result of another machine between marks of its own", () => {
  const text = ["memory", "memory-amd"].map((name) =>
    `<!-- begin ${name} -->\n<!-- end ${name} -->\n`
  ).join("");
  const other = { ...memory, machine: { ...memory.machine, processor: "Another processor" } };
  const written = withResults(text, new Map([["memory", memory], ["memory-amd", other]]));
  assert.match(written, /A processor.+end memory -->.+memory-amd -->.+Another processor/s);
});

Deno.test("withResults refuses a result of no bench", () => {
  assert.throws(() => withResults("", new Map([["speed-amd", memory]])), /benches are training/);
});

Deno.test("withResults refuses a document without the marks", () => {
  assert.throws(() => withResults("text", new Map([["memory", memory]])), /begin memory/);
});

Deno.test("docs/benchmarks.md shows the results in docs/benchmarks/", () => {
  const text = Deno.readTextFileSync(documentPath);
  assert.equal(withResults(text, readResults()), text);
});
