import { randomUUID } from "node:crypto";
import { freePorts } from "../core/free_ports.ts";
import { denoProgram } from "../core/runtime/deno_program.ts";
import { writeSecretSync } from "../core/runtime/files.ts";
import { startProgram } from "../core/runtime/processes.ts";
import { tail, within } from "./_process.ts";

/** Where the process of a kernel listens, and the key that signs its messages. */
export interface KernelConnection {
  readonly key: string;
  readonly ports: Readonly<
    Record<"shell" | "iopub" | "stdin" | "control" | "heartbeat", number>
  >;
}

/** The process of a kernel. */
export interface KernelProcess {
  readonly connection: KernelConnection;
  /** Exit code and in words how it ended, once it has. */
  readonly ended: Promise<{ readonly code: number; readonly how: string }>;
  /** What it wrote, last lines only. */
  diagnostics(): string;
  /** Sends SIGINT. */
  interrupt(): void;
  /** Ends it by force, unless it ends by itself within a time. */
  end(milliseconds: number): Promise<void>;
  /** Lets go of what it reads and writes. */
  release(): Promise<void>;
}

/**
 * Starts the process of a kernel.
 *
 * @param file Where it reads of its connection.
 * @param onOutput Called with what it writes.
 */
export function startKernelProcess(
  file: string,
  { folder, environment, onOutput }: {
    readonly folder: string;
    readonly environment?: Readonly<Record<string, string>>;
    readonly onOutput?: (bytes: Uint8Array) => void;
  },
): KernelProcess {
  const connection = chooseConnection();
  writeConnection(file, connection);
  const child = startProgram(denoProgram("start a kernel"), {
    args: ["jupyter", "--kernel", "--conn", file],
    cwd: folder,
    env: { ...environment },
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  });
  const diagnostics = tail([child.stdout, child.stderr], onOutput);
  const ended = child.status.then(async ({ signal, code }) => {
    await diagnostics.finished(500);
    return { code, how: signal ? `by ${signal}` : `with exit code ${code}` };
  });
  return {
    connection,
    ended,
    diagnostics: () => diagnostics.text(),
    interrupt: () => child.kill("SIGINT"),
    async end(milliseconds) {
      if (milliseconds > 0 && await within(ended, milliseconds)) return;
      try {
        child.kill("SIGKILL");
      } catch (error) {
        // It ended between our look at it and the signal.
        if (!(error instanceof TypeError)) throw error;
      }
    },
    async release() {
      await diagnostics.stop();
      await child.stdin.close().catch(() => {});
    },
  };
}

function chooseConnection(): KernelConnection {
  const [shell, iopub, stdin, control, heartbeat] = freePorts(5);
  return { key: randomUUID(), ports: { shell, iopub, stdin, control, heartbeat } };
}

/** Writes what a kernel reads of its connection. */
function writeConnection(file: string, { key, ports }: KernelConnection): void {
  const connection = {
    transport: "tcp",
    ip: "127.0.0.1",
    shell_port: ports.shell,
    iopub_port: ports.iopub,
    stdin_port: ports.stdin,
    control_port: ports.control,
    hb_port: ports.heartbeat,
    key,
    signature_scheme: "hmac-sha256",
    kernel_name: "deno",
  };
  // Only we may read the key: with it anyone on this machine could run code in the kernel.
  writeSecretSync(file, JSON.stringify(connection));
}
