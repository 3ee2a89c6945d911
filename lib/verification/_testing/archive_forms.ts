import { Buffer } from "node:buffer";
import { type Files, filesOf, placeOf, withHeader, writeFiles } from "./archived.ts";

/** How a change is found: as a problem, by training again, or by a line that is said. */
export type Finding = "problem" | "sample" | "said";

/** One change to an archive. */
export interface Change {
  readonly what: string;
  readonly found: Finding;
  /** What is said of it. */
  readonly says: RegExp;
  /** Changes the archive, or the study before the archive is written. */
  make(archive: string, study: string): Promise<unknown>;
}

/** Changes the bytes of an archive. */
const bytesOf = (change: (bytes: Uint8Array) => Uint8Array) => async (archive: string) =>
  await Deno.writeFile(archive, change(await Deno.readFile(archive)));

const joined = (...parts: Uint8Array[]): Uint8Array => Buffer.concat(parts);

/** Changes the files of an archive, which is then written anew but for its manifest. */
export const filesBy = (change: (files: Files) => Files) => async (archive: string) =>
  await writeFiles(archive, change(await filesOf(archive)));

/** Changes by what is changed. */
type Named = { readonly [what: string]: readonly [Change["make"], RegExp] };

/** Changes that are found in the same way. */
export const each = (found: Finding, changes: Named): Change[] =>
  Object.entries(changes).map(([what, [make, says]]) => ({ what, found, make, says }));

/** Path of a file of the study in the archive. */
export const inStudy = (name: string) => `small/study/${name}`;

/** Of the archive itself. */
export const forms = each("problem", {
  "a time in a header": [
    bytesOf(withHeader("small/study/report.md", 136, "15000000000")),
    /study\/report\.md" differs in its field "time"/,
  ],
  "an owner in a header": [
    bytesOf(withHeader("small/manifest.json", 265, "root")),
    /differs in its field "name of the owner"/,
  ],
  "permissions in a header": [
    bytesOf(withHeader("small/study/study.json", 100, "0000755")),
    /differs in its field "mode"/,
  ],
  "a checksum spelled otherwise": [
    bytesOf((bytes) => bytes.with(placeOf(bytes, "small/manifest.json\0") + 155, 0)),
    /differs in its field "checksum"/,
  ],
  "a file made a link": [
    bytesOf(withHeader("small/study/runs.jsonl", 156, "2/etc/passwd")),
    /is of a symbolic link, "small\/study\/runs\.jsonl", not of a file/,
  ],
  "a file renamed out of the folder": [
    bytesOf(withHeader("small/environment.json", 0, "../environment.json\0\0")),
    /has a path that leads outside.*"\.\.\/environment\.json"/,
  ],
  "a file renamed in its header": [
    bytesOf(withHeader("small/study/report.md", 0, "small/study/report.mb")),
    /study\/report\.mb is in the archive, and the manifest does not name it/,
  ],
  "a size": [
    bytesOf(withHeader("small/study/study.json", 124, "00000000001")),
    /not of the format ustar|the padding behind/,
  ],
  "a byte of padding": [
    bytesOf((bytes) => bytes.with(placeOf(bytes, "small/environment/deno.json.txt\0") - 1, 1)),
    /the padding behind "small\/environment\.json", at byte \d+, is not zero/,
  ],
  "a byte of the end": [
    bytesOf((bytes) => bytes.with(bytes.length - 1, 1)),
    /its end, at byte \d+, is not zero/,
  ],
  "bytes appended": [
    bytesOf((bytes) => joined(bytes, Uint8Array.of(80, 75))),
    /2 bytes stand behind its end/,
  ],
  "the end cut off": [
    bytesOf((bytes) => bytes.slice(0, -512)),
    /more than the archive holds behind it/,
  ],
  "half of it": [
    bytesOf((bytes) => bytes.slice(0, bytes.length >> 1)),
    /more than the archive holds behind it/,
  ],
  "two files in another order": [
    bytesOf((bytes) => {
      const [a, b, c] = ["small/environment/deno.json", "small/environment/deno.lock", "small/man"]
        .map((name) => placeOf(bytes, name));
      return joined(bytes.slice(0, a), bytes.slice(b, c), bytes.slice(a, b), bytes.slice(c));
    }),
    /stands behind .* not in the order of the paths/,
  ],
  "a file twice": [
    bytesOf((bytes) => {
      const [a, b] = ["small/environment.json", "small/environment/deno.json"]
        .map((name) => placeOf(bytes, name));
      return joined(bytes.slice(0, b), bytes.slice(a, b), bytes.slice(b));
    }),
    /has "small\/environment\.json" twice/,
  ],
  "compressed": [
    async (archive) => {
      const stream = new Blob([await Deno.readFile(archive)]).stream()
        .pipeThrough(new CompressionStream("gzip"));
      await Deno.writeFile(archive, new Uint8Array(await new Response(stream).arrayBuffer()));
    },
    /not of the format ustar/,
  ],
});
