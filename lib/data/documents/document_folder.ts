import { createHash } from "node:crypto";
import { checkText, show } from "../../core/check.ts";
import { checkOptions, option, orNull, stated, text } from "../../core/options.ts";
import { projectFolder, resolveInside } from "../../core/project.ts";
import { isNotADirectory, isNotFound, notFound } from "../../core/runtime/errors.ts";
import { readFileSync } from "../../core/runtime/files.ts";
import { decodeUtf8 } from "../_sources.ts";
import { checkNaming, expressionOf, namedIn } from "./_expression.ts";
import { filesNamed } from "./_glob.ts";
import { piecesOf } from "./_pieces.ts";
import {
  type AnyDocuments,
  type DocumentKind,
  type DocumentOptions,
  documentOptions,
  type Place,
  type ReadDocument,
} from "./document.ts";

/** A folder of documents as a specification holds it. */
export type DocumentFolderSpecification = AnyDocuments & {
  readonly kind: "documentFolder";
  /** Pattern of the paths, relative to the project, with forward slashes. */
  readonly glob: string;
  /** Source of the expression that gives group and time; null for none. */
  readonly pathExpression: string | null;
};

/** What {@link documentFolder} takes. */
export interface DocumentFolderOptions extends DocumentOptions {
  /**
   * Expression that each path must match, with the flag u, whose groups named `group` and `time` give those of
   * the document, as in `"(?<time>\\d{4})_(?<group>.+)\\.txt$"`; null for neither.
   *
   * @default {null}
   */
  readonly pathExpression?: string | null;
}

/** What {@link DocumentFolderOptions} holds besides what all have. */
export const folderOptions = { pathExpression: orNull(option(checkNaming)) };

/**
 * The files of a folder as documents, in the order of their paths.
 *
 * @param glob Pattern of their paths, relative to the folder of the nearest deno.json: `*` stands for any
 * characters of a name, `?` for one, `**` for any folders. Files are UTF-8; links are passed over.
 * @param options See {@link DocumentFolderOptions}.
 * @returns Its specification with the checksum that paths and texts have now; a later change is refused.
 * @throws {RangeError} If the pattern leaves the project, a file is empty or not UTF-8, or a path does not
 * match the expression.
 * @throws {Deno.errors.NotFound} If no file is meant.
 */
export function documentFolder(
  glob: string,
  options: DocumentFolderOptions = {},
): DocumentFolderSpecification {
  const portable = checkText("documentFolder: glob", glob).replaceAll("\\", "/");
  const { name = portable, pathExpression, ...common } = checkOptions("documentFolder", options, {
    ...documentOptions,
    ...folderOptions,
  });
  const place = { subject: "documentFolder", project: projectFolder() };
  const sha256 = hashOf({ glob: portable }, place);
  const { licence, excerpt, order } = common;
  const described = { name, sha256, licence, excerpt, order, glob: portable, pathExpression };
  const specification: DocumentFolderSpecification = { kind: "documentFolder", ...described };
  for (const path of pathsOf(specification, place)) namedOf(specification, path, place);
  return specification;
}

/** What is known of folders of documents. */
export const documentFolderKind: DocumentKind<DocumentFolderSpecification> = {
  options: { glob: text(), ...stated(folderOptions) },
  counts: "document",
  source: ({ glob }) => `files ${glob}`,
  files: pathsOf,
  whole: (specification, place) => [...linesOf(specification, place)].join(""),
  hash: hashOf,
  async *read(specification, place) {
    if (place.carried !== undefined) {
      for (const { text } of piecesOf(place.carried, place.subject)) {
        for (const line of text.split("\n").filter((each) => each !== "")) {
          const { path, text } = JSON.parse(line);
          yield documentIn(specification, { path, text }, place);
        }
      }
      return;
    }
    for (const path of pathsOf(specification, place)) {
      yield documentIn(specification, { path, text: textIn(path, place) }, place);
    }
  },
};

function documentIn(
  specification: DocumentFolderSpecification,
  { path, text }: { readonly path: string; readonly text: string },
  place: Place,
): ReadDocument {
  return { text, file: path, place: null, ...namedOf(specification, path, place) };
}

function pathsOf({ glob }: Pick<DocumentFolderSpecification, "glob">, place: Place): string[] {
  const { subject, project } = place;
  resolveInside(project, glob);
  let paths: string[] = [];
  try {
    paths = filesNamed(project, glob);
  } catch (error) {
    if (!isNotFound(error) && !isNotADirectory(error)) throw error;
  }
  if (paths.length > 0) return paths;
  throw notFound(
    `${subject}: there is no file ${
      show(glob)
    } in the project ${project}. A pattern names the files of a ` +
      `folder, such as "letters/*.txt".`,
  );
}

function textIn(path: string, { subject, project }: Place): string {
  return decodeUtf8(readFileSync(resolveInside(project, path)), `${subject}: ${show(path)}`);
}

/** Group and time by the path. */
function namedOf(
  { pathExpression }: DocumentFolderSpecification,
  path: string,
  { subject }: Place,
): { group: string | null; time: string | null } {
  if (pathExpression === null) return { group: null, time: null };
  const match = expressionOf(pathExpression).exec(path);
  if (match !== null) return namedIn(match);
  throw new RangeError(
    `${subject}: each path must match pathExpression ${show(pathExpression)}, found ${show(path)}.`,
  );
}

/** The files as JSON lines of path and text. */
function* linesOf(specification: Pick<DocumentFolderSpecification, "glob">, place: Place) {
  for (const path of pathsOf(specification, place)) {
    yield `${JSON.stringify({ path, text: textIn(path, place) })}\n`;
  }
}

function hashOf(specification: Pick<DocumentFolderSpecification, "glob">, place: Place): string {
  const hash = createHash("sha256");
  for (const line of linesOf(specification, place)) hash.update(line);
  return hash.digest("hex");
}
