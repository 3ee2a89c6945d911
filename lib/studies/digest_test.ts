import assert from "node:assert/strict";
import { readRuns } from "../records/read_runs.ts";
import { digestRuns } from "./digest.ts";

const runs = readRuns(new URL("../records/_testing/runs.v1.jsonl", import.meta.url).pathname);

Deno.test("digestRuns of the stored journal stays what it is", () => {
  assert.equal(
    digestRuns(runs),
    "80de295203e32751297092e40eeb1474fb5b976d9bc54ff833503153db17f378",
  );
});

Deno.test("digestRuns does not depend on order, duration, cost, date, host, arena, attempts or kept weights", () => {
  const other = runs.toReversed().map((run) => ({
    ...run,
    durationSeconds: 9,
    finishedAt: "2030-01-01T00:00:00Z",
    host: "another",
    attempts: 2,
    arenaMaximumBytes: 2 ** 30,
    weights: "results/x/weights/y.safetensors",
    weightsSha256: "0".repeat(64),
    cost: { flops: 1, tokens: 2, weights: 3, bytes: 12 },
  }));
  assert.equal(digestRuns(other), digestRuns(runs));
});

Deno.test("digestRuns leaves out losses on known tokens and on bytes, and counts choosing losses", () => {
  const withField = (field: object) =>
    runs.map((run) => ({
      ...run,
      curve: run.curve.map((at) => ({ ...at, ...field })),
      final: run.final && { ...run.final, ...field },
      best: run.best && { ...run.best, ...field },
    }));
  for (const field of ["knownHeldOutLoss", "bitsPerByte", "bitsPerCharacter"]) {
    assert.equal(digestRuns(withField({ [field]: 1 })), digestRuns(runs));
  }
  const lost = runs.map((run) => ({ ...run, tokens: { ...run.tokens, textLost: "case" } }));
  assert.equal(digestRuns(lost), digestRuns(runs));
  assert.notEqual(digestRuns(withField({ choosingLoss: 1 })), digestRuns(runs));
});

Deno.test("digestRuns changes with one digit, one missing run and one status", () => {
  const [first, ...rest] = runs;
  const final = { ...first.final!, heldOutLoss: first.final!.heldOutLoss + 1e-15 };
  const digests = [
    runs,
    rest,
    [{ ...first, final }, ...rest],
    [{ ...first, status: "diverged" as const }, ...rest],
    [{ ...first, samples: [] }, ...rest],
  ].map(digestRuns);
  assert.equal(new Set(digests).size, digests.length);
});

Deno.test("digestRuns leaves out the words of a failed run's error, which are the system's", () => {
  const failed = (error: string) => digestRuns([{ ...runs[0], status: "failed", error }]);
  assert.equal(failed("ended by SIGTRAP"), failed("ended with exit code 133"));
});
