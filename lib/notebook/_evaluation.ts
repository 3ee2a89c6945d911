import { randomUUID } from "node:crypto";
import { TimeLimitError } from "./_kernel_errors.ts";
import { barrierCode, barrierMime } from "./_prelude.ts";
import { within } from "./_process.ts";
import { createSession, type Session, type SessionHandlers } from "./_session.ts";
import { isIdle, type KernelOutput, type Message } from "./_wire.ts";

/** How code is run. */
export interface EvaluationOptions {
  /** Whether the kernel shall neither count it nor show its result. */
  readonly silent: boolean;
  /** Milliseconds that it may take; no limit when left out. */
  readonly milliseconds?: number;
}

/** How a cell is run. */
export interface CellOptions extends EvaluationOptions {
  /** Called for each of its outputs, in order. */
  readonly onOutput: (output: KernelOutput) => void;
  /** How long its timers may still come due, milliseconds. */
  readonly settleMilliseconds: number;
  /** Called when it has run longer than its limit; what is put out meanwhile is still its own. */
  readonly onLate: () => Promise<void>;
}

/** Runs code over a session. */
export interface Evaluation {
  readonly session: Session;
  /** Runs code and waits for the reply and for `idle`. */
  evaluate(code: string, options: EvaluationOptions): Promise<Message>;
  /** Runs a cell and waits until all its outputs have arrived. */
  runCell(code: string, options: CellOptions): Promise<Message>;
}

/**
 * Makes a session without connections that gives each cell its outputs, by their place in the stream
 * (see `startKernel`).
 *
 * @param key Key that signs messages.
 * @param handlers What is done with outputs that come while no cell runs, and with what a cell asks for.
 */
export function createEvaluation(key: string, handlers: SessionHandlers): Evaluation {
  let sink: ((output: KernelOutput) => void) | undefined;
  let marker: { id: string; seen(): void } | undefined;
  const session = createSession(key, {
    ...handlers,
    onOutput(output) {
      const data = (output.content.data ?? {}) as Record<string, unknown>;
      if (marker && data[barrierMime] === marker.id) marker.seen();
      else (sink ?? handlers.onOutput)(output);
    },
  });

  async function evaluate(
    code: string,
    { silent, milliseconds }: EvaluationOptions,
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
        allow_stdin: handlers.onInputRequest !== undefined,
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

  return {
    session,
    evaluate,
    async runCell(code, { onOutput, settleMilliseconds, onLate, ...how }) {
      sink = onOutput;
      try {
        const reply = await evaluate(code, how);
        await drain(settleMilliseconds);
        return reply;
      } catch (error) {
        if (error instanceof TimeLimitError) await onLate();
        throw error;
      } finally {
        sink = undefined;
      }
    },
  };
}
