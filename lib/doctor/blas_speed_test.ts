import assert from "node:assert/strict";
import { usualPlaces } from "../engine/blas.ts";
import { blasSpeed, type MeasuredBlas, speedFindings } from "./blas_speed.ts";

const blas = (library: string, path: string, ...rounds: number[][]): MeasuredBlas => ({
  path,
  library,
  coreType: "Haswell",
  rounds: rounds.map(([large, small]) => ({ "8 × 8 × 8": large, "2 × 2 × 2": small })),
});
const old = blas("openblas-0.3.21", "lib/old.so", [80, 20], [60, 20]);
const only = (measured: readonly MeasuredBlas[]) => {
  const findings = speedFindings(measured);
  assert.equal(findings.length, 1);
  return findings[0];
};

Deno.test("where there is no BLAS, nothing is said of its speed", () => {
  assert.deepEqual(speedFindings([]), []);
});

Deno.test("the faster of two is named, by how much and how to choose it", () => {
  // 1.2 and 1.0 times as fast in the first round: √1.2; twice, 1.0: √2 in the second. The least counts.
  const faster = blas("openblas-0.3.34", "lib/new.so", [96, 20], [120, 20]);
  const { state, detail, advice } = only([old, faster]);
  assert.equal(state, "note");
  assert.match(detail, /8 × 8 × 8, 2 × 2 × 2: openblas-0\.3\.21 80, 20 \(lib\/old\.so\); /);
  assert.match(detail, /openblas-0\.3\.34 120, 20 \(lib\/new\.so\)$/);
  assert.match(advice!, /^openblas-0\.3\.34 is 10 % faster than openblas-0\.3\.21 /);
  assert.match(advice!, /PARSIMONY_BLAS=lib\/new\.so chooses it/);
});

Deno.test("one that was faster in one round only, or slower, is not advised", () => {
  const noisy = blas("openblas-0.3.34", "lib/new.so", [160, 40], [60, 20]);
  const slower = blas("mkl-2026.2", "lib/mkl.so", [40, 10], [40, 10]);
  const { state, detail, advice } = only([old, noisy, slower]);
  assert.equal(state, "found");
  assert.match(detail, /; none is faster by 5 %$/);
  assert.equal(advice, null, "a new OpenBLAS is there");
});

Deno.test("where only an older OpenBLAS is, the package of a newer one is named", () => {
  for (const library of ["openblas-0.3.21", "openblas-0.2.99", "openblas-0.3.33"]) {
    const { state, advice } = only([blas(library, "lib/old.so", [80, 20])]);
    assert.equal(state, "found");
    assert.match(advice!, /pip package scipy-openblas32 has OpenBLAS 0\.3\.34/);
    assert.match(advice!, /PARSIMONY_BLAS name \.venv\/.*site-packages\/scipy_openblas32\/lib\//);
  }
  for (const library of ["openblas-0.3.34", "openblas-0.4.0", "mkl-2026.2", "accelerate-25"]) {
    assert.equal(only([blas(library, "lib/own.so", [80, 20])]).advice, null, library);
  }
});

const installed = (await Promise.all(
  usualPlaces().map((path) => Deno.stat(path).then(() => true, () => false)),
)).some((each) => each);

Deno.test({
  name: "libraries that are there are timed, each in a process of its own",
  ignore: !installed,
  fn: async () => {
    const [{ subject, detail }] = await blasSpeed();
    assert.equal(subject, "BLAS speed");
    assert.match(detail, /1024 × 1024 × 1024.*: \S+-\S+ \d+, \d+, \d+, \d+ \(/);
  },
});
