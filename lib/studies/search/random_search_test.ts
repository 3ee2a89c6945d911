import assert from "node:assert/strict";
import { choice, integerRange, linearRange, logRange, valueAt, when } from "./dimensions.ts";
import { joinSpaces, latinHypercube, randomSearch, type SearchOptions } from "./random_search.ts";
import { checkSpace, grid, points } from "./space.ts";
import { doubleOptions, doubleParts, withProject } from "../_testing/parts.ts";
import { runStudyWith } from "../_study_course.ts";

const dimensions = {
  lambda: logRange(1e-6, 1e-2, { zeroShare: 0.25 }),
  optimizer: choice(["sgd", "adam"]),
  momentum: when({ optimizer: ["sgd"] }, linearRange(0, 0.99)),
  nesterov: when({ optimizer: ["sgd"] }, choice([true, false])),
  hiddenSize: integerRange(16, 255, { scale: "log" }),
  // Continuous in every point, so that none comes twice and no distribution is changed by that.
  dropout: linearRange(0, 0.5),
};

Deno.test("randomSearch draws each axis from its distribution, with zeros on the log axis and conditions kept", () => {
  const { kind, points } = randomSearch({ dimensions, count: 2000, seed: 3 });
  assert.equal(kind, "randomSearch");
  assert.equal(points.length, 2000);
  const share = (holds: (point: any) => boolean) => points.filter(holds).length / points.length;
  // Four standard errors of a share of 2000 draws are below 0.045.
  const near = (found: number, expected: number) => assert.ok(Math.abs(found - expected) < 0.045);
  near(share(({ lambda }) => lambda === 0), 0.25);
  near(share(({ lambda }) => lambda > 0 && lambda < 1e-4), 0.375);
  near(share(({ optimizer }) => optimizer === "sgd"), 0.5);
  near(share(({ hiddenSize }) => hiddenSize < 64), 0.5);
  near(share(({ momentum }) => momentum < 0.495), 0.25);
  for (const point of points as any[]) {
    assert.equal("momentum" in point, point.optimizer === "sgd");
    assert.equal("nesterov" in point, point.optimizer === "sgd");
    assert.ok(point.lambda === 0 || (point.lambda >= 1e-6 && point.lambda <= 1e-2));
    assert.ok(Number.isInteger(point.hiddenSize) && point.hiddenSize >= 16);
    assert.ok(point.hiddenSize <= 255);
  }
  assert.deepEqual(
    checkSpace("space", JSON.parse(JSON.stringify({ kind, points }))).points,
    points,
  );
});

Deno.test("randomSearch gives the same points for a seed, others for another, and begins a longer search with them", () => {
  const few = randomSearch({ dimensions, count: 20, seed: 1 }).points;
  assert.deepEqual(randomSearch({ dimensions, count: 20, seed: 1 }).points, few);
  assert.deepEqual(randomSearch({ dimensions, count: 30, seed: 1 }).points.slice(0, 20), few);
  assert.notDeepEqual(randomSearch({ dimensions, count: 20, seed: 2 }).points, few);
  const without = randomSearch({ dimensions: { lambda: dimensions.lambda }, count: 9, seed: 1 });
  const lambdas = few.map(({ lambda }) => lambda).filter((lambda) => lambda !== 0);
  const alone = without.points.map(({ lambda }) => lambda).filter((lambda) => lambda !== 0);
  const common = Math.min(lambdas.length, alone.length);
  assert.ok(common >= 3);
  assert.deepEqual(lambdas.slice(0, common), alone.slice(0, common));
});

Deno.test("randomSearch gives no point twice and refuses more points than there are", () => {
  const few = { a: choice([1, 2, 3]), b: integerRange(0, 1) };
  const { points } = randomSearch({ dimensions: few, count: 6, seed: 1 });
  assert.equal(new Set(points.map((point) => JSON.stringify(point))).size, 6);
  assert.throws(
    () => randomSearch({ dimensions: few, count: 7, seed: 1 }),
    /count must be at most what the dimensions offer, found 7 .* 6 different points/,
  );
});

Deno.test("latinHypercube puts one point into each of count parts of every axis, for every seed", () => {
  for (let seed = 0; seed < 20; seed++) {
    const { points } = latinHypercube({
      dimensions: { x: linearRange(-1, 1), y: logRange(1, 1e6), z: integerRange(0, 15) },
      count: 16,
      seed,
    });
    const parts = (axis: string, part: (value: number) => number) =>
      points.map((point) => part(Number(point[axis]))).sort((a, b) => a - b);
    const all = Array.from({ length: 16 }, (_, index) => index);
    assert.deepEqual(parts("x", (x) => Math.floor((x + 1) * 8)), all);
    assert.deepEqual(parts("y", (y) => Math.floor(Math.log10(y) * 16 / 6)), all);
    assert.deepEqual(parts("z", (z) => z), all);
  }
  assert.equal(
    latinHypercube({ dimensions: { a: choice([1, 2]) }, count: 10, seed: 1 }).points.length,
    2,
  );
});

