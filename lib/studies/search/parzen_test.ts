import assert from "node:assert/strict";
import { randomStream } from "../../core/random.ts";
import {
  choice,
  integerRange,
  linearRange,
  logRange,
  shareOf,
  valueAt,
  when,
} from "./dimensions.ts";
import { type ParzenAxis, parzenEstimator } from "./parzen.ts";
import { bayesianSearch } from "./bayesian_search.ts";
import { askTreeParzen, goodObservations, type Observation, startupPoints } from "./tree_parzen.ts";
import reference from "./_reference/parzen.json" with { type: "json" };

const axisOf = (name: string): ParzenAxis =>
  name === "c" ? { kind: "choice", count: 3 } : { kind: "share" };

Deno.test("parzenEstimator has Optuna's log densities, for one axis and for numbers and choices together", () => {
  assert.equal(reference.optuna, "5.0.0");
  for (const [count, good] of reference.gamma) assert.equal(goodObservations(count), good);
  for (const { axes, observed, asked, logDensities } of reference.cases) {
    const estimator = parzenEstimator(axes.map(axisOf), observed);
    for (const [index, point] of asked.entries()) {
      const found = estimator.logDensity(point);
      const expected = logDensities[index];
      assert.ok(
        Math.abs(found - expected) <= 1e-9 + 1e-9 * Math.abs(expected),
        `${axes} with ${observed.length} observations: ${found}, expected ${expected}`,
      );
    }
  }
});

Deno.test("parzenEstimator draws from its density: exact zeros, choices and shares", () => {
  const axes: ParzenAxis[] = [
    { kind: "zeroOrShare", zeroShare: 0.25 },
    { kind: "choice", count: 2 },
  ];
  const estimator = parzenEstimator(axes, [[null, 1], [0.9, 1]]);
  const stream = randomStream(1, "draws");
  const drawn = Array.from({ length: 4000 }, () => estimator.draw(stream));
  const share = (holds: (point: (typeof drawn)[number]) => boolean) =>
    drawn.filter(holds).length / drawn.length;
  // Each component weighs a third. Zeros: of (0.25 · 2/3 + 1)/(5/3), (0.25 · 2/3)/(5/3) and 0.25.
  const zeros = (0.7 + 0.1 + 0.25) / 3;
  assert.ok(Math.abs(share(([x]) => x === null) - zeros) < 0.03);
  assert.ok(
    Math.abs(
      Math.exp(estimator.logDensity([null, 0])) +
        Math.exp(estimator.logDensity([null, 1])) - zeros,
    ) < 1e-12,
  );
  const second = (0.8 + 0.8 + 0.5) / 3;
  assert.ok(Math.abs(share(([, c]) => c === 1) - second) < 0.03);
  // The density of numbers, summed over a grid of shares and both choices, is the rest.
  let sum = 0;
  for (let cell = 0; cell < 1000; cell++) {
    for (const c of [0, 1]) sum += Math.exp(estimator.logDensity([(cell + 0.5) / 1000, c])) / 1000;
  }
  assert.ok(Math.abs(sum - (1 - zeros)) < 1e-4);
  assert.ok(drawn.every(([x]) => x === null || (x >= 0 && x < 1)));
});

Deno.test("shareOf is the inverse of valueAt", () => {
  const ranges = [linearRange(-2, 3), logRange(1e-6, 10), logRange(1e-6, 10, { zeroShare: 0.3 })];
  for (const range of ranges as Parameters<typeof shareOf>[0][]) {
    for (const share of [0.31, 0.5, 0.99]) {
      assert.ok(Math.abs(shareOf(range, valueAt(range, share) as number)! - share) < 1e-9);
    }
    assert.equal(shareOf(range, 11), undefined);
  }
  for (const scale of ["linear", "log"] as const) {
    const range = integerRange(1, 9, { scale }) as Parameters<typeof shareOf>[0];
    for (let value = 1; value <= 9; value++) {
      assert.equal(valueAt(range, shareOf(range, value)!), value);
    }
    assert.equal(shareOf(range, 1.5), undefined);
  }
});

const dimensions = {
  lambda: logRange(1e-6, 1, { zeroShare: 0.2 }),
  kind: choice(["a", "b"]),
  size: integerRange(1, 64, { scale: "log" }),
  extra: when({ kind: ["b"] }, linearRange(0, 1)),
};

Deno.test("askTreeParzen keeps conditions, repeats no point, depends on its arguments alone, and finds a zero", () => {
  for (const joint of [true, false]) {
    const search = bayesianSearch({ dimensions, count: 60, seed: 4, joint });
    const lossOf = (point: Observation["point"]) =>
      (point.lambda === 0 ? 0 : 1 + Math.log10(Number(point.lambda)) / 20) +
      (point.kind === "b" ? (Number(point.extra) - 0.3) ** 2 : 0.5) +
      Math.abs(Math.log2(Number(point.size)) - 3) / 10;
    const observed = startupPoints(search).map((point) => ({ point, loss: lossOf(point) }));
    while (observed.length < search.count) {
      const asked = askTreeParzen(search, observed, [], 3);
      assert.deepEqual(askTreeParzen(search, structuredClone(observed), [], 3), asked);
      for (const point of asked) {
        assert.equal("extra" in point, point.kind === "b");
        observed.push({ point, loss: lossOf(point) });
      }
    }
    assert.equal(new Set(observed.map(({ point }) => JSON.stringify(point))).size, observed.length);
    const best = observed.reduce((best, each) => each.loss < best.loss ? each : best);
    assert.deepEqual([best.point.lambda, best.point.kind], [0, "b"]);
    assert.ok(best.loss < 0.1, `${joint}: ${best.loss}`);
  }
});

Deno.test("askTreeParzen gives what is left of few points, and takes infinite losses for the worst", () => {
  const search = bayesianSearch({ dimensions: { a: choice([1, 2, 3]) }, count: 9, seed: 1 });
  const observed = [{ point: { a: 2 }, loss: Infinity }];
  const asked = askTreeParzen(search, observed, [{ a: 1 }], 5);
  assert.deepEqual(asked, [{ a: 3 }]);
  assert.deepEqual(askTreeParzen(search, observed, [{ a: 1 }, { a: 3 }], 5), []);
});
