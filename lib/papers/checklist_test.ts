import assert from "node:assert/strict";
import type { StudyRecord } from "../records/study_record.ts";
import { syntheticStudy } from "../statistics/testing/synthetic_study.ts";
import { generateStudy, shapes } from "../studies/testing/generated_studies.ts";
import { checklist, checklistTex } from "./checklist.ts";
import { dataStatements, dataTex } from "./data_statement.ts";

const { study, runs } = syntheticStudy();

/** What a study answers to the question that a word stands in. */
function answer(word: RegExp, record: StudyRecord = study, records = runs) {
  const items = checklist([{ record, records }]).filter(({ question }) => word.test(question));
  assert.equal(items.length, 1, String(word));
  return items[0];
}

Deno.test("the checklist says what the records say of seeds, runs, commit and compute", () => {
  assert.match(answer(/seeds/).text, /^3 seeds \(1, 2, 3\) for each/);
  const expected = study.space.points.length * study.folds.length * study.seeds.length;
  assert.equal(answer(/diverged/).text, `All ${expected} runs on the folds completed.`);
  const seconds = runs.reduce((sum, { durationSeconds }) => sum + durationSeconds, 0);
  assert.ok(seconds >= 60 && seconds < 3600);
  assert.ok(answer(/compute/).text.startsWith(`${(seconds / 60).toFixed(1)} minutes of training`));
  assert.match(answer(/compute/).text, /outside of this study are not recorded/);
  const { provenance } = study;
  const under = (gitCommit: string | null, gitDirty: boolean | null) =>
    answer(/made again/, { ...study, provenance: { ...provenance, gitCommit, gitDirty } });
  assert.equal(under("0a1b", false).answer, "Yes");
  assert.equal(under("0a1b", true).answer, "Partly");
  assert.match(under(null, null).text, /not under version control/);
});

Deno.test("what is missing makes no answer yes: final block, licence, region, intervals, runs", () => {
  const without = { ...study, finalFold: null };
  assert.equal(answer(/splits/, without).answer, "Partly");
  assert.match(answer(/limitations/, without).text, /No text was left for the end/);
  const corpus = { ...study.corpus, licence: "not stated" };
  assert.equal(answer(/licence\?$/, { ...study, corpus }, runs.slice(0, 0)).answer, "Partly");
  assert.equal(answer(/too small/).answer, "No");
  assert.match(answer(/too small/, { ...study, equivalence: { nats: 0.02 } }).text, /0\.02/);
  assert.equal(answer(/error bars/, { ...study, folds: study.folds.slice(0, 1) }).answer, "No");
  const lost = answer(/diverged/, study, runs.slice(1));
  assert.match(lost.text, /^Of \d+ runs on the folds \d+ completed, 1 missing;/);
  assert.equal(answer(/hardware/, study, []).answer, "Not recorded");
  assert.equal(answer(/consent/).answer, "Not recorded");
});

Deno.test("every generated study answers every question with a sentence, and texts of users stay text", async () => {
  const names = Object.keys(shapes);
  assert.ok(names.length > 50);
  for (const name of names.filter((_, index) => index % 3 === 0)) {
    const source = await generateStudy(name, shapes[name]);
    const items = checklist([source]);
    assert.equal(items.length, 15);
    for (const { question, text } of items) {
      assert.match(question, /\?|said/);
      assert.match(text, /\.$/, `${name}: ${question} ${text}`);
      assert.ok(!/undefined|NaN|null|\[object/.test(text), `${name}: ${text}`);
    }
    for (const tex of [checklistTex(items), dataTex(dataStatements([source.record]))]) {
      assert.ok(!/undefined|NaN|\[object/.test(tex), tex);
    }
  }
  const hostile = {
    ...study,
    corpus: { ...study.corpus, name: "\\input{x} 100% #1", licence: "_^$" },
  };
  const tex = checklistTex(checklist([{ record: hostile, records: runs }])) +
    dataTex(dataStatements([hostile]));
  assert.ok(!/\\input|[^\\]%(?! T)(?! The)|[^\\]#/.test(tex), tex);
});

Deno.test("of several studies each answers by its name where they differ", () => {
  const other = { ...study, name: "other", seeds: study.seeds.slice(0, 1) };
  const items = checklist([{ record: study, records: runs }, { record: other, records: runs }]);
  const of = (word: RegExp) => items.find(({ question }) => word.test(question))!;
  assert.ok(of(/seeds/).text.startsWith(`${study.name}: 3 seeds`));
  assert.match(of(/seeds/).text, / other: 1 seed \(1\)/);
  assert.match(of(/How many comparisons/).text, /Between the studies/);
  assert.ok(!of(/consent/).text.includes("other:"));
});

Deno.test("the data statement names source, licence, checksum and size, and pretrained weights with them", () => {
  const [{ name, entries }] = dataStatements([study, study]);
  assert.equal(name, study.corpus.name);
  const of = new Map(entries);
  assert.equal(of.get("source"), study.corpus.source);
  assert.equal(of.get("SHA-256"), study.corpus.sha256);
  assert.ok(of.get("used")!.includes(`${study.corpus.tokens} tokens`));
  assert.equal(of.get("languages"), "not recorded");
  assert.equal(dataStatements([study, study]).length, 1);
  const sha256 = "ab".repeat(32);
  const specifications = study.specifications.map((each) => ({
    ...each,
    initialWeights: { folder: "models/smollm2", sha256 },
  }));
  const [, weights] = dataStatements([{ ...study, specifications } as StudyRecord]);
  assert.match(weights.name, /models\/smollm2/);
  assert.deepEqual(new Map(weights.entries).get("SHA-256"), sha256);
  assert.deepEqual(new Map(weights.entries).get("licence"), "not recorded");
});
