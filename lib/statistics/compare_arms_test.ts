import assert from "node:assert/strict";
import { randomStream } from "../core/random.ts";
import { compareArms } from "./compare_arms.ts";
import { correctedTTest } from "./corrected_t.ts";
import { assertClose } from "./testing/close.ts";
import { armsHandStudy, type HandArm, type HandLoss } from "./testing/arms_hand_study.ts";
import { syntheticStudy } from "./testing/synthetic_study.ts";

const [one, two] = [{ x: 1 }, { x: 2 }];
/** A point with the same choosing loss on every fold. */
const all = (choosing: number, ...heldOut: number[]): HandLoss[] =>
  heldOut.map((loss) => [choosing, loss]);
const bad = all(5, 9, 9, 9, 9);

const none: HandArm = { points: [one, two], losses: [all(1, 2.0, 2.2, 2.1, 2.3), bad] };
const decay: HandArm = { points: [one, two], losses: [bad, all(1, 1.8, 1.9, 1.9, 2.0)] };
const dropout: HandArm = { points: [one, two], losses: [all(1, 2.1, 2.1, 2.2, 2.2), bad] };

Deno.test("compareArms gives differences, corrected t, Holm over the arms and intervals of other pairs, worked by hand", () => {
  const source = armsHandStudy({ none, decay, dropout });
  const { verdicts, pairs, arms, chosenBy } = compareArms(source);
  assert.equal(chosenBy, "choosingBlock");
  assert.deepEqual(verdicts.map(({ arm, parent }) => [arm, parent]), [
    ["decay", "none"],
    ["dropout", "none"],
  ]);
  const rounded = (values: readonly number[]) => values.map((each) => Number(each.toFixed(9)));
  assert.deepEqual(rounded(verdicts[0].difference.foldDifferences), [-0.2, -0.3, -0.2, -0.3]);
  assert.deepEqual(rounded(verdicts[1].difference.foldDifferences), [0.1, -0.1, 0.1, -0.1]);
  // Mean −0.25, s² = 0.01 / 3, tokens of the runs 13,000 and 26,000: se = √((1/4 + 1/2) · 0.01 / 3) = 0.05.
  const test = verdicts[0].difference.test!;
  assertClose(test.standardError!, 0.05);
  assertClose(test.statistic!, -5);
  assert.equal(test.degreesOfFreedom, 3);
  // Two-sided p of |t| = 5 at 3 degrees of freedom is 0.015392; Holm doubles the smaller one.
  assertClose(test.pValue!, 0.015392438, 1e-7);
  assertClose(verdicts[0].difference.adjustedPValue!, 2 * 0.015392438, 1e-7);
  assert.deepEqual(verdicts.map(({ verdict }) => verdict), ["lower", "notShown"]);
  assertClose(arms[1].loss!.mean, 1.9);
  // The other pair is dropout minus decay; it has an interval and no adjusted p-value.
  assert.deepEqual(pairs.map(({ arm, from }) => [arm, from]), [["dropout", "decay"]]);
  assert.deepEqual(rounded(pairs[0].difference.foldDifferences), [0.3, 0.2, 0.3, 0.2]);
  assert.equal(pairs[0].difference.adjustedPValue, null);
  const sizes = { test: 13_000, training: 26_000 };
  const expected = correctedTTest([0.3, 0.2, 0.3, 0.2], sizes).interval!;
  assertClose(pairs[0].difference.test!.interval![0], expected[0]);
});

Deno.test("compareArms judges an arm against the parent that it declares", () => {
  const source = armsHandStudy({ none, decay, both: { ...dropout, parent: "decay" } });
  const { verdicts, pairs } = compareArms(source);
  assert.deepEqual(verdicts.map(({ arm, parent }) => [arm, parent]), [
    ["decay", "none"],
    ["both", "decay"],
  ]);
  assert.equal(verdicts[1].verdict, "higher");
  assert.deepEqual(pairs.map(({ arm, from }) => [arm, from]), [["both", "none"]]);
});

Deno.test("compareArms reads no scoring loss to choose: changing one changes no choice", () => {
  const choices = (arms: { [name: string]: HandArm }) =>
    compareArms(armsHandStudy(arms)).arms.map(({ tuning }) => tuning.choices);
  const changed = { ...decay, losses: [all(5, 0, 0, 0, 0), all(1, 8, 8, 8, 8)] };
  assert.deepEqual(choices({ none, decay: changed }), choices({ none, decay }));
});

