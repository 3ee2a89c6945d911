import { show } from "../core/check.ts";
import { randomUUID } from "node:crypto";
import { decodeMessage, encodeMessage, type Message } from "./_wire.ts";
import { listenZmtp, type ZmtpSocket } from "./_zmtp.ts";

/** A file in which a Jupyter client says where a kernel shall listen. */
export interface ConnectionFile {
  readonly transport: string;
  readonly ip: string;
  readonly shell_port: number;
  readonly iopub_port: number;
  readonly stdin_port: number;
  readonly control_port: number;
  readonly hb_port: number;
  readonly key: string;
}

/** A request of a client. */
export interface ClientRequest extends Message {
  readonly channel: "shell" | "control";
  /** The connection that it came by, where its reply goes. */
  readonly socket: ZmtpSocket;
}

/** A kernel's side of the channels, open to several clients. */
export interface Frontend {
  /** Answers a request. */
  reply(request: ClientRequest, type: string, content: Record<string, unknown>): void;
  /** Sends something to all clients on iopub, as part of what a request asked for. */
  publish(
    type: string,
    content: Record<string, unknown>,
    parent?: ClientRequest,
    buffers?: readonly Uint8Array[],
  ): void;
  /** Asks the client of a request for a line. */
  ask(request: ClientRequest, content: Record<string, unknown>): Promise<string>;
  close(): void;
}

/**
 * Listens where a connection file says, on this machine only.
 *
 * @throws {RangeError} If the file asks for something else than TCP.
 */
export function openFrontend(
  connection: ConnectionFile,
  onRequest: (request: ClientRequest) => void,
): Frontend {
  if (connection.transport !== "tcp") {
    throw new RangeError(
      `The connection file asks for transport ${show(connection.transport)}; ` +
        `only "tcp" is possible.`,
    );
  }
  const { key, ip } = connection;
  const session = randomUUID();
  const listening = new Set<ZmtpSocket>();
  const asked = new Map<string, ZmtpSocket>();
  const answers = new Map<string, (value: string) => void>();
  const encode = (type: string, content: Record<string, unknown>, request?: Message) =>
    encodeMessage({ key, session, type, content, parent: request?.header });

  /** Hands over each message of a connection that is signed with the key; no other counts. */
  async function receive(socket: ZmtpSocket, take: (message: Message) => void) {
    for (let frames = await socket.receive(); frames; frames = await socket.receive()) {
      let message;
      try {
        message = decodeMessage(key, frames);
      } catch {
        continue;
      }
      take(message);
    }
  }

  const requests = (channel: ClientRequest["channel"]) => (socket: ZmtpSocket) =>
    void receive(socket, (message) => onRequest({ ...message, channel, socket }));

  const ends = [
    listenZmtp(ip, connection.shell_port, "ROUTER", requests("shell")),
    listenZmtp(ip, connection.control_port, "ROUTER", requests("control")),
    listenZmtp(ip, connection.stdin_port, "ROUTER", (socket) => {
      asked.set(socket.identity, socket);
      void receive(socket, ({ type, content }) => {
        if (type === "input_reply") answers.get(socket.identity)?.(String(content.value ?? ""));
      });
    }),
    listenZmtp(ip, connection.iopub_port, "PUB", async (socket) => {
      listening.add(socket);
      // What it subscribes to does not matter: it leaves out itself what it does not want.
      while (await socket.receive() !== null);
      listening.delete(socket);
    }),
    listenZmtp(ip, connection.hb_port, "REP", async (socket) => {
      for (let beat = await socket.receive(); beat; beat = await socket.receive()) {
        await socket.send(beat).catch(() => {});
      }
    }),
  ];

  return {
    reply(request, type, content) {
      // A client that has hung up misses its reply.
      request.socket.send(encode(type, content, request).frames).catch(() => {});
    },
    publish(type, content, parent, buffers = []) {
      const { frames } = encodeMessage({
        ...{ key, session, type, content, buffers },
        parent: parent?.header,
      });
      for (const socket of listening) socket.send([type, ...frames]).catch(() => {});
    },
    async ask(request, content) {
      const { identity } = request.socket;
      const socket = asked.get(identity);
      if (socket === undefined) return "";
      const { promise, resolve } = Promise.withResolvers<string>();
      answers.set(identity, resolve);
      await socket.send(encode("input_request", content, request).frames);
      return await promise;
    },
    close() {
      for (const end of ends) end();
    },
  };
}
