import assert from "node:assert/strict";
import { readStudyRecord } from "../../records/read_study.ts";
import { readRuns } from "../../records/read_runs.ts";
import { crossValidationRuns, ownRuns, refitRuns, runId, specificationsOf } from "./run_id.ts";

const here = (name: string) => new URL(`../../records/_testing/${name}`, import.meta.url).pathname;
const study = readStudyRecord(here("study.v1.json"))!;
const runs = readRuns(here("runs.v1.jsonl"));

const identity = {
  specification: { model: { kind: "gru", hiddenSize: 8 }, steps: 10 },
  fold: { index: 0, training: [{ start: 9, end: 20 }], heldOut: [{ start: 0, end: 5 }] },
  seed: 1,
  engine: "wasm",
  numericsVersion: 1,
};

Deno.test("runId of a stored run stays what it is", () => {
  // The same as Python's hashlib.sha256(json.dumps(identity, sort_keys=True,
  // separators=(",", ":")).encode()).hexdigest().
  assert.equal(
    runId(identity),
    "23a1f8be660c753a232e960e1494d2d122f06570fedd023f408b98ad7d02c932",
  );
});

Deno.test("runId does not depend on the order of keys and depends on every part of a run", () => {
  const { specification, fold } = identity;
  const reordered = { steps: 10, model: { hiddenSize: 8, kind: "gru" } };
  assert.equal(runId({ ...identity, specification: reordered }), runId(identity));
  const others = [
    { ...identity, specification: { ...specification, steps: 11 } },
    { ...identity, fold: { ...fold, index: 1 } },
    { ...identity, fold: { ...fold, training: [{ start: 10, end: 20 }] } },
    { ...identity, fold: { ...fold, heldOut: [{ start: 0, end: 6 }] } },
    { ...identity, fold: { ...fold, choosing: [{ start: 6, end: 8 }] } },
    { ...identity, seed: 2 },
    { ...identity, engine: "native/openblas-0.3.21/Haswell" },
    { ...identity, numericsVersion: 2 },
  ];
  const ids = new Set([identity, ...others].map(runId));
  assert.equal(ids.size, others.length + 1);
});

Deno.test("crossValidationRuns and refitRuns plan the runs that the stored journal has", () => {
  const planned = crossValidationRuns(study);
  assert.equal(planned.length, 2 * 2 * 1);
  const refits = refitRuns(study, [study.baseline!], runs);
  const ids = [...planned, ...refits].map(({ id }) => id).sort();
  assert.deepEqual(ids, runs.map(({ id }) => id).sort());
});

Deno.test("crossValidationRuns takes every point once before any point again", () => {
  const planned = crossValidationRuns(study);
  assert.deepEqual(planned.slice(0, 2).map(({ point }) => point), study.space.points);
});

Deno.test("refitRuns of a study without refits takes early stopping off and nothing else", () => {
  const specifications = study.specifications.map((one) => ({
    ...one,
    training: { steps: 5, earlyStopping: { patience: 2 } },
  }));
  const [refit] = refitRuns({ ...study, specifications }, [study.space.points[0]], runs);
  assert.deepEqual(refit.specification.training, { steps: 5, earlyStopping: null });
  assert.deepEqual(refitRuns({ ...study, finalFold: null }, study.space.points, runs), []);
});

Deno.test("ownRuns gives runs in the planned order, without those of another engine, version or definition", () => {
  const own = ownRuns(study, runs.toReversed());
  assert.deepEqual(own, ownRuns(study, runs));
  assert.deepEqual(own.map(({ fold }) => fold), [0, 0, 1, 1, "final"]);
  assert.equal(ownRuns({ ...study, engine: "wasm" }, runs).length, 0);
  const provenance = { ...study.provenance, numericsVersion: 2 };
  assert.equal(ownRuns({ ...study, provenance }, runs).length, 0);
  assert.equal(ownRuns({ ...study, seeds: [7] }, runs).length, 0);
});

Deno.test("specificationsOf names the points there are when one is not", () => {
  assert.throws(
    () => specificationsOf(study, [{ lambda: 3 }]),
    /has no point {"lambda":3}; its points are {"lambda":0,"alpha":0}, /,
  );
});
