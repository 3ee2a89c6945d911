import assert from "node:assert/strict";
import type { DocumentsRecord } from "../records/documents_record.ts";
import { syntheticStudy } from "../statistics/testing/synthetic_study.ts";
import { documentsTable, documentWindowsInWords } from "./documents_section.ts";

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
