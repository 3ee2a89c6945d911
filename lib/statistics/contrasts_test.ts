import assert from "node:assert/strict";
import { contrasts } from "./contrasts.ts";
import { correctedTTest } from "./corrected_t.ts";
import { holm } from "./holm.ts";
import { handStudy } from "./testing/hand_study.ts";

const points = [{ lambda: 0 }, { lambda: 1 }, { lambda: 2 }];
const [none, one, two] = points;

/** Held-out losses at steps 5 and 10 by point, fold and seed. */
const losses = [
  [[[2.0, 2.4], [2.2, 2.3]], [[2.1, 2.5], [2.3, 2.6]], [[1.9, 2.2], [2.0, 2.1]]],
  [[[2.1, 2.2], [2.3, 2.2]], [[2.2, 2.1], [2.4, 2.2]], [[2.0, 2.1], [2.1, 2.0]]],
  [[[2.5, 2.6], [2.4, 2.7]], [[2.6, 2.8], [2.5, 2.6]], [[2.4, 2.3], [2.2, 2.4]]],
];

function source(options: { readonly without?: number } = {}) {
  const all = losses.flatMap((folds, point) =>
    folds.flatMap((seeds, fold) =>
      seeds.map(([early, late], seed) => ({
        point: points[point],
        fold,
        seed: seed + 1,
        curve: [[5, 1, early], [10, 1, late]] as const,
      }))
    )
  );
  const runs = all.filter((_, index) => index !== options.without);
  const hand = handStudy({ points, folds: 3, seeds: [1, 2], baseline: none, runs });
  return { record: hand.study, records: hand.runs };
}

const near = (a: number, b: number) => assert.ok(Math.abs(a - b) < 1e-12, `${a} ${b}`);

Deno.test("contrasts subtracts one point from another by fold, seeds averaged, and adjusts over the family", () => {
  const study = source();
  const found = contrasts(study, {
    pairs: [{ point: one, from: none }, { point: two, from: one }],
  });
  // Fold 0: (2.2 − 2.4 + 2.2 − 2.3) / 2 = −0.15; fold 1: (2.1 − 2.5 + 2.2 − 2.6) / 2 = −0.4; fold 2: −0.1.
  [-0.15, -0.4, -0.1].forEach((due, fold) => near(found[0].foldDifferences[fold], due));
  [0.45, 0.55, 0.3].forEach((due, fold) => near(found[1].foldDifferences[fold], due));
  assert.deepEqual(found.map(({ from }) => from), [none, one]);
  const { heldOut: test, training } = study.records[0].tokens;
  const alone = found.map(({ foldDifferences }) =>
    correctedTTest(foldDifferences, { test, training }).pValue
  );
  assert.deepEqual(found.map((each) => each.test!.pValue), alone);
  assert.deepEqual(found.map(({ adjustedPValue }) => adjustedPValue), holm(alone));
});

Deno.test("contrasts looks at the two points where each is asked to be looked at", () => {
  const [found] = contrasts(source(), {
    fromView: "bestStep",
    pairs: [{ point: two, from: none }],
  });
  // Without penalty the mean is lowest at step 5: last step of the one minus step 5 of the other.
  [2.65 - 2.1, 2.7 - 2.2, 2.35 - 1.95].forEach((due, fold) =>
    near(found.foldDifferences[fold], due)
  );
});

Deno.test("contrasts gives no test where a run is missing, and refuses points that the study lacks", () => {
  const [missing, whole] = contrasts(source({ without: 0 }), {
    pairs: [{ point: one, from: none }, { point: two, from: one }],
  });
  assert.equal(missing.test, null);
  assert.equal(missing.adjustedPValue, null);
  // A pair without a test is not counted by Holm.
  assert.equal(whole.adjustedPValue, whole.test!.pValue);
  assert.throws(
    () => contrasts(source(), { pairs: [{ point: { lambda: 3 }, from: none }] }),
    /must be points of study .*{"lambda":3}/,
  );
});