Deno.test("compareArms falls back to the other folds without choosing blocks", () => {
  const source = armsHandStudy({ none, decay }, { choosing: false });
  const found = compareArms(source);
  assert.equal(found.chosenBy, "otherFolds");
  assert.deepEqual(
    found.verdicts[0].difference.foldDifferences.map((each) => Number(each.toFixed(9))),
    [-0.2, -0.3, -0.2, -0.3],
  );
});

Deno.test("compareArms counts diverged and failed points as tried, and never chooses them", () => {
  const source = armsHandStudy({
    none,
    decay: {
      points: [one, two, { x: 3 }],
      losses: [all(0, 0, 0, 0, 0), ...decay.losses],
      // Best by its losses, but for one fold it diverged there, and so it is chosen for the others only.
      status: (point, fold) =>
        point !== 0 ? "completed" : fold === 0 ? "diverged" : fold === 1 ? "failed" : "completed",
    },
  });
  const [, arm] = compareArms(source).arms;
  assert.deepEqual([arm.diverged, arm.failed], [1, 1]);
  assert.deepEqual(arm.tuning.choices.map(({ point }) => point.x), [3, 3, 1, 1]);
});

Deno.test("compareArms gives no verdict where runs are missing or every point diverged", () => {
  const source = armsHandStudy({ none, decay });
  const missing = compareArms({ ...source, records: source.records.slice(1) });
  assert.deepEqual(missing.verdicts.map(({ verdict }) => verdict), ["none"]);
  assert.equal(missing.arms[0].tuning.state, "missingRuns");
  const diverged = compareArms(
    armsHandStudy({ none, decay: { ...decay, status: () => "diverged" } }),
  );
  assert.equal(diverged.arms[1].tuning.state, "allDiverged");
  assert.equal(diverged.verdicts[0].verdict, "none");
});

/** Four rates of a logarithmic range; the arm chooses those at the given places, one a fold. */
function rates(chosen: readonly number[], name = "learningRate"): HandArm {
  const values = [0.002, 0.005, 0.012, 0.028];
  return {
    dimensions: { [name]: { kind: "log", from: 1e-3, to: 3e-2, zeroShare: 0 } },
    points: values.map((value) => ({ [name]: value })),
    losses: values.map((_, point) =>
      chosen.map((place, fold) => [place === point ? 1 : 2, 2 + fold / 10 + Number(point > 9)])
    ),
  };
}

Deno.test("compareArms withholds the verdict while half of an arm's choices lie at an edge, naming axis and end", () => {
  const withheld = compareArms(
    armsHandStudy({ none: rates([1, 2, 2, 1]), decay: rates([3, 3, 2, 1]) }),
  );
  assert.deepEqual(withheld.verdicts[0].edges, [
    { arm: "decay", axis: "learningRate", end: "upper", folds: 2, of: 4, withholds: true },
  ]);
  const inside = compareArms(
    armsHandStudy({ none: rates([1, 2, 2, 1]), decay: rates([3, 2, 2, 1]) }),
  );
  assert.deepEqual(inside.verdicts[0].edges, []);
  // The rival's edge withholds as well, and both ends are known.
  const rival = compareArms(
    armsHandStudy({ none: rates([0, 0, 0, 3]), decay: rates([1, 2, 2, 1]) }),
  );
  assert.deepEqual(rival.verdicts[0].edges.map(({ arm, end, folds }) => [arm, end, folds]), [
    ["none", "lower", 3],
  ]);
});

Deno.test("A verdict that would be given is withheld when only an edge stands against it", () => {
  const shift = (arm: HandArm, by: readonly number[]): HandArm => ({
    ...arm,
    losses: arm.losses.map((folds) =>
      folds.map((loss, fold) => [(loss as HandLoss)[0], (loss as HandLoss)[1] + by[fold]] as const)
    ),
  });
  const better = [-0.5, -0.51, -0.49, -0.5];
  const verdict = (chosen: readonly number[]) =>
    compareArms(armsHandStudy({ none: rates([1, 2, 2, 1]), decay: shift(rates(chosen), better) }))
      .verdicts[0].verdict;
  assert.equal(verdict([1, 2, 2, 1]), "lower");
  assert.equal(verdict([3, 3, 3, 1]), "withheld");
});

