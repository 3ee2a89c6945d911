import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { checkInteger, checkOneOf } from "../core/check.ts";
import { denoProgram } from "../core/runtime/deno_program.ts";
import { withTemporaryProject } from "../core/testing/temporary_project.ts";
import type { Said, Task } from "./_child.ts";
import type { Kind, Outcome } from "./kind.ts";

/** What is tried. */
export interface FuzzOptions {
  /** Inputs of all kinds together; each kind has its share. */
  readonly count: number;
  /** Chooses the inputs. */
  readonly seed: number;
  /** One kind only. */
  readonly only?: string;
  /** One input of that kind only, by its number. */
  readonly index?: number;
  /** Module whose `kinds` are tried; the library's own by default. */
  readonly module?: string;
  /** Seconds that an input may take; 5 by default. */
  readonly patience?: number;
  /** Told of each input that ended badly. */
  readonly onBad?: (bad: BadInput) => void;
}

/** An input that ended in neither acceptance with sense nor one clear line. */
export interface BadInput {
  readonly kind: string;
  /** Number of the input: with the seed it gives the input again. */
  readonly index: number;
  readonly input: string;
  readonly said: string;
}

/** How many inputs of a kind ended in which way. */
export interface FuzzCount {
  readonly kind: string;
  tried: number;
  accepted: number;
  refused: number;
  bad: number;
}

/** Seconds that the project may take to be made, with its study. */
const patienceForProject = 120;

/**
 * Tries malformed inputs, drawn by mutation of valid ones, in processes that may read the library and
 * read and write a temporary project, and nothing else.
 *
 * @param options See {@link FuzzOptions}; the same options try the same inputs.
 * @returns Counts by kind.
 */
export async function fuzz(options: FuzzOptions): Promise<FuzzCount[]> {
  const { seed, only, onBad = () => {}, patience = 5 } = options;
  const { module = new URL("./kinds.ts", import.meta.url).href } = options;
  const { kinds } = await import(module) as { kinds: readonly Kind[] };
  const count = checkInteger("fuzz: count", options.count, { from: 1 });
  checkInteger("fuzz: seed", seed);
  if (only !== undefined) checkOneOf("fuzz: only", only, kinds.map(({ name }) => name));
  const cases = casesOf(kinds, { ...options, count });
  const counts = new Map(kinds.map(({ name: kind }): [string, FuzzCount] => [
    kind,
    { kind, tried: 0, accepted: 0, refused: 0, bad: 0 },
  ]));
  const end = (bad: BadInput, state: Outcome["state"]) => {
    const counted = counts.get(bad.kind)!;
    counted.tried++;
    counted[state]++;
    if (state === "bad") onBad(bad);
  };
  for (let first = 0; first < cases.length;) {
    first += await tryIn({ module, seed, cases: cases.slice(first) }, patience, end);
  }
  return [...counts.values()].filter(({ tried }) => tried > 0);
}

function casesOf(kinds: readonly Kind[], { count, only, index }: FuzzOptions): Task["cases"] {
  if (only !== undefined && index !== undefined) return [[only, index]];
  const chosen = kinds.filter(({ name }) => only === undefined || name === only);
  const shares = chosen.reduce((sum, { share }) => sum + share, 0);
  return chosen.flatMap(({ name, share }) =>
    Array.from({ length: Math.round(count * share / shares) }, (_, each) => [name, each] as const)
  );
}

type End = (bad: BadInput, state: Outcome["state"]) => void;

/** Tries cases in one process until all are done or it is gone; gives how many were tried. */
async function tryIn(
  task: Pick<Task, "module" | "seed" | "cases">,
  patience: number,
  end: End,
): Promise<number> {
  let tried = 0;
  const dir = join(library, ".temporary");
  await Deno.mkdir(dir, { recursive: true });
  await withTemporaryProject(async (folder) => {
    const project = await Deno.realPath(folder);
    const mark = `${crypto.randomUUID()}:`;
    const child = start(project);
    const writer = child.stdin.getWriter();
    await writer.write(new TextEncoder().encode(JSON.stringify({ ...task, project, mark })));
    await writer.close();
    const stderr = new Response(child.stderr).text();
    let begun: Extract<Said, { type: "begins" }> | null = null;
    let hung = false;
    const kill = () => {
      hung = true;
      child.kill("SIGKILL");
    };
    let deadline = setTimeout(kill, 1000 * patienceForProject);
    for await (const line of linesOf(child.stdout)) {
      if (!line.startsWith(mark)) continue;
      const said: Said = JSON.parse(line.slice(mark.length));
      clearTimeout(deadline);
      deadline = setTimeout(kill, 1000 * patience);
      if (said.type === "begins") begun = said;
      else {
        tried++;
        end({ ...said, input: begun!.input }, said.state);
        begun = null;
      }
    }
    clearTimeout(deadline);
    const { code } = await child.status;
    const printed = (await stderr).trim().split("\n").slice(-6).join(" ");
    if (begun !== null) {
      tried++;
      const what = hung ? `no end within ${patience} seconds` : `ended the process (${code})`;
      end({ ...(begun as Omit<BadInput, "said">), said: `${what} ${printed}`.trim() }, "bad");
    } else if (code !== 0) {
      throw new Error(`The process that tries inputs ended with ${code}: ${printed}`);
    }
  }, { dir });
  return tried;
}

const library = fileURLToPath(new URL("../..", import.meta.url));

function start(project: string): Deno.ChildProcess {
  return new Deno.Command(denoProgram("try malformed inputs"), {
    args: [
      "run",
      "--quiet",
      "--no-check",
      "--no-prompt",
      "--cached-only",
      `--config=${library}/deno.json`,
      "--v8-flags=--max-old-space-size=2048",
      `--allow-read=${project},${library}`,
      `--allow-write=${project}`,
      "--allow-env",
      "--allow-sys=hostname,cpus,osRelease",
      new URL("./_child.ts", import.meta.url).href,
    ],
    cwd: project,
    env: { NO_COLOR: "1" },
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
}

async function* linesOf(stream: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  let rest = "";
  for await (const text of stream.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + text).split("\n");
    rest = lines.pop()!;
    yield* lines;
  }
  if (rest !== "") yield rest;
}
