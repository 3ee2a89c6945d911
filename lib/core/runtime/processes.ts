/** How a program is started; its streams are this process's by default, and piped for {@link runProgram}. */
export interface ProgramOptions {
  readonly args: string[];
  readonly cwd?: string;
  /** Variables that are set. */
  readonly env?: Record<string, string>;
  /** Whether it sees no variable of this process. */
  readonly clearEnv?: boolean;
  readonly stdin?: "piped" | "null";
  readonly stdout?: "piped" | "null";
  readonly stderr?: "piped" | "null";
  /** Kills it. */
  readonly signal?: AbortSignal;
}

/** How a program ended. */
export interface ProgramEnd {
  readonly success: boolean;
  readonly code: number;
  /** The signal that ended it. */
  readonly signal: string | null;
}

/** The same, with what it wrote where that was piped. */
export interface ProgramOutput extends ProgramEnd {
  readonly stdout: Uint8Array<ArrayBuffer>;
  readonly stderr: Uint8Array<ArrayBuffer>;
}

/** A program that runs. Only streams that are piped may be used. */
export interface RunningProgram {
  readonly pid: number;
  readonly stdin: WritableStream<Uint8Array<ArrayBufferLike>>;
  readonly stdout: ReadableStream<Uint8Array<ArrayBuffer>>;
  readonly stderr: ReadableStream<Uint8Array<ArrayBuffer>>;
  readonly status: Promise<ProgramEnd>;
  /** Waits for its end, and gives what it wrote. */
  output(): Promise<ProgramOutput>;
  /** @throws {TypeError} If it has ended. */
  kill(signal: "SIGINT" | "SIGKILL" | "SIGTERM"): void;
}

/** Starts a program. */
export function startProgram(program: string, options: ProgramOptions): RunningProgram {
  return new Deno.Command(program, options).spawn();
}

/** Runs a program to its end. */
export function runProgram(program: string, options: ProgramOptions): Promise<ProgramOutput> {
  return new Deno.Command(program, options).output();
}
