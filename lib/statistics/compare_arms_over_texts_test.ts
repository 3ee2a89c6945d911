import assert from "node:assert/strict";
import { compareArmsOverTexts } from "./compare_arms_over_texts.ts";
import { armsHandStudy, type HandArm } from "./testing/arms_hand_study.ts";
import { assertClose } from "./testing/close.ts";

/** Three arms on one text: the gains of two of them over none, the same in all folds but for noise. */
function text(index: number, decay: number, dropout: number, changes: Partial<HandArm> = {}) {
  const arm = (gain: number): HandArm => ({
    points: [{ x: 1 }, { x: 2 }],
    losses: [
      [0, 0.1, -0.1].map((noise) => [1, 2 - gain + noise] as const),
      [[2, 9], [2, 9], [2, 9]],
    ],
    ...changes,
  });
  const { record, records } = armsHandStudy({
    none: { points: [{}], dimensions: {}, losses: [[[1, 2], [1, 2], [1, 2]]] },
    decay: arm(decay),
    dropout: arm(dropout),
  });
  const corpus = { ...record.corpus, name: `text ${index}`, sha256: `${index}` };
  return { record: { ...record, name: `study-${index}`, corpus }, records };
}

const gains = [0.10, 0.14, 0.06, 0.12, 0.08, 0.10];
const noise = [0.1, -0.2, 0.1, 0.2, -0.1, -0.1];

Deno.test("compareArmsOverTexts tests one difference a text, with Holm over the arms, worked by hand", () => {
  const studies = gains.map((gain, index) => text(index, gain, noise[index]));
  const { verdicts, pairs, texts } = compareArmsOverTexts(studies);
  assert.equal(texts.length, 6);
  const [decay, dropout] = verdicts;
  assert.deepEqual(decay.differences.map((each) => Number(each.toFixed(9))), gains.map((g) => -g));
  // d̄ = −0.1, s² = (0 + 0.0016 + 0.0016 + 0.0004 + 0.0004 + 0) / 5 = 0.0008, se = √(0.0008 / 6).
  assertClose(decay.interval.standardError!, Math.sqrt(0.0008 / 6));
  assert.equal(decay.interval.degreesOfFreedom, 5);
  // t = −8.6603: scipy.stats.t.sf(8.660254037844387, 5) * 2 = 0.000339255869316913 (SciPy 1.17.1).
  assertClose(decay.pValue!, 0.000339255869316913);
  assertClose(decay.adjustedPValue!, 2 * decay.pValue!);
  assert.deepEqual([decay.verdict, dropout.verdict], ["lower", "notShown"]);
  assert.deepEqual(pairs.map(({ arm, from }) => [arm, from]), [["dropout", "decay"]]);
});

Deno.test("compareArmsOverTexts gives intervals and no verdict under six texts", () => {
  const { verdicts } = compareArmsOverTexts(gains.slice(0, 5).map((gain, i) => text(i, gain, 0)));
  assert.deepEqual(verdicts.map(({ verdict, pValue }) => [verdict, pValue]), [
    ["tooFewTexts", null],
    ["tooFewTexts", null],
  ]);
  assert.ok(verdicts[0].interval.interval![1] < 0);
});

Deno.test("compareArmsOverTexts refuses the same text twice, other arms, other specifications and one study", () => {
  const [a, b] = [text(0, 0.1, 0), text(1, 0.2, 0)];
  const same = { ...b, record: { ...b.record, corpus: a.record.corpus } };
  assert.throws(
    () => compareArmsOverTexts([a, same]),
    /text of its own, found text 0 in study-0 and/,
  );
  const wider = text(1, 0.2, 0, { dimensions: { x: { kind: "choice", values: [1, 2, 3] } } });
  assert.throws(() => compareArmsOverTexts([a, wider]), /found other arms in study-0 and study-1/);
  const specifications = b.record.specifications.map((each) => ({ ...each, seed: 1 }));
  assert.throws(
    () => compareArmsOverTexts([a, { ...b, record: { ...b.record, specifications } }]),
    /found other specifications in study-0 and study-1/,
  );
  const corpora = b.record.specifications.map((each) => ({ ...each, corpus: { name: "text 1" } }));
  assert.ok(compareArmsOverTexts([a, { ...b, record: { ...b.record, specifications: corpora } }]));
  assert.throws(() => compareArmsOverTexts([a]), /at least two studies, found 1/);
});

Deno.test("compareArmsOverTexts has no difference where a text has none, and withholds it at edges on half of the texts", () => {
  const studies = gains.map((gain, index) => text(index, gain, noise[index]));
  const open = { ...studies[2], records: studies[2].records.slice(1) };
  const { verdicts } = compareArmsOverTexts(studies.with(2, open));
  assert.deepEqual(verdicts.map(({ verdict }) => verdict), ["none", "none"]);
  const edges: Partial<HandArm> = { dimensions: { x: { kind: "linear", from: 1, to: 2 } } };
  const atEdge = gains.map((gain, index) => text(index, gain, 0, edges));
  const withheld = compareArmsOverTexts(atEdge).verdicts[0];
  assert.equal(withheld.verdict, "withheld");
  assert.deepEqual(
    new Set(withheld.edges.map(({ axis, end }) => `${axis} ${end}`)),
    new Set(["x lower"]),
  );
});
