import { checkText, show } from "../../core/check.ts";
import { sha256OfFile } from "../../core/file_hash.ts";
import { text } from "../../core/options.ts";
import { projectFolder, resolveInside } from "../../core/project.ts";
import { isNotFound, notFound } from "../../core/runtime/errors.ts";
import { readFileSync, statSync } from "../../core/runtime/files.ts";
import type { AnyDocuments, DocumentOptions, Place } from "./document.ts";

/** Documents of one file, as a specification holds them. */
export interface FileSpecification<Kind extends string> extends AnyDocuments {
  readonly kind: Kind;
  /** Relative to the project, with forward slashes. */
  readonly path: string;
}

/** What a specification has of a file that is there now. */
export function describedFile(
  subject: string,
  path: string,
  common: Pick<AnyDocuments, "licence" | "excerpt" | "order"> & Pick<DocumentOptions, "name">,
) {
  const portable = checkText(`${subject}: path`, path).replaceAll("\\", "/");
  const full = fileOf({ path: portable }, { subject, project: projectFolder() });
  const { name = portable, licence, excerpt, order } = common;
  return { name, sha256: sha256OfFile(full), licence, excerpt, order, path: portable };
}

/**
 * Path of the file that is read.
 *
 * @throws {RangeError} If it leaves the project, is no file or is empty.
 */
export function fileOf({ path }: { readonly path: string }, place: Place): string {
  const full = place.carried ?? resolveInside(place.project, path);
  const subject = `${place.subject}: ${show(path)}`;
  try {
    const { isFile, size } = statSync(full);
    if (!isFile) throw new RangeError(`${subject} must be a file, found a folder.`);
    if (size === 0) throw new RangeError(`${subject} must hold documents, found nothing.`);
  } catch (error) {
    if (!isNotFound(error)) throw error;
    throw notFound(
      `${place.subject}: there is no file ${show(path)} in the project ${place.project}.`,
    );
  }
  return full;
}

/** What is known of all kinds that read one file. */
export const fileKind = {
  options: { path: text() },
  source: ({ path }: { readonly path: string }) => `file ${path}`,
  files: ({ path }: { readonly path: string }) => [path],
  whole: (specification: { readonly path: string }, place: Place) =>
    readFileSync(fileOf(specification, place)),
  hash: (specification: { readonly path: string }, place: Place) =>
    sha256OfFile(fileOf(specification, place)),
};
