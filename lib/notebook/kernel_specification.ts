import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { ownProgram } from "../core/runtime/own_process.ts";

/** How a Jupyter client starts our kernel: the content of a `kernel.json`. */
export interface KernelSpecification {
  readonly argv: readonly string[];
  readonly display_name: string;
  readonly language: string;
  /** Clients interrupt by a message: a signal would reach the relay and not the cell. */
  readonly interrupt_mode: "message";
}

/**
 * The specification of the relay, which names this very Deno by its path, so that it also works
 * where Deno came with npx.
 *
 * @param project Folder of the project whose notebooks are opened.
 */
export function kernelSpecification(project: string): KernelSpecification {
  const temporary = join(project, ".temporary");
  return {
    argv: [
      ownProgram(),
      "run",
      // The relay needs neither packages nor the configuration of the notebook's folder.
      ...["--quiet", "--no-config", "--no-lock", "--no-prompt"],
      ...["--allow-read", `--allow-write=${temporary}`, "--allow-env"],
      ...["--allow-net=127.0.0.1", `--allow-run=${ownProgram()}`],
      fileURLToPath(new URL("./relay.ts", import.meta.url)),
      "{connection_file}",
      // Notebooks may lie anywhere, so the working directory does not say whose kernel it is.
      temporary,
    ],
    display_name: "Deno",
    language: "typescript",
    interrupt_mode: "message",
  };
}
