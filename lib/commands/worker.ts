import { relative, resolve } from "node:path";
import { engineChoices } from "../core/engine_name.ts";
import { projectFolder } from "../core/project.ts";
import { allowedVariable } from "../core/runtime/environment.ts";
import { work } from "../studies/work.ts";
import { type CommandContext, CommandError, oneOf, parseCommand, wholeNumber } from "./command.ts";

/** `worker --redis URL`: trains the runs that studies put on a queue, until Ctrl-C. */
export async function worker({ args, print, signal }: CommandContext): Promise<number> {
  const { values } = parseCommand(args, {
    options: {
      redis: { type: "string" },
      engine: { type: "string", default: "wasm" },
      processes: { type: "string" },
      threads: { type: "string" },
      folder: { type: "string" },
      corpus: { type: "string", multiple: true },
      "allow-other": { type: "boolean", default: false },
    },
    positionals: [0, 0],
  });
  const redis = values.redis ?? fromEnvironment();
  if (redis === undefined) {
    throw new CommandError(
      "Which server? Give --redis URL, or set PARSIMONY_REDIS, which no list of processes shows.",
      2,
      true,
    );
  }
  const { engine, processes, folder, corpus } = values;
  const threads = wholeNumber("--threads", values.threads, { from: 1 }) ?? 1;
  const workers = wholeNumber("--processes", processes, { from: 1 });
  await work({
    redis,
    engine: oneOf("--engine", engine, engineChoices),
    threads,
    workers: workers === undefined ? undefined : workers * threads,
    folder: folder === undefined ? undefined : resolve(folder),
    corpora: corpus?.map((path) => relative(projectFolder(), resolve(path))),
    allowOther: values["allow-other"],
    signal,
    print,
  });
  return 0;
}

function fromEnvironment(): string | undefined {
  return allowedVariable("PARSIMONY_REDIS");
}
