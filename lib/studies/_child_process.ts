import { denoProgram, trainingV8Flags } from "../core/deno_program.ts";
import { configuration } from "../core/module_graph.ts";
import { fileURLToPath } from "node:url";
import { type FromChild, readLines, type ToChild, unframe } from "./_protocol.ts";

/** How a training process is started. */
export interface ChildOptions {
  /** Working directory, and the folder that may be read. */
  readonly project: string;
  /** Folder that may be written. */
  readonly writable: string;
  /** Module with `executeRun`; null for the library's own. */
  readonly executor: string | null;
  /** Whether native libraries may be loaded. */
  readonly native: boolean;
  /** Largest JavaScript heap, MB; null for V8's own limit. */
  readonly heapMegabytes: number | null;
}

/** A running training process. */
export interface Child {
  readonly pid: number;
  send(message: ToChild): void;
  /** Ends its stdin, on which it exits; resolves when it is gone, killed if need be. */
  stop(graceSeconds: number): Promise<void>;
  /** Ends it at once. */
  kill(): void;
}

/** What a training process does. */
export interface ChildEvents {
  message(message: FromChild): void;
  /** A line that a user's code printed. */
  log(line: string): void;
  /** It is gone; the reason completes "its process …". */
  exit(reason: string): void;
}

/**
 * Permissions of a training process: read the project and the library, write the study's folder,
 * see the environment, and load native libraries only for an engine that needs them. No network,
 * no other programs.
 */
export function childPermissions(options: ChildOptions): string[] {
  const here = import.meta.url;
  const library = here.startsWith("file:") ? [fileURLToPath(new URL("../..", here))] : [];
  return [
    "--no-prompt",
    `--allow-read=${[options.project, options.writable, ...library].join(",")}`,
    `--allow-write=${options.writable}`,
    "--allow-env",
    "--allow-sys=hostname,cpus,osRelease",
    ...(options.native ? ["--allow-ffi"] : []),
  ];
}

/** One thread a process: runs share the cores by being several. */
const singleThread = Object.fromEntries(
  ["OPENBLAS", "OMP", "MKL", "BLIS", "GOTO"].map((library) => [`${library}_NUM_THREADS`, "1"]),
);

/** Lines of a child's stderr that are kept to explain its end. */
const keptLines = 40;

/** Starts a training process. */
export function startChild(options: ChildOptions, events: ChildEvents): Child {
  const mark = `\u001e${crypto.randomUUID()}:`;
  const process = new Deno.Command(denoProgram("start training processes"), {
    args: [
      "run",
      "--quiet",
      "--no-check",
      ...configuration(options.project),
      trainingV8Flags(
        options.heapMegabytes === null ? [] : [`--max-old-space-size=${options.heapMegabytes}`],
      ),
      ...childPermissions(options),
      new URL("./child.ts", import.meta.url).href,
    ],
    cwd: options.project,
    env: { ...singleThread, VECLIB_MAXIMUM_THREADS: "1", NO_COLOR: "1" },
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const stdin = process.stdin.getWriter();
  const errors: string[] = [];
  let unreadable: string | null = null;

  const kill = () => {
    try {
      process.kill("SIGKILL");
    } catch { /* already gone */ }
  };
  const send = (message: ToChild) => {
    // A child that is gone says so by its exit.
    stdin.write(new TextEncoder().encode(`${JSON.stringify(message)}\n`)).catch(() => {});
  };
  const readOutput = async () => {
    try {
      for await (const line of readLines(process.stdout)) {
        const message = unframe(mark, line);
        if (message !== null) events.message(message);
        else if (line !== "") events.log(line);
      }
    } catch (error) {
      unreadable = `sent an unreadable answer (${(error as Error).message})`;
      kill();
    }
  };
  const readErrors = async () => {
    for await (const line of readLines(process.stderr)) {
      if (line.trim() === "") continue;
      errors.push(line);
      if (errors.length > keptLines) errors.shift();
      events.log(line);
    }
  };
  const ended = Promise.all([process.status, readOutput(), readErrors().catch(() => {})])
    .then(([status]) => {
      stdin.close().catch(() => {});
      events.exit(unreadable ?? describeEnd(status, errors));
    });

  send({ type: "start", executor: options.executor, mark });
  return {
    pid: process.pid,
    send,
    kill,
    async stop(graceSeconds) {
      stdin.close().catch(() => {});
      const timer = setTimeout(kill, graceSeconds * 1000);
      await ended;
      clearTimeout(timer);
    },
  };
}

function describeEnd(status: Deno.CommandStatus, errors: readonly string[]): string {
  const text = errors.join("\n");
  if (/out of memory|Reached heap limit/i.test(text)) {
    return "ran out of memory for JavaScript (its heap limit was reached)";
  }
  const end = status.signal !== null
    ? `was ended by ${status.signal}`
    : `ended with exit code ${status.code}`;
  const last = errors.slice(-3).join(" | ");
  return last === "" ? end : `${end}: ${last}`;
}
