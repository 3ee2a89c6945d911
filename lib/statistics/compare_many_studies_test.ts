import assert from "node:assert/strict";
import { compareArmsOverTexts } from "./compare_arms_over_texts.ts";
import { compareStudies } from "./compare_studies.ts";
import { adjustedOverTexts } from "./combine_studies.ts";
import { meanInterval } from "./mean_interval.ts";
import { studentTwoSided } from "./student_t.ts";
import type { StudyRecords } from "./study_records.ts";
import { armsHandStudy } from "./testing/arms_hand_study.ts";
import { assertClose } from "./testing/close.ts";
import { handStudy } from "./testing/hand_study.ts";

/** A study of a text of its own: λ = 1 differs from the baseline by these amounts, fold by fold. */
function study(
  name: string,
  differences: readonly number[],
  { text = name, excerpt }: { text?: string; excerpt?: { start: number; length: number } } = {},
): StudyRecords {
  const { study, runs } = handStudy({
    points: [{ lambda: 0 }, { lambda: 1 }],
    folds: differences.length,
    seeds: [1],
    baseline: { lambda: 0 },
    runs: (lambda, fold) => [[10, 1, 3 + fold / 10 + (lambda === 1 ? differences[fold] : 0)]],
  });
  const specifications = study.specifications.map((each) => ({
    ...each,
    corpus: { kind: "text", ...(excerpt && { excerpt }) },
  }));
  const corpus = { ...study.corpus, name: text, sha256: `sha of ${text}` };
  return { record: { ...study, name, corpus, specifications } as typeof study, records: runs };
}

const shifts = [-0.1, -0.2, -0.15, -0.12, -0.18, -0.14];
const texts = shifts.map((shift, index) =>
  study(`study ${index}`, [shift - 0.02, shift, shift + 0.02])
);
const point = { lambda: 1 };
const draws = 200;

Deno.test("compareStudies of a list tests one difference a text, and only from six texts on", () => {
  const { overTexts, studies, contrast, unit, shared } = compareStudies(texts, { point, draws });
  assert.deepEqual(contrast, { kind: "points", point, from: null });
  assert.equal(unit.words, "nats per token");
  assert.deepEqual(shared, []);
  studies.forEach(({ difference }, index) =>
    assertClose(difference.test!.mean, shifts[index], 1e-12)
  );
  overTexts!.differences.forEach((each, index) => assertClose(each, shifts[index], 1e-12));
  const { mean, standardError } = meanInterval(shifts);
  assertClose(overTexts!.pValue, studentTwoSided(mean / standardError!, 5), 1e-9);
  assert.equal(overTexts!.verdict, "lower");
  // s = 0.0366, se = s/√6; 80 % power at 5 degrees of freedom takes 3.4 standard errors.
  assert.ok(overTexts!.detectable! > 3.3 * standardError!);
  const few = compareStudies(texts.slice(1), { point, draws }).overTexts!;
  assert.deepEqual([few.verdict, few.pValue], ["tooFewTexts", null]);
  assert.ok(few.interval.interval![1] < 0 && few.prediction![0] < few.interval.interval![0]);
});

Deno.test("compareStudies of a list takes the study's own overlap for the hierarchical model", () => {
  const { hierarchical, between } = compareStudies(texts, { point, region: 0.05, draws: 2000 });
  assert.ok(hierarchical.state === "estimated");
  assert.equal(hierarchical.region, 0.05);
  assert.ok(hierarchical.another.below > 0.95);
  assert.ok(Math.abs(hierarchical.mean.median + 0.148) < 0.01);
  // Each study: s = 0.02 over 3 folds, √(1/3 + n_test/n_train) · 0.02 a standard error.
  const { sizes } = compareStudies(texts, { point, draws }).studies[0];
  assertClose(between!.byNoise, Math.sqrt(1 / 3 + sizes!.test / sizes!.training) * 0.02, 1e-9);
  assertClose(between!.observed, 0.0371034590, 1e-8);
  assertClose(between!.beyondNoise ** 2, between!.observed ** 2 - between!.byNoise ** 2, 1e-9);
});

Deno.test("studies of one text count as one text, and are averaged fold by fold on their folds", () => {
  const excerpt = { start: 0, length: 100 };
  const small = study("small", [-0.1, -0.2, -0.3], { text: "book", excerpt });
  const large = study("large", [-0.3, -0.1, -0.2], { text: "book", excerpt });
  const { overTexts, onOneText, shared, hierarchical } = compareStudies([small, large], { point });
  assert.equal(overTexts, null);
  assert.equal(hierarchical.state, "tooFewStudies");
  assert.deepEqual(shared, [{ text: "book", studies: ["small", "large"], stretches: "same" }]);
  onOneText!.differences.forEach((each, fold) =>
    assertClose(each, [-0.2, -0.15, -0.25][fold], 1e-12)
  );
  assertClose(onOneText!.test.mean, -0.2, 1e-12);
  const later = study("later", [-0.1, -0.2, -0.3], {
    text: "book",
    excerpt: { start: 100, length: 9 },
  });
  const pages = compareStudies([small, later], { point });
  assert.deepEqual([pages.shared[0].stretches, pages.onOneText], ["other", null]);
  const mixed = compareStudies([small, large, ...texts], { point, draws }).overTexts!;
  assert.equal(mixed.texts.length, 7);
  assertClose(mixed.differences[0], -0.2, 1e-12);
  const whole = study("whole", [0, 0.1, 0.2], { text: "book" });
  assert.equal(compareStudies([small, whole], { point }).shared[0].stretches, "same");
});

