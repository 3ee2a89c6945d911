import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { projectFolder } from "../core/project.ts";
import { readTextFile } from "../core/runtime/files.ts";
import { operatingSystem } from "../core/runtime/machine.ts";
import { commandLine, exit, parentProcessId, workingFolder } from "../core/runtime/own_process.ts";
import { onSignal } from "../core/runtime/signals.ts";
import { standardError } from "../core/terminal.ts";
import { type ErrorContent, errorOfReply, strayError } from "./_failures.ts";
import { type ClientRequest, openFrontend } from "./_frontend.ts";
import { heardMime, listenCode } from "./_prelude.ts";
import { within } from "./_process.ts";
import { type KernelOutput, startKernel } from "./kernel.ts";

/** How long a kernel may take to hear an interrupt before it counts as busy. */
const hearingMilliseconds = 3000;
/** How long a cell may take to end after an interrupt. */
const endingMilliseconds = 3000;

const waitsMessage =
  "Interrupted, but this cell still waits. A study ends when its runs have written their " +
  "checkpoints; anything else ends when the kernel is restarted. Finished runs are kept.\n";
const stuckMessage =
  "This cell could not be interrupted, so its kernel was ended. Finished runs are kept.";

/**
 * Runs a kernel for Jupyter clients: Deno's own stands behind it, started as our runner starts it.
 *
 * Deno's kernel alone (2.9.6) sends outputs beside its status messages, so that of several cells in
 * a row some have their outputs under the next one. It answers a syntax error, or an import that
 * fails, with no message at all, says nothing of an unhandled rejection or of an error in a timer,
 * and an interrupt ends it. Here all outputs of a cell are sent before it counts as done, each of
 * these errors is an output of its cell, cells queued behind a failed one are not run, and an
 * interrupt reaches a running study and stops a busy loop.
 *
 * @param path Connection file of the client.
 * @param temporary Folder for its own files; `.temporary` of the library's folder by default.
 * @returns Exit code for the process: 0 when the client ended the kernel, else not 0.
 * @throws {RangeError} If the client asks for something else than TCP.
 */
