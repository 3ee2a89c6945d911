import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { projectFolder } from "../core/project.ts";
import { readTextFile } from "../core/runtime/files.ts";
import { commandLine, exit, parentProcessId, workingFolder } from "../core/runtime/own_process.ts";
import { onSignal } from "../core/runtime/signals.ts";
import { standardError } from "../core/terminal.ts";
import { wait } from "../core/wait.ts";
import { type CurrentCell, executeCell, showOutput } from "./_current_cell.ts";
import type { ErrorContent } from "./_failures.ts";
import { type ClientRequest, type Frontend, openFrontend } from "./_frontend.ts";
import { interruptCell } from "./_interrupt_cell.ts";
import { listenCode } from "./_prelude.ts";
import { startKernel } from "./kernel.ts";

/**
 * Runs a kernel for Jupyter clients: Deno's own stands behind it, started as our runner starts it.
 *
 * Deno's kernel alone (2.9.6) sends outputs beside its status messages, so that of several cells in
 * a row some have their outputs under the next one. It answers a syntax error, or an import that
 * fails, with no message at all, says nothing of an unhandled rejection or of an error in a timer,
 * and an interrupt ends it. Here all outputs of a cell are sent before it counts as done, each of
 * these errors is an output of its cell, cells queued after a failed one are not run, and an
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
  const cell: CurrentCell = {
    request: undefined,
    running: false,
    count: 0,
    interrupted: null,
    stuck: false,
  };

  // Before the kernel starts, which looks for free ports itself.
  const frontend = openFrontend(
    JSON.parse(await readTextFile(path)),
    (request) => void take(request),
  );
  const starting = startKernel({
    folder: workingFolder(),
    temporary,
    onOutput: (output) => void showOutput(cell, frontend, output),
    async onInputRequest(content) {
      const { request } = cell;
      return request?.content.allow_stdin ? await frontend.ask(request, content) : "";
    },
    onProcessOutput: (bytes) => standardError.write(new TextDecoder().decode(bytes)),
  }).then(async (kernel) => {
    kernel.ended.then((code) => exit.resolve(code || 1));
    await kernel.execute(listenCode, { silent: true });
    const information = await kernel.request("shell", "kernel_info_request", {});
    return { kernel, information };
  });
  starting.catch(exit.reject);

  const { busy, run } = cellQueue(cell, frontend, async (request) => {
    const { kernel } = await starting;
    return await executeCell(cell, frontend, kernel, request);
  });
  const interrupt = async () => await interruptCell(cell, frontend, (await starting).kernel);

  async function take(request: ClientRequest) {
    const { channel, type, content } = request;
    switch (type) {
      case "execute_request":
        return await run(request);
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
    await wait(100);
    return code;
  } finally {
    frontend.close();
  }
}

/** Runs cells one after the other; after one that failed, none. */
function cellQueue(
  cell: CurrentCell,
  frontend: Frontend,
  execute: (request: ClientRequest) => Promise<ErrorContent | null>,
) {
  const queue: ClientRequest[] = [];
  let working = false;

  /** Does what a request asks for between the two status messages that clients wait for. */
  async function busy(request: ClientRequest, act: () => void | Promise<void>): Promise<void> {
    frontend.publish("status", { execution_state: "busy" }, request);
    await act();
    frontend.publish("status", { execution_state: "idle" }, request);
    // Clients show the last status, and the cell goes on.
    if (cell.running) frontend.publish("status", { execution_state: "busy" }, cell.request);
  }

  /** Runs a cell, and answers those that wait behind it if it failed. */
  async function answer(request: ClientRequest): Promise<void> {
    const { stop_on_error: stops = true } = request.content;
    const failure = await execute(request);
    frontend.reply(request, "execute_reply", {
      execution_count: cell.count,
      ...(failure === null
        ? { status: "ok", payload: [], user_expressions: {} }
        : { status: "error", ...failure }),
    });
    if (failure === null || !stops) return;
    for (const waiting of queue.splice(0)) {
      await busy(waiting, () => frontend.reply(waiting, "execute_reply", { status: "aborted" }));
    }
  }

  return {
    busy,
    async run(added: ClientRequest): Promise<void> {
      queue.push(added);
      if (working) return;
      working = true;
      for (let request = queue.shift(); request; request = queue.shift()) {
        const next = request;
        await busy(next, () => answer(next));
      }
      working = false;
    },
  };
}

if (import.meta.main) exit(await relayKernel(commandLine[0], commandLine[1]));
