import assert from "node:assert/strict";
import { describeAbstract } from "./abstract.ts";
import { describeFindings } from "./describe.ts";
import { findings } from "./findings.ts";
import { formatPoint, formatPValue, formatSetting, formatShare } from "./format.ts";
import { assertClose } from "./testing/close.ts";
import { handStudy } from "./testing/hand_study.ts";
import { type SyntheticOptions, syntheticStudy } from "./testing/synthetic_study.ts";

type Curve = [number, number, number][];
const points = [{ lambda: 0 }, { lambda: 1 }, { lambda: 2 }];

// Three folds, differing by a fold's level and by a little of each point's own.
function study(curves: readonly Curve[], own = 0.001) {
  return handStudy({
    points: points.slice(0, curves.length),
    folds: 3,
    seeds: [1],
    baseline: points[0],
    runs: (index, fold) =>
      curves[index].map(([step, training, heldOut]) => [
        step,
        training,
        heldOut + 0.05 * (fold - 1) + own * index * ((fold * 2) % 3 - 1),
      ]),
  });
}

function words(curves: readonly Curve[], own?: number): { [topic: string]: string } {
  const { study: record, runs } = study(curves, own);
  return Object.fromEntries(
    describeFindings(findings(record, runs)).map(({ topic, text }) => [topic, text]),
  );
}

const overfitting: Curve = [[5, 1.8, 2.0], [10, 0.9, 2.6]];

Deno.test("describeFindings says plainly when no penalty beats early stopping", () => {
  const told = words([overfitting, [[5, 2, 2.2], [10, 1.6, 2.1]]]);
  assert.match(
    told.earlyStopping,
    /stopped at step 5.*No penalized point beats early stopping of the/,
  );
  assert.match(told.earlyStopping, /closest is λ = 1.*\+0\.100/);
  assert.match(told.selection, /lowest mean validation loss is 2\.100.*λ = 1/);
  assert.match(
    told.overfitting,
    /is 1\.700 ± 0\.029 nats per token \(95 % interval 1\.\d{3} to 1\.\d{3}\): the model over-fits\.$/,
  );
});

Deno.test("describeFindings tells a lower mean within noise from one beyond it", () => {
  const curves = [overfitting, [[5, 2, 2.2], [10, 1.6, 1.9]] as Curve];
  assert.match(words(curves, 0.002).earlyStopping, /1 point beats it beyond noise/);
  assert.match(
    words(curves, 0.2).earlyStopping,
    /No penalized point is shown to beat early stopping/,
  );
});

Deno.test("findings count a point as closing the gap only if its training loss shows learning", () => {
  const { study: record, runs } = study([
    overfitting,
    [[5, 2, 2.2], [10, 1.6, 2.1]],
    [[5, 2.8, 2.85], [10, 2.6, 2.61]], // unigram entropy is 2.87
  ]);
  const result = findings(record, runs);
  assert.deepEqual(result.gap!.closing.map(({ point }) => point), [{ lambda: 1 }]);
  assert.deepEqual(result.gap!.notLearned.map(({ point }) => point), [{ lambda: 2 }]);
  assert.deepEqual(result.gap!.smallest!.point, { lambda: 1 });
  assertClose(result.gap!.closedShare, 1 - 0.5 / 1.7, 1e-9);
  const told = describeFindings(result).find(({ topic }) => topic === "gap")!.text;
  assert.match(told, /The penalized point that learned has a smaller mean gap .*; it is shown to/);
  assert.match(told, /1 point is not counted: a training loss less than 0\.5 nats below/);
});

Deno.test("A gap whose corrected interval holds 0 is not shown, and not called none (case S13)", () => {
  const told = words([[[5, 1.8, 1.85], [10, 1.5, 1.55]], overfitting]);
  assert.match(
    told.overfitting,
    /0\.050 .*\(95 % interval −0\.\d{3} to 0\.\d{3}\): the interval holds 0, so over-fitting is not shown; that there is none is not shown either \(the power is 80 % only for a true gap of at least 0\.\d{3}\)\.$/,
  );
});

Deno.test("describeFindings of an all-diverged study says that nothing can be concluded", () => {
  const { study: record, runs } = syntheticStudy({ status: () => "diverged" });
  const result = findings(record, runs);
  const told = describeFindings(result);
  assert.match(told[0].text, /incomplete.*0 completed, 180 diverged.*nothing can be concluded/);
  assert.equal(result.selections.lastStep.mean.selected, null);
  assert.equal(result.baselineGap, null);
  assert.ok(told.every(({ text }) => !/NaN|undefined|null/.test(text)));
});

Deno.test("describeFindings holds no NaN for studies of one fold, one seed, one point or no axis", () => {
  const all: SyntheticOptions[] = [
    { folds: 1 },
    { seeds: [1] },
    { axes: { lambda: [0] } },
    { axes: { hiddenSize: [32, 64] } },
    { status: (_point, _fold, seed) => seed === 2 ? "missing" : "completed" },
  ];
  for (const options of all) {
    const { study: record, runs } = syntheticStudy(options);
    const text = describeFindings(findings(record, runs)).map((each) => each.text).join(" ");
    assert.ok(!/NaN|undefined|null|Infinity/.test(text), text);
  }
});

