import assert from "node:assert/strict";
import type { ParameterDescription } from "./penalty.ts";
import { zeroGroups } from "./zero_groups.ts";

const parameter = (
  layer: string,
  kind: ParameterDescription["kind"],
  name: string,
  shape: number[],
): ParameterDescription => ({ name: `${layer}/${name}`, layer, kind, shape });

/** A GRU of two units that reads one number: kernel [1, 6], recurrent kernel [2, 6]. */
const gru = [
  parameter("gru0", "kernel", "kernel", [1, 6]),
  parameter("gru0", "recurrentKernel", "recurrentKernel", [2, 6]),
  parameter("gru0", "bias", "bias", [6]),
];

function counted(values: Record<string, number[]>, options: Parameters<typeof zeroGroups>[1]) {
  const weights = new Map(
    Object.entries(values).map(([name, each]) => [name, { values: Float32Array.from(each) }]),
  );
  return zeroGroups({ parameters: gru, weights: () => weights }, options);
}

const weights = {
  // Unit 1 has columns 1, 3 and 5.
  "gru0/kernel": [1, 0, 2, 0, 3, 0],
  "gru0/recurrentKernel": [0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2],
  "gru0/bias": [0, 0, 0, 0, 0, 0],
};

Deno.test("zeroGroups counts a recurrent unit through all its gates, kernel and recurrent kernel apart", () => {
  assert.deepEqual(counted(weights, { groups: "unit" }), [
    { parameter: "gru0/kernel", size: 3, zeroShares: [0, 1], zeroGroups: 1 },
    { parameter: "gru0/recurrentKernel", size: 6, zeroShares: [1, 4 / 6], zeroGroups: 1 },
  ]);
});

Deno.test("zeroGroups counts columns, rows and whole tensors, and other targets when asked", () => {
  const [, columns] = counted(weights, { groups: "column" });
  assert.deepEqual(columns.zeroShares, [1, 0.5, 1, 1, 1, 0.5]);
  const [, rows] = counted(weights, { groups: "row" });
  assert.deepEqual(rows.zeroShares, [5 / 6, 5 / 6]);
  const [tensor] = counted(weights, { groups: "tensor", targets: ["bias"] });
  assert.deepEqual(tensor, { parameter: "gru0/bias", size: 6, zeroShares: [1], zeroGroups: 1 });
});

Deno.test("zeroGroups takes −0 for 0, refuses unknown groups and options", () => {
  const [kernel] = counted({ ...weights, "gru0/kernel": [-0, -0, -0, -0, -0, -0] }, {
    groups: "unit",
  });
  assert.equal(kernel.zeroGroups, 2);
  assert.throws(() => counted(weights, { groups: "gate" as "unit" }), /found "gate"/);
  assert.throws(() => counted(weights, { by: "unit" } as never), /unknown option "by"/);
});
