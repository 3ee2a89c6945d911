import assert from "node:assert/strict";
import { growthOf, type MemorySample } from "./growth.ts";
import { fairEnvironment } from "./participants.ts";
import { type CpuProfile, summarizeProfile } from "./step_profile.ts";

Deno.test("fairEnvironment drops what favours a side and sets the threads of both", () => {
  const environment = fairEnvironment({
    PATH: "/bin",
    PARSIMONY_BLAS: "/lib/blas.so",
    OPENBLAS_CORETYPE: "Haswell",
    MKL_ENABLE_INSTRUCTIONS: "SSE4_2",
    OMP_NUM_THREADS: "8",
    KMP_AFFINITY: "disabled",
    TORCH_LOGS: "all",
  }, 1);
  assert.equal(environment.PATH, "/bin");
  assert.equal(environment.PARSIMONY_BLAS, "/lib/blas.so");
  for (
    const name of ["OPENBLAS_CORETYPE", "MKL_ENABLE_INSTRUCTIONS", "KMP_AFFINITY", "TORCH_LOGS"]
  ) {
    assert.equal(name in environment, false, name);
  }
  for (const library of ["OPENBLAS", "MKL", "OMP"]) {
    assert.equal(environment[`${library}_NUM_THREADS`], "1");
  }
});

function samples(change: (step: number) => Partial<MemorySample>): MemorySample[] {
  return Array.from({ length: 8 }, (_, index) => ({
    step: index + 1,
    tensors: 21,
    tensorMebibytes: 1,
    engineMebibytes: 1,
    enginePeakMebibytes: 11,
    heapMebibytes: 40,
    residentMebibytes: 120 + index % 3,
    ...change(index),
  }));
}

Deno.test("growthOf finds memory flat that only moves with the garbage collector", () => {
  assert.deepEqual(growthOf(samples(() => ({}))), { flat: true, problems: [] });
});

Deno.test("growthOf finds one more tensor, and resident memory that climbs", () => {
  const leak = growthOf(samples((index) => ({ tensors: 21 + Math.floor(index / 7) })));
  assert.deepEqual(leak.problems, ["tensors from 21 to 22"]);
  const climb = growthOf(samples((index) => ({ residentMebibytes: 100 + 10 * index })));
  assert.equal(climb.flat, false);
  assert.match(climb.problems[0], /residentMebibytes from 130.0 to 170.0/);
});

Deno.test("summarizeProfile counts inner functions as their kernel and native calls as BLAS", () => {
  const node = (id: number, functionName: string, url = "", children: number[] = []) => ({
    id,
    callFrame: { functionName, url },
    children,
  });
  const profile: CpuProfile = {
    nodes: [
      node(1, "(root)", "", [2, 4, 7]),
      node(2, "wasm-function[5]", "wasm://wasm/1", [3]),
      node(3, "wasm-function[2]", "wasm://wasm/1"),
      node(4, "multiply", "file:///p/lib/engine/_blas_library.ts", [5, 6]),
      node(5, ""),
      node(6, "at", "file:///p/lib/engine/blas.ts"),
      node(7, "post", "ext:deno_node/inspector.js"),
    ],
    samples: [7, 2, 3, 4, 5, 6, 7],
    // The time before each sample; what the profiler takes to start lies before the second.
    timeDeltas: [500, 90000, 1000, 2000, 3000, 4000, 10000],
  };
  const rows = summarizeProfile(profile, 2, new Map([[5, "gruAfterForward"]]));
  assert.deepEqual(rows, [
    { name: "at (lib/engine/blas.ts)", kind: "lib", milliseconds: 5, share: 0.5 },
    { name: "BLAS", kind: "product", milliseconds: 3.5, share: 0.35 },
    { name: "gruAfterForward", kind: "kernel", milliseconds: 1.5, share: 0.15 },
  ]);
});