Deno.test("dimensions and searches refuse bounds, shares, conditions and counts that cannot be", () => {
  assert.throws(() => linearRange(1, 1), /to must be a finite number above 1, found 1/);
  assert.throws(() => logRange(0, 1), /from must be a finite number above 0, found 0/);
  assert.throws(() => logRange(1, 2, { zeroShare: 1 }), /zeroShare must be .* below 1/);
  assert.throws(() => logRange(1, 2, { zero: 1 } as never), /unknown option "zero"/);
  assert.throws(() => integerRange(0, 4, { scale: "log" }), /from must be .* from 1/);
  assert.throws(() => integerRange(0, 1.5), /whole number/);
  assert.throws(() => choice([]), /a list with a value/);
  assert.throws(() => choice([1, 1]), /must differ/);
  assert.throws(() => when({}, choice([1])), /must be an object of lists/);
  assert.throws(() => valueAt(choice([1]), 1), /share must be .* below 1/);
  const search = (change: object) =>
    randomSearch({ dimensions: { a: choice([1]) }, count: 1, seed: 1, ...change });
  assert.throws(() => search({ count: 0 }), /count must be .* from 1/);
  assert.throws(() => search({ seed: 0.5 }), /seed must be a whole number/);
  assert.throws(() => search({ dimensions: {} }), /there must be a dimension/);
  assert.throws(() => search({ dimensions: { a: [1] } }), /axis "a" must be a dimension such as/);
  assert.throws(
    () => search({ dimensions: { a: when({ b: [1] }, choice([1])), b: choice([1]) } }),
    /condition of axis "a" must name axes that stand before it \(none\), found "b"/,
  );
  assert.throws(() => joinSpaces(), /must be a space, found none/);
  assert.throws(() => joinSpaces({ points: [] } as never), /must be a search space/);
});

Deno.test("users.md 9: a condition that never holds is refused with the values that there are", () => {
  const search = (dimensions: SearchOptions["dimensions"]) => () =>
    randomSearch({ dimensions, count: 2, seed: 1 });
  const optimizer = choice(["adam", "sgd"]);
  const range = linearRange(0, 1);
  const cases: [SearchOptions["dimensions"], RegExp][] = [
    [
      { optimizer, momentum: when({ optimizer: ["SGD"] }, range) },
      /axis "momentum" must be able to hold: "optimizer" gives "adam", "sgd", found "SGD"\./,
    ],
    [
      { optimizer, momentum: when({ optimizer: [] }, range) },
      /gives "adam", "sgd", found no value/,
    ],
    [
      { a: integerRange(1, 3), b: when({ a: [4, 1.5] }, range) },
      /whole numbers from 1 to 3, found 4, 1\.5/,
    ],
    [
      { a: linearRange(0, 1), b: when({ a: [2, "x"] }, range) },
      /numbers from 0 to 1, found 2, "x"/,
    ],
    [{ a: logRange(1, 10), b: when({ a: [0] }, range) }, /gives numbers from 1 to 10, found 0/],
    [
      {
        optimizer,
        momentum: when({ optimizer: ["sgd"] }, choice([0, 0.9])),
        nesterov: when({ momentum: [0.9], optimizer: ["adam"] }, choice([true, false])),
      },
      /"nesterov" must .* found "adam" for it and, for an axis that it names, "sgd"/,
    ],
  ];
  for (const [dimensions, expected] of cases) assert.throws(search(dimensions), expected);
  // One that can hold stays, also beside values that cannot.
  const { points } = search({
    a: logRange(1, 10, { zeroShare: 0.5 }),
    b: when({ a: [0, 99] }, choice([1])),
  })();
  assert.ok(points.length === 2);
});

Deno.test("users.md 9: logRange from 0 says how a zero is drawn", () => {
  assert.throws(
    () => logRange(0, 0.01),
    /found 0: .*logRange\(0\.00001, 0\.01, { zeroShare: 0\.1 }\)/,
  );
  assert.throws(() => logRange(-1, 0.01), /from must be a finite number above 0, found -1/);
});

Deno.test("runStudy of a random search beside a grid runs only what is missing when points, folds or seeds are added", () =>
  withProject(async (project) => {
    const around = (count: number) =>
      randomSearch({
        dimensions: { lambda: logRange(1e-4, 1, { zeroShare: 0.3 }), alpha: linearRange(0, 2) },
        count,
        seed: 1,
      });
    const spaceOf = (count: number) =>
      joinSpaces(
        grid({ lambda: [0, 0.01], alpha: [0, 1] }),
        around(count),
        points([{ lambda: 5, alpha: 5 }]),
      );
    const run = async (count: number, folds: number, seeds: number[]) => {
      const before = await Deno.readTextFile(`${project}/results/double/runs.jsonl`)
        .catch(() => "");
      const study = await runStudyWith(
        doubleParts,
        doubleOptions(project, {
          space: spaceOf(count),
          folds: { count: folds, final: false } as never,
          seeds,
        }),
      );
      const after = await Deno.readTextFile(`${project}/results/double/runs.jsonl`);
      assert.ok(after.startsWith(before));
      assert.equal(study.records.length, (count + 5) * folds * seeds.length);
      return after.slice(before.length).split("\n").length - 1;
    };
    assert.equal(await run(3, 2, [1]), 8 * 2);
    assert.equal(await run(3, 2, [1]), 0);
    // Points may be added anywhere in the list: here in front of the last one.
    assert.equal(await run(5, 2, [1]), 2 * 2);
    assert.equal(await run(5, 3, [1]), 10);
    assert.equal(await run(5, 3, [2, 1]), 30);
    assert.equal(await run(5, 3, [2, 1]), 0);
  }));
