import assert from "node:assert/strict";
import { describeEdges, edgeOf, pointEdges } from "./edges.ts";
import { handStudy } from "./testing/hand_study.ts";
import { syntheticStudy } from "./testing/synthetic_study.ts";

Deno.test("edgeOf calls the outermost tried value an edge, however far from the end of its range", () => {
  const range = { kind: "linear", from: 1, to: 11 } as const;
  assert.equal(edgeOf(4, [4, 6, 8], range), "lower");
  assert.equal(edgeOf(8, [4, 6, 8], range), "upper");
  assert.equal(edgeOf(6, [4, 6, 8], range), null);
});

Deno.test("edgeOf calls the outer twentieth of a range its end, by logarithm where it is logarithmic", () => {
  const range = { kind: "log", from: 1e-3, to: 1e-1, zeroShare: 0.3 } as const;
  // 5 % of two decades are a factor of 1.26.
  assert.equal(edgeOf(1.2e-3, [1.1e-3, 1.2e-3, 1e-2, 9e-2], range), "lower");
  assert.equal(edgeOf(1.3e-3, [1.1e-3, 1.3e-3, 1e-2, 9e-2], range), null);
  assert.equal(edgeOf(8.1e-2, [1e-3, 8.1e-2, 9e-2], range), "upper");
  assert.equal(
    edgeOf(2, [1, 2, 3], { kind: "integer", from: 1, to: 40, scale: "linear" }),
    "lower",
  );
});

Deno.test("edgeOf has no lower edge at 0, of a range from 0, above a tried 0, nor for a single value", () => {
  const dropout = { kind: "linear", from: 0, to: 0.5 } as const;
  assert.equal(edgeOf(0.01, [0.01, 0.2, 0.4], dropout), null);
  assert.equal(edgeOf(0.49, [0.01, 0.2, 0.49], dropout), "upper");
  assert.equal(edgeOf(0, [0, 1e-4, 1e-3]), null);
  assert.equal(edgeOf(1e-4, [0, 1e-4, 1e-3]), null);
  assert.equal(edgeOf(5, [5, 5]), null);
  assert.equal(edgeOf(-3, [-3, 2, 4]), "lower");
});

Deno.test("S12: the lowest mean of a grid at the end of an axis is said to lie at its edge, at either end", () => {
  const { study } = syntheticStudy({ axes: { lambda: [1e-5, 1e-4, 1e-3], alpha: [0, 0.3, 1] } });
  assert.match(
    describeEdges({ record: study }, { lambda: 1e-5, alpha: 1 }, "The lowest mean")!,
    /at the edge of what was tried \(λ = 1e-5, the smallest; α = 1, the largest\).*not shown to be/,
  );
  assert.equal(
    describeEdges({ record: study }, { lambda: 1e-4, alpha: 0 }, "The lowest mean"),
    null,
  );
});

Deno.test("pointEdges looks at no amounts of data and no choices, but at rates and sizes", () => {
  const at = (rate: number, size: number, tokens: number, kind: string) => ({
    rate,
    size,
    tokens,
    kind,
  });
  const points = [at(1e-3, 8, 100, "a"), at(3e-3, 16, 200, "b"), at(1e-2, 32, 300, "c")];
  const { study } = handStudy({ points, folds: 2, seeds: [1], runs: [] });
  const specifications = points.map(({ rate, size, tokens, kind }) => ({
    optimizer: { kind, learningRate: rate },
    model: { hiddenSize: size },
    training: { trainingTokens: tokens },
  }));
  const edges = pointEdges({ record: { ...study, specifications } }, points[2]);
  assert.deepEqual(edges.map(({ axis, end }) => [axis, end]), [["rate", "upper"], [
    "size",
    "upper",
  ]]);
});
