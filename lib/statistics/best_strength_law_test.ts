import assert from "node:assert/strict";
import { randomStream } from "../core/random.ts";
import { asymptoteInSize } from "./asymptote_in_size.ts";
import { bestStrengthLaw } from "./best_strength_law.ts";
import { describeAsymptotes, describeBestStrength } from "./describe_strength.ts";
import { assertClose } from "./testing/close.ts";
import { handStudy } from "./testing/hand_study.ts";
import { syntheticRecords } from "./testing/synthetic_study.ts";
import { sizeStudy, textStudy } from "./testing/text_study.ts";

const strengths = [0.03, 0.1, 0.3, 1, 3];

Deno.test("a parabola's lowest point and the power law through several are found exactly", () => {
  const best = { scale: 10, exponent: -0.4 };
  const found = bestStrengthLaw(textStudy({ strengths, best, noise: 0 }), { axis: "tokens" });
  for (const { at, strength, state } of found.best) {
    assert.equal(state, "found");
    assertClose(strength, 10 * at ** -0.4, 1e-9);
  }
  assertClose(found.law!.exponent, -0.4, 1e-9);
  assertClose(found.law!.scale, 10, 1e-8);
});

/** Losses at three strengths, e^−1, 1 and e, by value of x, of folds worked out by hand. */
function byHand(losses: { readonly [at: number]: readonly (readonly number[])[] }) {
  const points = Object.keys(losses).flatMap((at) =>
    [-1, 0, 1].map((log) => ({ x: Number(at), alpha: Math.exp(log) }))
  );
  const { study: record, runs: records } = handStudy({
    points,
    folds: 3,
    seeds: [1],
    runs: (index, fold) => [[10, 1, losses[points[index].x][fold][index % 3]]],
  });
  return { record, records };
}

Deno.test("the lowest point of three losses is worked out by hand, and its interval by Student's t", () => {
  // Slope at s of the parabola through (−1, a), (0, b), (1, c): (c − a)/2 + s (a − 2b + c).
  const source = byHand({ 10: [[2.5, 2, 2.7], [2.6, 2, 2.6], [2.4, 2, 2.8]] });
  const [{ strength, interval }] = bestStrengthLaw(source, { axis: "x", strength: "alpha" }).best;
  // Means 2.5, 2, 2.7: −0.1/1.2.
  assertClose(strength, Math.exp(-0.1 / 1.2), 1e-12);
  // Curvature 1.2 in each fold, so s is refused where |0.1 + 1.2 s| > t √(1/3 + overlap) · 0.1.
  const sizes = source.record.folds.map(({ heldOut, training }) => [heldOut, training])
    .map((spans) =>
      spans.map((each) => each.reduce((sum, { start, end }) => sum + end - start, 0))
    );
  const runs = source.records[0].tokens;
  assert.ok(sizes.length === 3);
  const half = 4.302652729911275 * Math.sqrt(1 / 3 + runs.heldOut / runs.training) * 0.1;
  assertClose(interval![0], Math.exp((-0.1 - half) / 1.2), 1e-8);
  assertClose(interval![1], Math.exp((-0.1 + half) / 1.2), 1e-8);
});

Deno.test("nothing is said where the lowest mean is at an edge, at no strength, or of too few", () => {
  const edge = bestStrengthLaw(
    textStudy({ strengths: [0, 1, 3, 10], best: { scale: 1, exponent: 0 } }),
    { axis: "tokens" },
  );
  assert.deepEqual(new Set(edge.best.map(({ state }) => state)), new Set(["edge"]));
  assert.equal(edge.law, null);
  const none = bestStrengthLaw(textStudy({ strengths: [0, ...strengths], factor: 0.2 }), {
    axis: "tokens",
    view: "bestStep",
  });
  assert.ok(none.best.every(({ state }) => state === "none"));
  const few = bestStrengthLaw(textStudy({ strengths: [0, 1, 3] }), { axis: "tokens" });
  assert.ok(few.best.every(({ state }) => state === "tooFew"));
  const words = [edge, none, few].map((each) => describeBestStrength(each).join(" "));
  assert.match(words[0], /at the edge of what was tried/);
  assert.match(words[1], /no strength has a lower mean than none/);
  assert.match(words[2], /fewer than three strengths/);
});

