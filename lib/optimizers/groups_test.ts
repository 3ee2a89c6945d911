import assert from "node:assert/strict";
import { randomStream } from "../core/random.ts";
import {
  groupCounts,
  groupFactor,
  type Grouping,
  groupOfEach,
  type Groups,
  groupsOf,
} from "../penalties/groups.ts";
import { addGroupTerm, mapGroups } from "./_groups.ts";

function groupsBy(by: Grouping, weighting: Groups["weighting"] = "none"): Groups {
  return { by, weighting, rows: 4, columns: 6, gates: 3 };
}

const groupings: Grouping[] = ["tensor", "row", "column", "unit"];

/** Indices of the weights of each group. */
function membersOf(groups: Groups): number[][] {
  const members: number[][] = Array.from({ length: groupCounts(groups).count }, () => []);
  groupOfEach(groups).forEach((group, index) => members[group].push(index));
  return members;
}

Deno.test("groupOfEach puts rows, columns and all gate columns of a unit together", () => {
  const shape = (by: Grouping) => [...groupOfEach({ ...groupsBy(by), rows: 2 })];
  assert.deepEqual(shape("tensor"), new Array(12).fill(0));
  assert.deepEqual(shape("row"), [0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1]);
  assert.deepEqual(shape("column"), [0, 1, 2, 3, 4, 5, 0, 1, 2, 3, 4, 5]);
  assert.deepEqual(shape("unit"), [0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1]);
  for (const by of groupings) {
    const { size } = groupCounts(groupsBy(by));
    assert.ok(membersOf(groupsBy(by)).every(({ length }) => length === size), by);
    assert.equal(groupFactor(groupsBy(by, "squareRootOfSize")), Math.sqrt(size));
  }
});

Deno.test("groupsOf counts the gates of a layer by its recurrent kernel", () => {
  const parameter = (name: string, kind: string, layer: string, shape: number[]) => ({
    name,
    kind,
    layer,
    shape,
  });
  const parameters = [
    parameter("gru0/kernel", "kernel", "gru0", [5, 12]),
    parameter("gru0/recurrentKernel", "recurrentKernel", "gru0", [4, 12]),
    parameter("gru0/bias", "bias", "gru0", [12]),
    parameter("lstm0/kernel", "kernel", "lstm0", [5, 8]),
    parameter("lstm0/recurrentKernel", "recurrentKernel", "lstm0", [2, 8]),
    parameter("output/kernel", "kernel", "output", [4, 7]),
  ];
  const unit = { by: "unit", weighting: "none" } as const;
  const found = parameters.map((one) => groupsOf(unit, one, parameters));
  assert.deepEqual(found.map(({ gates }) => gates), [3, 3, 3, 4, 4, 1]);
  assert.deepEqual(found.map((groups) => groupCounts(groups)), [
    { count: 4, size: 15 },
    { count: 4, size: 12 },
    { count: 4, size: 3 },
    { count: 2, size: 20 },
    { count: 2, size: 8 },
    { count: 7, size: 4 },
  ]);
  const odd = [parameter("a/kernel", "kernel", "a", [5, 7]), { ...parameters[1], layer: "a" }];
  assert.throws(() => groupsOf(unit, odd[0], odd), /its 7 columns must be a multiple of the gates/);
});

