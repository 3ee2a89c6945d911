import { dirname, join } from "node:path";
import { show } from "../core/check.ts";
import { visibleLine } from "../core/html.ts";
import { writeFileAtomically } from "../core/files.ts";
import { checkOptions, number, passed } from "../core/options.ts";
import { projectOption, resolveInside } from "../core/project.ts";
import { isNotFound, notFound } from "../core/runtime/errors.ts";
import { readFile } from "../core/runtime/files.ts";
import { type DatasetFile, filesOf } from "./_content.ts";
import { findEntry } from "./_sources.ts";

/** How {@link fetchDataset} gets a corpus. */
export interface FetchOptions {
  /** Folder of the user's that holds its files; its address when left out. */
  readonly from?: string;
  /** Project folder; the nearest one with a deno.json by default. */
  readonly project?: string;
  /** Ends the download; nothing is written then. */
  readonly signal?: AbortSignal;
  /** Seconds without a byte after which a server is given up; 60 by default. */
  readonly idleSeconds?: number;
}

/** A file that has been fetched. */
export interface FetchedFile {
  /** Project-relative path. */
  readonly path: string;
  /** Where its bytes came from; null when the right file was there already. */
  readonly from: string | null;
}

/** What nobody has told the size of is given up behind this. */
const largestBytes = 256 * 1024 * 1024;

/**
 * Fetches the files of a corpus of the catalogue into the project, from their address or from a
 * folder. A file is written (beside, synced, renamed) only when all of it is there and it is the one
 * that the catalogue describes: by its SHA-256, or by its published counts.
 *
 * @param name Name in the catalogue.
 * @param options See {@link FetchOptions}.
 * @returns Its files; none of a corpus in a package, which needs no fetching.
 * @throws {Error} If a file cannot be had, the connection ends too early, or it is another file.
 * @throws {RangeError} If there is no such corpus, or it has no address and no folder is given.
 */
export async function fetchDataset(
  name: string,
  options: FetchOptions = {},
): Promise<FetchedFile[]> {
  const { from, project, signal, idleSeconds } = checkOptions("fetchDataset", options, {
    from: passed<string | undefined>(),
    project: projectOption,
    signal: passed<AbortSignal | undefined>(),
    idleSeconds: number({ above: 0 }, 60),
  });
  const entry = findEntry("fetchDataset", name, "", project);
  const fetched: FetchedFile[] = [];
  for (const file of filesOf(entry)) {
    const target = resolveInside(project, file.path);
    const present = await readIfThere(target);
    if (present !== null && isRight(file, present)) {
      fetched.push({ path: file.path, from: null });
      continue;
    }
    const source = from === undefined
      ? await download(name, file, idleSeconds, signal)
      : await readFrom(name, file, from);
    const found = file.differences(source.content);
    if (found.length > 0) {
      throw new Error(
        `Cannot take ${visibleLine(source.from)} as ${visibleLine(file.path)} of ${show(name)}: ${
          found.join("; ")
        }. Nothing ` +
          `was written.`,
      );
    }
    await writeFileAtomically(target, source.content);
    fetched.push({ path: file.path, from: source.from });
  }
  return fetched;
}

function isRight(file: DatasetFile, content: Uint8Array): boolean {
  try {
    return file.differences(content).length === 0;
  } catch {
    return false;
  }
}

async function readIfThere(path: string): Promise<Uint8Array | null> {
  try {
    return await readFile(path);
  } catch (error) {
    if (isNotFound(error)) return null;
    throw error;
  }
}

async function readFrom(name: string, { names }: DatasetFile, folder: string) {
  for (const each of names) {
    const from = join(folder, each);
    const content = await readIfThere(from);
    if (content !== null) return { from, content };
  }
  throw notFound(
    `Cannot fetch ${show(name)}: ${visibleLine(folder)} has no file named ${
      visibleLine(names.join(" or "))
    }.`,
  );
}

async function download(
  name: string,
  { url, names, path, bytes }: DatasetFile,
  idleSeconds: number,
  signal?: AbortSignal,
) {
  if (url === undefined) {
    throw new RangeError(
      `Cannot fetch ${
        show(name)
      }: the catalogue has no address for it. Give the folder with your ` +
        `${visibleLine(names.join(" or "))}: datasets fetch ${name} --from FOLDER (or put it to ` +
        `${visibleLine(dirname(path))}/ yourself).`,
    );
  }
  return { from: url, content: await downloadBytes(url, { bytes, idleSeconds, signal }) };
}

/**
 * Downloads a file whole.
 *
 * @param url Address; redirections are followed.
 * @param options.bytes Bytes that it has, or null when that is not known.
 * @param options.idleSeconds Seconds without a byte after which the server is given up.
 * @param options.signal Ends the download.
 * @throws {Error} If the server does not give the file, or the connection ends before its end.
 */
export async function downloadBytes(
  url: string,
  options: {
    readonly bytes: number | null;
    readonly idleSeconds: number;
    readonly signal?: AbortSignal;
  },
): Promise<Uint8Array> {
  const { bytes, idleSeconds, signal } = options;
  const idle = new AbortController();
  const wait = () =>
    setTimeout(
      () => idle.abort(new Error(`the server sent nothing for ${idleSeconds} seconds`)),
      idleSeconds * 1000,
    );
  let timer = wait();
  const chunks: Uint8Array[] = [];
  let received = 0;
  try {
    const response = await fetch(url, {
      signal: signal === undefined ? idle.signal : AbortSignal.any([signal, idle.signal]),
    });
    if (!response.ok || response.body === null) {
      await response.body?.cancel();
      throw new Error(`the server answered ${response.status} ${response.statusText}`.trim());
    }
    for await (const chunk of response.body) {
      clearTimeout(timer);
      timer = wait();
      chunks.push(chunk);
      received += chunk.length;
      if (received > (bytes ?? largestBytes)) {
        throw new Error(`it is longer than the ${bytes ?? largestBytes} bytes that it may have`);
      }
    }
  } catch (error) {
    throw new Error(
      `Cannot fetch ${visibleLine(url)}: ${(error as Error).message} (after ${received} bytes` +
        `${
          bytes === null ? "" : ` of ${bytes}`
        }). Nothing was written; the same command tries again.`,
      { cause: error },
    );
  } finally {
    clearTimeout(timer);
  }
  const content = new Uint8Array(received);
  let start = 0;
  for (const chunk of chunks) {
    content.set(chunk, start);
    start += chunk.length;
  }
  return content;
}
