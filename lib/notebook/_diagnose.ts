import { ownProgram } from "../core/runtime/own_process.ts";
import { startProgram } from "../core/runtime/processes.ts";
import { importProbeCode } from "./_prelude.ts";
import { importsOf } from "./cells.ts";
import type { CellReply, Kernel } from "./kernel.ts";

/**
 * Finds out why a cell failed when the kernel gave no error: Deno 2.9.6 answers a syntax error or a
 * missing package with "Execution failed" and nothing else.
 */
export async function diagnose(kernel: Kernel, code: string, reply: CellReply): Promise<string> {
  const syntax = await syntaxError(code);
  if (syntax !== null) return syntax;
  for (const specifier of importsOf(code)) {
    const probe = await kernel.execute(importProbeCode(specifier), {
      timeLimitSeconds: 60,
      silent: true,
    });
    if (probe.status === "error") {
      const cause = probe.errorMessage;
      return `Cannot import ${JSON.stringify(specifier)}: ${cause}`;
    }
  }
  const last = kernel.diagnostics();
  return `${reply.errorName}: ${reply.errorMessage}${last ? `\n${last}` : ""}`;
}

/** Message with line and column of the first syntax error, found by `deno fmt`; null if none. */
async function syntaxError(code: string): Promise<string | null> {
  const child = startProgram(ownProgram(), {
    args: ["fmt", "--ext", "ts", "-"],
    env: { NO_COLOR: "1" },
    stdin: "piped",
    stdout: "null",
    stderr: "piped",
  });
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(code));
  await writer.close();
  const { success, stderr } = await child.output();
  if (success) return null;
  const [message] = new TextDecoder().decode(stderr).split("\n\nStack backtrace:");
  return message.replace(/^error: /, "").replace(/ at file:.*_stdin\.ts:/, " at line ").trim();
}
