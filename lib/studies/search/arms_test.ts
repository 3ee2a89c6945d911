import assert from "node:assert/strict";
import { canonicalJson } from "../../core/json.ts";
import { pointsOfArm, settingsOf } from "../../statistics/arms_study.ts";
import { type ArmOptions, arms, type ArmsOptions } from "./arms.ts";
import { differences, type StudyDefinition } from "../same_definition.ts";
import { choice, integerRange, linearRange, logRange, shareOf, when } from "./dimensions.ts";
import { checkStudyOptions } from "../options.ts";
import { joinSpaces } from "./random_search.ts";
import { points } from "./space.ts";
import { doubleOptions } from "../_testing/parts.ts";

const learningRate = logRange(1e-3, 3e-2);
const alpha = logRange(0.03, 3);
const three: { readonly [name: string]: ArmOptions } = {
  none: { dimensions: { learningRate } },
  decay: { parent: "none", dimensions: { learningRate, alpha } },
  dropout: { parent: "none", dimensions: { dropout: linearRange(0, 0.5), learningRate } },
};

const values = (space: ReturnType<typeof arms>, arm: string, axis: string) =>
  space.points.filter((point) => point.arm === arm).map((point) => point[axis] as number);

Deno.test("arms gives every arm the same number of points, one of 8 in each eighth of every range", () => {
  const space = arms(three, { count: 8, seed: 4 });
  assert.equal(space.kind, "arms");
  assert.deepEqual(space.arms!.map(({ name, parent, count }) => [name, parent, count]), [
    ["none", null, 8],
    ["decay", "none", 8],
    ["dropout", "none", 8],
  ]);
  const eighths = (arm: string, axis: string, dimension: Parameters<typeof shareOf>[0]) =>
    values(space, arm, axis).map((value) => Math.floor(8 * shareOf(dimension, value)!)).sort();
  const all = [0, 1, 2, 3, 4, 5, 6, 7];
  assert.deepEqual(eighths("none", "learningRate", learningRate as never), all);
  assert.deepEqual(eighths("decay", "alpha", alpha as never), all);
  assert.deepEqual(eighths("dropout", "dropout", linearRange(0, 0.5) as never), all);
});

Deno.test("arms gives an axis the same values in all arms that have it, wherever it stands", () => {
  for (const draw of ["sobol", "random"] as const) {
    const space = arms(three, { count: 5, seed: 1, draw });
    const rates = values(space, "none", "learningRate");
    assert.deepEqual(values(space, "decay", "learningRate"), rates);
    assert.deepEqual(values(space, "dropout", "learningRate"), rates);
    assert.equal(new Set(rates).size, 5);
    assert.notDeepEqual(
      rates,
      values(arms(three, { count: 5, seed: 2, draw }), "none", "learningRate"),
    );
  }
});

Deno.test("arms with a larger count begins with the same points, and an arm that comes after changes nothing", () => {
  for (const draw of ["sobol", "random"] as const) {
    const few = arms(three, { count: 5, seed: 1, draw });
    const more = arms(
      { ...three, both: { parent: "decay", dimensions: { learningRate, rho: linearRange(0, 1) } } },
      { count: 9, seed: 1, draw },
    );
    for (const { name } of few.arms!) {
      const [a, b] = [few, more].map(({ points }) => points.filter(({ arm }) => arm === name));
      assert.deepEqual(b.slice(0, 5), a);
      assert.equal(b.length, 9);
    }
  }
});

Deno.test("arms draws random points that are independent of each other and uniform in their range", () => {
  const space = arms(
    { a: { dimensions: { x: linearRange(0, 1), y: linearRange(0, 1) } }, b: { parent: "a" } },
    { count: 4000, seed: 3, draw: "random" },
  );
  const [x, y] = ["x", "y"].map((axis) => values(space, "a", axis).map((value) => value - 0.5));
  const mean = (list: readonly number[]) => list.reduce((a, b) => a + b) / list.length;
  // Five standard errors: of a mean of uniform numbers, of a product of two, of neighbours.
  const error = 5 / 12 / Math.sqrt(4000);
  assert.ok(Math.abs(mean(x)) < 5 * Math.sqrt(1 / 12 / 4000));
  assert.ok(Math.abs(mean(x.map((value, i) => value * y[i]))) < error);
  assert.ok(Math.abs(mean(x.slice(1).map((value, i) => value * x[i]))) < error);
});

Deno.test("arms lets an axis hang on another within an arm, and has a point once", () => {
  const space = arms({
    none: {},
    own: {
      parent: "none",
      dimensions: {
        kind: choice(["l1", "l2"]),
        layers: integerRange(1, 2),
        share: when({ kind: ["l2"] }, choice([1, 2])),
      },
    },
  }, { count: 6, seed: 1 });
  const own = space.points.filter(({ arm }) => arm === "own");
  for (const point of own) assert.equal("share" in point, point.kind === "l2");
  // Two points of l1 and four of l2 are all that there are.
  assert.equal(new Set(own.map(canonicalJson)).size, 6);
  assert.deepEqual(space.points[0], { arm: "none" });
  assert.equal(space.arms![0].count, 1);
});

