import assert from "node:assert/strict";
import { discardRows, halving, halvingRegret, pointsWithin, stepBudget } from "./halving.ts";
import {
  lambdaByAlpha,
  objectives,
  surfaceCurve,
  surfaceCurves,
  surfaceSteps,
} from "./objectives.ts";
import { ourSearches, teller } from "./searches.ts";

const near = (found: number, expected: number, tolerance = 1e-6) =>
  assert.ok(Math.abs(found - expected) <= tolerance, `${found}, expected ${expected}`);
const named = (name: string) => objectives.find((objective) => objective.name === name)!;

Deno.test("the objectives have their published minima where they are published", () => {
  const branin = named("Branin");
  for (const [x, y] of [[-Math.PI, 12.275], [Math.PI, 2.275], [9.42478, 2.475]]) {
    near(branin.value([(x + 5) / 15, y / 15], 1), branin.minimum, 1e-5);
  }
  const hartmann = named("Hartmann 6");
  const place = [0.20169, 0.150011, 0.476874, 0.275332, 0.311652, 0.6573];
  near(hartmann.value(place, 1), hartmann.minimum, 1e-5);
  near(named("Rosenbrock").value([0.75, 0.75], 1), 0);
  near(named("Rosenbrock").value([0.25, 0.5], 1), 100 + 4);
  near(lambdaByAlpha.value([0, 0], 1), surfaceCurves[0].losses.at(-1)!);
  near(lambdaByAlpha.value([1, 1], 1), surfaceCurves[80].losses.at(-1)!);
  // Between two nodes their mean, at every step.
  const between = surfaceCurve([0, 1 / 16]);
  for (const [index, loss] of between.entries()) {
    near(loss, (surfaceCurves[0].losses[index] + surfaceCurves[1].losses[index]) / 2);
  }
  for (const objective of objectives) {
    for (let seed = 1; seed <= 3; seed++) {
      for (const share of [0, 0.3, 0.5, 0.9]) {
        const value = objective.value(Array(objective.dimensions).fill(share), seed);
        assert.ok(value >= objective.minimum, `${objective.name} at ${share}: ${value}`);
      }
    }
  }
});

Deno.test("every search of ours spends its budget in the cube, and the Bayesian ones come nearer than the grid", () => {
  const regrets = Object.fromEntries(
    Object.entries(ourSearches).map(([name, search]) => {
      const told = teller(lambdaByAlpha, 1);
      search(lambdaByAlpha, 1, (at) => {
        assert.ok(at.length === 2 && at.every((share) => share >= 0 && share <= 1));
        return told.tell(at);
      });
      assert.equal(told.evaluations(), name === "grid" ? 36 : lambdaByAlpha.budget);
      return [name, told.regret()];
    }),
  );
  assert.ok(regrets["Bayesian (joint)"] < regrets.grid, JSON.stringify(regrets));
});

Deno.test("halving trains as many steps as the others, and its rows say what its rungs discard", () => {
  const points = pointsWithin(stepBudget);
  const third = Math.floor(points / 3);
  const steps = (points: number, third: number, ninth: number) =>
    40 * points + 80 * third + 280 * ninth;
  assert.ok(steps(points, third, Math.floor(points / 9)) <= stepBudget);
  assert.ok(
    steps(points + 1, Math.floor((points + 1) / 3), Math.floor((points + 1) / 9)) > stepBudget,
  );
  assert.deepEqual(halving, { rungs: [40, 120], reductionFactor: 3 });
  assert.ok(halvingRegret(1).regret >= 0);
  const rows = discardRows("surface", surfaceCurves);
  assert.deepEqual(rows.map(({ step }) => step), surfaceSteps.slice(1, -1));
  const [first] = rows;
  const last = surfaceCurves.map(({ losses }) => losses.at(-1)!);
  const winner = last.indexOf(Math.min(...last));
  const better = surfaceCurves.filter(({ losses }) => losses[1] < surfaceCurves[winner].losses[1]);
  assert.equal(first.winnerRank, better.length + 1);
  assert.ok(rows.at(-1)!.discardedShare <= first.discardedShare);
});
