import assert from "node:assert/strict";
import { compareTuned } from "./tuned.ts";
import { describeWorth } from "./describe_worth.ts";
import { worthInText } from "./worth_in_text.ts";
import { assertClose } from "./testing/close.ts";
import { syntheticRecords } from "./testing/synthetic_study.ts";
import { textStudy } from "./testing/text_study.ts";

Deno.test("a remedy that has the loss of 1.5 times the text is worth that, at each amount", () => {
  const { curves, axis, unit } = worthInText(textStudy({ noise: 0 }));
  assert.deepEqual([axis, unit, curves.length], ["tokens", "tokens", 1]);
  const [{ worths, fit, amounts }] = curves;
  assertClose(fit.law!.exponent, 0.5, 1e-5);
  assert.deepEqual(amounts.map(({ amount }) => amount), [1000, 2000, 4000, 8000, 16_000]);
  for (const { factor, remedy } of worths) {
    assertClose(factor, 1.5, 1e-5);
    assert.equal(remedy, "decoupled weight decay");
  }
  assert.deepEqual(worths.map(({ extrapolated }) => extrapolated), [
    false,
    false,
    false,
    false,
    true,
  ]);
});

Deno.test("early stopping belongs to the curve without remedy, and the strength is chosen by other folds", () => {
  const [{ amounts, worths }] = worthInText(textStudy()).curves;
  for (const { tuning } of amounts) {
    assert.deepEqual(tuning.choices.map(({ step }) => step), [50, 50, 50]);
  }
  for (const { tuning } of worths) {
    assert.deepEqual([tuning.chosenBy, tuning.candidates], ["otherFolds", 9]);
    assert.deepEqual(tuning.choices.map(({ point }) => point.alpha), [1, 1, 1]);
  }
  const [{ worths: ended }] = worthInText(textStudy(), { view: "lastStep" }).curves;
  assert.deepEqual(ended.map(({ tuning }) => tuning.candidates), [3, 3, 3, 3, 3]);
});

Deno.test("the interval excludes 1 exactly where the paired test of the losses shows a difference", () => {
  const shown = new Set<boolean>();
  for (const factor of [1, 1.02, 1.06, 1.2]) {
    const study = textStudy({ factor, noise: 0.006 });
    for (const { amount, interval, tuning } of worthInText(study).curves[0].worths) {
      const points = study.record.space.points.filter(({ tokens }) => tokens === amount);
      const { test } = compareTuned(
        study,
        { points: points.filter(({ alpha }) => alpha !== 0), view: "bestStep" },
        { points: points.filter(({ alpha }) => alpha === 0), view: "bestStep" },
      );
      assert.equal(tuning.state, "tuned");
      const isShown = test!.pValue! < 0.05;
      shown.add(isShown);
      assert.equal(interval![0] > 1 || interval![1] < 1, isShown, `${factor} at ${amount}`);
    }
  }
  assert.equal(shown.size, 2);
});

Deno.test("a loss below the asymptote is worth more than any amount, and above the curve less than none", () => {
  const law = { asymptote: 1.8, scale: 50, exponent: 0.5 };
  const below = textStudy({ law, factor: 1e9, noise: 0.0005 });
  const [{ worths }] = worthInText(below, { asymptote: 1.95 }).curves;
  const last = worths.at(-1)!;
  assert.equal(last.factor, Infinity);
  assert.ok(last.extrapolated && last.interval![0] > 1);
  const words = describeWorth(worthInText(below, { asymptote: 1.95 })).join(" ");
  assert.match(words, /more than any amount of text/);
  const [{ worths: harmful }] = worthInText(textStudy({ factor: 0.5 })).curves;
  for (const { factor, interval } of harmful) assert.ok(factor! < 0.6 && interval![1] < 1);
});

Deno.test("each size of the model has a curve of its own, and ways of training are tuned over", () => {
  const { curves } = worthInText(textStudy({ hiddenSizes: [16, 64] }));
  assert.deepEqual(curves.map(({ others }) => others), [{ hiddenSize: 16 }, { hiddenSize: 64 }]);
});

Deno.test("amounts with a missing run are left out, and two amounts give no curve", () => {
  const { record, records } = textStudy();
  const missing = records.filter(({ point, fold }) =>
    !(point.tokens === 4000 && point.alpha === 0 && fold === 1)
  );
  const [curve] = worthInText({ record, records: missing }).curves;
  assert.deepEqual(curve.leftOut, [4000]);
  assert.deepEqual(curve.worths.map(({ amount }) => amount), [1000, 2000, 8000, 16_000]);
  const two = worthInText(textStudy({ amounts: [1000, 2000] }));
  assert.equal(two.curves[0].fit.state, "tooFewAmounts");
  assert.deepEqual(two.curves[0].worths.map(({ factor }) => factor), [null, null]);
  const given = worthInText(textStudy({ amounts: [1000, 2000] }), { asymptote: 1.8 });
  assert.ok(Math.abs(given.curves[0].worths[0].factor! - 1.5) < 0.1);
  const one = textStudy({ folds: 1 });
  assert.equal(worthInText(one).curves[0].fit.state, "tooFewAmounts");
});

Deno.test("worthInText names the axis that it lacks and the options that it has", () => {
  assert.deepEqual(worthInText(syntheticRecords()).curves, []);
  assert.throws(
    () => worthInText(syntheticRecords(), { axis: "lambda" }),
    /axis must set trainingTokens or trainingBytes, found "lambda"; no axis of this study does/,
  );
  assert.throws(
    () => worthInText(textStudy(), { axis: "alpha" }),
    /found "alpha"; "tokens" does/,
  );
  assert.throws(() => worthInText(textStudy(), { at: 1 } as never), /unknown option "at"/);
});

Deno.test("describeWorth says curve, factor and interval, and what they do not show", () => {
  const [curve, worth] = describeWorth(worthInText(textStudy({ amounts: [1000, 4000, 16_000] })));
  assert.match(
    curve,
    /^Without remedy, stopped at its best step, the validation loss falls with n training tokens as 1\.\d{3} \+ \d+\.\d · n\^−0\.\d{3} nats per token \(3 amounts from 1000 to 16,000; asymptote: 95 % interval 1\.\d{3} to (1|2)\.\d{3}; exponent: 0\.\d{3} to 0\.\d{3}\)\./,
  );
  assert.match(
    worth,
    /^Decoupled weight decay, trained on 1000 tokens, is as good as 1\.\d\d times the text \(95 % interval 1\.\d\d to 1\.\d\d\); on 4000, .* beyond the amounts that were measured\.$/,
  );
  const [, none] = describeWorth(worthInText(textStudy({ factor: 1, noise: 0.01 })));
  assert.match(none, /not shown to be worth more or less than no remedy/);
});
