import assert from "node:assert/strict";
import { intervalNotes, intervalWords } from "./interval_notes.ts";
import { syntheticStudy } from "./testing/synthetic_study.ts";

Deno.test("S10: a study says what its intervals cover, and that folds are no texts", () => {
  const { study } = syntheticStudy({ folds: 5 });
  const notes = intervalNotes(study);
  assert.deepEqual(notes.map(({ topic }) => topic), ["covered", "texts"]);
  assert.match(
    notes[0].text,
    /the mean over blocks like those of the 5 folds; they are not prediction intervals/,
  );
  assert.match(notes[1].text, /say nothing about other texts/);
  assert.deepEqual(intervalNotes(syntheticStudy({ folds: 1 }).study), []);
});

Deno.test("S4: folds that train on the same tokens are said", () => {
  const { study } = syntheticStudy({ axes: { lambda: [0, 1] } });
  const specifications = study.specifications.map((each) => ({
    ...each,
    training: { ...each.training as Record<string, number>, trainingTokens: 245 },
  }));
  const note = intervalWords({ ...study, specifications }, ["training"]);
  assert.match(note!, /^With 245 training tokens folds 1 and 2 train on the same tokens: there/);
});

Deno.test("S5: a halved study says that Holm counts all points that entered", () => {
  const { study } = syntheticStudy({ axes: { lambda: [0, 1] } });
  const strategy = { kind: "successiveHalving", rungs: [10], reductionFactor: 3 } as const;
  const note = intervalWords({ ...study, strategy }, ["family"]);
  assert.match(note!, /^Holm's adjustment counts all points that entered/);
});

Deno.test("a study without such a note has no words for it", () => {
  assert.equal(intervalWords(syntheticStudy().study, ["training", "family"]), null);
});

Deno.test("pairs that a group keeps together have intervals about new groups", () => {
  const { study } = syntheticStudy({ folds: 5 });
  const covered = (corpus: Record<string, string | null>) =>
    intervalWords({
      ...study,
      corpus: { ...study.corpus, pairs: 90 },
      specifications: study.specifications.map((each) => ({ ...each, corpus })),
    }, ["covered"]);
  assert.match(
    covered({ group: "author" })!,
    /sets of new groups like those of the 5 folds, of which a model has read nothing/,
  );
  assert.match(covered({ group: null })!, /over blocks like those of the 5 folds/);
});
