import assert from "node:assert/strict";
import { compareStudies } from "./compare_studies.ts";
import { describeManyStudies } from "./describe_many_studies.ts";
import type { StudyRecords } from "./study_records.ts";
import { handStudy } from "./testing/hand_study.ts";

const point = { lambda: 1 };

/** A study of a text of its own: λ = 1 differs from the baseline by these amounts, fold by fold. */
function study(
  index: number,
  differences: readonly number[],
  text = `text ${index}`,
): StudyRecords {
  const { study, runs } = handStudy({
    points: [{ lambda: 0 }, point],
    folds: differences.length,
    seeds: [1],
    baseline: { lambda: 0 },
    runs: (lambda, fold) => [[10, 1, 3 + (lambda === 1 ? differences[fold] : 0)]],
  });
  const corpus = { ...study.corpus, name: text, sha256: text };
  return { record: { ...study, name: `study ${index}`, corpus }, records: runs };
}

/** Six studies around these differences. */
const around = (shifts: readonly number[], equivalence?: { nats: number }) =>
  shifts.map((shift, index) => {
    const { record, records } = study(index, [shift - 0.002, shift, shift + 0.003]);
    return { record: { ...record, ...(equivalence && { equivalence }) }, records };
  });

const said = (...given: Parameters<typeof describeManyStudies>) =>
  describeManyStudies(...given).join("\n");
const small = [0.001, -0.002, 0.002, 0, -0.001, 0.001];

Deno.test("a difference over texts is said with its interval, the next text and the next study", () => {
  const text = said(compareStudies(around([-0.1, -0.2, -0.15, -0.12, -0.18, -0.14]), { point }));
  assert.match(text, /lies below 0 in 6 of 6 studies, and above 0 in 0\./);
  assert.match(
    text,
    /In general, over 6 texts, λ = 1 has a lower validation loss than the baseline: −0\.148 nats per token, 95 % interval −0\.187 to −0\.109, p < 0\.001, 5 degrees of freedom\. On one more such text/,
  );
  assert.match(text, /in one more study the difference is below 0 with probability 9\d\.\d %/);
  assert.match(text, /standard deviation of 0\.037 nats per token over the studies/);
  assert.ok(!text.includes("Holm"));
});

Deno.test("equivalence in general takes a region that all studies declared before their runs", () => {
  const declared = compareStudies(around(small, { nats: 0.01 }), { point, draws: 500 });
  assert.equal(declared.overTexts!.verdict, "equivalent");
  const text = said(declared);
  assert.match(
    text,
    /λ = 1 and the baseline are equivalent within ±0\.01: .*within ±0\.01 \(p < 0\.001/,
  );
  assert.match(text, /count as too small to matter, as declared before the runs/);
  const option = compareStudies(around(small), { point, region: 0.01, draws: 1000 });
  assert.equal(option.overTexts!.verdict, "notShown");
  assert.match(
    said(option),
    /within ±0\.01 with 9\d\.\d %/,
  );
  const mixed = [...around(small, { nats: 0.01 }).slice(1), around(small)[0]];
  assert.match(
    said(compareStudies(mixed, { point, draws: 200 })),
    /did not declare the same region/,
  );
  assert.throws(
    () => compareStudies(around(small, { nats: 0.01 }), { point, region: 0.1 }),
    /region must be left out, since the studies declared one/,
  );
});

Deno.test("no difference is said with the smallest that could have been shown", () => {
  const comparison = compareStudies(around([0.1, -0.2, 0.2, -0.05, -0.1, 0.1]), {
    point,
    draws: 500,
  });
  const text = said(comparison, { contrasts: 3 });
  assert.match(text, /No difference between λ = 1 and the baseline is shown in general/);
  assert.match(text, /p = \d\.\d+ after Holm over 3 contrasts/);
  const size = comparison.overTexts!.detectable!.toFixed(3);
  assert.ok(
    text.includes(
      `80 % of comparisons over 6 of them would show a mean of ±${size} nats per token.`,
    ),
  );
});

Deno.test("what is missing, not converged or not independent is said", () => {
  const studies = around(small);
  const unconverged = said(compareStudies(studies, { point, draws: 100 }));
  assert.match(unconverged, /its chains have not converged \(R̂ \d\.\d+, \d+ effective draws\)/);
  assert.ok(!unconverged.includes("one more study"));
  const [first, ...others] = studies;
  const partial = { ...first, records: first.records.slice(1) };
  const text = said(compareStudies([partial, ...others], { point, draws: 200 }));
  assert.match(text, /There is no verdict on λ = 1 against the baseline over 6 texts/);
  assert.match(text, /study 0 has no test: runs are missing\./);
  const two = [study(1, [0.1, 0.12]), study(2, [0.1, 0.13]), study(3, [0.2, 0.1])];
  assert.match(said(compareStudies(two, { point })), /needs three folds in each study/);
  const constant = [study(9, [0.1, 0.1, 0.1]), ...others];
  assert.match(
    said(compareStudies(constant, { point })),
    /needs differences that vary from fold to fold/,
  );
  const book = [0, 1, 2].map((index) => study(index, [0.1, 0.12, 0.11 + index / 100], "book"));
  const shared = said(compareStudies(book, { point }));
  assert.match(shared, /On this text, in the mean of the 3 studies, which share their 3 folds/);
  assert.match(
    shared,
    /study 0, study 1 and study 2 are not independent: they read the same stretch of book/,
  );
  assert.match(
    shared,
    /The model takes all studies as independent, so its intervals are too narrow/,
  );
});
