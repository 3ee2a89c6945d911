import assert from "node:assert/strict";
import type { JsonObject } from "../core/json.ts";
import type { SelectionRule } from "../records/study_record.ts";
import { assertClose } from "./testing/close.ts";
import { handStudy } from "./testing/hand_study.ts";
import { ruleOfStudy, select } from "./select.ts";
import { specificationOf, syntheticStudy } from "./testing/synthetic_study.ts";
import { type PointSummary, summarizeTrials } from "./summarize.ts";

// Three folds at mean − d, mean, mean + d have standard error d / √3.
function tabulated(rows: readonly (readonly [JsonObject, number, number])[]): PointSummary[] {
  const { study, runs } = handStudy({
    points: rows.map(([point]) => point),
    folds: 3,
    seeds: [1],
    runs: (row, fold) => {
      const [, mean, standardError] = rows[row];
      return [[10, 1, mean + (fold - 1) * standardError * Math.sqrt(3)]];
    },
  });
  return summarizeTrials(study, runs);
}

const rule = (kind: SelectionRule["kind"], axes: string[] = []): SelectionRule => ({
  kind,
  metric: "validationLoss",
  axes,
});
const points = (summaries: readonly PointSummary[]) => summaries.map(({ point }) => point);

Deno.test("select by mean takes the lowest mean and the earlier point on a tie", () => {
  const summaries = tabulated([
    [{ lambda: 0 }, 2.5, 0.1],
    [{ lambda: 1 }, 2.25, 0.1],
    [{ lambda: 2 }, 2.25, 0.2],
  ]);
  const selection = select(summaries, rule("mean"), "lastStep");
  assert.deepEqual(selection.selected?.point, { lambda: 1 });
});

Deno.test("select by one standard error takes the strongest point in the band of the best", () => {
  const summaries = tabulated([
    [{ lambda: 0 }, 2.5, 0.01],
    [{ lambda: 1 }, 2.0, 0.1],
    [{ lambda: 2 }, 2.09, 5],
    [{ lambda: 3 }, 2.11, 5],
  ]);
  const selection = select(summaries, rule("oneStandardError", ["lambda"]), "lastStep");
  assert.deepEqual(selection.selected?.point, { lambda: 2 });
  assert.deepEqual(selection.best?.point, { lambda: 1 });
  assert.ok(Math.abs(selection.threshold! - 2.1) < 1e-12);
  assert.deepEqual(points(selection.band), [{ lambda: 1 }, { lambda: 2 }]);
});

Deno.test("select on a grid keeps undominated points, then takes the largest first axis", () => {
  const summaries = tabulated([
    [{ lambda: 0, alpha: 0 }, 2.00, 0.1],
    [{ lambda: 0, alpha: 3 }, 2.05, 0.1],
    [{ lambda: 1, alpha: 1 }, 2.05, 0.1],
    [{ lambda: 1, alpha: 2 }, 2.06, 0.1],
    [{ lambda: 2, alpha: 0 }, 2.09, 0.1],
    [{ lambda: 2, alpha: 3 }, 2.20, 0.1],
  ]);
  const selection = select(summaries, rule("oneStandardError", ["lambda", "alpha"]), "lastStep");
  assert.equal(selection.band.length, 5);
  assert.deepEqual(points(selection.undominated), [
    { lambda: 0, alpha: 3 },
    { lambda: 1, alpha: 2 },
    { lambda: 2, alpha: 0 },
  ]);
  assert.deepEqual(selection.selected?.point, { lambda: 2, alpha: 0 });
  const alphaFirst = select(summaries, rule("oneStandardError", ["alpha", "lambda"]), "lastStep");
  assert.deepEqual(alphaFirst.selected?.point, { lambda: 0, alpha: 3 });
});

