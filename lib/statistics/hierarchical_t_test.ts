import assert from "node:assert/strict";
import { randomStream } from "../core/random.ts";
import {
  type HierarchicalPosterior,
  hierarchicalT,
  type StudyDifferences,
} from "./hierarchical_t.ts";
import { assertClose } from "./testing/close.ts";

/** Studies around given differences, their folds with equally correlated noise. */
function studiesAround(
  centres: readonly number[],
  { folds = 6, spread = 0.03, scale = 1, sign = 1 } = {},
): StudyDifferences[] {
  const random = randomStream(3, "studies");
  return centres.map((centre) => {
    const shared = Math.sqrt(1 / folds) * random.normal();
    return {
      sizes: { test: 1, training: folds - 1 },
      differences: Array.from({ length: folds }, () =>
        sign * scale *
        (centre + spread * (shared + Math.sqrt(1 - 1 / folds) * random.normal()))),
    };
  });
}

function estimated(
  studies: readonly StudyDifferences[],
  options: Parameters<typeof hierarchicalT>[1] = {},
): HierarchicalPosterior {
  const found = hierarchicalT(studies, options);
  assert.equal(found.state, "estimated");
  return found as HierarchicalPosterior;
}

const centres = [-0.09, -0.04, -0.06, -0.11, -0.02, -0.07];

Deno.test("the hierarchical model draws studies together, the noisy ones most", () => {
  const studies = studiesAround(centres);
  const noisy = {
    ...studies[3],
    differences: studies[3].differences.map((each, fold) => each + (fold % 2 ? 0.3 : -0.3)),
  };
  const { mean, studies: shrunken, another, convergence } = estimated([
    ...studies.slice(0, 3),
    noisy,
    ...studies.slice(4),
  ]);
  assert.ok(convergence.rHat < 1.01 && convergence.effectiveSize > 400);
  assert.equal(convergence.draws, 20_000);
  const own = noisy.differences.reduce((sum, each) => sum + each / 6, 0);
  assert.ok(Math.abs(shrunken[3].mean - mean.mean) < 0.3 * Math.abs(own - mean.mean));
  assert.ok(shrunken[3].weight < 0.5 / 6);
  assertClose(shrunken.reduce((sum, { weight }) => sum + weight, 0), 1, 1e-12);
  assertClose(another.below + another.inside + another.above, 1, 1e-9);
  assert.equal(another.inside, 0);
  assert.ok(another.below > 0.85 && another.below < 0.99);
});

Deno.test("the posterior scales with the differences and turns round with their sign", () => {
  const plain = estimated(studiesAround(centres), { region: 0.02 });
  const scaled = estimated(studiesAround(centres, { scale: 1e6 }), { region: 2e4 });
  assertClose(scaled.another.below, plain.another.below, 1e-6);
  assertClose(scaled.spread.median, 1e6 * plain.spread.median, 1e-6);
  const turned = estimated(studiesAround(centres, { sign: -1 }), { region: 0.02 });
  assertClose(turned.another.above, plain.another.below, 0.02);
  assertClose(turned.mean.median, -plain.mean.median, 0.03);
});

Deno.test("the same seed gives the same posterior, another one nearly the same", () => {
  const studies = studiesAround(centres, { folds: 5 });
  assert.deepEqual(hierarchicalT(studies, { seed: 4 }), hierarchicalT(studies, { seed: 4 }));
  const [one, other] = [4, 5].map((seed) => estimated(studies, { seed }));
  assert.notEqual(one.another.below, other.another.below);
  assertClose(one.another.below, other.another.below, 0.01);
});

Deno.test("more overlap of training texts widens the posterior, and folds may differ in number", () => {
  const studies = studiesAround(centres.slice(0, 4), { spread: 0.06 });
  const overlapping = studies.map((study) => ({ ...study, sizes: { test: 1, training: 1 } }));
  const width = ({ mean: { interval } }: HierarchicalPosterior) => interval[1] - interval[0];
  assert.ok(width(estimated(overlapping)) > 1.15 * width(estimated(studies)));
  const [first, ...others] = studies;
  const short = { ...first, differences: first.differences.slice(0, 4) };
  assert.equal(estimated([short, ...others]).studies.length, 4);
});

Deno.test("where the model says nothing it says why", () => {
  const studies = studiesAround(centres);
  assert.equal(hierarchicalT(studies.slice(0, 2)).state, "tooFewStudies");
  const two = { ...studies[0], differences: [1, 2] };
  assert.equal(hierarchicalT([two, ...studies]).state, "tooFewFolds");
  const constant = { ...studies[0], differences: [1, 1, 1] };
  assert.equal(hierarchicalT([constant, ...studies]).state, "constant");
  assert.equal(hierarchicalT(studies, { draws: 100 }).state, "notConverged");
  const infinite = { ...studies[0], differences: [1, Infinity, 1] };
  assert.throws(() => hierarchicalT([infinite]), /differences of study 0/);
  assert.throws(
    () => hierarchicalT([{ ...studies[0], sizes: { test: 0, training: 1 } }]),
    /sizes of study 0 must be above 0, found 0 and 1/,
  );
  assert.throws(() => hierarchicalT(studies, { region: -1 }), /region must be/);
});
