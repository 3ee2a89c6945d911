import { createInterface } from "node:readline";
import { Readable } from "node:stream";
import { fileURLToPath } from "node:url";
import { checkOneOf } from "../lib/core/check.ts";
import { denoProgram, trainingV8Flags } from "../lib/core/runtime/deno_program.ts";

/** A process that answers lines of JSON. */
export interface Participant<First> {
  /** What it said when it was ready. */
  readonly first: First;
  /**
   * Asks it something and waits for the answer.
   *
   * @throws {Error} If it ended or answered with an error.
   */
  ask<Answer>(request: object): Promise<Answer>;
  /** Ends its input and waits until it is gone. */
  stop(): Promise<void>;
}

const libraries = ["OPENBLAS", "MKL", "OMP", "BLIS", "GOTO", "VECLIB", "NUMEXPR"];
const foreign =
  /^(OPENBLAS|MKL|OMP|KMP|GOMP|BLIS|GOTO|VECLIB|NUMEXPR|DNNL|ONEDNN|ATEN|TORCH|PYTORCH)/;

/**
 * The environment of both sides: nothing that chooses a core type, an instruction set or a number of
 * threads for either, then the same number of threads for every library.
 */
export function fairEnvironment(
  environment: Readonly<Record<string, string>>,
  threads: number,
): Record<string, string> {
  const kept = Object.entries(environment).filter(([name]) => !foreign.test(name));
  const numbers = libraries.map((library): [string, string] => [
    `${library}_${library === "VECLIB" ? "MAXIMUM" : "NUM"}_THREADS`,
    String(threads),
  ]);
  return {
    ...Object.fromEntries([...kept, ...numbers]),
    // PyTorch on the CPU, and no idle processes that compile for it.
    CUDA_VISIBLE_DEVICES: "",
    TORCHINDUCTOR_COMPILE_THREADS: "1",
  };
}

/** Path of a file of this folder. */
export function benchFile(name: string): string {
  return fileURLToPath(new URL(name, import.meta.url));
}

/** A command with the environment of both sides. */
export function fairCommand(
  program: string,
  args: readonly string[],
  options: { threads?: number; stderr?: "inherit" | "null" } = {},
): Deno.Command {
  return new Deno.Command(program, {
    args: [...args],
    clearEnv: true,
    env: fairEnvironment(Deno.env.toObject(), options.threads ?? 1),
    stdin: "piped",
    stdout: "piped",
    stderr: options.stderr ?? "inherit",
  });
}

/** Lines that a process prints. */
export function linesOf(process: Deno.ChildProcess): AsyncIterator<string> {
  // Deno's and Node's types of one stream differ.
  const stdout = process.stdout as unknown as Parameters<typeof Readable.fromWeb>[0];
  const input = Readable.fromWeb(stdout);
  return createInterface({ input })[Symbol.asyncIterator]();
}

/** Starts a process and waits for its first line. */
export async function startParticipant<First>(
  name: string,
  command: Deno.Command,
): Promise<Participant<First>> {
  const process = command.spawn();
  const lines = linesOf(process);
  const writer = process.stdin.getWriter();
  const read = async <Answer>(): Promise<Answer> => {
    const { value, done } = await lines.next();
    if (done) throw new Error(`${name} ended with exit code ${(await process.status).code}.`);
    const answer = JSON.parse(value);
    if (typeof answer.error === "string") throw new Error(`${name}: ${answer.error}`);
    return answer;
  };
  const first = await read<First>();
  return {
    first,
    async ask(request) {
      await writer.write(new TextEncoder().encode(`${JSON.stringify(request)}\n`));
      return await read();
    },
    async stop() {
      await writer.close().catch(() => {});
      await process.status;
    },
  };
}

/** Our engines in a list given on the command line, or a RangeError that names all. */
export function checkEngines(list: string) {
  return list.split(",").map((name) =>
    checkOneOf("--engines", name, ["wasm", "relaxed", "native"] as const)
  );
}

/** Permissions of our side: a training process's, and the memory that the process took. */
export const ourPermissions = [
  "--no-prompt",
  "--allow-env",
  "--allow-ffi",
  "--allow-sys",
  `--allow-read=${fileURLToPath(new URL("..", import.meta.url))}`,
];

/** What our side says first. */
export interface OurFirst {
  readonly engine: { readonly name: string; readonly id: string; readonly reason: string };
  readonly deno: string;
  readonly tfjs: string;
}

/**
 * Starts our side with an engine.
 *
 * @param v8Flags Flags of V8 beside those of every training, such as `--expose-gc`.
 * @param threads Threads of its training; left out, one whose products are not cut.
 */
export function startOurs(
  engine: string,
  v8Flags: readonly string[] = [],
  threads?: number,
): Promise<Participant<OurFirst>> {
  const file = benchFile("engine_process.ts");
  return startParticipant(
    `Our ${engine} process`,
    fairCommand(denoProgram("start a bench"), [
      "run",
      "--quiet",
      "--no-check",
      trainingV8Flags(v8Flags),
      ...ourPermissions,
      file,
      engine,
      ...threads === undefined ? [] : [String(threads)],
    ]),
  );
}

/** What PyTorch's side says first. */
export interface PeerFirst {
  readonly torch: string;
  readonly python: string;
  readonly blas: string;
  readonly threads: number;
  readonly instructions: string;
}

/** Starts PyTorch's side, with so many threads. */
export function startPeer(python: string, threads = 1): Promise<Participant<PeerFirst>> {
  // What torch.compile writes to stderr is no measurement.
  return startParticipant(
    "The PyTorch process",
    fairCommand(python, [benchFile("peer.py"), String(threads)], { threads, stderr: "null" }),
  );
}