// Worked by hand, in eighths, which binary numbers hold exactly. Best: 2.000 ± 0.125, the earlier of
// two with that mean, so the threshold is 2.125 (the later one's would be 2.500).
//            α = 0   α = 1   α = 2   α = 3
//   λ = 0    2.250   2.000   2.125   2.375
//   λ = 1    2.125   2.000   2.125   2.250
//   λ = 2    2.125   2.125   2.250   2.500
//   λ = 3    2.125   2.375   2.500   2.750
// Band, threshold included: (0,1) (0,2) (1,0) (1,1) (1,2) (2,0) (2,1) (3,0). Undominated: (1,2), over
// (0,1) (0,2) (1,0) (1,1); (2,1), over (2,0) too; (3,0).
const means = [
  [2.25, 2, 2.125, 2.375],
  [2.125, 2, 2.125, 2.25],
  [2.125, 2.125, 2.25, 2.5],
  [2.125, 2.375, 2.5, 2.75],
];

/** The table's points with their means, and with the standard errors given. */
function tabulatedGrid(errorOf: (lambda: number, alpha: number) => number): PointSummary[] {
  const places = means.flatMap((row, lambda) =>
    row.map((mean, alpha) => ({ lambda, alpha, mean }))
  );
  const summaries = tabulated(
    places.map(({ lambda, alpha, mean }) => [{ lambda, alpha }, mean, errorOf(lambda, alpha)]),
  );
  // The hand-worked table says means and errors exactly; folds give them to the last digit but one.
  return summaries.map((summary, place) => {
    const { lambda, alpha, mean } = places[place];
    const view = summary.lastStep!;
    const validationLoss = {
      ...view.estimates.validationLoss,
      mean,
      standardError: errorOf(lambda, alpha),
    };
    return {
      ...summary,
      lastStep: { ...view, estimates: { ...view.estimates, validationLoss } },
    };
  });
}

Deno.test("select on a grid with ties takes the earlier best, includes the threshold, and leaves an undominated band of three", () => {
  const summaries = tabulatedGrid((lambda, alpha) => lambda === 1 && alpha === 1 ? 0.5 : 0.125);
  const selection = select(summaries, rule("oneStandardError", ["lambda", "alpha"]), "lastStep");
  assert.deepEqual(selection.best?.point, { lambda: 0, alpha: 1 });
  assert.equal(selection.threshold, 2.125);
  const pair = ({ point }: PointSummary) => `${point.lambda}${point.alpha}`;
  assert.equal(selection.band.map(pair).join(" "), "01 02 10 11 12 20 21 30");
  assert.equal(selection.undominated.map(pair).join(" "), "12 21 30");
  assert.equal(pair(selection.selected!), "30");
  // With α first the largest α of the three; on λ alone λ = 3; on α alone a tie of (0,2) and (1,2)
  // on strength and on mean, which the order of the study decides.
  const chosen = (axes: string[]) =>
    pair(select(summaries, rule("oneStandardError", axes), "lastStep").selected!);
  assert.equal(chosen(["alpha", "lambda"]), "12");
  assert.equal(chosen(["lambda"]), "30");
  assert.equal(chosen(["alpha"]), "02");
  assert.equal(pair(select(summaries, rule("mean"), "lastStep").selected!), "01");
});

Deno.test("select leaves the whole band undominated when its points trade one axis for the other", () => {
  const summaries = tabulated([
    [{ lambda: 0, alpha: 3 }, 2.00, 0.1],
    [{ lambda: 1, alpha: 2 }, 2.04, 0.1],
    [{ lambda: 2, alpha: 1 }, 2.02, 0.1],
    [{ lambda: 3, alpha: 0 }, 2.06, 0.1],
    [{ lambda: 3, alpha: 3 }, 2.40, 0.1],
  ]);
  const selection = select(summaries, rule("oneStandardError", ["lambda", "alpha"]), "lastStep");
  assert.equal(selection.band.length, 4);
  assert.deepEqual(selection.undominated, selection.band);
  assert.deepEqual(selection.selected?.point, { lambda: 3, alpha: 0 });
});

