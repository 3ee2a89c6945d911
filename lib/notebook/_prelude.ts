/** MIME type of the barrier: everything a cell put out comes before it. */
export const barrierMime = "application/vnd.parsimony.barrier+json";

/** MIME type by which errors outside of a cell's own flow are reported. */
export const failureMime = "application/vnd.parsimony.failure+json";

const hooks = `globalThis[Symbol.for("parsimony.notebook")]`;

/**
 * Code that a kernel runs before the first cell.
 *
 * Deno's kernel (2.9.6) says nothing of an unhandled rejection or of an error in a timer: two
 * listeners report them. They also prevent the default: without that, Deno 2.9.6 let the kernel's
 * timers stand still for up to 30 s after such an error. It also reads its standard input, which we hold open, and leaves when that
 * ends: no kernel outlives a runner that was killed. Everything is captured here, so that a cell
 * that shadows `Deno` or `setTimeout` does not break it.
 */
export const preludeCode = `{
  const { jupyter, stdin, exit } = Deno;
  const later = globalThis.setTimeout;
  const put = (mime, value) => jupyter.broadcast("display_data", {
    data: { [mime]: value }, metadata: {}, transient: {},
  });
  const report = (kind, reason) => put(${JSON.stringify(failureMime)}, {
    kind,
    name: reason instanceof Error ? String(reason.name) : "Error",
    message: reason instanceof Error ? String(reason.message) : String(reason),
    stack: reason instanceof Error ? String(reason.stack) : "",
  });
  globalThis.addEventListener("unhandledrejection", (event) => {
    event.preventDefault();
    report("unhandled rejection", event.reason);
  });
  globalThis.addEventListener("error", (event) => {
    event.preventDefault();
    report("error outside of a cell", event.error ?? event.message);
  });
  ${hooks} = {
    barrier: async (id, milliseconds) => {
      await new Promise((resolve) => later(resolve, milliseconds));
      await put(${JSON.stringify(barrierMime)}, id);
    },
  };
  (async () => {
    const buffer = new Uint8Array(64);
    while (await stdin.read(buffer) !== null);
    exit(1);
  })();
}`;

/** MIME type by which a kernel says that it heard an interrupt; never shown. */
export const heardMime = "application/vnd.parsimony.interrupt-heard+json";

/** Code by which SIGINT does not end the kernel, and is answered unless a loop keeps it busy. */
export const listenCode = `{
  const { jupyter } = Deno;
  Deno.addSignalListener("SIGINT", () => jupyter.broadcast("display_data", {
    data: { ${JSON.stringify(heardMime)}: {} }, metadata: {}, transient: {},
  }));
}`;

/** Code that waits for timers that are due, then puts out a marker behind all earlier outputs. */
export function barrierCode(id: string, milliseconds: number): string {
  return `await ${hooks}.barrier(${JSON.stringify(id)}, ${milliseconds});`;
}

/** Code that imports a module at run time, to learn why an import in a cell failed. */
export function importProbeCode(specifier: string): string {
  // The specifier is put together at run time: the kernel looks up imports that it can read.
  const parts = [...specifier].map((letter) => JSON.stringify(letter)).join(", ");
  return `await import([${parts}].join(""));`;
}
