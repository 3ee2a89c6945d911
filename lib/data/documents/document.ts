import { longestText } from "../../core/limits.ts";
import {
  integer,
  nested,
  oneOf,
  type Options,
  orAbsent,
  orNull,
  stated,
  text,
} from "../../core/options.ts";
import type { Excerpt } from "../excerpt.ts";

/** A document as a reader finds it. */
export interface ReadDocument {
  readonly text: string;
  /** What it belongs to, such as its author; null for nothing. */
  readonly group: string | null;
  /** When it is from, as it stands there; null for no time. */
  readonly time: string | number | Date | null;
  /** Project-relative path of its file; of one that is in no file, what the corpus is called. */
  readonly file: string;
  /** Line (or row, or place in a list) at which it begins, from 1; null for a file that is one document. */
  readonly place: number | null;
}

/** What every corpus of documents has, as a specification holds it. */
export interface AnyDocuments {
  /** What reports call it; of the kind `documents`, its name in the catalogue. */
  readonly name: string;
  /**
   * SHA-256 of the bytes of the file; of a folder and of documents in the study, that of JSON lines of them.
   */
  readonly sha256: string;
  /** Under which terms it may be used, in words. */
  readonly licence: string;
  /** The documents to use, by their place, before `order`; null for all. */
  readonly excerpt: Excerpt | null;
  /** In which order they are laid end to end; see {@link DocumentOptions}. */
  readonly order: DocumentOrder;
}

/** In which order documents are laid end to end. */
export type DocumentOrder = "given" | "shuffled" | "grouped" | "time";

/** What can be said about documents of one's own. */
export interface DocumentOptions {
  /** What reports call them; of a file its path if not given. */
  readonly name?: string;
  /**
   * Under which terms they may be used.
   *
   * @default {"not stated"}
   */
  readonly licence?: string;
  /**
   * `start` from 0 (the default) and `length` from 1, in documents; null for all.
   *
   * @default {null}
   */
  readonly excerpt?: { readonly start?: number; readonly length: number } | null;
  /**
   * In which order they are laid end to end. `given`: that of the file (of a folder, of the paths).
   * `shuffled`: one fixed order for each number of documents. `grouped`: the documents of one group
   * together, at the place of the first of them. `time`: from the earliest to the latest. What is equal
   * keeps the order that it has.
   *
   * @default {"given"}
   */
  readonly order?: DocumentOrder;
}

const excerpt = {
  start: integer({ from: 0, to: longestText }, 0),
  length: integer({ from: 1, to: longestText }),
};

/** What `DocumentOptions` holds. */
export const documentOptions = {
  name: orAbsent(text()),
  licence: text("not stated"),
  excerpt: orNull(nested(excerpt)),
  order: oneOf(["given", "shuffled", "grouped", "time"], "given"),
};

/** Those of them that a specification states besides name and licence. */
export const storedOptions = stated({
  excerpt: orNull(nested(stated(excerpt))),
  order: documentOptions.order,
});

/** Where a reader finds what a specification names. */
export interface Place {
  /** The subject of messages. */
  readonly subject: string;
  /** The project's folder. */
  readonly project: string;
  /** Path of the file in place of the project's; absent for that. */
  readonly carried?: string;
}

/** All that is known of one kind of corpora of documents. */
export interface DocumentKind<Specification> {
  /** What its JSON holds besides what all have. */
  readonly options: Options;
  /** What a document's place counts. */
  readonly counts: "line" | "row" | "document";
  /** Refuses options that do not go together. */
  checkTogether?(specification: Specification): void;
  /** Where its text comes from, in words. */
  source(specification: Specification): string;
  /** Project-relative paths of the files that it reads; null where its text is in memory as it is. */
  files(specification: Specification, place: Place): readonly string[] | null;
  /** What its SHA-256 is of, whole: to be given away with a study. */
  whole(
    specification: Specification,
    place: Place,
  ): Promise<string | Uint8Array> | string | Uint8Array;
  /** SHA-256 of that, none of which is kept; absent where it is in memory as it is. */
  hash?(specification: Specification, place: Place): string;
  /**
   * Its documents in the order in which they stand there, none of them kept.
   *
   * @throws {RangeError} With file and line, if one cannot be read.
   */
  read(specification: Specification, place: Place): AsyncIterable<ReadDocument>;
}