Deno.test("select never takes a pruned point, and its shorter curve does not count", () => {
  const curve = [[10, 1, 3], [20, 1, 2.5]] as const;
  const { study, runs } = handStudy({
    points: [{ lambda: 0 }, { lambda: 1 }],
    folds: 2,
    seeds: [1],
    runs: [0, 1].flatMap((fold) => [
      { point: { lambda: 0 }, fold, seed: 1, curve },
      { point: { lambda: 1 }, fold, seed: 1, curve: [[10, 1, 1]], status: "pruned" as const },
    ]),
  });
  const summaries = summarizeTrials(study, runs);
  for (const view of ["lastStep", "bestStep"] as const) {
    for (const kind of ["mean", "oneStandardError"] as const) {
      const { selected, band } = select(summaries, rule(kind), view);
      assert.deepEqual(selected?.point, { lambda: 0 });
      assert.equal(band.length, 1);
    }
  }
  assert.equal(summaries[1].lastStep, null);
  assert.equal(summaries[1].counts.pruned, 2);
});

Deno.test("select takes the lower mean among points equally strong on the rule's axes", () => {
  const summaries = tabulated([
    [{ lambda: 1, hiddenSize: 64 }, 2.04, 0.1],
    [{ lambda: 1, hiddenSize: 128 }, 2.00, 0.1],
  ]);
  const selection = select(summaries, rule("oneStandardError", ["lambda"]), "lastStep");
  assert.deepEqual(selection.selected?.point, { lambda: 1, hiddenSize: 128 });
  assert.equal(selection.undominated.length, 2);
});

Deno.test("select never takes a point with a diverged or missing run, however low its mean", () => {
  const { study, runs } = handStudy({
    points: [{ lambda: 0 }, { lambda: 1 }, { lambda: 2 }],
    folds: 2,
    seeds: [1],
    runs: [
      { point: { lambda: 0 }, fold: 0, seed: 1, curve: [[10, 1, 3]] },
      { point: { lambda: 0 }, fold: 1, seed: 1, curve: [[10, 1, 3]] },
      { point: { lambda: 1 }, fold: 0, seed: 1, curve: [[10, 1, 1]] },
      { point: { lambda: 1 }, fold: 1, seed: 1, curve: [[10, 1, 1]], status: "diverged" },
      { point: { lambda: 2 }, fold: 0, seed: 1, curve: [[10, 1, 1]] },
    ],
  });
  const selection = select(
    summarizeTrials(study, runs),
    rule("oneStandardError", ["lambda"]),
    "lastStep",
  );
  assert.deepEqual(selection.selected?.point, { lambda: 0 });
  assert.equal(selection.band.length, 1);
});

Deno.test("select returns nothing when no point is complete, and the best alone with one fold", () => {
  assert.equal(select([], rule("oneStandardError"), "bestStep").selected, null);
  const { study, runs } = handStudy({
    points: [{ lambda: 0 }, { lambda: 1 }],
    folds: 1,
    seeds: [1],
    runs: (lambda) => [[1, 1, 2 + lambda]],
  });
  const selection = select(
    summarizeTrials(study, runs),
    rule("oneStandardError", ["lambda"]),
    "lastStep",
  );
  assert.deepEqual(points(selection.band), [{ lambda: 0 }]);
});

Deno.test("select refuses one standard error on an axis that holds no numbers", () => {
  const summaries = tabulated([[{ penalty: "l1" }, 2, 0.1], [{ penalty: "l2" }, 2, 0.1]]);
  assert.throws(
    () => select(summaries, rule("oneStandardError", ["penalty"]), "lastStep"),
    /select: one standard error needs a number on axis "penalty".*found "l1"/,
  );
});

Deno.test("One standard error takes the smaller model where smaller is simpler (case users 4, S11)", () => {
  const sizes: [JsonObject, number, number][] = [
    [{ hiddenSize: 16 }, 2.3, 0.05],
    [{ hiddenSize: 24 }, 2.04, 0.05],
    [{ hiddenSize: 32 }, 2.0, 0.05],
    [{ hiddenSize: 64 }, 2.03, 0.05],
  ];
  const { study } = syntheticStudy({ axes: { hiddenSize: [16, 24, 32, 64] } });
  const found = ruleOfStudy(study);
  assert.deepEqual(found.smaller, ["hiddenSize"]);
  const selection = select(tabulated(sizes), found, "lastStep");
  assert.deepEqual(selection.best?.point, { hiddenSize: 32 });
  assert.deepEqual(selection.selected?.point, { hiddenSize: 24 });
});

