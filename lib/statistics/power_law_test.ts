import assert from "node:assert/strict";
import { amountAt, fitPowerLaw, powerLawAt } from "./power_law.ts";
import {
  acceptedAround,
  amountInterval,
  foldTest,
  powerLawOverFolds,
} from "./power_law_over_folds.ts";
import { linearized, predictionWeights } from "./_law_contrasts.ts";
import { meanInterval } from "./mean_interval.ts";
import { mean } from "./estimate.ts";
import reference from "./testing/power_law_reference.json" with { type: "json" };
import { assertClose } from "./testing/close.ts";

Deno.test("fitPowerLaw finds SciPy's least squares, weighted and not", () => {
  for (const { amounts, values, standardErrors, law, squares } of reference.cases) {
    const found = fitPowerLaw(amounts.map((amount, at) => ({
      amount,
      value: values[at],
      ...(standardErrors !== null && { standardError: standardErrors[at] }),
    })));
    assert.equal(found.state, "fitted");
    assertClose(found.law!.asymptote, law.asymptote, 1e-5, 1e-5);
    assertClose(found.law!.exponent, law.exponent, 1e-5);
    assertClose(found.squares!, squares, 1e-7, 1e-12);
    for (const amount of amounts) {
      assertClose(powerLawAt(found.law!, amount), powerLawAt(law, amount), 1e-6);
    }
  }
  assert.equal(reference.cases.length, 7);
});

Deno.test("fitPowerLaw takes two amounts where the asymptote is given, and is exact there", () => {
  const measured = [{ amount: 100, value: 3 }, { amount: 400, value: 2 }];
  assert.equal(fitPowerLaw(measured).state, "tooFewAmounts");
  const { law, atBound } = fitPowerLaw(measured, { asymptote: 1 });
  // (3 − 1)/(2 − 1) = 2 = 4^a, so a = ½, and b = 2 · √100.
  assertClose(law!.exponent, 0.5, 1e-6);
  assertClose(law!.scale, 20, 1e-5);
  assert.equal(law!.asymptote, 1);
  assert.equal(atBound, null);
  assert.equal(fitPowerLaw([measured[0], measured[0]], { asymptote: 1 }).state, "tooFewAmounts");
});

Deno.test("fitPowerLaw says what values do not tell", () => {
  const at = (read: (x: number) => number) =>
    fitPowerLaw([1, 2, 4, 8].map((amount) => ({ amount, value: read(amount) })));
  // A straight line in log x would go on below any asymptote.
  const line = at((x) => 3 - 0.3 * Math.log(x));
  assert.equal(line.atBound, "asymptote");
  assert.equal(line.law!.asymptote, 0);
  const step = at((x) => x === 1 ? 3 : 2);
  assert.equal(step.atBound, "exponent");
  assertClose(step.law!.asymptote, 2, 1e-6);
  assert.equal(at((x) => x).state, "notFalling");
  assert.equal(at(() => 2).state, "notFalling");
});

Deno.test("fitPowerLaw refuses what is not measured", () => {
  const good = { amount: 1, value: 1 };
  const refused = [
    [{ ...good, amount: 0 }, /amount must be .*above 0, found 0/],
    [{ ...good, value: NaN }, /value must be a finite number, found NaN/],
    [{ ...good, standardError: 0 }, /found 1 of 2/],
  ] as const;
  for (const [bad, message] of refused) {
    assert.throws(() => fitPowerLaw([good, bad]), message);
  }
  assert.throws(
    () =>
      fitPowerLaw([{ ...good, standardError: 0 }, { ...good, amount: 2, standardError: 1 }], {
        asymptote: 0,
      }),
    /standardError must be .*above 0/,
  );
  assert.throws(() => fitPowerLaw([good], { asymptote: -1 }), /asymptote must be .*from 0/);
});

Deno.test("a law's amount and value are each other's inverse", () => {
  const law = { asymptote: 1.3, scale: 17, exponent: 0.37 };
  for (const amount of [0.5, 10, 1e6]) {
    assertClose(amountAt(law, powerLawAt(law, amount)), amount, 1e-9);
  }
  assert.equal(powerLawAt(law, Infinity), 1.3);
  assert.equal(amountAt(law, 1.2), Infinity);
});

