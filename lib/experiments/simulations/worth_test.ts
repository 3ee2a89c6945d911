import assert from "node:assert/strict";
import stored from "../../../docs/simulations.json" with { type: "json" };
import { checkStored } from "./document.ts";
import { worth, type WorthRow } from "./worth.ts";

const kept = checkStored(stored).parts.worth;
const rows = kept.rows as readonly WorthRow[];
const places = ["inside", "near", "beyond"] as const;

/** Shares of intervals of worth that hold it, of rows with one of the choices. */
function shares(...choices: readonly WorthRow["choice"][]): number[] {
  return rows.filter(({ choice }) => choices.includes(choice))
    .flatMap((row) => places.map((place) => row[place].holding / row.count));
}

Deno.test("93 to 98 % of intervals of worth hold it, of a given remedy and one that its own block chose", () => {
  const found = shares("none", "own block");
  assert.equal(found.length, 3 * (15 + 9));
  assert.deepEqual(found.filter((share) => !(share >= 0.93 && share <= 0.98)), []);
});

Deno.test("where other folds chose, intervals are widened: 96 to 98 % but for the error of the count", () => {
  const found = shares("other folds");
  assert.equal(found.length, 3 * 9);
  const error = 2 * Math.sqrt(0.98 * 0.02 / 2000);
  assert.deepEqual(found.filter((share) => !(share >= 0.96 && share <= 0.98 + error)), []);
});

Deno.test("intervals of exponent and asymptote hold the truth in 93 % and more", () => {
  const low = rows.filter(({ exponent, asymptote, count }) =>
    [exponent, asymptote].some(({ holding }) => holding < 0.93 * count)
  );
  assert.deepEqual(low, []);
});

Deno.test("drawn studies of worth come out the same again, and near their shares with few of them", () => {
  const input = { seed: kept.seed, count: 6 };
  const once = worth.simulate(input);
  assert.deepEqual(worth.simulate(input), once);
  const held = once.flatMap((row) => places.map((place) => row[place].holding));
  const share = held.reduce((sum, each) => sum + each, 0) / (6 * held.length);
  // 96 % in the mean of the table; four standard errors, were the three of a study one.
  assert.ok(Math.abs(share - 0.96) < 4 * Math.sqrt(0.96 * 0.04 / (6 * rows.length)), `${share}`);
});
