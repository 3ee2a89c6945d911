import assert from "node:assert/strict";
import { compareArms, type CompareArmsOptions } from "./compare_arms.ts";
import { compareArmsOverTexts } from "./compare_arms_over_texts.ts";
import { describeArms } from "./describe_arms.ts";
import { describeArmsOverTexts } from "./describe_arms_over_texts.ts";
import { armsHandStudy, type HandArm } from "./testing/arms_hand_study.ts";
import { decay, dropout, everyFold, none, unchosen } from "./testing/three_arms.ts";

type Source = ReturnType<typeof armsHandStudy>;

const said = (source: Source, topic: string, options: CompareArmsOptions = {}) =>
  describeArms(compareArms(source, options)).filter((each) => each.topic === topic)
    .map(({ text }) => text);

Deno.test("describeArms says the question, the tuning and a verdict for each arm, with interval and p after Holm, on this text", () => {
  const source = armsHandStudy({ none, decay, dropout });
  assert.deepEqual(said(source, "question"), [
    "The study asks which of 3 arms has the lowest validation loss on 44500 tokens of synthetic-corpus when each is tuned: none; decay, " +
    "judged against none; dropout, judged against none.",
  ]);
  assert.deepEqual(said(source, "tuning"), [
    "Tuned with 2 points each: none over x; decay over x; dropout over x (a scrambled Sobol sequence). " +
    "The learning rate was not tuned in any arm. In each fold point and step were chosen on one " +
    "held-out block and scored on another; no model of the fold was trained on either block.",
  ]);
  assert.deepEqual(said(source, "verdict"), [
    "On this text decay has a lower validation loss than none: −0.250 nats per token, 95 % interval " +
    "−0.409 to −0.091, p = 0.031 after Holm, 3 degrees of freedom.",
    "On this text no difference between dropout and none is shown: 0.000 nats per token, 95 % interval " +
    "−0.318 to +0.318, p = 1.000 after Holm, 3 degrees of freedom; the power is 80 % only for a true difference of " +
    "at least 0.543, at the first step of Holm.",
  ]);
  assert.match(said(source, "scope")[0], /about this text.* would need at least 6 texts/);
  assert.deepEqual(said(source, "caution"), []);
});

Deno.test("describeArms speaks of these pairs where the corpus is of pairs", () => {
  const { record, records } = armsHandStudy({ none, decay });
  const pairs = { record: { ...record, corpus: { ...record.corpus, pairs: 60 } }, records };
  assert.match(said(pairs, "verdict")[0], /^On these pairs decay has a lower validation loss/);
  assert.match(said(pairs, "scope")[0], /about these pairs/);
});

Deno.test("describeArms says that the other folds chose, and by how much that misleads", () => {
  const source = armsHandStudy({ none, decay }, { choosing: false });
  assert.match(said(source, "tuning")[0], /chosen on the other folds and scored on this one/);
  assert.match(said(source, "caution")[0], /had trained on the text that is scored.*7 to 12 %/);
});

Deno.test("describeArms says which arm is untuned, and what an arm tunes that its parent does not", () => {
  const specify = ({ rate }: { readonly [axis: string]: unknown }) => ({
    optimizer: { learningRate: (rate as number | undefined) ?? 0.01 },
  });
  const range = { kind: "log", from: 0.001, to: 0.03, zeroShare: 0 } as const;
  const source = armsHandStudy({
    none: { points: [{}], dimensions: {}, losses: [everyFold(1, 2, 2.1, 2.2, 2.1)] },
    tuned: {
      ...decay,
      points: [{ rate: 0.002 }, { rate: 0.01 }],
      dimensions: { rate: range },
    },
  }, { specify });
  assert.match(
    said(source, "tuning")[0],
    /^Tuned with 2 points each: tuned over rate .* none is one point and was not tuned\. tuned tunes rate, which none does not: their difference includes that of the tuning\./,
  );
  assert.ok(!said(source, "tuning")[0].includes("The learning rate was not tuned"));
});

Deno.test("describeArms of arms that are one point each says that nothing but the step was chosen", () => {
  const single = (...losses: number[]): HandArm => ({
    points: [{}],
    dimensions: {},
    losses: [everyFold(1, ...losses)],
  });
  const source = armsHandStudy({ none: single(2, 2.1, 2.2), decay: single(1.9, 2.1, 2.1) });
  assert.match(
    said(source, "question")[0],
    /has the lowest validation loss on 44500 tokens of synthetic-corpus: none; decay/,
  );
  assert.match(
    said(source, "tuning")[0],
    /^none is one point .* decay is one point .* In each fold the step was chosen/,
  );
  assert.doesNotMatch(said(source, "tuning", { view: "lastStep" })[0], /chosen/);
});

Deno.test("describeArms takes two rates by different names for tuning of the same thing", () => {
  const specify = ({ rate, step }: { readonly [axis: string]: unknown }) => ({
    optimizer: { learningRate: (rate ?? step) as number },
  });
  const axis = (name: string, arm: HandArm): HandArm => ({
    ...arm,
    points: [{ [name]: 0.002 }, { [name]: 0.01 }],
    dimensions: { [name]: { kind: "log", from: 0.001, to: 0.03, zeroShare: 0 } },
  });
  const source = armsHandStudy({ adam: axis("rate", none), sgd: axis("step", decay) }, { specify });
  assert.doesNotMatch(said(source, "tuning")[0], /does not|learning rate was not tuned/);
});