Deno.test("intervals over folds are those of a program of their own in NumPy and SciPy", () => {
  for (const each of reference.folded) {
    const { amounts, folds, sizes, at, differences } = each;
    const found = powerLawOverFolds({ amounts, folds }, { sizes });
    assertClose(found.law!.exponent, each.exponent, 1e-5);
    assertClose(found.law!.asymptote, each.asymptote, 1e-5);
    const ends = (own: readonly number[], expected: readonly (number | null)[]) =>
      expected.forEach((end, index) => end !== null && assertClose(own[index], end, 1e-4));
    ends(found.exponentInterval!, each.exponentEnds);
    ends(found.asymptoteInterval!, each.asymptoteEnds);
    const amount = amountAt(found.law!, powerLawAt(found.law!, at) + mean(differences));
    assertClose(amount, each.amount, 1e-4);
    const test = foldTest(folds.length, sizes.test / sizes.training, 0.95)!;
    const on = { fit: found, values: { amounts, folds }, at, differences, fixedAsymptote: false };
    ends(amountInterval(on, amount, test)!, each.amountEnds);
  }
  assert.equal(reference.folded.length, 3);
});

Deno.test("weights of a prediction give the law without error at its exponent, and sum to 1", () => {
  const logs = [0, 1, 2.5, 3].map((each) => each * Math.LN2);
  const line = linearized(logs, 0.4, false);
  for (const log of [-1, 0.3, 5, Infinity]) {
    const weights = predictionWeights(line, log);
    assertClose(weights.reduce((sum, each) => sum + each, 0), 1, 1e-9);
    const value = weights.reduce((sum, w, i) => sum + w * (2 + 3 * Math.exp(-0.4 * logs[i])), 0);
    assertClose(value, log === Infinity ? 2 : 2 + 3 * Math.exp(-0.4 * log), 1e-9);
  }
});

Deno.test("the interval of an amount holds it exactly where the paired test refuses nothing", () => {
  const amounts = [1000, 2000, 4000];
  const folds = [0.1, -0.05, 0.02].map((level, k) =>
    amounts.map((amount, i) => 2 + level + 40 * amount ** -0.5 + 0.004 * ((k * 2 + i) % 3))
  );
  const fit = powerLawOverFolds({ amounts, folds });
  const sizes = { test: 1, training: 2 };
  for (const shift of [-0.05, -0.016, -0.014, 0, 0.015, 0.05]) {
    const differences = [0.002, -0.002, 0.001].map((each) => each + shift);
    const [low, high] = meanInterval(differences, { sizes }).interval!;
    const found = amountAt(fit.law!, powerLawAt(fit.law!, 2000) + mean(differences));
    const interval = amountInterval(
      { fit, values: { amounts, folds }, at: 2000, differences, fixedAsymptote: false },
      found,
      foldTest(3, 0.5, 0.95)!,
    )!;
    assert.equal(interval[0] <= 2000 && 2000 <= interval[1], low <= 0 && 0 <= high, `${shift}`);
  }
});

Deno.test("values without a law, and one fold, give no intervals", () => {
  const rising = powerLawOverFolds({ amounts: [1, 2, 4], folds: [[1, 2, 3], [1, 2, 4]] });
  assert.deepEqual([rising.state, rising.exponentInterval], ["notFalling", null]);
  const single = powerLawOverFolds({ amounts: [1, 2, 4], folds: [[3, 2, 1.5]] });
  assert.deepEqual([single.state, single.asymptoteInterval], ["fitted", null]);
  const two = powerLawOverFolds({ amounts: [1, 2], folds: [[3, 2], [3, 2]] });
  assert.equal(two.state, "tooFewAmounts");
  assert.throws(() => powerLawOverFolds({ amounts: [1, 1], folds: [] }), /distinct.*found 1, 1/);
  assert.throws(
    () => powerLawOverFolds({ amounts: [1, 2], folds: [[1]] }),
    /a value for each of 2 amounts, found 1/,
  );
});

Deno.test("what a test accepts is searched from the found value outwards", () => {
  const [low, high] = acceptedAround((x) => x < 1 / 3 || x > 7.7, [0, 10], 5);
  assertClose(low, 1 / 3, 1e-9);
  assertClose(high, 7.7, 1e-9);
  // What is accepted again beyond a refused stretch is left out.
  assertClose(acceptedAround((x) => x > 6 && x < 8, [0, 10], 5)[1], 6, 1e-9);
  assert.deepEqual(acceptedAround(() => false, [0, 10], 5), [0, 10]);
});
