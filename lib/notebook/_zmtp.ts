// ZMTP 3.0 with the NULL mechanism (rfc.zeromq.org/spec/23), as much as the two sides of a Jupyter
// kernel need: TCP connections, messages of several frames. The npm package zeromq 6.8.0 does the same
// with native code, but it needs FFI permission, and with Deno 2.9.6 its process crashed in 3 of 20
// runs.

import { connect, type Connection, listen } from "../core/runtime/connections.ts";
import { isClosed, isConnectionRefused } from "../core/runtime/errors.ts";
import { wait } from "../core/wait.ts";
import { frameFlags, incoming } from "./_incoming.ts";

/** One side of a ZeroMQ connection. */
export interface ZmtpSocket {
  /** Name that the other side gave itself, or an empty text. */
  readonly identity: string;
  send(frames: readonly (string | Uint8Array)[]): Promise<void>;
  /** Next message, or null when the connection ended. */
  receive(): Promise<Uint8Array[] | null>;
  close(): void;
}

/** Types of sockets that we speak for. */
export type SocketType = "DEALER" | "SUB" | "ROUTER" | "PUB" | "REP";

/**
 * Connects to a ZeroMQ socket on this machine and shakes hands; a SUB subscribes to everything.
 *
 * @param identity Name by which a ROUTER tells the connections of one client from those of others.
 * @throws {Deno.errors.ConnectionRefused} If nobody listens yet.
 */
export async function connectZmtp(
  port: number,
  type: "DEALER" | "SUB",
  identity = "",
): Promise<ZmtpSocket> {
  const socket = await shakeHands(
    await connect(port),
    type,
    identity,
  );
  if (type === "SUB") await socket.send([Uint8Array.of(1)]);
  return socket;
}

/**
 * Connects as soon as somebody listens.
 *
 * @param check Throws when it has taken too long.
 */
export async function untilListening<T>(connect: () => Promise<T>, check: () => void): Promise<T> {
  for (;;) {
    try {
      return await connect();
    } catch (error) {
      if (!isConnectionRefused(error)) throw error;
      check();
      await wait(10);
    }
  }
}

/**
 * Waits for connections of ZeroMQ sockets, and hands each over after shaking hands with it.
 *
 * @returns A function that stops waiting; connections that are there stay.
 */
export function listenZmtp(
  hostname: string,
  port: number,
  type: "ROUTER" | "PUB" | "REP",
  onSocket: (socket: ZmtpSocket) => void,
): () => void {
  const listener = listen(hostname, port);
  (async () => {
    for await (const connection of listener) {
      // Who speaks something else, or hangs up, is none of ours.
      shakeHands(connection, type, "").then(onSocket, () => {});
    }
  })();
  return () => listener.close();
}

async function shakeHands(
  connection: Connection,
  type: SocketType,
  ownIdentity: string,
): Promise<ZmtpSocket> {
  try {
    // Without this, small requests wait for the acknowledgement of earlier ones, 40 ms each.
    connection.setNoDelay(true);
    // Of those that we connect to, iopub is where Deno's kernel mixes messages.
    const source = incoming(connection, { insertions: type === "SUB" });
    await write(connection, [
      greeting(),
      frame(readyCommand(type, ownIdentity), frameFlags.command),
    ]);
    const signature = await source.read(64);
    if (signature?.[0] !== 0xff || signature[9] !== 0x7f || signature[10] < 3) {
      throw new Error("The other side does not speak ZMTP 3.");
    }
    const ready = await source.frame();
    if (ready === null) throw new Error("The other side hung up.");
    const identity = readyProperties(ready.content).get("identity") ?? "";

    let sending: Promise<void> = Promise.resolve();
    return {
      identity,
      send(frames) {
        const encoded = frames.map((content, index) =>
          frame(
            typeof content === "string" ? new TextEncoder().encode(content) : content,
            index < frames.length - 1 ? frameFlags.more : 0,
          )
        );
        // A message must not be written into the middle of another one.
        const sent = sending.catch(() => {}).then(() => write(connection, encoded));
        sending = sent;
        return sent;
      },
      receive: () => source.message(),
      close() {
        try {
          connection.close();
        } catch (error) {
          if (!isClosed(error)) throw error;
        }
      },
    };
  } catch (error) {
    connection.close();
    throw error;
  }
}

function greeting(): Uint8Array {
  const bytes = new Uint8Array(64);
  bytes[0] = 0xff;
  bytes[9] = 0x7f;
  bytes[10] = 3;
  bytes.set(new TextEncoder().encode("NULL"), 12);
  return bytes;
}

function readyCommand(type: SocketType, identity: string): Uint8Array {
  const encoder = new TextEncoder();
  const property = (name: string, value: string) => {
    const [key, bytes] = [name, value].map((text) => encoder.encode(text));
    return [key.length, ...key, 0, 0, 0, bytes.length, ...bytes];
  };
  const name = encoder.encode("READY");
  return Uint8Array.from([
    name.length,
    ...name,
    ...property("Socket-Type", type),
    ...(identity === "" ? [] : property("Identity", identity)),
  ]);
}

/** Properties of a READY command, by their names in small letters. */
function readyProperties(command: Uint8Array): Map<string, string> {
  const decoder = new TextDecoder("latin1");
  const view = new DataView(command.buffer, command.byteOffset, command.length);
  const properties = new Map<string, string>();
  for (let at = 1 + command[0]; at < command.length;) {
    const name = decoder.decode(command.subarray(at + 1, at + 1 + command[at]));
    at += 1 + command[at];
    const length = view.getUint32(at);
    properties.set(name.toLowerCase(), decoder.decode(command.subarray(at + 4, at + 4 + length)));
    at += 4 + length;
  }
  return properties;
}

function frame(content: Uint8Array, flags: number): Uint8Array {
  const long = content.length > 255;
  const head = long ? 9 : 2;
  const bytes = new Uint8Array(head + content.length);
  bytes[0] = flags | (long ? frameFlags.long : 0);
  if (long) new DataView(bytes.buffer).setBigUint64(1, BigInt(content.length));
  else bytes[1] = content.length;
  bytes.set(content, head);
  return bytes;
}

async function write(connection: Connection, parts: readonly Uint8Array[]): Promise<void> {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    bytes.set(part, offset);
    offset += part.length;
  }
  for (let written = 0; written < bytes.length;) {
    written += await connection.write(bytes.subarray(written));
  }
}