Deno.test("One standard error does not maximize a learning rate: among equally strong points the lowest mean decides (cases report 2, S11)", () => {
  const { study } = syntheticStudy({ axes: { learningRate: [0.003, 0.01, 0.03], alpha: [0, 1] } });
  const found = ruleOfStudy(study);
  assert.deepEqual([found.kind, found.axes], ["oneStandardError", ["alpha"]]);
  const summaries = tabulated([
    [{ learningRate: 0.003, alpha: 0 }, 2.0, 0.1],
    [{ learningRate: 0.01, alpha: 1 }, 2.04, 0.1],
    [{ learningRate: 0.03, alpha: 1 }, 2.06, 0.1],
  ]);
  const { selected } = select(summaries, found, "lastStep");
  assert.deepEqual(selected?.point, { learningRate: 0.01, alpha: 1 });
  // With rates alone nothing is simpler, and the lowest mean is what is selected.
  const rates = ruleOfStudy(syntheticStudy({ axes: { learningRate: [0.003, 0.01] } }).study);
  assert.deepEqual([rates.kind, rates.axes], ["mean", []]);
});

Deno.test("A point that lacks an axis of strength has strength 0 there (case report 1)", () => {
  const { study } = syntheticStudy();
  const points: JsonObject[] = [{ learningRate: 0.01 }, { learningRate: 0.01, alpha: 1 }, {
    learningRate: 0.01,
    lambda: 1,
  }];
  const joined = {
    ...study,
    space: { kind: "points", points },
    specifications: points.map((point) => specificationOf(point)),
    select: { ...study.select, axes: ["learningRate"] },
  };
  const found = ruleOfStudy(joined);
  assert.deepEqual(found.axes, ["alpha", "lambda"]);
  const summaries = tabulated(points.map((point, index) => [point, 2 + 0.01 * index, 0.1]));
  const { selected, undominated } = select(summaries, found, "lastStep");
  assert.deepEqual(selected?.point, { learningRate: 0.01, alpha: 1 });
  assert.equal(undominated.length, 2);
  assert.throws(
    () => select(summaries, { ...found, smaller: ["lambda"] }, "lastStep"),
    /a number on axis "lambda" of every point, found nothing/,
  );
});

Deno.test("Without an axis that has a direction either rule selects the lowest mean", () => {
  const summaries = tabulated([[{ kind: "a" }, 2.1, 1], [{ kind: "b" }, 2, 1]]);
  const { selected, band } = select(summaries, rule("oneStandardError"), "lastStep");
  assert.deepEqual([selected?.point, band.length], [{ kind: "b" }, 2]);
});

Deno.test("select chooses by the choosing loss where the folds have choosing spans, also for one standard error", () => {
  const [a, b] = [{ lambda: 0 }, { lambda: 1 }];
  const run = (point: JsonObject, fold: number, heldOut: number, choosing: number) => ({
    point,
    fold,
    seed: 1,
    curve: [[10, 1, heldOut, choosing]] as const,
  });
  const { study, runs } = handStudy({
    points: [a, b],
    folds: 2,
    seeds: [1],
    runs: [run(a, 0, 1, 3), run(a, 1, 1, 3.2), run(b, 0, 2, 2), run(b, 1, 2, 2.2)],
  });
  const summaries = summarizeTrials(study, runs);
  const rule = { metric: "validationLoss", axes: ["lambda"] } as const;
  const mean = select(summaries, { ...rule, kind: "mean" });
  assert.deepEqual(mean.selected!.point, b);
  assertClose(mean.threshold!, 2.1);
  const one = select(summaries, { ...rule, kind: "oneStandardError" });
  assert.deepEqual(one.band.map(({ point }) => point), [b]);
  assertClose(one.threshold!, 2.2);
});
