import { join } from "node:path";
import { remove } from "../core/runtime/files.ts";
import { createEvaluation } from "./_evaluation.ts";
import { KernelDiedError } from "./_kernel_errors.ts";
import { startKernelProcess } from "./_kernel_process.ts";
import { openKernel } from "./_opening.ts";
import { temporaryFolder } from "./_temporary.ts";
import type { KernelOutput, Message } from "./_wire.ts";

export { KernelDiedError, TimeLimitError } from "./_kernel_errors.ts";
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
  const { folder, environment, onInputRequest, onOutput = () => {}, onProcessOutput } = options;
  const program = startKernelProcess(file, { folder, environment, onOutput: onProcessOutput });
  const { key, ports } = program.connection;
  const evaluation = createEvaluation(key, {
    onOutput,
    onInputRequest: onInputRequest &&
      ((content) =>
        void onInputRequest(content).then((value) =>
          evaluation.session.send("stdin", "input_reply", { status: "ok", value })
        )),
  });
  const { session, runCell } = evaluation;
  let closed = false;

  const ended = program.ended.then(({ code, how }) => {
    const text = `The kernel's process ended ${how}.\n${program.diagnostics()}`;
    session.fail(new KernelDiedError(text.trim()));
    return code;
  });

  const kernel: Omit<Kernel, typeof Symbol.asyncDispose> = {
    async execute(
      code,
      { timeLimitSeconds, settleMilliseconds = 0, onOutput = () => {}, silent = false } = {},
    ) {
      const reply = await runCell(code, {
        silent,
        milliseconds: timeLimitSeconds === undefined ? undefined : timeLimitSeconds * 1000,
        settleMilliseconds,
        onOutput,
        async onLate() {
          await kernel.interrupt().catch(() => {});
          await kernel.close();
        },
      });
      return replyOf(reply);
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

    signal: program.interrupt,

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

    diagnostics: program.diagnostics,

    async close() {
      if (!closed) {
        closed = true;
        session.fail(new KernelDiedError("The kernel was closed."));
        const asked = await session.send("control", "shutdown_request", { restart: false });
        await program.end(asked ? 2000 : 0);
      }
      await ended;
      await session.close();
      await program.release();
    },
  };

  const lateError = () => {
    const limit = options.startLimitSeconds ?? 30;
    return new Error(`The kernel did not answer in ${limit} s.\n${program.diagnostics()}`.trim());
  };
  return { kernel, open: (deadline: number) => openKernel(evaluation, ports, deadline, lateError) };
}

/** What the kernel's answer says of a cell. */
function replyOf({ content }: Message): CellReply {
  const { status, execution_count, ename, evalue, traceback } = content;
  return {
    status: status === "ok" ? "ok" : "error",
    executionCount: Number(execution_count),
    errorName: String(ename ?? ""),
    errorMessage: String(evalue ?? ""),
    traceback: Array.isArray(traceback) ? traceback.map(String) : [],
  };
}
