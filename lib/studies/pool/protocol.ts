import type { CurvePoint, RunRecord } from "../../records/run_record.ts";
import type { RunRequest } from "../../training/run_request.ts";

/** What the pool tells a child, one JSON line each on its stdin; the end of stdin ends the child. */
export type ToChild =
  /** First of all: which module trains, and the mark of the child's own lines. */
  | { readonly type: "start"; readonly executor: string | null; readonly mark: string }
  | { readonly type: "run"; readonly request: RunRequest }
  /** The run is to have another number of threads. */
  | { readonly type: "threads"; readonly threads: number }
  | { readonly type: "cancel" };

/** What the Worker of a child gets: the same, with cancellation and threads by shared memory. */
export type ToTrainer =
  | { readonly type: "start"; readonly executor: string | null; readonly wishes: Int32Array }
  | Extract<ToChild, { type: "run" }>;

/** Places among the wishes of a pool: 1 where the run is to end, and the threads that it is to have. */
export const cancelledAt = 0;
/** See {@link cancelledAt}. */
export const threadsAt = 1;

/** What a child tells the pool. */
export type FromChild =
  | { readonly type: "ready" }
  /** The module that trains could not be loaded. */
  | { readonly type: "unusable"; readonly message: string }
  | {
    readonly type: "progress";
    readonly id: string;
    readonly step: number;
    readonly steps: number;
    readonly latest: CurvePoint | null;
    /** Memory that the process has, bytes. */
    readonly resident: number;
  }
  | {
    readonly type: "done";
    readonly id: string;
    readonly record: RunRecord;
    readonly resident: number;
  }
  | {
    readonly type: "threw";
    readonly id: string | null;
    readonly message: string;
    /** Whether what is outside of the run is to blame: see `OutsideTrouble`. */
    readonly outside?: true;
  }
  | { readonly type: "cancelled"; readonly id: string };

/**
 * A line of a child. Whatever else lies on stdout was printed by a user's code: the mark is random,
 * and the line feed in front ends a line that such code left open.
 */
export function frame(mark: string, message: FromChild): string {
  return `\n${mark}${JSON.stringify(message)}\n`;
}

/** The message of a line, or null when the line is not the child's own. */
export function unframe(mark: string, line: string): FromChild | null {
  return line.startsWith(mark) ? JSON.parse(line.slice(mark.length)) : null;
}

/** Splits a stream of bytes into lines, without their line feeds; a rest without one is a line. */
export async function* readLines(
  stream: ReadableStream<Uint8Array>,
  longest = 256 * 1024 * 1024,
): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let pieces: string[] = [];
  let length = 0;
  for await (const chunk of stream) {
    let text = decoder.decode(chunk, { stream: true });
    for (let end; (end = text.indexOf("\n")) !== -1; text = text.slice(end + 1)) {
      yield pieces.join("") + text.slice(0, end);
      pieces = [];
      length = 0;
    }
    pieces.push(text);
    length += text.length;
    if (length > longest) throw new RangeError(`A line is longer than ${longest} characters.`);
  }
  const rest = pieces.join("") + decoder.decode();
  if (rest !== "") yield rest;
}