export async function relayKernel(
  path: string,
  temporary = join(projectFolder(dirname(fileURLToPath(import.meta.url))), ".temporary"),
): Promise<number> {
  const exit = Promise.withResolvers<number>();
  /** The cell that runs, or ran last: what comes later belongs to it too. */
  let cell: ClientRequest | undefined;
  let running = false;
  let count = 0;
  let interrupted: PromiseWithResolvers<void> | null = null;
  let stuck = false;

  // Before the kernel starts, which looks for free ports itself.
  const frontend = openFrontend(
    JSON.parse(await readTextFile(path)),
    (request) => void take(request),
  );
  const starting = startKernel({
    folder: workingFolder(),
    temporary,
    onOutput: show,
    onInputRequest: (content) =>
      cell?.content.allow_stdin ? frontend.ask(cell, content) : Promise.resolve(""),
    onProcessOutput: (bytes) => standardError.write(new TextDecoder().decode(bytes)),
  }).then(async (kernel) => {
    kernel.ended.then((code) => exit.resolve(code || 1));
    await kernel.execute(listenCode, { silent: true });
    const information = await kernel.request("shell", "kernel_info_request", {});
    return { kernel, information };
  });
  starting.catch(exit.reject);

  /** Sends an output on, and gives the error that it tells of. */
  function show(output: KernelOutput): ErrorContent | null {
    const { type, content, buffers } = output;
    if (heardMime in ((content.data ?? {}) as Record<string, unknown>)) {
      interrupted?.resolve();
      return null;
    }
    const stray = strayError(output);
    if (stray) frontend.publish("error", { ...stray }, cell);
    else {
      const numbered = type === "execute_result" ? { ...content, execution_count: count } : content;
      frontend.publish(type, numbered, cell, buffers);
    }
    return stray ?? (type === "error" ? content as unknown as ErrorContent : null);
  }

  /** Runs a cell with all that a client expects of it, and gives the error by which it failed. */
  async function execute(request: ClientRequest): Promise<ErrorContent | null> {
    const { code, silent = false, store_history: counted = true } = request.content as {
      code: string;
      silent?: boolean;
      store_history?: boolean;
    };
    const { kernel } = await starting;
    [cell, running, interrupted] = [request, true, null];
    if (counted && !silent) count++;
    if (!silent) frontend.publish("execute_input", { code, execution_count: count }, request);
    let shown: ErrorContent | null = null;
    let failure: ErrorContent | null = null;
    try {
      const onOutput = (output: KernelOutput) => void (shown ??= show(output));
      const reply = await kernel.execute(code, { silent, onOutput });
      if (reply.status === "error" && reply.traceback.length === 0 && interrupted !== null) {
        failure = errorContent("Interrupted", "The cell was interrupted.");
      } else if (reply.status === "error") failure = await errorOfReply(kernel, code, reply);
    } catch (error) {
      const { name, message } = error as Error;
      failure = errorContent(name, stuck ? stuckMessage : message);
    }
    if (failure !== null && shown === null) frontend.publish("error", { ...failure }, request);
    running = false;
    return failure ?? shown;
  }

  const queue: ClientRequest[] = [];
  let working = false;

  /** Runs the cells that wait, one after the other; behind one that failed, none. */
  async function work() {
    if (working) return;
    working = true;
    for (let request = queue.shift(); request; request = queue.shift()) {
      const { stop_on_error: stops = true } = request.content;
      await busy(request, async () => {
        const failure = await execute(request);
        frontend.reply(request, "execute_reply", {
          execution_count: count,
          ...(failure === null
            ? { status: "ok", payload: [], user_expressions: {} }
            : { status: "error", ...failure }),
        });
        if (failure === null || !stops) return;
        for (const waiting of queue.splice(0)) {
          await busy(
            waiting,
            () => frontend.reply(waiting, "execute_reply", { status: "aborted" }),
          );
        }
      });
    }
    working = false;
  }

  /** Does what a request asks for between the two status messages that clients wait for. */
  async function busy(request: ClientRequest, act: () => void | Promise<void>) {
    frontend.publish("status", { execution_state: "busy" }, request);
    await act();
    frontend.publish("status", { execution_state: "idle" }, request);
    // Clients show the last status, and the cell goes on.
    if (running) frontend.publish("status", { execution_state: "busy" }, cell);
  }

  /** Ends the cell that runs, if it can be ended. */
  async function interrupt() {
    const { kernel } = await starting;
    if (!running) return;
    const asked = cell;
    const goesOn = () => running && cell === asked;
    // Twice, for a loop may begin just after the kernel heard the first one.
    for (let attempt = 0; attempt < 2 && goesOn(); attempt++) {
      interrupted = Promise.withResolvers();
      if (operatingSystem !== "windows") kernel.signal();
      if (!await within(interrupted.promise, hearingMilliseconds)) return await stop(goesOn);
      await delay(endingMilliseconds);
    }
    if (goesOn()) frontend.publish("stream", { name: "stderr", text: waitsMessage }, asked);
  }

  /** Stops a loop that hears nothing, or else its kernel. */
  async function stop(goesOn: () => boolean) {
    if (!goesOn()) return;
    const { kernel } = await starting;
    await kernel.interrupt().catch(() => {});
    await delay(endingMilliseconds);
    stuck = goesOn();
    if (stuck) await kernel.close();
  }

  async function take(request: ClientRequest) {
    const { channel, type, content } = request;
    switch (type) {
      case "execute_request":
        queue.push(request);
        return await work();
      case "interrupt_request":
        await busy(request, () => frontend.reply(request, "interrupt_reply", { status: "ok" }));
        return await interrupt();
      case "shutdown_request":
        await busy(request, () => {
          frontend.reply(request, "shutdown_reply", { status: "ok", restart: content.restart });
        });
        return exit.resolve(0);
    }
    const { kernel, information } = await starting;
    await busy(request, async () => {
      if (!type.endsWith("_request")) return await kernel.send(channel, type, content);
      // A page that is loaded again while a cell runs must not wait for the cell's end.
      const answer = type === "kernel_info_request"
        ? information
        : await kernel.request(channel, type, content);
      frontend.reply(request, answer.type, answer.content);
    });
  }

  onSignal("SIGINT", () => void interrupt());
  onSignal("SIGTERM", () => exit.resolve(0));
  const parent = parentProcessId();
  // A client that was killed asks for nothing any more.
  setInterval(() => parentProcessId() === parent || exit.resolve(1), 2000);
  try {
    const code = await exit.promise;
    await (await starting).kernel.close();
    // What was sent last needs a moment to leave.
    await delay(100);
    return code;
  } finally {
    frontend.close();
  }
}

function errorContent(ename: string, evalue: string): ErrorContent {
  return { ename, evalue, traceback: evalue.split("\n") };
}

function delay(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

if (import.meta.main) exit(await relayKernel(commandLine[0], commandLine[1]));
