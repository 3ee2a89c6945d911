/** Thrown when the kernel's process ended while it was needed. */
export class KernelDiedError extends Error {
  override readonly name = "KernelDiedError";
}

/** Thrown when a cell ran longer than its limit; the kernel is stopped then. */
export class TimeLimitError extends Error {
  override readonly name = "TimeLimitError";
}
