/**
 * Writing that an end of the process waits for.
 *
 * A command that computes for minutes does so in a Worker, while the main thread listens for signals and
 * ends the process at any moment. Both see one number: how many writes are at work, or that the end has
 * come.
 *
 * @module
 */

import { wait } from "./wait.ts";

let writes: Int32Array | null = null;

/** What the number is once nothing may begin any more. */
const ended = -1;

/** Makes this thread's writes something that {@link endOfWrites} of another thread waits for. */
export function shareWrites(shared: Int32Array): void {
  writes = shared;
}

/** Does what must not be cut in half. */
export async function uninterrupted<T>(work: () => Promise<T>): Promise<T> {
  const shared = writes;
  if (shared === null) return await work();
  begin(shared);
  try {
    return await work();
  } finally {
    Atomics.sub(shared, 0, 1);
  }
}

function begin(shared: Int32Array): void {
  for (;;) {
    const count = Atomics.load(shared, 0);
    // Nobody wakes this thread: the process is ending.
    if (count === ended) Atomics.wait(shared, 0, ended);
    else if (Atomics.compareExchange(shared, 0, count, count + 1) === count) return;
  }
}

/** Waits until no write of another thread is at work, and lets none begin any more. */
export async function endOfWrites(shared: Int32Array): Promise<void> {
  while (Atomics.compareExchange(shared, 0, 0, ended) !== 0) {
    await wait(5);
  }
}
