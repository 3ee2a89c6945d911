/**
 * Files and folders, as this runtime reads and writes them.
 *
 * Errors are the system's, with its message and `code`; errors.ts tells which is which.
 *
 * @module
 */

/** What the file system says of a path. */
export interface FileState {
  readonly isFile: boolean;
  readonly isDirectory: boolean;
  readonly isSymlink: boolean;
  readonly size: number;
  /** Time of the last change; null where the system keeps none. */
  readonly mtime: Date | null;
  /** Time of its making; null where the system keeps none. */
  readonly birthtime: Date | null;
  /** The device, and the file's number on it; null on Windows. */
  readonly dev: number;
  readonly ino: number | null;
}

/** A name in a folder. */
export interface FolderEntry {
  readonly name: string;
  readonly isFile: boolean;
  readonly isDirectory: boolean;
  readonly isSymlink: boolean;
}

/** What an open file is for, and what becomes of a missing one. */
export interface OpenOptions {
  readonly read?: boolean;
  readonly write?: boolean;
  readonly append?: boolean;
  /** Makes it when it is missing. */
  readonly create?: boolean;
  /** Makes it, and fails when something is there. */
  readonly createNew?: boolean;
}

/** An open file. */
export interface OpenFile extends Disposable {
  write(bytes: Uint8Array): Promise<number>;
  writeSync(bytes: Uint8Array): number;
  /** Cuts it, or fills it up with zeros, to so many bytes. */
  truncateSync(length: number): void;
  statSync(): FileState;
  /** Returns when the disk has all that was written. */
  sync(): Promise<void>;
  syncSync(): void;
  /** The same of the content alone. */
  syncDataSync(): void;
  /** Waits for the lock of the file, which ends with the process. */
  lockSync(exclusive: boolean): void;
  /** Takes the lock if nobody has it. */
  tryLockSync(exclusive: boolean): boolean;
  unlockSync(): void;
  close(): void;
}

/** Bytes of a file. */
export function readFile(path: string): Promise<Uint8Array<ArrayBuffer>> {
  return Deno.readFile(path);
}

/** The same, at once. */
export function readFileSync(path: string): Uint8Array<ArrayBuffer> {
  return Deno.readFileSync(path);
}

/** Text of a file, from UTF-8. */
export function readTextFile(path: string): Promise<string> {
  return Deno.readTextFile(path);
}

/** The same, at once. */
export function readTextFileSync(path: string): string {
  return Deno.readTextFileSync(path);
}

/** Writes bytes in the place of what a file holds; made when missing. */
export function writeFile(
  path: string,
  bytes: Uint8Array,
  options: { readonly createNew?: boolean } = {},
): Promise<void> {
  return Deno.writeFile(path, bytes, options);
}

/** The same with text, as UTF-8. */
export function writeTextFile(path: string, text: string): Promise<void> {
  return Deno.writeTextFile(path, text);
}

/** Writes text into a file that its owner alone may read. */
export function writeSecretSync(path: string, text: string): void {
  Deno.writeTextFileSync(path, text, { mode: 0o600 });
}

/** Opens a file, for reading alone by default. */
export function openFile(
  path: string,
  options: OpenOptions = { read: true },
): Promise<OpenFile> {
  return Deno.open(path, options);
}

/** The same, at once. */
export function openFileSync(path: string, options: OpenOptions = { read: true }): OpenFile {
  return Deno.openSync(path, options);
}

/** Writes all bytes, however many the system takes at once. */
export function writeWholeSync(file: Pick<OpenFile, "writeSync">, bytes: Uint8Array): void {
  for (let written = 0; written < bytes.length;) written += file.writeSync(bytes.subarray(written));
}

/** Bytes of an open file from a place on: so many, or all that there are. */
export function readAtSync(file: OpenFile, from: number, most: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(most);
  return bytes.subarray(0, readIntoSync(file, from, bytes));
}

/** The same into bytes that are there; says how many it read. */
export function readIntoSync(file: OpenFile, from: number, bytes: Uint8Array): number {
  const opened = file as Deno.FsFile;
  opened.seekSync(from, Deno.SeekMode.Start);
  let length = 0;
  for (let more; (more = opened.readSync(bytes.subarray(length))) !== null && more > 0;) {
    length += more;
  }
  return length;
}

/** Makes a folder and those above it, where they are missing. */
export function makeFolder(path: string): Promise<void> {
  return Deno.mkdir(path, { recursive: true });
}

/** The same, at once. */
export function makeFolderSync(path: string): void {
  Deno.mkdirSync(path, { recursive: true });
}

/** Makes a folder of a name that is not taken, in `dir` or the system's place, and gives its path. */
export function makeTemporaryFolder(
  options: { readonly dir?: string; readonly prefix?: string },
): Promise<string> {
  return Deno.makeTempDir(options);
}

/** Names in a folder. */
export function readFolder(path: string): AsyncIterable<FolderEntry> {
  return Deno.readDir(path);
}

/** The same, at once. */
export function readFolderSync(path: string): FolderEntry[] {
  return [...Deno.readDirSync(path)];
}

/** Removes a file, a link or a folder: an empty one, or with all that it holds. */
export function remove(
  path: string,
  options: { readonly recursive?: boolean } = {},
): Promise<void> {
  return Deno.remove(path, options);
}

/** Removes a file or a link, at once. */
export function removeSync(path: string): void {
  Deno.removeSync(path);
}

/** Gives a file or folder another path, in the place of a file that is there. */
export function rename(from: string, to: string): Promise<void> {
  return Deno.rename(from, to);
}

/** The same, at once. */
export function renameSync(from: string, to: string): void {
  Deno.renameSync(from, to);
}

/** The path without links. */
export function realPathSync(path: string): string {
  return Deno.realPathSync(path);
}

/** What is there; of a link, what it leads to. */
export function stat(path: string): Promise<FileState> {
  return Deno.stat(path);
}

/** The same, at once. */
export function statSync(path: string): FileState {
  return Deno.statSync(path);
}

/** What is there, a link being a link. */
export function lstat(path: string): Promise<FileState> {
  return Deno.lstat(path);
}

/** The same, at once. */
export function lstatSync(path: string): FileState {
  return Deno.lstatSync(path);
}

/** Whether there is a file, as far as this process may see it. */
export function hasFile(path: string): Promise<boolean> {
  return Deno.stat(path).then(({ isFile }) => isFile, () => false);
}
