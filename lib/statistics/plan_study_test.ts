import assert from "node:assert/strict";
import { chiSquareQuantile } from "./chi_square.ts";
import { contrast } from "./contrast.ts";
import { describePlan } from "./describe_plan.ts";
import { detectableDifference } from "./detectable_difference.ts";
import { planStudy, type PlanStudyOptions } from "./plan_study.ts";
import { powerOf } from "./power.ts";
import type { StudyRecords } from "./study_records.ts";
import { assertClose } from "./testing/close.ts";
import detectable from "./testing/detectable_reference.json" with { type: "json" };
import { handStudy } from "./testing/hand_study.ts";
import { textsNeeded } from "./texts_needed.ts";

const points = [{ lambda: 0 }, { lambda: 1 }];

/** Two points whose differences are these, a row a fold and a column a seed. */
function pilotOf(differences: readonly (readonly number[])[], name = "pilot"): StudyRecords {
  const { study, runs } = handStudy({
    points,
    folds: differences.length,
    seeds: differences[0].map((_, at) => at + 1),
    baseline: points[0],
    runs: (index, fold, seed) => [[10, 1, 2 + index * differences[fold][seed - 1]]],
  });
  return {
    record: { ...study, name },
    records: runs.map((run) => ({ ...run, durationSeconds: 30 })),
  };
}

const pilot = pilotOf([[-0.05, -0.03], [-0.02, 0.01], [0.03, 0.02]]);
const plan = (options: Partial<PlanStudyOptions> = {}, source = pilot) =>
  planStudy(source, { difference: 0.1, ...options });

Deno.test("power turns detectable differences round, as SciPy has them", () => {
  for (const { difference, power, ...of } of detectable.cases) {
    assertClose(powerOf({ ...of, difference }), power, 1e-9);
    assertClose(powerOf({ ...of, difference: -difference }), power, 1e-9);
  }
  assert.equal(powerOf({ difference: 1e6, standardError: 1, degreesOfFreedom: 2 }), 1);
  assertClose(powerOf({ difference: 0, standardError: 1, degreesOfFreedom: 2 }), 0.05, 1e-10);
});

Deno.test("a plan of the pilot's size has the standard error of its test", () => {
  const { plans, of, split, model } = plan({ folds: [3], seeds: [2] });
  assert.equal(split.state, "split");
  assertClose(plans[0].standardError, of.test!.standardError!, 1e-12);
  assertClose(model.fold + model.rest / 2, split.betweenFolds!, 1e-12);
});

Deno.test("seeds shrink the second part only, folds by 1/K + n_test/n_train and their smaller blocks", () => {
  const { model, plans } = plan({ folds: [2, 3, 6, 12], seeds: [1, 4] });
  const at = (folds: number, seeds: number) =>
    plans.find((each) => each.folds === folds && each.seeds === seeds)!.standardError ** 2;
  const overlap = (folds: number) => model.overlap * 2 / (folds - 1);
  const expected = (folds: number, seeds: number, growth: number) =>
    (1 / folds + overlap(folds)) * (model.fold * growth + model.rest / seeds);
  assertClose(at(3, 1), expected(3, 1, 1), 1e-12);
  assertClose(at(3, 4), expected(3, 4, 1), 1e-12);
  assertClose(at(12, 4), expected(12, 4, 4), 1e-12);
  assertClose(at(6, 1), expected(6, 1, 2), 1e-12);
  // Larger blocks than the pilot's are given no smaller variance.
  assertClose(at(2, 1), expected(2, 1, 1), 1e-12);
  const flat = plan({ folds: [12], seeds: [4], growth: 0 }).plans[0].standardError ** 2;
  assertClose(flat, expected(12, 4, 1), 1e-12);
});

Deno.test("the cheapest plan reaches the power, and no plan with fewer runs does", () => {
  const { cheapest, cautious, plans } = plan();
  assert.ok(cheapest!.power >= 0.8);
  for (const each of plans) if (each.runs < cheapest!.runs) assert.ok(each.power < 0.8);
  assert.ok(cautious === null || cautious.cautiousPower >= 0.8 && cautious.runs >= cheapest!.runs);
  for (const { power, powerInterval: [low, high], cautiousPower } of plans) {
    assert.ok(low <= cautiousPower && low <= power && power <= high && cautiousPower <= high);
  }
});

Deno.test("time is that of the pilot's runs over the workers, and limits the plans", () => {
  const { plans, cheapest } = plan();
  const { folds, seeds, runs, minutes } = plans.at(-1)!;
  assert.equal(runs, 2 * folds * seeds);
  assertClose(minutes, runs * 0.5);
  assertClose(plan({ workers: 4, points: 6 }).plans.at(-1)!.minutes, 3 * runs * 0.5 / 4);
  const limited = plan({ minutes: cheapest!.minutes! - 0.1 });
  assert.equal(limited.cheapest, null);
  assert.match(describePlan(limited).join(" "), /in at most .* No plan .* the highest power is/);
});

