/**
 * What is in an archive of a study, beside the files of the study itself. All of it follows from these, so
 * that the reader of an archive can make it again.
 *
 * @module
 */
import { join } from "node:path";
import { sha256 } from "../core/hash.ts";
import { isNotFound } from "../core/runtime/errors.ts";
import { readFileSync } from "../core/runtime/files.ts";
import { numericsVersion, version } from "../core/version.ts";
import type { Provenance, StudyRecord } from "../records/study_record.ts";
import { needsOf } from "../reports/needs.ts";
import { madeFile } from "./_study_files.ts";
import type { PackedFile } from "./_tar.ts";

/** Folder of an archive with all that a study's folder has. */
export const studyPart = "study/";

export const manifestName = "manifest.json";

export const environmentName = "environment.json";

/** A file of the project that made an archive. */
interface ProjectFile {
  /** Its name in the archive: `.txt`, so that no tool takes the folder for a project. */
  readonly name: string;
  /** In the project, the first that there is. */
  readonly from: readonly string[];
}

export const projectFiles: { readonly configuration: ProjectFile; readonly lock: ProjectFile } = {
  configuration: { name: "environment/deno.json.txt", from: ["deno.json", "deno.jsonc"] },
  lock: { name: "environment/deno.lock.txt", from: ["deno.lock"] },
};

/** The configuration and the locked packages of a project, as far as they are there. */
export function environmentFiles(project: string): PackedFile[] {
  return Object.values(projectFiles).flatMap(({ name, from }) => {
    for (const path of from) {
      try {
        return [madeFile(name, readFileSync(join(project, path)))];
      } catch (error) {
        if (!isNotFound(error)) throw error;
      }
    }
    return [];
  });
}

/** What an archive says of where and with what its study was made. */
export interface Environment {
  /** With what the archive was written. */
  readonly written: { readonly parsimony: string; readonly numericsVersion: number };
  /** Engine of all runs that count. */
  readonly engine: string;
  /** Machine and versions of the process that began the study, and of those that went on elsewhere. */
  readonly runs: readonly Provenance[];
  /** Texts that it needs, by their checksum. */
  readonly texts: readonly {
    readonly name: string;
    readonly sha256: string;
    readonly licence: string;
    readonly source: string;
    readonly found: string;
  }[];
}

/** Of the library that runs now. */
export const writtenHere: Environment["written"] = { parsimony: version, numericsVersion };

/** `environment.json` of a study. */
export function renderEnvironment(study: StudyRecord, written: Environment["written"]): string {
  const { engine, provenance, resumedWith = [] } = study;
  const environment: Environment = {
    written,
    engine,
    runs: [provenance, ...resumedWith],
    texts: needsOf(study).texts.map(({ name, sha256, licence, source, found }) => ({
      ...{ name, sha256, licence, source, found },
    })),
  };
  return `${JSON.stringify(environment, null, 2)}\n`;
}

/** Which files an archive holds. */
export interface Manifest {
  readonly format: "parsimony archive 1";
  /** Name of the study. */
  readonly study: string;
  /** By their paths, in this order. */
  readonly files: { readonly [path: string]: { readonly bytes: number; readonly sha256: string } };
}

/** `manifest.json` of the files that an archive holds besides. */
export function renderManifest(
  study: string,
  files: readonly { readonly path: string; readonly bytes: number; readonly sha256: string }[],
): string {
  const manifest: Manifest = {
    format: "parsimony archive 1",
    study,
    files: Object.fromEntries(
      files.toSorted((a, b) => a.path < b.path ? -1 : 1)
        .map(({ path, bytes, sha256 }) => [path, { bytes, sha256 }]),
    ),
  };
  return `${JSON.stringify(manifest, null, 2)}\n`;
}

/** The same of files before they are packed: each is read once for it. */
export function manifestOf(study: string, files: readonly PackedFile[]): PackedFile {
  const hashed = files.map(({ path, bytes, content }) => ({
    path,
    bytes,
    sha256: sha256(content()),
  }));
  return madeFile(manifestName, renderManifest(study, hashed));
}

/** The one folder at the top of an archive: the last part of the study's name. */
export function topOf(study: string): string {
  return study.split("/").at(-1)!;
}
