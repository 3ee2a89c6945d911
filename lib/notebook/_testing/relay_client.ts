import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { freePorts } from "../../core/free_ports.ts";
import { project } from "./notebooks.ts";
import { decodeMessage, encodeMessage, isIdle, type Message } from "../_wire.ts";
import { connectZmtp, untilListening, type ZmtpSocket } from "../_zmtp.ts";
import { withoutColours } from "../outputs.ts";
import { kernelSpecification } from "../kernel_specification.ts";

/** A client of the relay, for tests: it keeps every message as it came. */
export interface RelayClient {
  readonly process: Deno.ChildProcess;
  /** All messages of iopub so far. */
  readonly published: readonly Message[];
  /** Sends a request and gives its id. */
  send(
    channel: "shell" | "control" | "stdin",
    type: string,
    content?: Record<string, unknown>,
  ): string;
  /** Sends a cell as JupyterLab does. */
  run(code: string): string;
  /** The content of the reply to a request, once everything of it has come. */
  done(id: string): Promise<Record<string, unknown>>;
  /** Waits until a message has come, and gives it. */
  until(wanted: (message: Message) => boolean): Promise<Message>;
  /** The next line that the kernel asks for. */
  question(): Promise<Message>;
  /** Types and texts of what was put out for a request. */
  outputs(id: string): string[];
}

/** Starts the relay as a Jupyter client would, connects to it, and ends it. */
export async function withRelay(
  use: (client: RelayClient) => Promise<void>,
  { key = randomUUID(), ownKey = key, folder: opened = project }: {
    key?: string;
    ownKey?: string;
    /** Project whose notebook is opened; the library's by default. */
    folder?: string;
  } = {},
): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "parsimony-relay-" });
  const [shell, iopub, stdin, control, heartbeat] = freePorts(5);
  const file = join(folder, "connection.json");
  await Deno.writeTextFile(
    file,
    JSON.stringify({
      ...{ transport: "tcp", ip: "127.0.0.1", key, signature_scheme: "hmac-sha256" },
      ...{ shell_port: shell, iopub_port: iopub, stdin_port: stdin },
      ...{ control_port: control, hb_port: heartbeat },
    }),
  );
  const [program, ...args] = kernelSpecification(opened).argv
    .map((part) => part === "{connection_file}" ? file : part);
  const process = new Deno.Command(program, {
    args,
    cwd: opened,
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).spawn();
  const session = randomUUID();
  const published: Message[] = [];
  const answers: Message[] = [];
  let arrived = Promise.withResolvers<void>();
  const sockets = new Map<string, ZmtpSocket>();
  const receiving: Promise<void>[] = [];

  async function receive(socket: ZmtpSocket, messages: Message[]) {
    for (let frames = await socket.receive(); frames; frames = await socket.receive()) {
      messages.push(decodeMessage(key, frames));
      arrived.resolve();
      arrived = Promise.withResolvers();
    }
  }

  async function find(messages: readonly Message[], wanted: (message: Message) => boolean) {
    for (;;) {
      const next = arrived.promise;
      const found = messages.find(wanted);
      if (found) return found;
      await next;
    }
  }

  const send: RelayClient["send"] = (channel, type, content = {}) => {
    const { id, frames } = encodeMessage({ key: ownKey, session, type, content });
    void sockets.get(channel)!.send(frames);
    return id;
  };
  const taken = new Set<Message>();
  const deadline = Date.now() + 30_000;

  try {
    for (
      const [name, type, port] of [
        ["iopub", "SUB", iopub],
        ["shell", "DEALER", shell],
        ["control", "DEALER", control],
        ["stdin", "DEALER", stdin],
      ] as const
    ) {
      const socket = await untilListening(() => connectZmtp(port, type, session), () => {
        if (Date.now() > deadline) throw new Error("The relay does not listen.");
      });
      sockets.set(name, socket);
      receiving.push(receive(socket, name === "iopub" ? published : answers));
    }
    await use({
      process,
      published,
      send,
      run: (code) =>
        send("shell", "execute_request", {
          ...{ code, silent: false, store_history: true, user_expressions: {} },
          ...{ allow_stdin: true, stop_on_error: true },
        }),
      async done(id) {
        const { content } = await find(
          answers,
          ({ parent, type }) => parent === id && type.endsWith("_reply"),
        );
        await find(published, (message) => message.parent === id && isIdle(message));
        return content;
      },
      until: (wanted) => find(published, wanted),
      async question() {
        const found = await find(
          answers,
          (each) => each.type === "input_request" && !taken.has(each),
        );
        taken.add(found);
        return found;
      },
      outputs: (id) =>
        published.filter(({ parent, type }) =>
          parent === id && type !== "status" && type !== "execute_input"
        ).map(({ type, content }) => {
          const data = content.data as Record<string, string> | undefined;
          const text = content.text ?? content.evalue ?? data?.["text/plain"];
          return `${type}: ${withoutColours(String(text))}`;
        }),
    });
  } finally {
    for (const socket of sockets.values()) socket.close();
    await Promise.all(receiving);
    try {
      process.kill("SIGTERM");
    } catch { /* it has ended */ }
    await process.status;
    await Deno.remove(folder, { recursive: true });
  }
}
