import assert from "node:assert/strict";
import { randomStream } from "../core/random.ts";
import { mean, standardDeviation } from "./estimate.ts";
import { assertClose } from "./testing/close.ts";
import { type PairedDifference, varianceSplit } from "./variance_split.ts";

const tableOf = (rows: readonly (readonly number[])[]): PairedDifference[] =>
  rows.flatMap((row, fold) =>
    row.map((difference, seed) => ({ fold, seed: seed + 1, difference }))
  );

Deno.test("components of a table worked by hand", () => {
  // Fold means 0, 3, 6; seed means 2.5, 3.5.
  const split = varianceSplit(tableOf([[-1, 1], [2.5, 3.5], [6, 6]]));
  // s² = 9; MS(fold) = 2 · 9 = 18; rest: −0.5 0.5 / 0 0 / 0.5 −0.5, sum of squares 1 on 2 degrees.
  // MS(seed) = 3 · (0.25 + 0.25) / 1 = 1.5.
  assert.equal(split.state, "split");
  assertClose(split.betweenFolds, 9);
  assertClose(split.squares!.fold, 18);
  assertClose(split.squares!.rest, 0.5);
  assertClose(split.components!.fold, (18 - 0.5) / 2);
  assertClose(split.components!.seed, (1.5 - 0.5) / 3);
  assertClose(split.components!.rest, 0.5);
  assert.deepEqual(split.belowZero, []);
  // F = 36 on 2 and 2 degrees, whose quantiles are 39 and 1/39.
  assertClose(split.foldShare!.value, 1 - 1 / 36);
  assert.equal(split.foldShare!.interval[0], 0);
  assertClose(split.foldShare!.interval[1], 1 - 1 / (36 * 39), 1e-10);
  assertClose(split.twiceTheSeeds!.value, 1 - Math.sqrt(1 - 1 / 72));
  assertClose(split.twiceTheSeeds!.interval[0], 1 - Math.sqrt(1 - 1 / (72 * 39)), 1e-9);
  assertClose(split.twiceTheSeeds!.interval[1], 1 - Math.SQRT1_2, 1e-10);
});

Deno.test("the variance of seed-averaged folds is that of the corrected test, and the sum of its parts", () => {
  const stream = randomStream(1, "table", "test");
  for (let trial = 0; trial < 50; trial++) {
    const [folds, seeds] = [2 + stream.integer(6), 2 + stream.integer(5)];
    const rows = Array.from({ length: folds }, () => {
      const fold = 3 * stream.normal();
      return Array.from({ length: seeds }, () => fold + stream.normal());
    });
    const { betweenFolds, components, belowZero } = varianceSplit(tableOf(rows));
    assertClose(betweenFolds, standardDeviation(rows.map(mean)) ** 2);
    if (belowZero.includes("fold")) assert.equal(components!.fold, 0);
    else assertClose(components!.fold + components!.rest / seeds, betweenFolds!, 1e-11);
  }
});

Deno.test("components are those that differences were drawn with", () => {
  const stream = randomStream(2, "table", "test");
  const seedEffects = Array.from({ length: 40 }, () => 0.5 * stream.normal());
  const rows = Array.from({ length: 60 }, () => {
    const fold = 2 * stream.normal();
    return seedEffects.map((seed) => fold + seed + stream.normal());
  });
  const { components } = varianceSplit(tableOf(rows));
  // Five standard errors: √(2/59), √(2/39) and √(2/2301) of a variance.
  assertClose(components!.fold, 4, 0.92);
  assertClose(components!.seed, 0.25, 1.14);
  assertClose(components!.rest, 1, 0.15);
});

Deno.test("an estimate below 0 is 0, and is said to be", () => {
  // Folds agree exactly, seeds do, and only single runs differ.
  const split = varianceSplit(tableOf([[1, -1], [-1, 1]]));
  assert.deepEqual(split.belowZero, ["fold", "seed"]);
  assert.deepEqual(split.components, { fold: 0, seed: 0, rest: 4 });
  assert.deepEqual([split.foldShare!.value, split.foldShare!.interval[0]], [0, 0]);
  assertClose(split.twiceTheSeeds!.value, 1 - Math.SQRT1_2);
});

Deno.test("without a second fold, a second seed, a pair or a difference of seeds nothing is split", () => {
  const states = [
    tableOf([[1, 2]]),
    tableOf([[1], [2]]),
    tableOf([[1, 2], [3]]),
    tableOf([[0.1, 0.1], [0.3, 0.3], [0.2, 0.2]]),
    [],
  ].map((pairs) => varianceSplit(pairs));
  assert.deepEqual(
    states.map(({ state }) => state),
    ["oneFold", "oneSeed", "unbalanced", "equalSeeds", "oneFold"],
  );
  for (const { components, foldShare } of states) {
    assert.deepEqual([components, foldShare], [null, null]);
  }
  assertClose(states[1].betweenFolds, 0.5);
});

Deno.test("the interval of the share between folds holds it in 95 % of tables", () => {
  const stream = randomStream(3, "tables", "test");
  const [folds, seeds, count] = [3, 2, 1000];
  let held = 0;
  for (let table = 0; table < count; table++) {
    const rows = Array.from({ length: folds }, () => {
      const fold = stream.normal();
      return Array.from({ length: seeds }, () => fold + stream.normal());
    });
    const { interval } = varianceSplit(tableOf(rows)).foldShare!;
    const truth = 1 / (1 + 1 / seeds);
    if (interval[0] <= truth && truth <= interval[1]) held++;
  }
  // Four standard errors of 1,000 tables.
  assert.ok(Math.abs(held / count - 0.95) < 0.028, `${held}`);
});
