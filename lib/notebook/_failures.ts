import { diagnose } from "./_diagnose.ts";
import { failureMime } from "./_prelude.ts";
import type { CellReply, Kernel, KernelOutput } from "./kernel.ts";

/** An error as the Jupyter protocol tells it. */
export interface ErrorContent {
  readonly ename: string;
  readonly evalue: string;
  readonly traceback: readonly string[];
}

/** An error outside of a cell's own flow, as the prelude reports it. */
interface StrayFailure {
  readonly kind: string;
  readonly name: string;
  readonly message: string;
  readonly stack: string;
}

/** The error of a timer or of a promise that nobody waits for; null for any other output. */
export function strayError({ content }: KernelOutput): ErrorContent | null {
  const data = (content.data ?? {}) as Record<string, unknown>;
  if (!(failureMime in data)) return null;
  const { kind, name, message, stack } = data[failureMime] as StrayFailure;
  const text = `${kind[0].toUpperCase()}${kind.slice(1)}: ${stack || `${name}: ${message}`}`;
  return { ename: name, evalue: message, traceback: text.split("\n") };
}

/** What a cell failed by: what the kernel says, else what can be found out. */
export async function errorOfReply(
  kernel: Kernel,
  code: string,
  reply: CellReply,
): Promise<ErrorContent> {
  const { errorName, errorMessage, traceback } = reply;
  if (traceback.length > 0) return { ename: errorName, evalue: errorMessage, traceback };
  const text = await diagnose(kernel, code, reply);
  const [, ename, evalue] = /^(\w*Error): ([^]*)$/.exec(text) ?? [text, "Error", text];
  return { ename, evalue, traceback: text.split("\n") };
}
