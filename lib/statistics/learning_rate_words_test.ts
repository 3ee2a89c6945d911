import assert from "node:assert/strict";
import type { JsonObject } from "../core/json.ts";
import { learningRateWords } from "./learning_rate_words.ts";
import { syntheticStudy } from "./testing/synthetic_study.ts";

/** What is said of arms with these learning rates. */
function told(rates: { readonly [arm: string]: readonly number[] }): string {
  const { study } = syntheticStudy();
  const points = Object.entries(rates).flatMap(([arm, values]) =>
    values.map((learningRate) => ({ arm, learningRate }))
  );
  const [specification] = study.specifications;
  const specifications = points.map(({ learningRate }) => ({
    ...specification,
    optimizer: { ...specification.optimizer as JsonObject, learningRate },
  }));
  const arms = Object.entries(rates).map(([name, { length }]) => ({
    name,
    parent: null,
    dimensions: {},
    count: length,
    draw: "sobol" as const,
    seed: 1,
  }));
  return learningRateWords({
    ...study,
    specifications,
    space: { kind: "arms", points, arms },
  })!;
}

Deno.test("Learning rates are said to be an arm's own only where arms tried different ones", () => {
  assert.equal(
    told({ none: [0.1, 0.2], decay: [0.1, 0.2] }),
    "Every arm tried the same learning rates (0.1, 0.2), and each arm's was chosen by itself.",
  );
  assert.equal(
    told({ none: [0.1, 0.2], decay: [0.1, 0.3] }),
    "Each arm tried learning rates of its own (in all 0.1, 0.2, 0.3), and each arm's was chosen by itself.",
  );
  assert.equal(
    told({ none: [0.1], decay: [0.1, 0.3] }),
    "Learning rates differ between points (0.1, 0.3), and not every arm was tuned over them.",
  );
});
