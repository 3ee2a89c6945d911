import assert from "node:assert/strict";
import { checkRunRecord } from "./check_record.ts";
import { readJournal } from "./read_runs.ts";
import { readStudyRecord } from "./read_study.ts";
import { reorderedRunKeys, unknownRunKeys, unknownStudyKeys } from "./record_keys.ts";
import type { RunRecord } from "./run_record.ts";

const path = (name: string) => new URL(`_testing/${name}`, import.meta.url).pathname;

Deno.test("F9: keys that the format does not have, and keys in another order, are named by their path", () => {
  const study = readStudyRecord(path("study.v1.json"))!;
  assert.deepEqual(unknownStudyKeys(study), []);
  const stranger = { ...study, note: 1, corpus: { ...study.corpus, author: "x" } };
  assert.deepEqual(unknownStudyKeys(stranger), ["corpus.author", "note"]);
  for (const run of readJournal(path("runs.v1.jsonl")).lines) {
    assert.deepEqual(unknownRunKeys(run), []);
    const curve = run.curve.map((at) => ({ ...at, note: 1 }));
    const { host, ...rest } = { ...run, curve, toString: 1 };
    const changed = { host, ...rest } as unknown as RunRecord;
    const unknown = curve.length > 0 ? ["curve.note", "toString"] : ["toString"];
    assert.deepEqual(unknownRunKeys(changed), unknown);
    assert.ok(reorderedRunKeys(changed).includes("the record"));
  }
});

Deno.test("F4: the SHA-256 of weights is optional in a record, and 64 hexadecimal digits", () => {
  const [run] = readJournal(path("runs.v1.jsonl")).lines;
  assert.equal(checkRunRecord({ ...run, weightsSha256: "0".repeat(64) }).id, run.id);
  for (const weightsSha256 of ["0", null, 7]) {
    assert.throws(() => checkRunRecord({ ...run, weightsSha256 }), /weightsSha256 must be 64/);
  }
});
