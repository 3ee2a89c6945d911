import assert from "node:assert/strict";
import { sha256 } from "../../../core/hash.ts";
import { readJournal } from "../../../records/read_runs.ts";
import type { RunRequest } from "../../../training/run_request.ts";
import { checkResult } from "./job.ts";

const path = new URL("../../../records/_testing/runs.v1.jsonl", import.meta.url).pathname;

Deno.test("F4: weights that a worker sends back are refused where they are not those of the record's SHA-256", () => {
  const [run] = readJournal(path).lines;
  const { id, seed, point, engine } = run;
  const request = { id, seed, point, fold: { index: run.fold } } as unknown as RunRequest;
  const weights = new TextEncoder().encode("weights").toBase64();
  const check = (weightsSha256: string | undefined) =>
    checkResult(
      JSON.stringify({ record: { ...run, weightsSha256 }, weights }),
      request,
      engine,
      true,
    );
  assert.equal(check(sha256("weights")).weights, weights);
  assert.equal(check(undefined).weights, weights);
  assert.throws(
    () => check(sha256("others")),
    /result.weights must have the SHA-256 of the record/,
  );
});
