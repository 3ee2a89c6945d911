import assert from "node:assert/strict";
import { randomStream } from "../core/random.ts";
import { expectedBest, expectedLoss, type RankedLoss } from "./expected_best.ts";
import { armsHandStudy, type HandArm } from "./testing/arms_hand_study.ts";
import { assertClose } from "./testing/close.ts";
import { syntheticStudy } from "./testing/synthetic_study.ts";

const ranked = (...losses: readonly (readonly [number, number])[]): RankedLoss[] =>
  losses.map(([choosing, scoring]) => ({ choosing, scoring }));

/** Mean over all lists of n places of N, each drawn with or without another's place; ties in equal shares. */
function enumerated(losses: readonly RankedLoss[], n: number, replaced: boolean): number {
  let [sum, count] = [0, 0];
  const extend = (places: readonly number[]) => {
    if (places.length < n) {
      losses.forEach((_, place) => {
        if (replaced || !places.includes(place)) extend([...places, place]);
      });
      return;
    }
    const set = [...new Set(places)].map((place) => losses[place]);
    const lowest = Math.min(...set.map(({ choosing }) => choosing));
    const best = set.filter(({ choosing }) => choosing === lowest);
    sum += best.reduce((total, { scoring }) => total + scoring, 0) / best.length;
    count++;
  };
  extend([]);
  return sum / count;
}

Deno.test("expectedLoss has the weights of Dodge et al., worked by hand for three points", () => {
  const losses = ranked([1, 10], [3, 1], [2, 100]);
  // With replacement, n = 2: (9 − 4)/9, (4 − 1)/9, 1/9; unbiased C(2, 1)/3, C(1, 1)/3, 0.
  assertClose(expectedLoss(losses, 2, "withReplacement")!, (5 * 10 + 3 * 100 + 1) / 9);
  assertClose(expectedLoss(losses, 2, "unbiased")!, (2 * 10 + 100) / 3);
  for (const estimator of ["withReplacement", "unbiased"] as const) {
    assertClose(expectedLoss(losses, 1, estimator)!, 37);
  }
  assertClose(expectedLoss(losses, 3, "unbiased")!, 10);
});

Deno.test("expectedLoss equals the enumeration of all sets of points", () => {
  const stream = randomStream(1, "losses");
  for (let trial = 0; trial < 12; trial++) {
    const losses = Array.from({ length: 5 }, () => ({
      choosing: stream.uniform(),
      scoring: stream.uniform(),
    }));
    for (let n = 1; n <= 5; n++) {
      assertClose(expectedLoss(losses, n, "withReplacement")!, enumerated(losses, n, true), 1e-9);
      assertClose(expectedLoss(losses, n, "unbiased")!, enumerated(losses, n, false), 1e-9);
    }
  }
});

Deno.test("expectedLoss does not depend on the order of points, also where choosing losses are equal", () => {
  const losses = ranked([1, 4], [1, 8], [2, 1], [2, 3]);
  for (const estimator of ["withReplacement", "unbiased"] as const) {
    for (let n = 1; n <= 4; n++) {
      assertClose(
        expectedLoss(losses, n, estimator)!,
        expectedLoss(losses.toReversed(), n, estimator)!,
      );
    }
  }
  // All four: one of the two best, each as likely.
  assertClose(expectedLoss(losses, 4, "unbiased")!, 6);
});

Deno.test("expectedLoss of diverged points is unknown where they may be the best, and known where they cannot", () => {
  const losses = ranked([1, 2], [2, 3], [Infinity, Infinity]);
  assert.equal(expectedLoss(losses, 1, "unbiased"), null);
  assertClose(expectedLoss(losses, 2, "unbiased")!, (2 * 2 + 3) / 3);
  assert.equal(expectedLoss(losses, 2, "withReplacement"), null);
});

const arm = (draw: "random" | "sobol"): HandArm => ({
  draw,
  points: [{ x: 1 }, { x: 2 }],
  losses: [[[1, 3], [2, 1]], [[2, 5], [1, 9]]],
});

Deno.test("expectedBest orders by the choosing loss of each fold and averages the scores over the folds", () => {
  const found = expectedBest(armsHandStudy({ none: arm("random"), decay: arm("random") }), {
    arm: "decay",
    estimator: "unbiased",
  });
  assert.deepEqual(found, [
    { points: 1, loss: 4.5, foldLosses: [4, 5] },
    // Of two points fold 0 chooses the first, which has 3 there, and fold 1 the second, which has 9.
    { points: 2, loss: 6, foldLosses: [3, 9] },
  ]);
});

Deno.test("expectedBest refuses points that are not independent, with the reason, and runs that are missing", () => {
  const sobol = armsHandStudy({ none: arm("random"), decay: arm("sobol") });
  assert.throws(() => expectedBest(sobol, { arm: "decay" }), /found "sobol": a grid, a Sobol/);
  assert.throws(() => expectedBest(sobol, { arm: "l1" }), /arm must be one of "none", "decay"/);
  const { study: record, runs: records } = syntheticStudy();
  assert.throws(() => expectedBest({ record, records }), /found "grid"/);
  assert.throws(() => expectedBest({ record, records }, { arm: "none" }), /has no arms/);
  const random = { ...record, space: { ...record.space, kind: "randomSearch" } };
  assert.equal(expectedBest({ record: random, records }).length, record.space.points.length);
  const strategy = { kind: "successiveHalving", rungs: [1], reductionFactor: 3 } as const;
  assert.throws(
    () => expectedBest({ record: { ...random, strategy }, records }),
    /found "successiveHalving"/,
  );
  assert.throws(
    () => expectedBest({ record: random, records: records.slice(1) }),
    /must have ended, found some missing/,
  );
});
