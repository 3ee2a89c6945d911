/**
 * Runs one command in a Worker; `thread.ts` is its other side.
 *
 * @module
 */
import { shareWrites } from "../core/uninterrupted.ts";
import { CommandError, print } from "./command.ts";
import { commands } from "./commands.ts";

/** What the thread is told. */
export type ToThread =
  | {
    readonly type: "start";
    readonly name: string;
    readonly args: readonly string[];
    readonly writes: Int32Array;
  }
  | { readonly type: "interrupt" };

/** What it answers. */
export type FromThread =
  | { readonly type: "ended"; readonly code: number }
  | {
    readonly type: "failed";
    readonly message: string;
    readonly code: number;
    readonly showUsage: boolean;
  };

const controller = new AbortController();

// The only part of a Worker's global scope that is needed; Deno's types lack it outside a Worker.
const scope = globalThis as unknown as {
  onmessage: (event: MessageEvent<ToThread>) => void;
  postMessage(message: FromThread): void;
};

scope.onmessage = ({ data }) => {
  if (data.type === "start") run(data).then((answer) => scope.postMessage(answer));
  else controller.abort(new CommandError("Interrupted.", 130));
};

async function run(
  { name, args, writes }: Extract<ToThread, { readonly type: "start" }>,
): Promise<FromThread> {
  shareWrites(writes);
  try {
    const command = commands.find((each) => each.name === name)!;
    const context = { args, print, signal: controller.signal };
    return { type: "ended", code: await (await command.load())(context) };
  } catch (error) {
    const { message, code, showUsage } = CommandError.from(error);
    return { type: "failed", message, code, showUsage };
  }
}
