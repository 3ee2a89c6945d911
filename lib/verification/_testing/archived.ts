import assert from "node:assert/strict";
import { sha256 } from "../../core/hash.ts";
import { renderManifest } from "../_archive_files.ts";
import { madeFile } from "../_study_files.ts";
import { readTar, tarOf } from "../_tar.ts";

/** The files of an archive by their paths, and the archive. */
export type Files = Map<string, Uint8Array>;

/** Reads an archive as it was written. */
export async function filesOf(path: string): Promise<Files> {
  const bytes = await Deno.readFile(path);
  using file = Deno.openSync(path);
  return new Map(
    readTar(file, bytes.length).map(({ path, from, bytes: size }) => [
      path,
      bytes.slice(from, from + size),
    ]),
  );
}

/** Writes an archive of some files. */
export async function writeFiles(path: string, files: Files): Promise<void> {
  const file = await Deno.open(path, { write: true, create: true, truncate: true });
  try {
    const packed = [...files].map(([path, content]) => madeFile(path, content));
    for (const piece of tarOf(packed)) {
      for (let at = 0; at < piece.length;) at += await file.write(piece.subarray(at));
    }
  } finally {
    file.close();
  }
}

/** Writes the manifest anew, as whoever wants a change to be overlooked does. */
export function withManifest(files: Files): Files {
  const top = [...files.keys()][0].split("/")[0];
  const manifest = `${top}/manifest.json`;
  const { study } = JSON.parse(new TextDecoder().decode(files.get(manifest)));
  const others = [...files].filter(([path]) => path !== manifest).map(([path, content]) => ({
    path: path.slice(top.length + 1),
    bytes: content.length,
    sha256: sha256(content),
  }));
  return new Map(files).set(manifest, new TextEncoder().encode(renderManifest(study, others)));
}

/** Changes the text of a file. */
export const edited = (path: string, change: (text: string) => string) => (files: Files): Files => {
  const text = new TextDecoder().decode(files.get(path));
  const changed = change(text);
  assert.notEqual(changed, text, path);
  return new Map(files).set(path, new TextEncoder().encode(changed));
};

/** Makes a digit another one: the first behind a text. */
export const otherDigit = (path: string, behind = "") =>
  edited(path, (text) => {
    const from = text.indexOf(behind);
    assert.ok(from >= 0, `${path} has no ${behind}`);
    const at = from + behind.length + text.slice(from + behind.length).search(/\d/);
    return `${text.slice(0, at)}${(Number(text[at]) + 1) % 10}${text.slice(at + 1)}`;
  });

/** Turns a bit of a file around, so many bytes before its end. */
export const otherBit = (path: string, fromEnd = 9) => (files: Files): Files => {
  const bytes = files.get(path)!;
  const at = bytes.length - fromEnd;
  return new Map(files).set(path, bytes.with(at, bytes[at] ^ 1));
};

/** Exchanges what two files hold. */
export const swapped = (a: string, b: string) => (files: Files): Files =>
  new Map(files).set(a, files.get(b)!).set(b, files.get(a)!);

/** Takes a file out. */
export const without = (path: string) => (files: Files): Files => {
  assert.ok(files.has(path), path);
  return new Map([...files].filter(([each]) => each !== path));
};

/** Puts a file in. */
export const withFile = (path: string, text: string) => (files: Files): Files =>
  new Map(files).set(path, new TextEncoder().encode(text));

/** Gives a file another path. */
export const renamed = (from: string, to: string) => (files: Files): Files => {
  const content = files.get(from)!;
  return new Map(without(from)(files)).set(to, content);
};

/** Place of a text in an archive. */
export function placeOf(bytes: Uint8Array, text: string): number {
  const found = new TextDecoder("latin1").decode(bytes).indexOf(text);
  assert.ok(found >= 0, text);
  return found;
}

/** Puts text into the header of a file and makes its checksum right again. */
export const withHeader = (path: string, from: number, text: string) => (bytes: Uint8Array) => {
  const name = placeOf(bytes, `${path}\0`);
  const changed = bytes.slice();
  const put = (at: number, what: string) => changed.set(new TextEncoder().encode(what), name + at);
  put(from, text);
  put(148, " ".repeat(8));
  const sum = changed.subarray(name, name + 512).reduce((total, byte) => total + byte, 0);
  put(148, `${sum.toString(8).padStart(6, "0")}\0 `);
  return changed;
};
