import { writeWholeSync } from "./files.ts";

/** Standard input. */
export function standardInput(): ReadableStream<Uint8Array<ArrayBuffer>> {
  return Deno.stdin.readable;
}

/** Writes text to standard output, as it is. */
export function writeToOutput(text: string): void {
  writeWholeSync(Deno.stdout, new TextEncoder().encode(text));
}

/** Writes text to standard error, as it is. */
export function writeToErrors(text: string): void {
  writeWholeSync(Deno.stderr, new TextEncoder().encode(text));
}

/** Columns of the terminal that standard error is; null when it is none. */
export function columnsOfErrors(): number | null {
  return Deno.stderr.isTerminal() ? Deno.consoleSize().columns || 80 : null;
}
