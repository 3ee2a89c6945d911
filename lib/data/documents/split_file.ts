import { show } from "../../core/check.ts";
import { boolean, checkOptions, oneOf, option, stated } from "../../core/options.ts";
import { describedFile, fileKind, fileOf, type FileSpecification } from "./_file.ts";
import { checkExpression, expressionOf, namedIn } from "./_expression.ts";
import { piecesOf } from "./_pieces.ts";
import {
  type DocumentKind,
  type DocumentOptions,
  documentOptions,
  type ReadDocument,
} from "./document.ts";

/** A file that is split into documents, as a specification holds it. */
export type SplitFileSpecification = FileSpecification<"splitFile"> & {
  /** Source of the expression that the first line of a document matches. */
  readonly at: string;
  /** Whether that line is part of the document. */
  readonly keepHeading: boolean;
  /** What becomes of the text before the first such line. */
  readonly front: "document" | "leftOut";
};

/** What {@link splitFile} takes. */
export interface SplitFileOptions extends DocumentOptions {
  /**
   * Expression that the first line of each document matches, without its line end; with the flag u. Its groups
   * named `group` and `time`, if it has them, give those of the document, as in
   * `"^CHAPTER (?<group>[IVX]+)\\."`.
   */
  readonly at: string;
  /**
   * Whether that line is part of the document.
   *
   * @default {true}
   */
  readonly keepHeading?: boolean;
  /**
   * Whether text before the first such line is a document too, or left out.
   *
   * @default {"document"}
   */
  readonly front?: "document" | "leftOut";
}

/** What {@link SplitFileOptions} holds besides what all have. */
export const splitOptions = {
  at: option(checkExpression),
  keepHeading: boolean(true),
  front: oneOf(["document", "leftOut"], "document"),
};

/**
 * The documents of one file: each begins at a line that matches an expression, such as the heading of a
 * chapter, and goes to the next one.
 *
 * @param path Path relative to the folder of the nearest deno.json; UTF-8.
 * @param options See {@link SplitFileOptions}.
 * @returns Its specification with the checksum that the file has now; a later change is refused. The lines
 * are read when a study is defined.
 * @throws {RangeError} If the path leaves the project or the file is empty.
 * @throws {Deno.errors.NotFound} If there is no such file.
 */
export function splitFile(path: string, options: SplitFileOptions): SplitFileSpecification {
  const { at, keepHeading, front, ...common } = checkOptions("splitFile", options, {
    ...documentOptions,
    ...splitOptions,
  });
  const own = { at, keepHeading, front };
  return { kind: "splitFile", ...describedFile("splitFile", path, common), ...own };
}

/** What is known of files that are split. */
export const splitFileKind: DocumentKind<SplitFileSpecification> = {
  ...fileKind,
  options: { ...fileKind.options, ...stated(splitOptions) },
  counts: "line",
  async *read(specification, place) {
    const { path, at, keepHeading, front } = specification;
    const expression = expressionOf(at);
    const name = `${place.subject}: ${show(path)}`;
    const before: Omit<ReadDocument, "text"> = { file: path, place: 1, group: null, time: null };
    let begun = before;
    let parts: string[] = [];
    const ended = (): ReadDocument | null => {
      const text = parts.join("");
      parts = [];
      const isFront = begun === before;
      return isFront && (front === "leftOut" || text.trim() === "") ? null : { ...begun, text };
    };
    for (const { text, line: first } of piecesOf(fileOf(specification, place), name)) {
      let line = first;
      for (const each of text.match(/[^\n]*\n|[^\n]+$/g) ?? []) {
        const match = expression.exec(each.replace(/\r?\n$/, ""));
        if (match === null) parts.push(each);
        else {
          const document = ended();
          if (document !== null) yield document;
          begun = { file: path, place: line, ...namedIn(match) };
          if (keepHeading) parts.push(each);
        }
        line++;
      }
    }
    if (begun === before) {
      throw new RangeError(`${name} must have a line that matches ${show(at)}, found none.`);
    }
    yield ended()!;
  },
};