Deno.test("mapGroups meets the optimality conditions in any metric: zeros iff ‖d∘u‖ ≤ λ, else d(x − u) + λ x/‖x‖ = 0", () => {
  const stream = randomStream(1, "group maps");
  let zeroGroups = 0;
  let otherGroups = 0;
  // Spread of the metric within a group, as a power of ten.
  for (const spread of [0, 0.5, 2, 6]) {
    for (const by of groupings) {
      const groups = groupsBy(by);
      const u = Float32Array.from({ length: 24 }, () => stream.normal());
      const sizes = Float64Array.from(u, () => 10 ** (spread * (stream.uniform() - 0.5)));
      const members = membersOf(groups);
      const pulls = members.map((indices) => Math.hypot(...indices.map((i) => u[i] / sizes[i])));
      const sorted = pulls.toSorted((a, b) => a - b);
      // One strength below all groups' thresholds, one in the middle, one above all.
      for (
        const strength of [
          0.3 * sorted[0],
          1.01 * sorted[sorted.length >> 1],
          1.01 * sorted.at(-1)!,
        ]
      ) {
        const x = Float32Array.from(u);
        mapGroups(x, Float64Array.from(sizes), strength, groups, groupOfEach(groups));
        members.forEach((indices, group) => {
          if (pulls[group] <= strength) {
            zeroGroups++;
            assert.ok(indices.every((i) => x[i] === 0));
            return;
          }
          otherGroups++;
          const norm = Math.hypot(...indices.map((i) => x[i]));
          for (const i of indices) {
            const residual = (x[i] - u[i]) / sizes[i] + strength * x[i] / norm;
            // The rounding of x to single precision, as its gradient sees it.
            const scale = Math.abs(u[i]) / sizes[i] + strength * Math.abs(x[i]) / norm +
              strength * 1e-3;
            assert.ok(Math.abs(residual) <= 1e-5 * scale, `${by} ${spread}: ${residual}, ${scale}`);
          }
        });
      }
    }
  }
  assert.ok(zeroGroups > 20 && otherGroups > 20, `${zeroGroups}, ${otherGroups}`);
});

Deno.test("mapGroups under one size for all is u · max(0, 1 − sΛ/‖u‖), with Λ = λ √size", () => {
  const groups = { ...groupsBy("row", "squareRootOfSize"), rows: 2, columns: 4, gates: 1 };
  const weights = Float32Array.of(3, 0, -4, 0, 0.1, 0.1, 0.1, 0.1);
  mapGroups(weights, new Float64Array(8).fill(0.5), 2, groups, groupOfEach(groups));
  // sΛ = ½ · 2 · √4 = 2; ‖(3, −4)‖ = 5, ‖(0.1, …)‖ = 0.2.
  assert.deepEqual([...weights], [Math.fround(1.8), 0, Math.fround(-2.4), 0, 0, 0, 0, 0]);
});

Deno.test("mapGroups keeps NaN, groups of zeros and weights that never had a gradient apart", () => {
  const groups = { ...groupsBy("row"), rows: 3, columns: 2, gates: 1 };
  const weights = Float32Array.of(NaN, 1, 0, 0, 1, 1);
  // 1e6 is η/ε of a weight whose second moment is 0.
  const sizes = Float64Array.of(0.1, 0.1, 0.1, 0.1, 1e6, 0.1);
  mapGroups(weights, sizes, 0.5, groups, groupOfEach(groups));
  assert.ok(Number.isNaN(weights[0]) && Number.isNaN(weights[1]));
  assert.deepEqual([...weights.subarray(2, 4)], [0, 0]);
  assert.ok(weights[4] > 0 && weights[4] < 1e-5 && weights[5] > 0.9 && weights[5] < 1);
});

Deno.test("mapGroups with a strength too small to matter changes nothing", () => {
  const groups = { ...groupsBy("row"), rows: 1, columns: 3, gates: 1 };
  for (const strength of [1e-30, 1e-200, 1e-300]) {
    const weights = Float32Array.of(1, -2, 0.5);
    mapGroups(weights, new Float64Array(3).fill(0.1), strength, groups, groupOfEach(groups));
    assert.deepEqual([...weights], [1, -2, 0.5], `${strength}`);
  }
});

Deno.test("addGroupTerm adds λ c w/‖w‖, and nothing to a group of zeros", () => {
  const groups = { ...groupsBy("row", "squareRootOfSize"), rows: 2, columns: 4, gates: 1 };
  const result = new Float32Array(8);
  addGroupTerm(
    result,
    new Float32Array(8).fill(1),
    Float32Array.of(3, 0, -4, 0, 0, 0, 0, 0),
    0.5,
    groups,
    groupOfEach(groups),
  );
  assert.deepEqual([...result], [
    Math.fround(1.6),
    1,
    Math.fround(1 - Math.fround(0.8)),
    1,
    1,
    1,
    1,
    1,
  ]);
});