Deno.test("the detectable difference of a plan is reached with the power asked for", () => {
  const { plans: [{ standardError }] } = plan({ folds: [6], seeds: [3] });
  const difference = detectableDifference({
    standardError,
    degreesOfFreedom: 5,
    comparisons: 4,
    power: 0.9,
    level: 0.01,
  })!;
  const again = plan({
    difference,
    folds: [6],
    seeds: [3],
    comparisons: 4,
    power: 0.9,
    level: 0.01,
  });
  assertClose(again.plans[0].power, 0.9, 1e-8);
});

Deno.test("with one seed the interval of the power is that of χ² of the variance between folds", () => {
  const source = pilotOf([[-0.05], [-0.02], [0.03], [0]]);
  const { plans: [{ powerInterval, standardError }], split } = plan(
    { folds: [4], seeds: [1] },
    source,
  );
  assert.equal(split.state, "oneSeed");
  const at = (probability: number) =>
    powerOf({
      difference: 0.1,
      standardError: standardError * Math.sqrt(3 / chiSquareQuantile(probability, 3)),
      degreesOfFreedom: 3,
    });
  assertClose(powerInterval[0], at(0.025), 0.03);
  assertClose(powerInterval[1], at(0.975), 0.03);
  assert.match(
    describePlan(plan({}, source)).join(" "),
    /With one seed nothing is known of what seeds would do/,
  );
});

Deno.test("more seeds stop helping where twice as many lower the standard error by less than 5 %", () => {
  const { seedsEnough, model } = plan({ folds: [3, 12] });
  for (const { folds, seeds } of seedsEnough) {
    const gain = (from: number) => {
      const { plans } = plan({ folds: [folds], seeds: [from, 2 * from] });
      return 1 - plans[1].standardError / plans[0].standardError;
    };
    assert.ok(gain(seeds!) < 0.05, `${folds}: ${seeds}`);
    if (seeds! > 1) assert.ok(gain(seeds! - 1) >= 0.05, `${folds}: ${seeds}`);
  }
  assert.ok(model.rest > 0);
  // Folds that agree exactly in the mean: only single runs differ.
  const even = plan({}, pilotOf([[-0.05, 0.05], [0.04, -0.04], [0.03, -0.029]]));
  assert.deepEqual(new Set(even.seedsEnough.map(({ seeds }) => seeds)), new Set([null]));
  assert.match(
    describePlan(even).join(" "),
    /No variance between folds is seen, so more seeds go on helping/,
  );
});

Deno.test("what no number of seeds shows is said, and how many texts would show it", () => {
  const far = plan({ difference: 0.005 });
  assert.ok(far.limit.detectable! > 0.005);
  assert.equal(far.cheapest, null);
  assert.match(
    describePlan(far).join(" "),
    /show no difference below .*: other texts are the remedy/,
  );
  assertClose(far.texts.deviation, far.of.test!.standardError!, 1e-12);
  assert.equal(
    far.texts.needed,
    textsNeeded({ difference: 0.005, deviation: far.texts.deviation }),
  );
  const known = plan({ difference: 0.09, deviationOverTexts: 0.1 });
  assert.equal(known.texts.needed, 12);
  assert.match(
    describePlan(known).at(-1)!,
    /^With a standard deviation of 0\.100 .*, 12 texts would reach/,
  );
  // At the first of nine comparisons 1.27 standard deviations take 12 texts.
  assert.equal(textsNeeded({ difference: 1.27, deviation: 1, comparisons: 9 }), 12);
  assert.equal(textsNeeded({ difference: 0.01, deviation: 1 }), null);
});

Deno.test("a difference is planned for by its name, by a contrast, or the lowest mean", () => {
  assert.equal(plan().of.name, "λ = 1 − λ = 0");
  assert.equal(plan({ of: "λ = 1" }).of.name, "λ = 1 − λ = 0");
  const turned = contrast(points[0]).minus(points[1]).named("the other way");
  assert.equal(plan({ contrasts: [turned] }).of.name, "the other way");
  assert.throws(() => plan({ of: "λ = 2" }), /of must be one of λ = 1 − λ = 0, found "λ = 2"/);
});

Deno.test("what cannot be planned from is refused with what was found", () => {
  const { record, records } = pilot;
  assert.throws(
    () => plan({}, { record: { ...record, baseline: null }, records }),
    /the pilot "pilot" must have a difference that is tested, .* found 0 without a test/,
  );
  assert.throws(() => plan({}, { record, records: records.slice(1) }), /found 1 without a test/);
  assert.throws(() => plan({ difference: 0 }), /planStudy: difference must be/);
  assert.throws(() => plan({ folds: [1] }), /planStudy: folds must be/);
  assert.throws(
    () => plan({ seeds: [] }),
    /planStudy: seeds must be a list of whole numbers, found \[\]/,
  );
  assert.throws(() => plan({ growth: 2 }), /planStudy: growth must be/);
});
