import { show } from "../../core/check.ts";
import { sha256 } from "../../core/hash.ts";
import { canonicalJson } from "../../core/json.ts";
import { checkOptions, option, orAbsent, passed } from "../../core/options.ts";
import { documentOf } from "./fields.ts";
import {
  type AnyDocuments,
  type DocumentKind,
  type DocumentOptions,
  documentOptions,
} from "./document.ts";

/** A document that is given in the study. */
export type InlineDocument = {
  readonly text: string;
  /** What it belongs to; all documents have one, or none. */
  readonly group?: string;
  /** When it is from: a number, or an ISO 8601 date; all documents have one, or none. */
  readonly time?: string | number;
};

/** Documents given in the study itself, as a specification holds them. */
export type InlineDocumentsSpecification = AnyDocuments & {
  readonly kind: "inlineDocuments";
  readonly documents: readonly InlineDocument[];
};

/**
 * Documents given in the study itself; they become part of every specification, so use it for few.
 *
 * @param documents Their texts, with group and time if they have them.
 * @param options `name`, "inline documents" by default; `licence`; `excerpt`; `order`.
 * @throws {TypeError | RangeError} If there are none, or one is not as it must be.
 *
 * @example
 * ```ts
 * import { inlineDocuments } from "./inline_documents.ts";
 * import assert from "node:assert/strict";
 * const letters = inlineDocuments([
 *   { text: "Dear Jack, …", group: "Ann", time: 1851 },
 *   { text: "Dear Ann, …", group: "Jack", time: 1852 },
 * ]);
 * assert.equal(letters.documents.length, 2);
 * ```
 */
export function inlineDocuments(
  documents: readonly InlineDocument[],
  options: DocumentOptions = {},
): InlineDocumentsSpecification {
  const { name = "inline documents", ...common } = checkOptions(
    "inlineDocuments",
    options,
    documentOptions,
  );
  const checked = checkDocuments("inlineDocuments: documents", documents);
  const { licence, excerpt, order } = common;
  const own = { sha256: sha256(linesOf(checked)), licence, excerpt, order, documents: checked };
  return { kind: "inlineDocuments", name, ...own };
}

/** What is known of documents in the study. */
export const inlineDocumentsKind: DocumentKind<InlineDocumentsSpecification> = {
  options: { documents: option(checkDocuments) },
  counts: "document",
  source: () => "documents given in the study",
  files: () => null,
  whole: ({ documents }) => linesOf(documents),
  async *read({ name, documents }, { subject }) {
    for (const [index, document] of documents.entries()) {
      const place = index + 1;
      const fields = {
        text: "text",
        group: document.group === undefined ? null : "group",
        time: document.time === undefined ? null : "time",
      };
      yield documentOf(`${subject}: document ${place}`, fields, document, { file: name, place });
    }
  },
};

function checkDocuments(name: string, value: unknown): readonly InlineDocument[] {
  if (!Array.isArray(value) || value.length === 0) {
    throw new TypeError(`${name} must be a list of at least one, found ${show(value)}.`);
  }
  return value.map((document, index) =>
    checkOptions(`${name}[${index}]`, document, {
      text: passed<string>(),
      group: orAbsent(passed<string>()),
      time: orAbsent(passed<string | number>()),
    }, ".")
  );
}

function linesOf(documents: readonly InlineDocument[]): string {
  return documents.map((document) => `${canonicalJson({ ...document })}\n`).join("");
}
