import { createHmac, randomUUID, timingSafeEqual } from "node:crypto";

// The Jupyter wire protocol 5.3 (jupyter-client.readthedocs.io, "Messaging in Jupyter").

const delimiter = "<IDS|MSG>";

export interface Message {
  readonly type: string;
  /** msg_id of the request that this message answers, or null. */
  readonly parent: string | null;
  readonly metadata: Record<string, unknown>;
  readonly content: Record<string, unknown>;
}

/** One output message of a kernel: its protocol type and content. */
export interface KernelOutput {
  readonly type:
    | "stream"
    | "display_data"
    | "update_display_data"
    | "execute_result"
    | "clear_output"
    | "error";
  readonly content: Record<string, unknown>;
}

const outputTypes: ReadonlySet<string> = new Set<KernelOutput["type"]>([
  "stream",
  "display_data",
  "update_display_data",
  "execute_result",
  "clear_output",
  "error",
]);

/** The message as an output, or null when it is none. */
export function outputOf(message: Message): KernelOutput | null {
  if (!outputTypes.has(message.type)) return null;
  return { type: message.type as KernelOutput["type"], content: message.content };
}

/** Whether the kernel says that it has done what the request asked. */
export function isIdle(message: Message): boolean {
  return message.type === "status" && message.content.execution_state === "idle";
}

/** Frames of one request, signed with the connection's key. */
export function encodeRequest(
  { key, session, type, content }: {
    key: string;
    session: string;
    type: string;
    content: Record<string, unknown>;
  },
): { id: string; frames: string[] } {
  const id = randomUUID();
  const header = {
    msg_id: id,
    session,
    username: "parsimony",
    date: new Date().toISOString(),
    msg_type: type,
    version: "5.3",
  };
  const parts = [header, {}, {}, content].map((part) => JSON.stringify(part));
  return { id, frames: [delimiter, sign(key, parts), ...parts] };
}

/**
 * Reads the frames of a message and checks its signature.
 *
 * @throws {Error} If the frames are no signed message of this connection.
 */
export function decodeMessage(key: string, frames: readonly Uint8Array[]): Message {
  const start = frames.findIndex((frame) => decoder.decode(frame) === delimiter);
  if (start < 0 || frames.length < start + 6) throw new Error("A kernel message has no delimiter.");
  const parts = frames.slice(start + 2, start + 6);
  const found = decoder.decode(frames[start + 1]);
  const expected = sign(key, parts);
  if (
    found.length !== expected.length ||
    !timingSafeEqual(encoder.encode(found), encoder.encode(expected))
  ) throw new Error("A kernel message has a wrong signature.");
  const [header, parent, metadata, content] = parts.map((part) => JSON.parse(decoder.decode(part)));
  return { type: header.msg_type, parent: parent.msg_id ?? null, metadata, content };
}

function sign(key: string, parts: readonly (string | Uint8Array)[]): string {
  const hmac = createHmac("sha256", key);
  for (const part of parts) hmac.update(part);
  return hmac.digest("hex");
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();
