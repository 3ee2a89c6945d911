import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { denoProgram } from "../core/runtime/deno_program.ts";
import { freePorts } from "../core/free_ports.ts";
import { remove, writeSecretSync } from "../core/runtime/files.ts";
import { startProgram } from "../core/runtime/processes.ts";
import { barrierCode, barrierMime, preludeCode } from "./_prelude.ts";
import { tail, within } from "./_process.ts";
import { createSession } from "./_session.ts";
import { temporaryFolder } from "./_temporary.ts";
import { isIdle, type KernelOutput, type Message } from "./_wire.ts";
import { untilListening } from "./_zmtp.ts";

export type { KernelOutput } from "./_wire.ts";

/** How a kernel answered one cell. */
export interface CellReply {
  readonly status: "ok" | "error";
  readonly executionCount: number;
  /** Name, message and stack of the error; empty when the kernel gave none. */
  readonly errorName: string;
  readonly errorMessage: string;
  readonly traceback: readonly string[];
}

/** Thrown when the kernel's process ended while it was needed. */
export class KernelDiedError extends Error {
  override readonly name = "KernelDiedError";
}

/** Thrown when a cell ran longer than its limit; the kernel is stopped then. */
export class TimeLimitError extends Error {
  override readonly name = "TimeLimitError";
}

