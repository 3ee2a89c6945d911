import assert from "node:assert/strict";
import type { DocumentsRecord } from "../records/documents_record.ts";
import type { StudyRecord } from "../records/study_record.ts";
import { syntheticStudy } from "./testing/synthetic_study.ts";
import { textWarnings } from "./text_warnings.ts";

const { study } = syntheticStudy({ folds: 3 });
const shares = [0.002, 0.04, 0.018];

function changed(changes: Partial<StudyRecord>): StudyRecord {
  return { ...study, ...changes };
}

Deno.test("repeated text is said with its mean, its largest share and where that is", () => {
  const repeated = { length: 50, shares, final: 0.01 };
  assert.match(
    textWarnings({ record: changed({ repeated }) }).join(),
    /^2\.0 % of the held-out text .* \(at most 4\.0 %, in fold 1; stretches of 50 characters\)/,
  );
  const inFinal = { length: 50, shares, final: 0.3 };
  assert.match(
    textWarnings({ record: changed({ repeated: inFinal }) }).join(),
    /30\.0 %, in the final block;/,
  );
});

Deno.test("repeated text of 1 % or less, or of which the record is silent, is not worth a word", () => {
  const repeated = { length: 50, shares: [0.01, 0, 0], final: 0.005 };
  assert.deepEqual(textWarnings({ record: changed({ repeated }) }), []);
  assert.deepEqual(
    textWarnings({ record: changed({ repeated: { ...repeated, final: null } }) }),
    [],
  );
  assert.deepEqual(textWarnings({ record: study }), []);
});

Deno.test("documents that are nearly the same are told of with what is repeated, in one warning", () => {
  const fold = { training: 20, heldOut: 10, nearDuplicates: 3 };
  const documents = {
    ...{ count: 30, by: "document", similarity: 0.8, examples: [], final: null } as const,
    folds: study.folds.map(() => fold),
  };
  const near =
    /Of the 10 documents that fold 0 holds out, 3 are nearly the same as one that trains/;
  const alone = textWarnings({ record: changed({ documents }) });
  assert.equal(alone.length, 1);
  assert.match(alone[0], new RegExp(`^${near.source}: what is learned of them by heart`));
  const repeated = { length: 50, shares, final: null };
  const both = textWarnings({ record: changed({ documents, repeated }) });
  assert.equal(both.length, 1);
  assert.match(both[0], /^2\.0 % of the held-out text stands word for word/);
  assert.match(both[0], near);
  assert.equal(both[0].split("by heart").length, 2, "why it matters is said once");
  assert.match(
    both[0],
    /give documentFolds dropNearDuplicates: true, and take what is still repeated/,
  );
});

Deno.test("repeated targets of pairs are said as such", () => {
  const [said] = textWarnings({
    record: changed({ repeated: { length: null, shares, final: null } }),
  });
  assert.match(
    said,
    /^2\.0 % of the held-out targets stand in the training pairs too.*in fold 1\)/,
  );
});

Deno.test("folds that hold out less than ten of the longest windows are counted", () => {
  const specifications = study.specifications.map((each, index) => ({
    ...each,
    training: { windowLength: index === 0 ? 20 : 5 },
  }));
  const fold = (index: number, heldOut: number) => ({
    index,
    training: [{ start: 1000, end: 2000 }],
    heldOut: [{ start: 0, end: heldOut }],
  });
  const of = (...sizes: number[]) =>
    textWarnings({
      record: changed({
        specifications,
        folds: sizes.map((size, index) => fold(index, size)),
        finalFold: null,
      }),
    });
  assert.deepEqual(of(200, 200), []);
  assert.match(of(200, 199)[0], /^1 fold of 2 holds out 199 tokens, fewer than 10 windows of 20/);
  assert.match(of(30, 40, 900)[0], /^2 folds of 3 hold out 30 to 40 tokens/);
  const pairs = changed({
    folds: [fold(0, 9), fold(1, 10)],
    finalFold: null,
    corpus: { ...study.corpus, pairs: 19 },
  });
  assert.match(
    textWarnings({ record: pairs })[0],
    /^1 fold of 2 holds out 9 pairs, fewer than 10 pairs/,
  );
});

Deno.test("documents that choose and are nearly the same as one that scores are said, unless left out", () => {
  const fold = { training: 80, heldOut: 20, nearDuplicates: 0 };
  const choosing = (nearDuplicates: number) => ({ documents: 40, nearDuplicates });
  const documents: DocumentsRecord = {
    ...{ count: 140, by: "document" as const, final: null, similarity: 0.8, examples: [] },
    folds: [0, 3, 1].map((many) => ({ ...fold, choosing: choosing(many) })),
  };
  assert.deepEqual(textWarnings({ record: changed({ documents }) }), [
    "Of the 40 documents by which fold 1 chooses, 3 are nearly the same as one that scores: a step and a " +
    "point that are chosen by them are chosen for the score. Give documentFolds dropNearDuplicates: true.",
  ]);
  const dropped = { ...documents, folds: documents.folds.map((each) => ({ ...each, dropped: 0 })) };
  assert.deepEqual(textWarnings({ record: changed({ documents: dropped }) }), []);
});