Deno.test("axes and points that are not meant are refused with what there is", () => {
  const two = syntheticRecords();
  assert.throws(() => bestStrengthLaw(two, { axis: "beta" }), /axis must be one of .*"beta"/);
  assert.throws(
    () => bestStrengthLaw(two, { axis: "lambda" }),
    /strength must say which axis is meant, found lambda, alpha/,
  );
  const sized = textStudy({ hiddenSizes: [16, 32], strengths });
  assert.throws(
    () => bestStrengthLaw(sized, { axis: "tokens" }),
    /points must differ in tokens and alpha alone, so say by among/,
  );
  const among = bestStrengthLaw(sized, {
    axis: "tokens",
    among: ({ hiddenSize }) => hiddenSize === 16,
  });
  assert.equal(among.best.length, 5);
  assert.throws(
    () => bestStrengthLaw(syntheticRecords(), { axis: "lambda", strength: "alpha" }),
    /values of lambda must be numbers above 0/,
  );
});

Deno.test("92 to 98 % of the intervals of the exponent hold it, in 400 studies of 3, 5 and 10 folds each", () => {
  for (const folds of [3, 5, 10]) {
    const stream = randomStream(1, "best strengths", folds);
    const count = 400;
    let held = 0;
    for (let study = 0; study < count; study++) {
      if (holdsExponent(folds, stream)) held++;
    }
    assert.ok(held >= 0.92 * count && held <= 0.98 * count, `${folds} folds: ${held / count}`);
  }
});

/** Draws losses around parabolas whose lowest points follow x^−0.5, and whether the interval holds −0.5. */
function holdsExponent(folds: number, stream: ReturnType<typeof randomStream>): boolean {
  const values = [1000, 4000, 16_000];
  const logs = [-4.5, -3, -1.5, 0, 1.5].map((each) => each - 0.5 * Math.log(4));
  const points = values.flatMap((x) => logs.map((log) => ({ x, alpha: Math.exp(log) })));
  // Folds of one text have a correlation of 1/K, with which the corrected t-test is exact.
  const shared = points.map(() => 0.02 * Math.sqrt(1 / (folds - 1)) * stream.normal());
  const losses = Array.from({ length: folds }, () => {
    const level = 0.08 * stream.normal();
    return points.map(({ x, alpha }, index) => {
      const away = Math.log(alpha) + 1.5 + 0.5 * Math.log(x / 4000);
      return 2 + level + 0.06 * away ** 2 + shared[index] + 0.02 * stream.normal();
    });
  });
  const { study, runs } = handStudy({
    points,
    folds,
    seeds: [1],
    runs: (index, fold) => [[10, 1, losses[fold][index]]],
  });
  const tokens = { ...runs[0].tokens, heldOut: 1000, training: 1000 * (folds - 1) };
  const records = runs.map((run) => ({ ...run, tokens }));
  const { exponentInterval } = bestStrengthLaw({ record: study, records }, {
    axis: "x",
    strength: "alpha",
  });
  return exponentInterval !== null && exponentInterval[0] <= -0.5 && exponentInterval[1] >= -0.5;
}

Deno.test("each recipe has an asymptote in the size of the model, tuned at each size", () => {
  const { curves, axis } = asymptoteInSize(sizeStudy({ noise: 0 }));
  assert.equal(axis, "hiddenSize");
  const [without, decay] = curves;
  // Over-fitting large models do not fall with their size.
  assert.deepEqual([without.remedy, without.fit.state], ["", "notFalling"]);
  assert.equal(decay.remedy, "decoupled weight decay");
  assert.deepEqual(decay.sizes.map(({ amount }) => amount), [80, 160, 320, 640]);
  assertClose(decay.fit.law!.exponent, 0.6, 1e-5);
  const level = decay.fit.law!.asymptote - 2;
  assert.ok(Math.abs(level) < 0.05, `${level}`);
  for (const { tuning } of decay.sizes) {
    assert.deepEqual(tuning.choices.map(({ point }) => point.alpha), [1, 1, 1]);
  }
  assert.throws(() => asymptoteInSize(textStudy()), /one axis of the model's size.*found none/);
  const words = describeAsymptotes(asymptoteInSize(sizeStudy()));
  assert.match(words[0], /^Without remedy the validation loss does not fall with the size/);
  assert.match(
    words[1],
    /^With decoupled weight decay the validation loss falls with N weights as .* asymptote .*95 % interval/,
  );
});
