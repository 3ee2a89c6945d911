/**
 * The program by which this process can start another Deno: its own path where the permissions allow
 * that, else `deno` by name, which is what `--allow-run=deno` allows.
 *
 * @param purpose What cannot be done without it, for the message.
 * @throws {Deno.errors.NotCapable} If neither may be run.
 */
export function denoProgram(purpose: string): string {
  for (const command of [Deno.execPath(), "deno"]) {
    if (Deno.permissions.querySync({ name: "run", command }).state === "granted") return command;
  }
  throw new Deno.errors.NotCapable(
    `Cannot ${purpose}: this process may not run deno. Start it with --allow-run=deno.`,
  );
}

/**
 * The argument with V8's flags for a process that trains. Tensors lie outside of V8's heap, so a step
 * leaves little behind, yet V8 lets its young generation grow with the objects that happen to live at a
 * collection: to 54 MiB over 2,000 steps of a small GRU. Held at 4 MiB a half, it stays at 8.
 *
 * @param more Other flags, such as `--expose-gc`.
 */
export function trainingV8Flags(more: readonly string[] = []): string {
  return `--v8-flags=${["--max-semi-space-size=4", ...more].join()}`;
}