Deno.test("arms says which arm has not so many points", () => {
  assert.throws(
    () =>
      arms({ a: {}, b: { parent: "a", dimensions: { x: choice([1, 2]) } } }, { count: 3, seed: 1 }),
    /count must be at most .* found 3 .* 2 different points of arm "b"/,
  );
});

Deno.test("arms refuses other ranges for an axis that arms share, with both and the reason", () => {
  const wider = { ...three, decay: { parent: "none", dimensions: { learningRate: alpha } } };
  assert.throws(
    () => arms(wider, { count: 4, seed: 1 }),
    /owes a rival the same tuning; found "learningRate" as .*0\.03.* in "none" and .* in "decay"/,
  );
});

Deno.test("arms refuses parents that are no arms, circles, several roots and none, one arm, and an axis called arm", () => {
  const given: ArmsOptions = { count: 4, seed: 1 };
  const refused: readonly (readonly [{ readonly [name: string]: ArmOptions }, RegExp])[] = [
    [{ a: {}, b: { parent: "c" } }, /b: parent must be one of the arms "a", "b", found "c"/],
    [{ a: { parent: "b" }, b: { parent: "a" } }, /must end at a root, found a → b → a/],
    [{ a: {}, b: {} }, /exactly one arm must have no parent, found "a", "b"/],
    [{ a: {} }, /at least two arms, found 1/],
    [{ a: {}, b: { parent: "a", dimensions: { arm: alpha } } }, /must not be called "arm"/],
    [{ a: {}, b: { parent: "a", steps: 3 } as never }, /unknown option "steps"/],
    [{ a: {}, b: { parent: "a", dimensions: { x: 3 as never } } }, /must be a dimension/],
  ];
  for (const [options, message] of refused) assert.throws(() => arms(options, given), message);
  assert.throws(
    () => arms(three, { count: 1, seed: 1 }),
    /count must be .* from 2 to 1000000, found 1/,
  );
  assert.throws(
    () => arms(three, { count: 4, seed: 1, draw: "grid" as never }),
    /draw must be one/,
  );
  assert.throws(() => arms(three, { count: 4 } as never), /seed must be/);
});

Deno.test("A space of arms goes with the lowest mean, no baseline and no strategy, and is not joined", () => {
  const space = arms(three, { count: 4, seed: 1 });
  const settings = checkStudyOptions(doubleOptions(undefined, { space, project: "." }));
  assert.equal(settings.select?.kind, "mean");
  const select = { kind: "oneStandardError", metric: "validationLoss", axes: [] } as const;
  assert.throws(
    () => checkStudyOptions(doubleOptions(undefined, { space, select })),
    /leave strategy, select and baseline out, found select "oneStandardError"/,
  );
  const baseline = space.points[0];
  assert.throws(
    () => checkStudyOptions(doubleOptions(undefined, { space, baseline })),
    /found baseline \{"arm":"none"/,
  );
  assert.throws(() => joinSpaces(space, points([{ a: 1 }])), /must not be one of arms/);
});

Deno.test("A study of arms may grow by points and arms, and names the range that is another", () => {
  const definition = (space: ReturnType<typeof arms>) =>
    ({ space, specifications: space.points, folds: [], seeds: [] }) as unknown as StudyDefinition;
  const stored = definition(arms(three, { count: 4, seed: 1 }));
  const grown = arms({ ...three, more: { parent: "decay", dimensions: { alpha } } }, {
    count: 6,
    seed: 1,
  });
  assert.deepEqual(differences(stored, definition(grown)), []);
  const wider = { ...three, decay: { parent: "none", dimensions: { alpha: logRange(0.03, 30) } } };
  const found = differences(stored, definition(arms(wider, { count: 4, seed: 1 })));
  assert.ok(found.includes("arms.decay.dimensions.alpha.to is 3, now 30"), found.join("\n"));
  const judged = { ...three, dropout: { ...three.dropout, parent: "decay" } };
  assert.deepEqual(differences(stored, definition(arms(judged, { count: 4, seed: 1 }))), [
    'arms.dropout.parent is "none", now "decay"',
  ]);
});

Deno.test("pointsOfArm and settingsOf take a space of arms apart", () => {
  const space = arms(three, { count: 2, seed: 1 });
  const own = pointsOfArm({ space } as never, "decay");
  assert.deepEqual(own, space.points.slice(2, 4));
  assert.deepEqual(Object.keys(settingsOf(own[0])), ["learningRate", "alpha"]);
});
