// The process in which inputs are tried: what hangs or takes all memory is ended with it.

import { join, relative } from "node:path";
import { visibleText } from "../core/html.ts";
import { randomStream } from "../core/random.ts";
import { makeBase } from "./_base.ts";
import { faultOfMessage } from "./judge.ts";
import { type Base, type Draw, type Kind, Nonsense, type Outcome, Refused } from "./kind.ts";

/** What the process is to try: cases of kinds, in this order. */
export interface Task {
  readonly project: string;
  /** Module with the kinds. */
  readonly module: string;
  readonly mark: string;
  readonly seed: number;
  readonly cases: readonly (readonly [kind: string, index: number])[];
}

/** What it says, one JSON line each behind the task's mark. */
export type Said =
  | {
    readonly type: "begins";
    readonly kind: string;
    readonly index: number;
    readonly input: string;
  }
  | { readonly type: "ended"; readonly kind: string; readonly index: number } & Outcome;

/** Tries an input, and judges how it ends. */
async function judge(run: () => unknown): Promise<Outcome> {
  try {
    await run();
    return { state: "accepted", said: "" };
  } catch (error) {
    if (error instanceof Nonsense) return { state: "bad", said: error.message };
    if (error instanceof Refused) return { state: "refused", said: error.message };
    if (!(error instanceof Error)) return { state: "bad", said: `threw ${typeof error}` };
    const fault = faultOfMessage(error.message);
    if (fault === null) return { state: "refused", said: error.message };
    const place = error.stack?.split("\n").filter((line) => /^\s+at /.test(line)).slice(0, 4)
      .map((line) => line.trim().replace(/file:\/\/\S*\/lib\//, "")).join(" < ");
    return { state: "bad", said: `${fault}: ${error.name}: ${error.message} (${place})` };
  }
}

/** Content of every file of a folder, by path. */
function filesIn(folder: string, found = new Map<string, Uint8Array>(), at = folder) {
  for (const entry of Deno.readDirSync(at)) {
    const path = join(at, entry.name);
    if (entry.isDirectory) filesIn(folder, found, path);
    else found.set(relative(folder, path).replaceAll("\\", "/"), Deno.readFileSync(path));
  }
  return found;
}

/** Puts a folder back as it was; gives the paths that differed. */
function restore(folder: string, before: ReadonlyMap<string, Uint8Array>): string[] {
  const now = filesIn(folder);
  const same = (a: Uint8Array, b: Uint8Array | undefined) =>
    b !== undefined && a.length === b.length && a.every((byte, at) => byte === b[at]);
  const changed: string[] = [];
  for (const [path, content] of now) {
    const due = before.get(path);
    if (same(content, due)) continue;
    changed.push(path);
    if (due === undefined) Deno.removeSync(join(folder, path));
    else Deno.writeFileSync(join(folder, path), due);
  }
  for (const [path, content] of before) {
    if (now.has(path)) continue;
    changed.push(path);
    Deno.writeFileSync(join(folder, path), content);
  }
  return changed;
}

/** Where an input of a kind wrote although it may not. */
function forbidden(kind: Kind, changed: readonly string[]): string[] {
  const allowed = ["results", ...kind.writes ?? []];
  return changed.filter((path) => !allowed.includes(path.split("/")[0]));
}

async function main({ project, module, mark, seed, cases }: Task): Promise<void> {
  const { kinds } = await import(module) as { kinds: readonly Kind[] };
  const output = Deno.stdout;
  const say = (said: Said) => {
    const bytes = new TextEncoder().encode(`\n${mark}${JSON.stringify(said)}\n`);
    for (let at = 0; at < bytes.length;) at += output.writeSync(bytes.subarray(at));
  };
  const base: Base = await makeBase(project);
  const before = filesIn(project);
  const opened = new Map<string, Draw>();
  for (const [name, index] of cases) {
    const kind = kinds.find((each) => each.name === name)!;
    if (!opened.has(name)) opened.set(name, await kind.open(base));
    const { input, run } = opened.get(name)!(randomStream(seed, "fuzz", name, index));
    say({
      type: "begins",
      kind: name,
      index,
      input: visibleText(input.slice(0, 1000).replace(/\s+/g, " ")),
    });
    let outcome = await judge(run);
    const outside = forbidden(kind, restore(project, before));
    if (outside.length > 0) {
      outcome = { state: "bad", said: `wrote ${outside.join(", ")} outside of results/` };
    }
    if (stray.length > 0) {
      outcome = { state: "bad", said: `left behind: ${stray.splice(0).join(", ")}` };
    }
    say({ type: "ended", kind: name, index, ...outcome, said: visibleText(outcome.said) });
  }
}

// What was left to run behind an input that has ended must not end the process.
const stray: string[] = [];
globalThis.addEventListener("unhandledrejection", (event) => {
  event.preventDefault();
  stray.push(String(event.reason));
});

if (import.meta.main) {
  const task: Task = JSON.parse(await new Response(Deno.stdin.readable).text());
  const failure = await main(task).then(() => null, (error: Error) => error);
  if (failure !== null) Deno.stderr.writeSync(new TextEncoder().encode(failure.stack));
  Deno.exit(failure === null ? 0 : 1);
}