Deno.test("describeArms withholds a verdict in words, naming arm, axis, end and what lifts it", () => {
  const range = { kind: "log", from: 0.5, to: 2.1, zeroShare: 0 } as const;
  const edge = (arm: HandArm): HandArm => ({ ...arm, dimensions: { x: range } });
  const [text] = said(armsHandStudy({ none, decay: edge(decay) }), "verdict");
  assert.equal(
    text,
    "The verdict on decay against none is withheld (−0.250 nats per token, 95 % interval −0.409 to " +
      "−0.091, p = 0.015 after Holm, 3 degrees of freedom): the x chosen lies at the upper end of its " +
      "range (decay for 4 of 4 folds). A better choice may lie beyond, so there is no verdict until the " +
      "range grows for that axis in every arm.",
  );
  const stepped: HandArm = {
    points: [{}],
    dimensions: {},
    losses: [everyFold(1, 1.9, 2.2, 2, 2.3)],
  };
  const [atEnd] = said(armsHandStudy({ none, decay: stepped }, { constantRate: true }), "verdict");
  assert.match(
    atEnd,
    /: the last step of a constant rate was chosen \(decay for 4 of 4 folds, none for 4 of 4 folds\)\. .* until every arm trains for more steps\./,
  );
});

Deno.test("describeArms says that the untrained model was chosen", () => {
  const worse: HandArm = {
    points: [{}],
    dimensions: {},
    losses: [everyFold(100, 101, 102, 103, 104)],
  };
  assert.match(
    said(armsHandStudy({ none, decay: worse }), "verdict")[0],
    /the untrained model was chosen \(decay for 4 of 4 folds\)\. .* until some point of the arm learns\./,
  );
});

Deno.test("describeArms says that an arm came next to its parent, which withholds nothing", () => {
  const specify = ({ alpha = 0 }: { readonly [axis: string]: unknown }) => ({
    penalties: [{ kind: "decoupledWeightDecay", strength: alpha as number }],
  });
  const arm: HandArm = {
    dimensions: { alpha: { kind: "log", from: 0.01, to: 1, zeroShare: 0 } },
    points: [{ alpha: 0.02 }, { alpha: 0.5 }],
    losses: [everyFold(1, 2, 2.2, 2.2, 2.3), unchosen],
  };
  const [text] = said(armsHandStudy({ none, decay: arm }, { specify }), "verdict");
  assert.match(
    text,
    /no difference between decay and none is shown.* For 4 of 4 folds the α chosen is among the smallest: beyond it lies none itself/,
  );
});

Deno.test("describeArms counts diverged and failed points in words, and says why there is no verdict", () => {
  const source = armsHandStudy({
    none,
    decay: { ...decay, status: (point) => point === 0 ? "diverged" : "completed" },
  });
  assert.deepEqual(said(source, "diverged"), [
    "Of 2 points of decay 1 diverged on some fold: they count as tried, with an infinite loss there.",
  ]);
  const gone = armsHandStudy({ none, decay: { ...decay, status: () => "failed" } });
  assert.match(
    said(gone, "verdict")[0],
    /of decay, on some fold every point of it diverged or failed/,
  );
  const { record, records } = armsHandStudy({ none, decay });
  const open = { record, records: records.slice(1) };
  assert.match(
    said(open, "verdict")[0],
    /no verdict on decay against none: of none, not all its runs/,
  );
});

Deno.test("describeArms prints FLOPs, and repeats the verdict at equal FLOPs or says that it is another", () => {
  const source = armsHandStudy({ none, decay });
  const flopsOf = (decayed: number) => ({
    flopsOf: ({ point }: { readonly [part: string]: unknown }) =>
      (point as { arm: string }).arm === "none" ? 1e12 : decayed,
  });
  assert.deepEqual(said(source, "flops", flopsOf(1e12)), [
    "Floating-point operations of all trainings on the folds: none 8.00e12, decay 8.00e12.",
  ]);
  assert.match(said(source, "equalFlops", flopsOf(1e12))[0], /same number.*at equal compute/);
  assert.match(
    said(source, "equalFlops", flopsOf(1.5e12))[0],
    /^At equal compute \(8\.00e12, .* none 2 points, decay 1 point\) the verdict on decay is another: on this text decay has a higher validation loss/,
  );
  assert.match(said(source, "equalFlops", flopsOf(3e12))[0], /not one point of some arm fits/);
  assert.match(said(source, "flops")[0], /not known/);
});

Deno.test("describeArmsOverTexts says in general from six texts on, and on these texts before", () => {
  const points = [{ x: 1 }, { x: 2 }];
  const text = (index: number) => {
    const gain = 0.1 + 0.01 * (index % 3);
    const { record, records } = armsHandStudy({
      none: { points, losses: [everyFold(1, 2, 2, 2), everyFold(2, 9, 9, 9)] },
      decay: {
        points,
        losses: [everyFold(1, 2 - gain, 2.1 - gain, 1.9 - gain), everyFold(2, 9, 9, 9)],
      },
    });
    const corpus = { ...record.corpus, name: `text ${index}`, sha256: `${index}` };
    return { record: { ...record, corpus }, records };
  };
  const over = (count: number) =>
    describeArmsOverTexts(
      compareArmsOverTexts(Array.from({ length: count }, (_, i) => text(i))),
    )[0];
  assert.equal(
    over(6),
    "In general, over 6 texts, decay has a lower validation loss than none: −0.110 nats per token, " +
      "95 % interval −0.119 to −0.101, p < 0.001 after Holm.",
  );
  assert.match(
    over(3),
    /^On these 3 texts decay minus none is −0\.110 nats.*in general takes 6\.$/,
  );
});
