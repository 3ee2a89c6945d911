import assert from "node:assert/strict";
import type { JsonObject } from "../core/json.ts";
import type { StudyRecord } from "../records/study_record.ts";
import { describeAbstract } from "./abstract.ts";
import { baselineWords, defaultBaseline, kindOfPoint, matchedPoints } from "./baseline_words.ts";
import { describeFindings } from "./describe.ts";
import { findings } from "./findings.ts";
import { learningRateWords } from "./learning_rate_words.ts";
import { handStudy, joinedHandStudy } from "./testing/hand_study.ts";
import { type SyntheticOptions, syntheticStudy } from "./testing/synthetic_study.ts";

type Change = (study: StudyRecord) => StudyRecord;

/** All sentences and the abstract of a synthetic study. */
function told(options: SyntheticOptions, change: Change = (study) => study) {
  const { study, runs } = syntheticStudy(options);
  const shown = findings(change(study), runs);
  const said = describeFindings(shown);
  const abstract = describeAbstract(shown).join(" ");
  return {
    ...Object.fromEntries(said.map(({ topic, text }) => [topic, text])),
    abstract,
    all: [...said.map(({ text }) => text), abstract].join("\n"),
  } as { readonly [topic: string]: string };
}

const specified = (of: (specification: JsonObject) => JsonObject): Change => (study) => ({
  ...study,
  specifications: study.specifications.map((each) => ({ ...each, ...of(each) })),
});
const decayEverywhere = specified(() => ({
  penalties: [{ kind: "decoupledWeightDecay", strength: 0.5, targets: ["kernel"] }],
}));

