/** Arguments of the command line. */
export const commandLine: readonly string[] = Deno.args;

/** This process's number. */
export const processId: number = Deno.pid;

/** The number of the process that started it, or of another once that one is gone. */
export function parentProcessId(): number {
  return Deno.ppid;
}

/** The folder that relative paths begin at. */
export function workingFolder(): string {
  return Deno.cwd();
}

/** Path of the runtime's program. */
export function ownProgram(): string {
  return Deno.execPath();
}

/** Bytes of memory that this process has. */
export function residentMemory(): number {
  return Deno.memoryUsage().rss;
}

/** Ends the process with all its threads. */
export function exit(code: number): never {
  Deno.exit(code);
}
