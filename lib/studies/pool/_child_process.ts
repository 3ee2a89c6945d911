import {
  childEnvironment,
  denoProgram,
  libraryPaths,
  trainingV8Flags,
} from "../../core/runtime/deno_program.ts";
import { configuration } from "../../core/module_graph.ts";
import { join } from "node:path";
import { statSync } from "../../core/runtime/files.ts";
import { documentStore } from "../../data/documents/kept_documents.ts";
import { tokenStore } from "../../data/kept_tokens.ts";
import { type ProgramEnd, startProgram } from "../../core/runtime/processes.ts";
import { type FromChild, readLines, type ToChild, unframe } from "./protocol.ts";

/** How a training process is started. */
export interface ChildOptions {
  /** Working directory, and the folder that may be read. */
  readonly project: string;
  /** Folder that may be written besides that of kept tokens; null for none. */
  readonly writable: string | null;
  /**
   * Project of which the folder `project` is a copy, with nothing in it but what the runs read: for code
   * that is not the project's own. The process then gets packages that are there already, and nothing of
   * the system. Absent for code of the project's own.
   */
  readonly copyOf?: string;
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

/** A module in place of the library's training is a test's: these variables are for it. */
const testPrefix = "PARSIMONY_TEST_";

/**
 * Permissions of a training process: read the project and the library's code, write one folder and that of
 * kept tokens, and load native libraries only for an engine that needs them. No network, no other programs, no
 * code from other hosts; variables of the environment are not there to it, but for the one that names a BLAS.
 *
 * Code that is not the project's own reads a copy of what it needs, because Deno follows links: one that
 * came with it would lead anywhere. It writes no tokens that others read, and never gets native libraries,
 * which may do everything.
 */
export function childPermissions(options: ChildOptions): string[] {
  const { project, writable, copyOf, executor, native } = options;
  if (copyOf !== undefined && native) {
    throw new RangeError("Code that is not the project's own is never given native libraries.");
  }
  const written = [
    ...(writable === null ? [] : [writable]),
    ...(copyOf === undefined ? [tokenStore(project), documentStore(project)] : []),
  ];
  const readable = [project, ...(writable === null ? [] : [writable]), ...libraryPaths];
  const seen = executor !== null ? "--allow-env" : native ? "--allow-env=PARSIMONY_BLAS" : null;
  return [
    "--no-prompt",
    ...(libraryPaths.length > 0 ? ["--deny-import"] : []),
    `--allow-read=${readable.join(",")}`,
    ...(written.length === 0 ? [] : [`--allow-write=${written.join(",")}`]),
    ...(seen === "--allow-env" ? [] : ["--ignore-env"]),
    ...(seen === null ? [] : [seen]),
    ...(copyOf === undefined ? ["--allow-sys=hostname"] : ["--cached-only"]),
    ...(native ? ["--allow-ffi"] : []),
  ];
}

/** Which packages there are: those of the project's lock file, which code of others does not change. */
function lockOf(copyOf: string | undefined): string[] {
  if (copyOf === undefined) return [];
  try {
    statSync(join(copyOf, "deno.lock"));
    return ["--frozen"];
  } catch {
    return ["--no-lock"];
  }
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
  const process = startProgram(denoProgram("start training processes"), {
    args: [
      "run",
      "--quiet",
      "--no-check",
      ...configuration(options.copyOf ?? options.project),
      ...lockOf(options.copyOf),
      trainingV8Flags(
        options.heapMegabytes === null ? [] : [`--max-old-space-size=${options.heapMegabytes}`],
      ),
      ...childPermissions(options),
      new URL("./child.ts", import.meta.url).href,
    ],
    cwd: options.project,
    ...childEnvironment({ ...singleThread, VECLIB_MAXIMUM_THREADS: "1" }, {
      native: options.native,
      prefix: options.executor === null ? undefined : testPrefix,
    }),
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  });
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

function describeEnd(status: ProgramEnd, errors: readonly string[]): string {
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
