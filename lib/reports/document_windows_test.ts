import assert from "node:assert/strict";
import type { DocumentsRecord } from "../records/documents_record.ts";
import { syntheticStudy } from "../statistics/testing/synthetic_study.ts";
import {
  documentFoldsInWords,
  documentsTable,
  documentWindowsInWords,
} from "./documents_section.ts";

const documents: DocumentsRecord = {
  count: 9,
  by: "document",
  folds: [],
  final: null,
  similarity: 0.8,
  examples: [],
};

Deno.test("Methods say how windows lie to documents, of one text nothing", () => {
  const words = (...trainings: object[]) =>
    documentWindowsInWords({
      documents,
      specifications: trainings.map((training) => ({ training: { ...training } })),
    });
  assert.match(words({})!, /^Windows run over the ends of documents, the mark between .* next\.$/);
  assert.match(
    words({ sampling: "epochs" })!,
    /; each epoch reads the documents in a new order\.$/,
  );
  assert.match(words({ documentWindows: "inside", sampling: "epochs" })!, /^No window leaves its /);
  assert.match(
    words({ documentWindows: "inside" }, {})!,
    /^At points with document windows inside, no window .* At the others, windows run over/,
  );
  assert.equal(documentWindowsInWords({ specifications: [{ training: {} }] }), null);
});

Deno.test("the table of documents says how many choose, and what of them is left out", () => {
  const { study } = syntheticStudy({ folds: 3 });
  const fold = { training: 80, heldOut: 20, nearDuplicates: 1 };
  const tableOf = (each: typeof documents.folds[number]) =>
    documentsTable({ ...study, documents: { ...documents, folds: [each, each, each] } })!.html;
  const choosing = { documents: 40, nearDuplicates: 3 };
  const told = tableOf({ ...fold, choosing });
  assert.match(told, />choosing documents<[^]*>nearly the same of those</);
  assert.match(told, /; of those that choose, those that are so similar to one that is held out\./);
  assert.match(told, />40<\/td>\s*<td[^>]*>3</);
  const dropped = tableOf({ ...fold, choosing, dropped: 2 });
  assert.match(dropped, />left out of choosing<[^]*>left out of training</);
  assert.match(dropped, /so similar to one that is held out, and are left out\./);
  assert.doesNotMatch(tableOf(fold), /choos/);
});

Deno.test("Methods say how groups are dealt, what the final block is and what a gap leaves out", () => {
  const { final: _, ...rest } = documents;
  const group = { ...rest, groups: 4, by: "group" } as const;
  const fold = { training: 1, heldOut: 1, nearDuplicates: 0 };
  assert.match(
    documentFoldsInWords({ ...group, final: fold }),
    /each fold holds out as many as any other, or one more\. The final block is no stretch of the corpus, but/,
  );
  assert.doesNotMatch(documentFoldsInWords({ ...group, final: null }), /final block/);
  const time = { ...rest, by: "time", final: null } as const;
  assert.doesNotMatch(documentFoldsInWords(time), /What trains ends/);
  assert.match(
    documentFoldsInWords({ ...time, gap: { documents: 2, time: 0, unit: "days" } }),
    /What trains ends at least 2 documents before what is held out begins\./,
  );
  assert.match(
    documentFoldsInWords({ ...time, gap: { documents: 0, time: 0.5, unit: "numbers" } }),
    /ends at least 0\.5 \(in the numbers of the times\) before/,
  );
});
