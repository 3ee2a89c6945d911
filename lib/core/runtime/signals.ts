/** A request to end. */
export type Signal = "SIGINT" | "SIGTERM";

/**
 * Hears a signal, which then no longer ends the process. Windows has no SIGTERM: there it never comes.
 *
 * @returns Gives the signal its usual meaning back.
 */
export function onSignal(name: Signal, handler: () => void): () => void {
  if (name === "SIGTERM" && Deno.build.os === "windows") return () => {};
  Deno.addSignalListener(name, handler);
  return () => Deno.removeSignalListener(name, handler);
}
