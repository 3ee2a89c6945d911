import assert from "node:assert/strict";
import stored from "../../../docs/simulations.json" with { type: "json" };
import { checkStored } from "./document.ts";
import { worth, type WorthRow } from "./worth.ts";

const kept = checkStored(stored).parts.worth;
const rows = kept.rows as readonly WorthRow[];
const places = ["inside", "near", "beyond"] as const;

Deno.test("90 to 98 % of the intervals of a given remedy's worth hold it, with 3, 5 and 10 folds", () => {
  const given = rows.filter(({ tuned }) => !tuned);
  assert.equal(given.length, 15);
  for (const { folds, amounts, count, ...row } of given) {
    for (const place of places) {
      const share = row[place].holding / count;
      assert.ok(share >= 0.9 && share <= 0.98, `${folds} ${amounts} ${place}: ${share}`);
    }
  }
});

Deno.test("intervals that are widened for a choice by other folds hold the worth in 96 to 99 %", () => {
  const tuned = rows.filter((row) => row.tuned);
  assert.equal(tuned.length, 9);
  for (const { folds, amounts, count, ...row } of tuned) {
    for (const place of places) {
      const share = row[place].holding / count;
      assert.ok(share >= 0.96 && share <= 0.99, `${folds} ${amounts} ${place}: ${share}`);
    }
  }
});

Deno.test("intervals of exponent and asymptote hold the truth in 90 to 99 %", () => {
  for (const { exponent, asymptote, count } of rows) {
    for (const { holding } of [exponent, asymptote]) {
      assert.ok(holding >= 0.9 * count && holding <= 0.99 * count, `${holding / count}`);
    }
  }
});

Deno.test("drawn studies of worth come out the same again, and near their shares with few of them", () => {
  const input = { seed: kept.seed, count: 6 };
  const once = worth.simulate(input);
  assert.deepEqual(worth.simulate(input), once);
  const held = once.reduce((sum, row) => sum + places.reduce((n, at) => n + row[at].holding, 0), 0);
  // Of 432 intervals 95.9 % in the mean of the table; four standard errors, of which three hang together.
  assert.ok(held >= 0.88 * 24 * 6 * 3, `${held}`);
});