Deno.test("without a contrast what each rule selects is compared with its baseline", () => {
  const { contrast, studies, view } = compareStudies(texts, { draws });
  assert.deepEqual([contrast, view], [{ kind: "selected" }, "lastStep"]);
  for (const [index, { difference, choices }] of studies.entries()) {
    assert.deepEqual(choices.map(({ point }) => point), [point, point, point]);
    assertClose(difference.test!.mean, shifts[index], 1e-12);
  }
  const fixed = compareStudies(texts, { point, draws }).studies[0];
  const [own, chosen] = [fixed, studies[0]].map(({ sizes }) => sizes!.test / sizes!.training);
  assertClose(chosen, 2.5 * own, 1e-12);
  const [first, ...others] = texts;
  const partial = { ...first, records: first.records.filter(({ fold }) => fold !== 1) };
  const missing = compareStudies([partial, ...others], { draws });
  assert.equal(missing.studies[0].missing, "runs of the baseline are missing");
  assert.deepEqual([missing.overTexts!.verdict, missing.hierarchical.state, missing.between], [
    "none",
    "missing",
    null,
  ]);
});

/** A study of arms on a text of its own; decay gains so much. */
function arms(name: string, gain: number): StudyRecords {
  const { record, records } = armsHandStudy({
    none: { points: [{}], dimensions: {}, losses: [[[1, 2], [1, 2.1], [1, 2.3]]] },
    decay: {
      points: [{ x: 1 }],
      losses: [[[1, 2 - gain], [1, 2.1 - gain - 0.01], [1, 2.3 - gain + 0.02]]],
    },
  });
  const corpus = { ...record.corpus, name, sha256: name };
  return { record: { ...record, name, corpus }, records };
}

Deno.test("an arm of several studies is compared as compareArmsOverTexts does it", () => {
  const studies = [0.1, 0.2, 0.12, 0.16, 0.3, 0.05].map((gain, text) => arms(`text ${text}`, gain));
  const { overTexts, contrast, view } = compareStudies(studies, { arm: "decay", draws });
  assert.deepEqual(contrast, { kind: "arms", arm: "decay", parent: "none" });
  assert.equal(view, "bestStep");
  const [verdict] = compareArmsOverTexts(studies).verdicts;
  assert.deepEqual(overTexts!.interval, verdict.interval);
  assert.deepEqual([overTexts!.pValue, overTexts!.verdict], [verdict.pValue, verdict.verdict]);
  const turned = compareStudies(studies, { arm: "none", parent: "decay", draws });
  assertClose(turned.overTexts!.interval.mean, -overTexts!.interval.mean, 1e-12);
});

Deno.test("contrasts that are judged together are adjusted by Holm", () => {
  const weak = texts.map((_, index) =>
    study(`weak ${index}`, [0.01 * index - 0.02, 0, 0.01 * index])
  );
  const [one, other] = adjustedOverTexts(
    [compareStudies(texts, { point, draws }), compareStudies(weak, { point, draws })],
  );
  assertClose(one.overTexts!.adjustedPValue, 2 * one.overTexts!.pValue!, 1e-12);
  assert.equal(other.overTexts!.adjustedPValue, other.overTexts!.pValue);
  assert.deepEqual([one.overTexts!.verdict, other.overTexts!.verdict], ["lower", "notShown"]);
});

Deno.test("contradictions between studies and options are refused", () => {
  const refuses = (
    studies: readonly StudyRecords[],
    options: Parameters<typeof compareStudies>[1],
    message: RegExp,
  ) => assert.throws(() => compareStudies(studies, options as never), message);
  refuses(texts.slice(1, 2), {}, /at least two studies, found 1/);
  refuses([texts[0], texts[0]], {}, /different ones, found study 0 twice/);
  refuses(texts, { point, arm: "decay" }, /arm and point must not both be given/);
  refuses(texts, { parent: "none" }, /parent must be given with arm/);
  refuses(texts, { from: point }, /from must be given with point/);
  refuses(texts, { arm: "decay" }, /arm must be left out, since study 0 has none/);
  refuses(
    texts,
    { point: { lambda: 2 } },
    /point must be one of all studies, found {"lambda":2}, which/,
  );
  refuses(texts, { point, region: 0 }, /region must be/);
  refuses(texts, { points: [] } as never, /points/);
  const bits = { ...texts[1].record, select: { ...texts[1].record.select, metric: "bitsPerByte" } };
  refuses(
    [texts[0], { ...texts[1], record: bits } as StudyRecords],
    { point },
    /losses must be in one unit/,
  );
  const specifications = texts[1].record.specifications.map((each) => ({
    ...each,
    tokenizer: { kind: "bytes" },
  }));
  const words = { ...texts[1], record: { ...texts[1].record, specifications } };
  refuses([texts[0], words], { point }, /select by bitsPerByte in both/);
  const baseless = { ...texts[1], record: { ...texts[1].record, baseline: null } };
  refuses(
    [texts[0], baseless],
    {},
    /point and from must be given, since study 1 declares no baseline/,
  );
  refuses([texts[0], baseless], { point }, /from must be given, since study 1/);
  const two = [arms("a", 0.1), arms("b", 0.2)];
  refuses(
    two,
    {},
    /arm must be given for studies of arms, as a is; shared by all with one parent: decay/,
  );
  refuses(
    two,
    { arm: "l1" },
    /arm must be one of all studies, found "l1", which a lacks; it has none, decay/,
  );
  refuses(two, { arm: "none" }, /parent must be given, since none is not judged/);
  refuses(two, { arm: "decay", parent: "decay" }, /parent must be another arm/);
});