Deno.test("describeAbstract credits no penalty where there is no gap, and says what learned little", () => {
  const told = (curves: readonly Curve[]) => {
    const { study: record, runs } = study(curves);
    return describeAbstract(findings(record, runs)).join(" ");
  };
  const none = told([[[5, 1.8, 1.85], [10, 1.5, 1.55]], overfitting]);
  assert.match(
    none,
    /not shown to over-fit.*Since no gap is shown, nothing is credited with closing one/,
  );
  const closing = told([overfitting, [[5, 2, 2.2], [10, 1.6, 2.1]]]);
  assert.match(
    closing,
    /λ = 1 closed most of it in the mean, 70\.6 % .*, beyond noise, with a validation loss 0\.500 below/,
  );
  assert.match(
    closing,
    /no penalized point has a lower loss; the closest is λ = 1: a difference of \+0\.100/,
  );
  assert.match(
    closing,
    /no weight exactly 0, at a training loss 0\.700 above that without penalty/,
  );
  const collapsed = told([overfitting, [[5, 2.8, 2.4], [10, 2.6, 2.4]]]);
  assert.match(
    collapsed,
    /less than 0\.5 nats below the entropy of single tokens \(2\.870\): it learned little more than how often each token occurs\./,
  );
  const nothing = told([overfitting, [[5, 3, 2.4], [10, 2.9, 2.4]]]);
  assert.match(
    nothing,
    /not below the entropy of single tokens \(2\.870\): it has not even learned how often each token occurs\./,
  );
  const { study: record, runs } = syntheticStudy({ status: () => "diverged" });
  assert.match(
    describeAbstract(findings(record, runs)).join(" "),
    /0 of 180 runs completed.*No run completed, so nothing can be concluded\.$/,
  );
});

Deno.test("describeAbstract names the most that is closed without a higher validation loss, where the smallest gap costs one", () => {
  const told = (curves: readonly Curve[]) => {
    const { study: record, runs } = study(curves);
    const result = findings(record, runs);
    return { gap: result.gap!, text: describeAbstract(result).join(" ") };
  };
  const gentle: Curve = [[5, 2, 2.2], [10, 1.6, 2.1]];
  const harsh: Curve = [[5, 2.3, 2.9], [10, 2.2, 2.65]];
  const both = told([overfitting, gentle, harsh]);
  assert.deepEqual(both.gap.smallest!.point, { lambda: 2 });
  assert.deepEqual(both.gap.free!.point.point, { lambda: 1 });
  assertClose(both.gap.free!.closedShare, 1 - 0.5 / 1.7, 1e-9);
  assert.match(
    both.text,
    /whose validation loss is not above that without penalty, λ = 1 closed most of it in the mean, 70\.6 % .*; the smallest gap of all, at λ = 2, comes with a mean validation loss 0\.050 higher \(95 % interval [^;]*, shown to differ\); /,
  );
  const costly = told([overfitting, harsh]);
  assert.equal(costly.gap.free, null);
  assert.match(
    costly.text,
    /No setting closed any of it without a higher validation loss; the smallest gap of all, at λ = 1, comes with a mean validation loss 0\.050 higher \(95 %/,
  );
  assert.ok(!told([overfitting, gentle]).text.includes("smallest gap of all"));
});

Deno.test("describeAbstract names the penalties that are compared, and says when early stopping stops at the end", () => {
  const options = { finalPoints: [{ lambda: 0, alpha: 0 }, { lambda: 1e-4, alpha: 0 }] };
  const { study: record, runs } = syntheticStudy(options);
  const [first] = describeAbstract(findings(record, runs));
  assert.match(
    first,
    /^We compared 20 settings of λ \(proximal L1\) and α \(decoupled weight decay\) on \d+ tokens of synthetic-corpus, each/,
  );
  const falling = runs.map((run) => {
    const curve = run.curve.map((at) => ({ ...at, heldOutLoss: 4 - at.step / 1000 }));
    return { ...run, curve, final: curve.at(-1)! };
  });
  // Every point has the same losses, so the strongest is selected; it has to be refit.
  const refit = falling.map((run) =>
    run.fold === "final" && run.point.lambda === 1e-4
      ? { ...run, point: { lambda: 3e-4, alpha: 1 } }
      : run
  );
  const text = describeAbstract(findings(record, refit)).join(" ");
  assert.match(
    text,
    /without penalty it is 3\.000, which is also where early stopping stops \(one block of text, no test\)\./,
  );
});

Deno.test("findings score the final block at the last step and at the step chosen on the folds", () => {
  const chosen = { lambda: 1e-4, alpha: 0.3 };
  const baseline = { lambda: 0, alpha: 0 };
  const { study: record, runs: made } = syntheticStudy({ finalPoints: [chosen, baseline] });
  // On the final block another step is best, which must not be what is reported.
  const runs = made.map((run) => {
    if (run.fold !== "final") return run;
    const curve = run.curve.map((at) => at.step === 700 ? { ...at, heldOutLoss: 0.5 } : at);
    return { ...run, curve, best: curve[7] };
  });
  const result = findings(record, runs);
  assert.deepEqual(result.final.map(({ point, isBaseline }) => [point, isBaseline]), [
    [baseline, true],
    [chosen, false],
  ]);
  const step = result.baseline!.bestStep!.step!;
  const refits = runs.filter((run) => run.fold === "final" && run.point.lambda === 0);
  const expected = refits.map((run) => run.curve.find((at) => at.step === step)!.heldOutLoss);
  assert.deepEqual(result.final[0].chosenStep!.losses, expected);
  assert.deepEqual(result.final[0].lastStep!.losses, refits.map((run) => run.final!.heldOutLoss));
  assert.notEqual(step, 700);
});

Deno.test("format shows points, settings, shares and p-values as a report prints them", () => {
  assert.equal(
    formatPoint({ lambda: 1e-5, alpha: 0, model: "gru" }),
    "λ = 1e-5, α = 0, model = gru",
  );
  assert.equal(formatSetting(1e-6 * Math.sqrt(10)), "3.162e-6");
  assert.equal(formatSetting(2e6), "2e+6");
  assert.equal(formatShare(0.5312), "53.1 %");
  assert.equal(formatPValue(1e-9), "< 0.001");
  assert.equal(formatPValue(null), "–");
});