Deno.test("A baseline with decay is called by what it has, and never without penalty (case users 3)", () => {
  const { study } = syntheticStudy({ axes: { dropout: [0, 0.3] } });
  const name = "the baseline (decoupled weight decay 0.5, without output dropout)";
  assert.equal(baselineWords(decayEverywhere(study)).name, name);
  const said = told({
    axes: { dropout: [0, 0.3] },
    finalPoints: [{ dropout: 0 }, { dropout: 0.3 }],
  }, decayEverywhere);
  assert.doesNotMatch(said.all, /without penalty|no penalty|unpenalized|penalized point/i);
  assert.ok(said.overfitting.startsWith(`At ${name}, dropout = 0, the generalization gap`));
  assert.ok(said.selection.includes(`Against ${name} that is a difference of`));
  assert.match(said.gap, /^The point with more dropout has a smaller mean gap than the baseline/);
  assert.match(
    said.earlyStopping,
    /No point with more dropout beats early stopping of the baseline/,
  );
  assert.match(
    said.finalBlock,
    /; the baseline \(decoupled weight decay 0\.5, without output drop/,
  );
});

Deno.test("No penalty is said where the baseline has none and others have, and no dropout where they have that", () => {
  const words = (options: SyntheticOptions, change: Change = (study) => study) =>
    baselineWords(change(syntheticStudy(options).study));
  assert.deepEqual(
    [words({}).name, words({}).at, words({}).model, words({}).stronger(2)],
    ["no penalty", "without penalty", "the unpenalized model", "2 penalized points"],
  );
  const dropout = words({ axes: { dropout: [0, 0.3] } });
  assert.deepEqual(
    [dropout.name, dropout.model, dropout.stronger(1)],
    ["no dropout", "the model without dropout", "1 point with more dropout"],
  );
  const both = words({ axes: { dropout: [0, 0.3], alpha: [0, 1] } });
  assert.deepEqual([both.name, both.stronger(3)], ["no regularization", "3 regularized points"]);
  // Where several points have none, the baseline is the one that the study declares.
  const declared = words(
    { axes: { learningRate: [0.003, 0.01], alpha: [0, 1] } },
    (study) => ({ ...study, baseline: { learningRate: 0.01, alpha: 0 } }),
  );
  assert.equal(declared.name, "no penalty at learningRate = 0.01");
  const sizes = words(
    { axes: { hiddenSize: [16, 64] } },
    (study) => ({ ...study, baseline: { hiddenSize: 16 } }),
  );
  assert.equal(sizes.name, "the baseline (hiddenSize = 16)");
});

Deno.test("A learning rate is never penalized, and each penalty is compared at its own rate (case report 2)", () => {
  const options = { axes: { learningRate: [0.001, 0.003, 0.01], alpha: [0, 1] } };
  const { study } = syntheticStudy(options);
  assert.equal(defaultBaseline(study, () => false), null);
  assert.deepEqual(
    matchedPoints(study),
    options.axes.learningRate.map((learningRate) => ({
      point: { learningRate, alpha: 1 },
      from: { learningRate, alpha: 0 },
    })),
  );
  const said = told(options);
  assert.match(said.gap, /^There are 3 points without a remedy, so none of them is the baseline/);
  assert.match(said.gap, /each of 3 points with a remedy is compared with the one without/);
  assert.match(said.gap, /Holm over 3|none has a lower validation loss/);
  assert.doesNotMatch(said.all, /penalized point|unpenalized|without penalty|credited|closed/);
  // With a baseline declared, other rates are other settings, to which no gap is credited.
  const declared: Change = (each) => ({ ...each, baseline: { learningRate: 0.003, alpha: 0 } });
  assert.deepEqual(
    study.space.points.map((point) => kindOfPoint(declared(study), point)),
    ["other", "other", "baseline", "stronger", "other", "other"],
  );
  assert.match(
    told(options, declared).gap,
    /^The penalized point that differs in nothing else (has|does not have) a smaller mean gap/,
  );
});

Deno.test("A study of learning rates or sizes says what it does ask (case report 2)", () => {
  const rates = told({ axes: { learningRate: [0.001, 0.003] } });
  assert.match(
    rates.abstract,
    /question whether one helps does not arise: the study asks which setting of learningRate \(a setting of training\) has/,
  );
  assert.match(
    told({ axes: { hiddenSize: [16, 64] } }).gap,
    /which setting of hiddenSize \(a size\) has the lowest validation loss/,
  );
  const strengths = told(
    { axes: { alpha: [0.1, 1] } },
    (study) => ({ ...study, baseline: null }),
  );
  assert.match(strengths.gap, /^Every point has a remedy, so the question whether one helps/);
  for (const { all } of [rates, strengths]) {
    assert.doesNotMatch(all, /early stopping|over-fit|penalized point|undefined|null|NaN/);
  }
});

Deno.test("Joined spaces, whose points lack axes, have sentences (case report 1)", () => {
  const { study, runs } = joinedHandStudy();
  const shown = findings(study, runs);
  const text = [...describeFindings(shown).map((each) => each.text), ...describeAbstract(shown)]
    .join(" ");
  assert.match(text, /There are 2 points|No point is declared as the baseline/);
  assert.match(text, /each of 2 points with a remedy is compared with the one without/);
  assert.doesNotMatch(text, /undefined|NaN|null/);
});

const curve = (training: number, heldOut: number) =>
  [[5, 2, heldOut + 0.1], [10, training, heldOut]] as const;

/** Points of a strength, each with its losses at the last step. */
function strengths(
  losses: readonly (readonly [training: number, heldOut: number])[],
  noise = 0.01,
) {
  const points = losses.map((_, index) => ({ lambda: index }));
  return handStudy({
    points,
    folds: 3,
    seeds: [1],
    baseline: points[0],
    runs: (index, fold) => {
      const [training, heldOut] = losses[index];
      return curve(training, heldOut + noise * (fold - 1) * (1 + index));
    },
  });
}

Deno.test("An under-trained model is not praised for its small gap (case report 2)", () => {
  const { study, runs } = strengths([[1, 2], [1.9, 2.6]]);
  const abstract = describeAbstract(findings(study, runs)).join(" ");
  assert.match(abstract, /No setting closed any of it without a higher validation loss/);
  assert.doesNotMatch(abstract, /closed \d|% of/);
  const gentle = strengths([[1, 2], [1.2, 1.9], [2, 2.4]]);
  const both = describeAbstract(findings(gentle.study, gentle.runs)).join(" ");
  assert.match(both, /λ = 1 closed most of it in the mean, 30\.0 %/);
  assert.match(
    both,
    /gap of all, at λ = 2, comes with a mean validation loss 0\.400 higher \(95 % interval [^;]*, shown to differ\)/,
  );
});

Deno.test("No gap worth closing is said only where the interval ends below the stated size (case S13)", () => {
  const text = (losses: Parameters<typeof strengths>[0], noise?: number) => {
    const { study, runs } = strengths(losses, noise);
    const shown = findings(study, runs);
    return [
      describeFindings(shown).find(({ topic }) => topic === "overfitting")!.text,
      shown,
    ] as const;
  };
  const [small, shown] = text([[1.5, 1.505], [1.6, 1.6]], 0.001);
  assert.equal(shown.baselineGap!.negligible, true);
  assert.match(small, /below 0\.05, so there is no gap worth closing\.$/);
  const [unlearned, without] = text([[2.9, 2.905], [1.6, 1.6]], 0.001);
  assert.equal(without.baselineGap!.negligible, true);
  assert.match(
    unlearned,
    /below 0\.05, but little was learned, and a small gap there says nothing/,
  );
  const abstract = describeAbstract(without).join(" ");
  assert.match(abstract, /the gap is below 0\.05 nats, but .* little was learned/);
  assert.doesNotMatch(`${unlearned} ${abstract}`, /no gap worth closing/);
  const [wide] = text([[1.5, 1.52], [1.6, 1.6]], 0.1);
  assert.match(wide, /not shown; that there is none is not shown either/);
  // Two folds, a mean of 0.4 and a naive standard error of 0.1: one degree of freedom shows nothing.
  const { study, runs } = syntheticStudy({ axes: { lambda: [0, 1e-4] }, folds: 2, seeds: [1] });
  const two = runs.map((run) => {
    const gap = run.fold === 0 ? 0.3 : 0.5;
    const final = { ...run.final!, generalizationGap: gap };
    return { ...run, final, curve: [...run.curve.slice(0, -1), final] };
  });
  const found = findings(study, two).baselineGap!;
  assert.equal(found.verdict, "notShown");
});

Deno.test("The lowest of several means is said to be picked, and what intervals cover once (cases S7, S10)", () => {
  const said = told({});
  assert.match(
    said.selection,
    /lowest of 20, so the difference is too favourable and its interval/,
  );
  assert.equal(said.all.split("the mean over blocks").length - 1, 1);
  assert.match(
    said.intervals,
    /not prediction intervals for a new block.*say nothing about other texts/,
  );
  assert.doesNotMatch(told({ axes: { lambda: [0, 1e-4] } }).selection, /too favourable/);
});

Deno.test("A final block's difference has no standard error, and one seed no deviation, in words", () => {
  const options = { axes: { lambda: [0, 1e-4] }, finalPoints: [{ lambda: 0 }, { lambda: 1e-4 }] };
  const one = told({ ...options, seeds: [1] });
  const three = told(options);
  assert.match(
    three.finalBlock,
    /by 3 trainings each, one a seed: such a difference has no standard/,
  );
  assert.match(
    one.finalBlock,
    /One block of text was scored, by one training each: such a difference/,
  );
  assert.doesNotMatch(three.finalBlock + one.finalBlock, /over 1 seed|no test|±/);
});

Deno.test("Runs that stop early are compared at the step that each kept, in words (case users 2)", () => {
  const stops = specified(({ training }) => ({
    training: { ...training as JsonObject, earlyStopping: { patience: 2 } },
  }));
  const said = told({ axes: { lambda: [0, 1e-4] } }, stops);
  assert.doesNotMatch(said.all, /at the last step/i);
  assert.match(said.selection, /^At the step that each run kept \(early stopping\) the lowest/);
  assert.match(said.earlyStopping, /^Every run stopped early and kept .* already those of early/);
});

Deno.test("Sentences say whether and how the learning rate was tuned (case report, What a reviewer still asks)", () => {
  const words = (axes: { readonly [axis: string]: readonly number[] }, change?: Change) => {
    const { study } = syntheticStudy({ axes });
    return learningRateWords(change?.(study) ?? study)!;
  };
  assert.match(words({ lambda: [0, 1] }), /one learning rate, 0\.002, which was not tuned/);
  assert.match(
    words({ learningRate: [0.001, 0.01], alpha: [0, 1] }),
    /axis learningRate \(0\.001, 0\.01\); every setting was trained at each of its values/,
  );
  assert.match(
    words({ learningRate: [0.001, 0.01], alpha: [0, 1] }, (study) => ({
      ...study,
      space: { kind: "points", points: study.space.points.slice(1) },
      specifications: study.specifications.slice(1),
    })),
    /not every setting was trained at each of its values/,
  );
  assert.match(
    words(
      { lambda: [0, 1] },
      specified(({ penalties }) => ({
        optimizer: {
          kind: "adam",
          learningRate: (penalties as JsonObject[])[0].strength === 0 ? 0.1 : 0.2,
        },
      })),
    ),
    /differ between settings \(0\.1, 0\.2\)|axis λ/,
  );
  const many = { learningRate: Array.from({ length: 9 }, (_, index) => 0.001 * (index + 1)) };
  assert.match(words(many), /\(9 values from 0\.001 to 0\.009\)/);
  assert.match(told({}).abstract, /which was not tuned: at another the verdict might change\.$/);
});

Deno.test("Sentences say none of what readers misread (case report, Unclear)", () => {
  const finalPoints = [{ lambda: 0, alpha: 0 }, { lambda: 1e-4, alpha: 0 }];
  const { all } = told({ finalPoints });
  assert.doesNotMatch(
    all,
    /within noise|mean at most|little beyond counts|and no test\.|why it was/,
  );
});