/** A running Deno Jupyter kernel; `close` ends its process. */
export interface Kernel {
  /**
   * Runs code as one cell and gives its outputs, also those that arrive after the kernel said that
   * it is idle.
   */
  execute(code: string, options?: ExecuteOptions): Promise<CellReply>;
  /** Stops a busy loop; the cell then ends with an error. */
  interrupt(): Promise<void>;
  /** Sends SIGINT to the process, which ends it unless something in it listens. */
  signal(): void;
  /** Sends any other request of the Jupyter protocol and gives the kernel's answer to it. */
  request(
    channel: "shell" | "control",
    type: string,
    content: Record<string, unknown>,
  ): Promise<{ readonly type: string; readonly content: Record<string, unknown> }>;
  /** Sends a message that has no answer. */
  send(channel: "shell" | "control", type: string, content: Record<string, unknown>): Promise<void>;
  /** Exit code of the process, once it has ended. */
  readonly ended: Promise<number>;
  /** What the process wrote to its own standard output and error, last lines only. */
  diagnostics(): string;
  /** Ends the process, by request first and by force after two seconds. Never throws. */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** Options of {@link Kernel.execute}. */
export interface ExecuteOptions {
  /** Seconds after which the cell is interrupted and the kernel stopped; no limit by default. */
  readonly timeLimitSeconds?: number;
  /** How long timers of the cell may still come due before it counts as done; 0 by default. */
  readonly settleMilliseconds?: number;
  /** Called for each output, in order. */
  readonly onOutput?: (output: KernelOutput) => void;
  /** Whether the kernel shall neither count the cell nor show its result; false. */
  readonly silent?: boolean;
}

/** Options of {@link startKernel}. */
export interface KernelOptions {
  /** Working directory: imports resolve from the deno.json at or above it. */
  readonly folder: string;
  /** Environment variables added to ours. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Seconds that the kernel may take to answer first; 30 by default. */
  readonly startLimitSeconds?: number;
  /** Where the connection's file is while the kernel starts; `.temporary` of the project by default. */
  readonly temporary?: string;
  /** Called for outputs that come while no cell runs, such as those of a timer. */
  readonly onOutput?: (output: KernelOutput) => void;
  /** Gives the line that a cell asks its user for by `prompt` or `confirm`; without it they get none. */
  readonly onInputRequest?: (content: Record<string, unknown>) => Promise<string>;
  /** Called with what the process writes to its own standard output and error. */
  readonly onProcessOutput?: (bytes: Uint8Array) => void;
}

/**
 * Starts `deno jupyter --kernel` of the Deno that runs this code, and connects to it.
 *
 * Outputs are attributed by their place in the kernel's stream: Deno 2.9.6 sends them in order but
 * beside its status messages, so some arrive after `idle` or carry the id of the next request. Each
 * cell is therefore followed by a silent request that puts out a marker, and what comes before the
 * marker belongs to the cell.
 *
 * @throws {KernelDiedError} If the kernel's process ends before it answers.
 * @throws {Error} If it does not answer in time.
 */
export async function startKernel(options: KernelOptions): Promise<Kernel> {
  const folder = await temporaryFolder("kernel", options.temporary);
  try {
    // Another process can take a port between our choice and the kernel's start: try again then.
    for (let attempt = 1;; attempt++) {
      const { kernel, open } = spawnKernel(join(folder, `${attempt}.json`), options);
      try {
        await open(Date.now() + (options.startLimitSeconds ?? 30) * 1000);
        return { ...kernel, [Symbol.asyncDispose]: kernel.close };
      } catch (error) {
        await kernel.close();
        if (attempt < 3 && /AddrInUse|address.+in use/i.test(String(error))) continue;
        throw error;
      }
    }
  } finally {
    await remove(folder, { recursive: true });
  }
}

function spawnKernel(file: string, options: KernelOptions) {
  const { onInputRequest, onOutput = () => {}, onProcessOutput } = options;
  const [shellPort, iopubPort, stdinPort, controlPort, heartbeatPort] = freePorts(5);
  const key = randomUUID();
  const connection = {
    transport: "tcp",
    ip: "127.0.0.1",
    shell_port: shellPort,
    iopub_port: iopubPort,
    stdin_port: stdinPort,
    control_port: controlPort,
    hb_port: heartbeatPort,
    key,
    signature_scheme: "hmac-sha256",
    kernel_name: "deno",
  };
  // Only we may read the key: with it anyone on this machine could run code in the kernel.
  writeSecretSync(file, JSON.stringify(connection));
  const child = startProgram(denoProgram("start a kernel"), {
    args: ["jupyter", "--kernel", "--conn", file],
    cwd: options.folder,
    env: { ...options.environment },
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  });
  const diagnostics = tail([child.stdout, child.stderr], onProcessOutput);

  // Outputs go to the cell that runs, whatever request they name (see startKernel).
  let sink: ((output: KernelOutput) => void) | undefined;
  let marker: { id: string; seen(): void } | undefined;
  let closed = false;
  const session = createSession(key, {
    onOutput(output) {
      const data = (output.content.data ?? {}) as Record<string, unknown>;
      if (marker && data[barrierMime] === marker.id) marker.seen();
      else (sink ?? onOutput)(output);
    },
    onInputRequest: (content) =>
      void onInputRequest?.(content).then((value) =>
        session.send("stdin", "input_reply", { status: "ok", value })
      ),
  });

  const ended = child.status.then(async (status) => {
    await diagnostics.finished(500);
    const how = status.signal ? `by ${status.signal}` : `with exit code ${status.code}`;
    session.fail(
      new KernelDiedError(`The kernel's process ended ${how}.\n${diagnostics.text()}`.trim()),
    );
    return status.code;
  });

  /** Runs code and waits for the reply and for `idle`; outputs go where `sink` says. */
  async function evaluate(
    code: string,
    { silent, milliseconds }: { silent: boolean; milliseconds?: number },
  ): Promise<Message> {
    let reply: Message | null = null;
    let idle = false;
    await session.request({
      type: "execute_request",
      content: {
        code,
        silent,
        store_history: !silent,
        user_expressions: {},
        allow_stdin: onInputRequest !== undefined,
        stop_on_error: false,
      },
      take(message, channel) {
        if (channel === "shell") reply = message;
        idle ||= isIdle(message);
        return reply !== null && idle;
      },
      limit: milliseconds === undefined ? undefined : {
        milliseconds,
        error: new TimeLimitError(
          `The cell ran longer than its limit of ${milliseconds / 1000} s.`,
        ),
      },
    });
    return reply!;
  }

  /** Waits until all outputs of the code before have arrived. */
  async function drain(settleMilliseconds: number): Promise<void> {
    const id = randomUUID();
    const { promise, resolve } = Promise.withResolvers<void>();
    marker = { id, seen: resolve };
    try {
      const reply = await evaluate(barrierCode(id, settleMilliseconds), {
        silent: true,
        milliseconds: settleMilliseconds + 60_000,
      });
      if (reply.content.status !== "ok" || !await within(promise, 60_000)) {
        throw new Error("The kernel did not confirm that all outputs of the cell were sent.");
      }
    } finally {
      marker = undefined;
    }
  }

  const kernel: Omit<Kernel, typeof Symbol.asyncDispose> = {
    async execute(
      code,
      { timeLimitSeconds, settleMilliseconds = 0, onOutput = () => {}, silent = false } = {},
    ) {
      let reply: Message;
      sink = onOutput;
      try {
        reply = await evaluate(code, {
          silent,
          milliseconds: timeLimitSeconds === undefined ? undefined : timeLimitSeconds * 1000,
        });
        await drain(settleMilliseconds);
      } catch (error) {
        if (error instanceof TimeLimitError) {
          await kernel.interrupt().catch(() => {});
          await kernel.close();
        }
        throw error;
      } finally {
        sink = undefined;
      }
      const { status, execution_count, ename, evalue, traceback } = reply.content;
      return {
        status: status === "ok" ? "ok" : "error",
        executionCount: Number(execution_count),
        errorName: String(ename ?? ""),
        errorMessage: String(evalue ?? ""),
        traceback: Array.isArray(traceback) ? traceback.map(String) : [],
      };
    },

    interrupt: () =>
      session.request({
        channel: "control",
        type: "interrupt_request",
        content: {},
        take: (_, channel) => channel === "control",
        limit: {
          milliseconds: 2000,
          error: new Error("The kernel did not answer an interrupt in 2 s."),
        },
      }),

    signal: () => child.kill("SIGINT"),

    async request(channel, type, content) {
      let answer: Message | null = null;
      await session.request({
        ...{ channel, type, content },
        take(message, from) {
          if (from === channel) answer = message;
          return answer !== null;
        },
      });
      return answer!;
    },

    send: async (channel, type, content) => void await session.send(channel, type, content),

    ended,

    diagnostics: () => diagnostics.text(),

    async close() {
      if (!closed) {
        closed = true;
        session.fail(new KernelDiedError("The kernel was closed."));
        const asked = await session.send("control", "shutdown_request", { restart: false });
        if (!asked || !await within(ended, 2000)) {
          try {
            child.kill("SIGKILL");
          } catch (error) {
            // It ended between our look at it and the signal.
            if (!(error instanceof TypeError)) throw error;
          }
        }
      }
      await ended;
      await session.close();
      await diagnostics.stop();
      await child.stdin.close().catch(() => {});
    },
  };

  /** Connects the channels and waits until the kernel answers on all of them. */
  async function open(deadline: number): Promise<void> {
    const channels = [
      ["control", "DEALER", controlPort],
      ["stdin", "DEALER", stdinPort],
      ["iopub", "SUB", iopubPort],
      ["shell", "DEALER", shellPort],
    ] as const;
    for (const [channel, type, port] of channels) {
      await untilListening(() => session.connect(channel, type, port), () => {
        session.check();
        if (Date.now() > deadline) throw lateError();
      });
    }
    // A subscription takes effect a moment after the connection: ask until iopub answers as well.
    const silence = new Error("silence");
    for (let answered = false; !answered;) {
      if (Date.now() > deadline) throw lateError();
      let reply = false;
      let idle = false;
      await session.request({
        type: "kernel_info_request",
        content: {},
        take(message, channel) {
          reply ||= channel === "shell";
          idle ||= isIdle(message);
          return reply && idle;
        },
        limit: { milliseconds: 250, error: silence },
      }).then(() => answered = true, (error) => {
        if (error !== silence) throw error;
      });
    }
    const reply = await evaluate(preludeCode, {
      silent: true,
      milliseconds: Math.max(1, deadline - Date.now()),
    });
    if (reply.content.status !== "ok") {
      throw new Error(`The kernel refused our prelude: ${reply.content.evalue}.`);
    }
  }

  function lateError(): Error {
    const limit = options.startLimitSeconds ?? 30;
    return new Error(`The kernel did not answer in ${limit} s.\n${diagnostics.text()}`.trim());
  }

  return { kernel, open };
}
