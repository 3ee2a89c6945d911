// Reading one side of a ZMTP connection: bytes, frames and messages, also from Deno's kernel, which
// writes one message into the middle of another.

import type { Connection } from "../core/runtime/connections.ts";
import { isConnectionEnd } from "../core/runtime/errors.ts";

/** Bits of a frame's first byte. */
export const frameFlags = { more: 1, long: 2, command: 4 } as const;

/**
 * How every message of Deno's iopub begins: a short frame with more behind it that says where the
 * identities end, of which it has none. JSON has no byte 1, so it is nowhere in another's text.
 */
const beginning = new TextEncoder().encode("\x01\x09<IDS|MSG>");
const delimiter = beginning.subarray(2);

/** Frames of text behind that delimiter: signature and four of JSON; binary buffers follow. */
const textFrames = 5;

/** What arrives on a connection, in order. */
export interface Incoming {
  /** Exactly so many bytes, or null at the end of the connection. */
  read(count: number): Promise<Uint8Array | null>;
  /** One frame, or null at the end of the connection. */
  frame(): Promise<{ flags: number; content: Uint8Array } | null>;
  /** The next message's frames without commands, or null at the end of the connection. */
  message(): Promise<Uint8Array[] | null>;
}

/**
 * Reads from a connection.
 *
 * @param options.insertions Whether another message may stand in the middle of a message: what Deno
 * 2.9.6 does on iopub when a message is longer than the connection takes at once, since it writes
 * the rest later, and `idle` in between. Each is then taken out and given before the other.
 */
export function incoming(
  connection: Pick<Connection, "read">,
  { insertions = false } = {},
): Incoming {
  const buffer = new Uint8Array(65536);
  let start = 0;
  let end = 0;
  const complete: Uint8Array[][] = [];

  /** Makes sure that so many bytes wait in the buffer; false at the end of the connection. */
  async function wait(count: number): Promise<boolean> {
    while (end - start < count) {
      buffer.copyWithin(0, start, end);
      [start, end] = [0, end - start];
      const received = await connection.read(buffer.subarray(end)).catch((error) => {
        if (isConnectionEnd(error)) return null;
        throw error;
      });
      if (received === null) return false;
      end += received;
    }
    return true;
  }

  /** Whether a message begins here; waits for no byte more than it needs to see that. */
  async function begins(): Promise<boolean> {
    for (const [index, byte] of beginning.entries()) {
      if (!await wait(index + 1) || buffer[start + index] !== byte) return false;
    }
    return true;
  }

  async function read(count: number, inside = false): Promise<Uint8Array | null> {
    const result = new Uint8Array(count);
    for (let filled = 0; filled < count;) {
      if (!await wait(1)) return null;
      if (inside && buffer[start] === beginning[0] && await begins()) {
        if (!await readMessage()) return null;
        continue;
      }
      let stop = Math.min(end, start + count - filled);
      if (inside) {
        const next = buffer.subarray(start + 1, stop).indexOf(beginning[0]);
        if (next >= 0) stop = start + 1 + next;
      }
      result.set(buffer.subarray(start, stop), filled);
      filled += stop - start;
      start = stop;
    }
    return result;
  }

  async function frame(inside = false) {
    const head = await read(1, inside);
    if (head === null) return null;
    const [flags] = head;
    const size = await read(flags & frameFlags.long ? 8 : 1, inside);
    if (size === null) return null;
    const length = flags & frameFlags.long
      ? Number(new DataView(size.buffer).getBigUint64(0))
      : size[0];
    const content = await read(length, inside);
    return content === null ? null : { flags, content };
  }

  /** Reads a message to its end, those within it first; false at the end of the connection. */
  async function readMessage(): Promise<boolean> {
    const frames: Uint8Array[] = [];
    let textLeft = 0;
    for (;;) {
      const next = await frame(insertions && textLeft > 0);
      if (next === null) return false;
      const { flags, content } = next;
      if (flags & frameFlags.command) continue;
      frames.push(content);
      if (textLeft > 0) textLeft--;
      else if (isDelimiter(content)) textLeft = textFrames;
      if (!(flags & frameFlags.more)) {
        complete.push(frames);
        return true;
      }
    }
  }

  return {
    read: (count) => read(count),
    frame: () => frame(),
    async message() {
      if (complete.length === 0) await readMessage();
      return complete.shift() ?? null;
    },
  };
}

function isDelimiter(content: Uint8Array): boolean {
  return content.length === delimiter.length &&
    content.every((byte, index) => byte === delimiter[index]);
}
