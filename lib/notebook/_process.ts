/** Whether a promise was fulfilled within a time. */
export async function within(promise: Promise<unknown>, milliseconds: number): Promise<boolean> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<false>((resolve) => {
    timer = setTimeout(() => resolve(false), milliseconds);
  });
  try {
    return await Promise.race([promise.then(() => true as const), late]);
  } finally {
    clearTimeout(timer);
  }
}

/** What Deno says of itself and of what it fetches. */
const noise = /"deno jupyter" is unstable|^Download\b/;

/**
 * Reads streams of a process to their end and keeps the last lines.
 *
 * @param also Called with all that is read.
 */
export function tail(
  streams: readonly ReadableStream<Uint8Array>[],
  also: (bytes: Uint8Array) => void = () => {},
): {
  /** At most twelve lines, without blank ones. */
  text(): string;
  /** Waits until all streams ended, but not longer than so long. */
  finished(milliseconds: number): Promise<boolean>;
  /** Stops reading. */
  stop(): Promise<void>;
} {
  let kept = "";
  const readers = streams.map((stream) => stream.getReader());
  const reading = Promise.all(readers.map(async (reader) => {
    const decoder = new TextDecoder();
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      also(part.value);
      kept = (kept + decoder.decode(part.value, { stream: true })).slice(-4000);
    }
  }));
  return {
    text: () =>
      kept.split("\n").filter((line) => line.trim() && !noise.test(line)).slice(-12).join("\n"),
    finished: (milliseconds) => within(reading, milliseconds),
    async stop() {
      // A grandchild may hold the pipe open: give up reading rather than wait for it.
      if (!await within(reading, 200)) await Promise.all(readers.map((reader) => reader.cancel()));
    },
  };
}
