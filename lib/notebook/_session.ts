import { randomUUID } from "node:crypto";
import {
  decodeMessage,
  encodeMessage,
  type KernelOutput,
  type Message,
  outputOf,
} from "./_wire.ts";
import { connectZmtp, type ZmtpSocket } from "./_zmtp.ts";

/** A channel of the Jupyter protocol that we use. */
export type Channel = "shell" | "control" | "iopub" | "stdin";

/** A request and how one knows that its answer is complete. */
export interface Request {
  /** Where it is sent; `shell` when left out. */
  readonly channel?: "shell" | "control";
  readonly type: string;
  readonly content: Record<string, unknown>;
  /** Takes each message that answers it, outputs apart; true when the answer is complete. */
  take(message: Message, channel: Channel): boolean;
  readonly limit?: { readonly milliseconds: number; readonly error: Error };
}

/** Our side of the channels of one kernel. */
export interface Session {
  connect(channel: Channel, type: "DEALER" | "SUB", port: number): Promise<void>;
  /** Sends a request and waits until its answer is complete. */
  request(request: Request): Promise<void>;
  /** Sends a request that needs no answer; false when that channel is not connected. */
  send(channel: Channel, type: string, content: Record<string, unknown>): Promise<boolean>;
  /** Ends all requests, and all later ones, with an error. */
  fail(error: Error): void;
  /** Throws the error of `fail`. */
  check(): void;
  close(): Promise<void>;
}

/** What a session does with messages that answer no request of its own. */
export interface SessionHandlers {
  /** Called with each output, of whatever request. */
  onOutput(output: KernelOutput): void;
  /** Called when the kernel asks its user for a line. */
  onInputRequest?(content: Record<string, unknown>): void;
}

/**
 * Makes a session without connections.
 *
 * @param key Key that signs messages.
 */
export function createSession(
  key: string,
  { onOutput, onInputRequest }: SessionHandlers,
): Session {
  const session = randomUUID();
  const pending = new Map<string, Pick<Request, "take"> & PromiseWithResolvers<void>>();
  const sockets = new Map<Channel, ZmtpSocket>();
  const listeners: Promise<void>[] = [];
  let failure: Error | null = null;

  function fail(error: Error) {
    failure ??= error;
    for (const { reject } of pending.values()) reject(error);
    pending.clear();
  }

  function check() {
    if (failure) throw failure;
  }

  async function listen(channel: Channel, socket: ZmtpSocket) {
    try {
      for (let frames = await socket.receive(); frames; frames = await socket.receive()) {
        const message = decodeMessage(key, frames);
        const output = channel === "iopub" ? outputOf(message) : null;
        if (output) onOutput(output);
        else if (channel === "stdin") onInputRequest?.(message.content);
        else {
          const request = pending.get(message.parent ?? "");
          if (request?.take(message, channel)) request.resolve();
        }
      }
    } catch (error) {
      fail(error as Error);
    }
  }

  return {
    fail,
    check,

    async connect(channel, type, port) {
      // A kernel asks for a line on the connection that has the identity of the request's own.
      const socket = await connectZmtp(port, type, type === "DEALER" ? session : "");
      sockets.set(channel, socket);
      listeners.push(listen(channel, socket));
    },

    async request({ channel = "shell", type, content, take, limit }) {
      check();
      const { id, frames } = encodeMessage({ key, session, type, content });
      const waiting = Promise.withResolvers<void>();
      pending.set(id, { ...waiting, take });
      const timer = limit && setTimeout(() => waiting.reject(limit.error), limit.milliseconds);
      try {
        // A send fails when the process has just ended: `fail` is then called with a better error.
        sockets.get(channel)!.send(frames).catch(() => {});
        await waiting.promise;
      } finally {
        clearTimeout(timer);
        pending.delete(id);
      }
    },

    async send(channel, type, content) {
      const socket = sockets.get(channel);
      if (!socket) return false;
      const { frames } = encodeMessage({ key, session, type, content });
      return await socket.send(frames).then(() => true, () => false);
    },

    async close() {
      for (const socket of sockets.values()) socket.close();
      await Promise.all(listeners);
    },
  };
}
