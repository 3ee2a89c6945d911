import assert from "node:assert/strict";
import { handStudy } from "../statistics/testing/hand_study.ts";
import { syntheticRecords } from "../statistics/testing/synthetic_study.ts";
import { textStudy } from "../statistics/testing/text_study.ts";
import { worthInText } from "../statistics/worth_in_text.ts";
import { formatNumber } from "../statistics/format.ts";
import { reportDocument } from "./document.ts";
import { worthOfReport, worthSection } from "./worth_section.ts";

Deno.test("a report of a study with amounts of text says what its remedies are worth, and draws it", () => {
  const { sections, figures } = reportDocument(textStudy(), null);
  const { body } = sections.find(({ id }) => id === "worth")!;
  assert.match(body.html, /as good as 1\.\d\d times the text/);
  assert.ok(figures.some(({ caption }) => /worth in text/.test(caption)));
});

Deno.test("the table has the numbers of worthInText, and marks what is extrapolated", () => {
  const found = worthInText(textStudy({ hiddenSizes: [16, 64] }));
  const { html } = worthSection(found);
  for (const { factor, extrapolated } of found.curves.flatMap(({ worths }) => worths)) {
    assert.ok(html.includes(`${formatNumber(factor, 2)}${extrapolated ? " (extrapolated)" : ""}`));
  }
  assert.match(html, /hiddenSize = 64/);
  const without = worthSection(worthInText(textStudy({ strengths: [0] }))).html;
  assert.ok(!without.includes(">remedy</th>") && without.includes("16,000"));
});

Deno.test("there is no such section with two amounts of text, without one, or of arms", () => {
  assert.equal(worthOfReport(textStudy({ amounts: [1000, 2000] })), null);
  assert.equal(worthOfReport(syntheticRecords()), null);
  const { record, records } = textStudy();
  const arms = { ...record, space: { ...record.space, arms: [] } };
  assert.equal(worthOfReport({ record: arms as never, records }), null);
});

Deno.test("a study of amounts whose runs all diverged has no section", () => {
  const { record } = textStudy();
  const { runs } = handStudy({
    points: record.space.points,
    folds: 3,
    seeds: [1],
    runs: record.space.points.flatMap((point) =>
      [0, 1, 2].map((fold) => ({ point, fold, seed: 1, curve: [], status: "diverged" as const }))
    ),
  });
  assert.equal(worthOfReport({ record, records: runs }), null);
});
