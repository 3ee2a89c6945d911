import { notebookDisplay } from "../core/runtime/notebook.ts";
import { exit } from "../core/runtime/own_process.ts";
import { onSignal, type Signal } from "../core/runtime/signals.ts";

/** A study ended early on request; what was finished is kept. */
export class StudyInterrupted extends Error {
  /** `StudyInterrupted`. */
  override name = "StudyInterrupted";

  /** Says what is kept and how to go on. */
  constructor(study: string, done: number, total: number, folder: string) {
    super(
      `Study ${study} was interrupted: ${done} of at least ${total} runs are finished and kept in ` +
        `${folder}. Run the same call or command again to do the others.`,
    );
  }
}

/** A signal that aborts on Ctrl-C, until it is ended. */
export interface Interruption {
  /** Aborts on Ctrl-C, a request to terminate, or with the given signal. */
  readonly signal: AbortSignal;
  /** Gives Ctrl-C its usual meaning back. */
  end(): void;
}

/**
 * Turns Ctrl-C (and a request to terminate) into an aborted signal; a second one ends the process.
 *
 * In a notebook "interrupt" is SIGINT to the kernel (so does the kernel's specification of Deno 2.9.6
 * have it), which would end it: it ends the study instead, and the kernel lives on, however often it
 * comes. SIGTERM stays the kernel's.
 *
 * @param given Another signal that aborts as well.
 */
export function interruptible(given?: AbortSignal): Interruption {
  const controller = new AbortController();
  const signal = given === undefined
    ? controller.signal
    : AbortSignal.any([given, controller.signal]);
  const inKernel = notebookDisplay() !== null;
  const listen = (name: Signal, code: number) =>
    onSignal(name, () => {
      if (controller.signal.aborted && !inKernel) exit(code);
      controller.abort();
    });
  const ends = [listen("SIGINT", 130)];
  if (!inKernel) ends.push(listen("SIGTERM", 143));
  return { signal, end: () => ends.forEach((end) => end()) };
}
