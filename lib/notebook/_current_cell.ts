import { type ErrorContent, errorOfReply, strayError } from "./_failures.ts";
import type { ClientRequest, Frontend } from "./_frontend.ts";
import type { Kernel, KernelOutput } from "./kernel.ts";
import { heardMime } from "./_prelude.ts";

/** The cell that runs, or ran last: what comes later belongs to it too. */
export interface CurrentCell {
  /** None before the first one. */
  request: ClientRequest | undefined;
  running: boolean;
  /** Cells that were counted. */
  count: number;
  /** Fulfilled when the kernel has heard the last interrupt; null before the cell's first one. */
  interrupted: PromiseWithResolvers<void> | null;
  /** Whether it could not be ended, so that its kernel was. */
  stuck: boolean;
}

const stuckMessage =
  "This cell could not be interrupted, so its kernel was ended. Finished runs are kept.";

/** Sends an output on as one of the cell, and gives the error that it tells of. */
export function showOutput(
  cell: CurrentCell,
  frontend: Frontend,
  output: KernelOutput,
): ErrorContent | null {
  const { type, content, buffers } = output;
  if (heardMime in ((content.data ?? {}) as Record<string, unknown>)) {
    cell.interrupted?.resolve();
    return null;
  }
  const stray = strayError(output);
  if (stray) frontend.publish("error", { ...stray }, cell.request);
  else {
    const { count } = cell;
    const numbered = type === "execute_result" ? { ...content, execution_count: count } : content;
    frontend.publish(type, numbered, cell.request, buffers);
  }
  return stray ?? (type === "error" ? content as unknown as ErrorContent : null);
}

/** Runs a cell with all that a client expects of it, and gives the error by which it failed. */
export async function executeCell(
  cell: CurrentCell,
  frontend: Frontend,
  kernel: Kernel,
  request: ClientRequest,
): Promise<ErrorContent | null> {
  const { code, silent = false, store_history: counted = true } = request.content as {
    code: string;
    silent?: boolean;
    store_history?: boolean;
  };
  [cell.request, cell.running, cell.interrupted] = [request, true, null];
  if (counted && !silent) cell.count++;
  if (!silent) {
    frontend.publish("execute_input", { code, execution_count: cell.count }, request);
  }
  let shown: ErrorContent | null = null;
  let failure: ErrorContent | null = null;
  try {
    const onOutput = (output: KernelOutput) => void (shown ??= showOutput(cell, frontend, output));
    const reply = await kernel.execute(code, { silent, onOutput });
    if (reply.status === "error" && reply.traceback.length === 0 && wasInterrupted(cell)) {
      failure = errorContent("Interrupted", "The cell was interrupted.");
    } else if (reply.status === "error") failure = await errorOfReply(kernel, code, reply);
  } catch (error) {
    const { name, message } = error as Error;
    failure = errorContent(name, cell.stuck ? stuckMessage : message);
  }
  if (failure !== null && shown === null) frontend.publish("error", { ...failure }, request);
  cell.running = false;
  return failure ?? shown;
}

const wasInterrupted = ({ interrupted }: CurrentCell) => interrupted !== null;

function errorContent(ename: string, evalue: string): ErrorContent {
  return { ename, evalue, traceback: evalue.split("\n") };
}
