import assert from "node:assert/strict";
import type { DocumentsRecord } from "../records/documents_record.ts";
import { documentWindowsInWords } from "./documents_section.ts";

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
