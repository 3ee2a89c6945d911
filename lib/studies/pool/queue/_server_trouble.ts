import type { Redis } from "ioredis";
import { visibleText } from "../../../core/html.ts";
import { wait } from "../../../core/wait.ts";
import { keyPrefix } from "./connection.ts";

/** What a server says that cannot do a command for now, and what that means. */
const answers: readonly (readonly [RegExp, string])[] = [
  [/\bOOM\b/, "is full: make room, or raise its maxmemory"],
  [/\bREADONLY\b/, "takes no writes: it is the copy of another server"],
  [/\bMISCONF\b/, "takes no writes: it cannot write to its own disk"],
  [/\b(NOAUTH|WRONGPASS|NOPERM)\b/, "refuses user, password or permissions"],
  [/\b(LOADING|BUSY|MASTERDOWN|CLUSTERDOWN|TRYAGAIN)\b/, "is not ready yet"],
  [/\bWRONGTYPE\b/, "holds something else under one of its keys"],
];
/** Of a run that was dropped, or taken over, while a worker did it. */
const forgotten = /^(Missing (key|lock) for|Lock mismatch for|Job .* is not in the) /;
/** What is said of a connection that is gone or cannot be had. */
const away =
  /^(Connection is closed|Socket closed|read |write |connect |getaddrinfo )|\bE[A-Z]{4,}\b/;

/** Whether an error says that a server cannot do a command for now; others are about the command. */
export function isServerTrouble(error: Error): boolean {
  const { code } = error as { readonly code?: unknown };
  return typeof code === "string" || away.test(error.message) || isAnswer(error);
}

const isAnswer = ({ message }: Error) => answers.some(([pattern]) => pattern.test(message));

/** What is wrong with a server for now, in words that complete "The queue on …". */
export function serverTrouble({ message }: Error): string {
  const words = answers.find(([pattern]) => pattern.test(message))?.[1] ?? "does not answer";
  return `${words} (${visibleText(message.slice(0, 200))})`;
}

/** What a queue holds under its keys; what is of another type there is not its own. */
const types = {
  wait: "list",
  active: "list",
  paused: "list",
  delayed: "zset",
  prioritized: "zset",
  completed: "zset",
  failed: "zset",
  marker: "zset",
  stalled: "set",
  meta: "hash",
  events: "stream",
} as const;

/** Milliseconds between two tries whether a server is well again. */
const pause = 500;

/** Watches over a server: what is wrong with it, from the first error until it is well again. */
export interface ServerWatch {
  /** To be told of every error; those that say nothing of the server are passed on in words. */
  error(error: Error): void;
  /** What is wrong, in words that complete "The queue on …", and for how many milliseconds. */
  trouble(): { readonly words: string; readonly milliseconds: number } | null;
  /** Resolves when nothing is wrong any more, or when the watch has ended. */
  well(): Promise<void>;
  end(): void;
}

/**
 * Says once what is wrong with a server, tries whether it is well again, and says that too.
 *
 * @param client Asks the server; errors of its own are to be told to the watch, too.
 * @param keys `queue`: name of a queue. `hashes`: keys that hold hashes.
 */
export function watchServer(
  client: Redis,
  keys: { readonly queue: string; readonly hashes: ReadonlySet<string> },
  shown: string,
  say: (line: string) => void,
): ServerWatch {
  let since = 0;
  let words: string | null = null;
  let ended = false;
  let well = Promise.withResolvers<void>();
  let told: string | null = null;
  const said = new Set<string>();

  function once(line: string): void {
    if (said.has(line)) return;
    said.add(line);
    say(line);
  }

  /** Writes, and looks whether all keys hold what they should. */
  async function probe(): Promise<void> {
    await client.set(`${keyPrefix}:probe`, "", "EX", 1);
    const expected: (readonly [key: string, type: string])[] = [
      ...[...keys.hashes].map((key) => [key, "hash"] as const),
      ...Object.entries(types).map(([name, type]) =>
        [`${keyPrefix}:${keys.queue}:${name}`, type] as const
      ),
    ];
    for (const [key, type] of expected) {
      const found = await client.type(key);
      if (found !== type && found !== "none") {
        throw new Error(`WRONGTYPE: ${key} must hold a ${type}, found a ${found}: remove it`);
      }
    }
  }

  async function waitUntilWell(): Promise<void> {
    while (!ended) {
      try {
        await probe();
        if (told === null) once(`The queue on ${shown} ${words}.`);
        else say(`The queue on ${shown} is well again.`);
        break;
      } catch (error) {
        tell(error as Error);
      }
      await wait(pause);
    }
    words = told = null;
    well.resolve();
  }

  function tell(error: Error): void {
    words = serverTrouble(error);
    // What differs in one kind of trouble, such as the name of a script, makes no news.
    const kind = words.slice(0, words.indexOf("("));
    if (kind === told || ended) return;
    told = kind;
    say(`The queue on ${shown} ${words}; trying again and again.`);
  }

  return {
    error(error) {
      if (ended) return;
      if (error instanceof SyntaxError || error instanceof TypeError) {
        const found = visibleText(error.message);
        once(`Something on ${shown} is refused: it cannot be read as a job (${found}).`);
      } else if (forgotten.test(error.message)) {
        once(
          `The queue on ${shown} has forgotten a run that is being done, or given it to another ` +
            `worker. Its result counts all the same.`,
        );
      } else if (!isServerTrouble(error)) {
        once(`The queue on ${shown}: ${visibleText(error.message)}`);
      } else if (words === null) {
        since = performance.now();
        words = serverTrouble(error);
        well = Promise.withResolvers();
        // One that answers is asked under which key, and whether it still is so.
        if (!isAnswer(error)) tell(error);
        waitUntilWell();
      }
    },
    trouble: () => words === null ? null : { words, milliseconds: performance.now() - since },
    async well() {
      if (words !== null) await well.promise;
    },
    end() {
      ended = true;
      well.resolve();
    },
  };
}