Deno.test("The lower end of a strength that the parent does not have is said and withholds nothing", () => {
  const specify = (point: { readonly [axis: string]: unknown }) => ({
    optimizer: { learningRate: (point.learningRate as number | undefined) ?? 0.01 },
    penalties: "alpha" in point
      ? [{ kind: "decoupledWeightDecay", strength: point.alpha as number }]
      : [],
  });
  const edges = (parent: HandArm) =>
    compareArms(
      armsHandStudy({ none: parent, decay: rates([0, 0, 0, 1], "alpha") }, { specify }),
    ).arms[1].edges.map(({ end, withholds }) => [end, withholds]);
  assert.deepEqual(edges(rates([1, 2, 2, 1])), [["lower", false]]);
  // A parent that has the strength itself is not what lies beyond.
  assert.deepEqual(edges(rates([1, 2, 2, 1], "alpha")), [["lower", true]]);
});

Deno.test("The last evaluation of a constant rate is an edge; of a falling rate, or before the end, it is none", () => {
  const stepped = (last: number): HandArm => ({
    points: [one],
    dimensions: {},
    losses: [[2, 2.1, 2.2].map((loss) => [[1.5, loss], [last, loss]] as const)],
  });
  const edges = (last: number, constantRate: boolean) =>
    compareArms(armsHandStudy({ none: stepped(2), decay: stepped(last) }, { constantRate }))
      .arms[1].edges;
  assert.deepEqual(edges(1, true), [
    { arm: "decay", axis: null, end: "upper", folds: 3, of: 3, withholds: true },
  ]);
  assert.deepEqual(edges(2, true), []);
  assert.deepEqual(edges(1, false), []);
  const atEnd = compareArms(
    armsHandStudy({ none: stepped(2), decay: stepped(1) }, { constantRate: true }),
    { view: "lastStep" },
  );
  assert.deepEqual(atEnd.arms[1].edges, []);
});

Deno.test("compareArms repeats the verdicts at equal FLOPs: points in their drawn order, as many as fit", () => {
  // Without a penalty a run takes 10, with decay 25: of 4 folds · 2 points 80 fit, not one point of decay
  // (100); with 15 one of its two points does, which is not the better one.
  const source = armsHandStudy({ none, decay });
  const at = (flops: number) =>
    compareArms(source, {
      flopsOf: ({ point }) => (point as { arm: string }).arm === "none" ? 10 : flops,
    });
  assert.deepEqual(at(25).arms.map((arm) => arm.flops), [80, 200]);
  assert.equal(at(25).equalFlops.state, "noPoint");
  const { equalFlops } = at(15);
  assert.deepEqual([equalFlops.state, equalFlops.budget], ["compared", 80]);
  assert.deepEqual(equalFlops.arms.map(({ points }) => points.length), [2, 1]);
  assertClose(equalFlops.verdicts[0].difference.foldDifferences[0], 7);
  assert.equal(at(10).equalFlops.state, "same");
  assert.equal(compareArms(source).equalFlops.state, "unknown");
});

Deno.test("compareArms refuses a study without arms, and options that it does not have", () => {
  const { study: record, runs: records } = syntheticStudy();
  assert.throws(() => compareArms({ record, records }), /must be one of arms, found .* "grid"/);
  const source = armsHandStudy({ none, decay });
  assert.throws(
    () => compareArms(source, { quantity: "gap" } as never),
    /unknown option "quantity"/,
  );
});

Deno.test("compareArms says of two arms that are the same, 5 points each on 5 folds, that one is lower in about 5 % of studies", () => {
  const studies = 400;
  const stream = randomStream(1, "null");
  // The luck that folds share through overlapping training text has the share of the variance that the
  // correction assumes, n_test / (n_test + n_train) = 1/3 by the tokens of the records; blocks differ too.
  const shared = Math.sqrt(1 / 3);
  const own = Math.sqrt(2 / 3);
  let found = 0;
  for (let study = 0; study < studies; study++) {
    const levels = Array.from({ length: 5 }, () => stream.normal());
    const arm = (): HandArm => {
      const luck = shared * stream.normal();
      return {
        points: [1, 2, 3, 4, 5].map((x) => ({ x })),
        losses: [1, 2, 3, 4, 5].map(() => {
          const loss = (block: number) => 30 + levels[block] + luck + own * stream.normal();
          return levels.map((_, fold): HandLoss => [loss((fold + 1) % 5), loss(fold)]);
        }),
      };
    };
    const [{ verdict }] = compareArms(armsHandStudy({ none: arm(), decay: arm() })).verdicts;
    if (verdict === "lower" || verdict === "higher") found++;
  }
  // Four standard errors of a share of 400 about 0.05.
  const share = found / studies;
  assert.ok(Math.abs(share - 0.05) < 4 * Math.sqrt(0.05 * 0.95 / studies), `${share}`);
  assert.ok(share > 0);
});
