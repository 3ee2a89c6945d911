import { createHmac, randomUUID, timingSafeEqual } from "node:crypto";

// The Jupyter wire protocol 5.3 (jupyter-client.readthedocs.io, "Messaging in Jupyter").

const delimiter = "<IDS|MSG>";

export interface Message {
  readonly type: string;
  /** Header as it came, which answers name as their parent. */
  readonly header: Record<string, unknown>;
  /** msg_id of the request that this message answers, or null. */
  readonly parent: string | null;
  readonly metadata: Record<string, unknown>;
  readonly content: Record<string, unknown>;
  readonly buffers: readonly Uint8Array[];
}

/** One output message of a kernel: its protocol type (`stream`, `display_data` …) and content. */
export interface KernelOutput {
  readonly type: string;
  readonly content: Record<string, unknown>;
  readonly buffers: readonly Uint8Array[];
}

/** A message of iopub as an output, or null when it only tells how a request goes. */
export function outputOf({ type, content, buffers }: Message): KernelOutput | null {
  return type === "status" || type === "execute_input" ? null : { type, content, buffers };
}

/** Whether the kernel says that it has done what the request asked. */
export function isIdle(message: Message): boolean {
  return message.type === "status" && message.content.execution_state === "idle";
}

/** What a message is made of; its header gets an id and the time. */
export interface MessageParts {
  readonly key: string;
  readonly session: string;
  readonly type: string;
  readonly content: Record<string, unknown>;
  /** Header of the request that is answered. */
  readonly parent?: Record<string, unknown>;
  readonly buffers?: readonly Uint8Array[];
}

/** Frames of one message, signed with the connection's key. */
export function encodeMessage(
  { key, session, type, content, parent = {}, buffers = [] }: MessageParts,
): { id: string; frames: (string | Uint8Array)[] } {
  const id = randomUUID();
  const header = {
    msg_id: id,
    session,
    username: "parsimony",
    date: new Date().toISOString(),
    msg_type: type,
    version: "5.3",
  };
  const parts = [header, parent, {}, content].map((part) => JSON.stringify(part));
  return { id, frames: [delimiter, sign(key, parts), ...parts, ...buffers] };
}

/**
 * Reads the frames of a message and checks its signature.
 *
 * @throws {Error} If the frames are no signed message of this connection.
 */
export function decodeMessage(key: string, frames: readonly Uint8Array[]): Message {
  const start = frames.findIndex((frame) => decoder.decode(frame) === delimiter);
  if (start < 0 || frames.length < start + 6) {
    throw new Error("A Jupyter message has no delimiter.");
  }
  const parts = frames.slice(start + 2, start + 6);
  const found = decoder.decode(frames[start + 1]);
  const expected = sign(key, parts);
  if (
    found.length !== expected.length ||
    !timingSafeEqual(encoder.encode(found), encoder.encode(expected))
  ) throw new Error("A Jupyter message has a wrong signature.");
  const [header, parent, metadata, content] = parts.map((part) => JSON.parse(decoder.decode(part)));
  return {
    type: header.msg_type,
    header,
    parent: parent.msg_id ?? null,
    metadata,
    content,
    buffers: frames.slice(start + 6),
  };
}

function sign(key: string, parts: readonly (string | Uint8Array)[]): string {
  // An empty key means that messages are not signed.
  if (key === "") return "";
  const hmac = createHmac("sha256", key);
  for (const part of parts) hmac.update(part);
  return hmac.digest("hex");
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();
