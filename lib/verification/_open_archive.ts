import { basename } from "node:path";
import { show } from "../core/check.ts";
import { sha256OfFile } from "../core/file_hash.ts";
import { sha256 } from "../core/hash.ts";
import { parseJson } from "../core/parse_json.ts";
import { type OpenFile, readAtSync } from "../core/runtime/files.ts";
import { counted } from "../statistics/format.ts";
import { checkStudyName } from "../studies/storage/folder.ts";
import { type Manifest, manifestName, renderManifest, studyPart, topOf } from "./_archive_files.ts";
import type { Findings } from "./_findings.ts";
import { type ArchivedFile, readTar } from "./_tar.ts";

/** An archive whose form is right, so that it may be unpacked. */
export interface OpenArchive {
  /** Name of the study, by its manifest. */
  readonly study: string;
  /** Paths below its top folder. */
  readonly paths: readonly string[];
  /** Bytes of one of them; null where there is no such file. */
  content(path: string): Uint8Array<ArrayBuffer> | null;
}

/**
 * Looks at the form of an archive and at its manifest. Nothing is written.
 *
 * @param path Path of the file, for words.
 * @returns The archive; nothing where it must not be unpacked.
 */
export function openArchive(
  { add }: Findings,
  path: string,
  file: OpenFile,
): OpenArchive | undefined {
  const { size } = file.statSync();
  const what = (files: string) =>
    `${basename(path)}: ${files}${size} bytes, SHA-256 ${sha256OfFile(path)}`;
  let found: { files: Map<string, ArchivedFile>; study: string; top: string };
  const read = ({ from, bytes }: ArchivedFile) => readAtSync(file, from, bytes);
  try {
    found = layoutOf(readTar(file, size), read);
  } catch (error) {
    if (!(error instanceof RangeError) && !(error instanceof SyntaxError)) throw error;
    add(what(""), [
      `${
        error.message.replace(/\.$/, "")
      }. It is not an archive as writeArchive writes it, and nothing of it was unpacked`,
    ]);
    return;
  }
  const { files, study, top } = found;
  const due = topOf(study);
  add(
    what(`${counted(files.size, "file")}, `),
    top === due ? [] : [`its folder is ${show(top)}, that of its study is ${show(due)}`],
  );
  const content = (path: string) => {
    const one = files.get(path);
    return one === undefined ? null : read(one);
  };
  const { compared, problems } = manifestProblems(study, files, content);
  add(`${manifestName}: SHA-256 of ${counted(compared, "file")}`, problems);
  return { study, paths: [...files.keys()], content };
}

/** The files below the top folder, and which study they say they are. */
function layoutOf(
  archived: readonly ArchivedFile[],
  read: (file: ArchivedFile) => Uint8Array,
): { files: Map<string, ArchivedFile>; study: string; top: string } {
  const tops = [...new Set(archived.map(({ path }) => path.split("/")[0]))];
  if (tops.length !== 1) {
    throw new RangeError(`it must have one folder at its top, found ${show(tops)}`);
  }
  const [top] = tops;
  const files = new Map(archived.map((file) => [file.path.slice(top.length + 1), file]));
  for (const path of files.keys()) {
    if (!path.startsWith(studyPart) && !/^(?:manifest|environment)(?:\.json$|\/)/.test(path)) {
      throw new RangeError(`it has ${show(`${top}/${path}`)}, which no archive has`);
    }
  }
  const manifest = files.get(manifestName);
  if (manifest === undefined || !files.has(`${studyPart}study.json`)) {
    throw new RangeError(`it has no ${manifestName}, or no ${studyPart}study.json`);
  }
  const { study } = parseManifest(read(manifest));
  checkStudyName(study);
  return { files, study, top };
}

function parseManifest(bytes: Uint8Array): Partial<Manifest> {
  const manifest = parseJson(new TextDecoder().decode(bytes), manifestName);
  if (manifest === null || typeof manifest !== "object" || Array.isArray(manifest)) {
    throw new RangeError(`${manifestName} must be an object, found ${show(manifest)}`);
  }
  return manifest as Partial<Manifest>;
}

/** What the manifest says of the files, and does not hold. */
function manifestProblems(
  study: string,
  files: ReadonlyMap<string, ArchivedFile>,
  content: (path: string) => Uint8Array | null,
): { readonly compared: number; readonly problems: string[] } {
  const found = [...files].filter(([path]) => path !== manifestName).map(([path, { bytes }]) => ({
    path,
    bytes,
    sha256: sha256(content(path)!),
  }));
  const stored = content(manifestName)!;
  const due = renderManifest(study, found);
  if (new TextDecoder("utf-8", { ignoreBOM: true }).decode(stored) === due) {
    return { compared: found.length, problems: [] };
  }
  const named = new Map(Object.entries(parseManifest(stored).files ?? {}));
  const problems = found.flatMap(({ path, bytes, sha256 }) => {
    const said = named.get(path);
    if (said === undefined) return [`${path} is in the archive, and the manifest does not name it`];
    return said?.sha256 === sha256 && said?.bytes === bytes ? [] : [
      `${path} has ${bytes} bytes with SHA-256 ${sha256}, the manifest says ${
        show(said?.bytes)
      } with ` +
      `${show(said?.sha256)}`,
    ];
  });
  for (const path of named.keys()) {
    if (!files.has(path)) problems.push(`${show(path)} is in the manifest, and not in the archive`);
  }
  if (problems.length === 0) problems.push("it is not as the library writes it");
  return { compared: found.length, problems };
}
