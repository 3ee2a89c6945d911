import { join } from "node:path";
import { type CommandContext, CommandError, parseCommand } from "../lib/commands/command.ts";
import { checkInteger } from "../lib/core/check.ts";
import { bytePairs } from "../lib/data/tokenizers/byte_pairs.ts";
import { bytes } from "../lib/data/tokenizers/bytes.ts";
import type { TokenizerSpecification } from "../lib/data/tokenizers/kinds.ts";
import { writeJsonLines } from "../lib/studies/_testing/json_lines.ts";
import {
  killWhileTokenizing,
  type LargeTextMeasurement,
  runLargeText,
  storedTokens,
} from "../lib/studies/_testing/large_text.ts";
import { withProject } from "../lib/studies/_testing/parts.ts";

/** Words for `deno task bench large-text --help`. */
export const largeTextUsage = `deno task bench large-text [options]

Writes JSON lines, the same whenever they are as long, and runs two studies on their documents, each in
processes of its own: memory of coordinator and trainings, time to the first step, and that tokens are made
once. Before, all processes are killed while the first tokens are written.

  --megabytes 1000          size of the file
  --tokenizer bytes         or bytePairs
  --workers 2               training processes at once
  --most 400                memory that a process may have at most, MiB`;

const tokenizers: { readonly [name: string]: TokenizerSpecification } = {
  bytes: bytes(),
  bytePairs: bytePairs({ vocabularySize: 4096 }),
};

/** `bench large-text`: exit code 1 where a process has more memory, or tokens are made twice. */
export async function benchLargeText({ args, print }: CommandContext): Promise<number> {
  const { values } = parseCommand(args, {
    options: {
      megabytes: { type: "string", default: "1000" },
      tokenizer: { type: "string", default: "bytes" },
      workers: { type: "string", default: "2" },
      most: { type: "string", default: "400" },
    },
    positionals: [0, 0],
  });
  const number = (name: "megabytes" | "workers" | "most", from: number) =>
    checkInteger(`--${name}`, Number(values[name]), { from });
  const [megabytes, workers, most] = [
    number("megabytes", 16),
    number("workers", 1),
    number("most", 1),
  ];
  const tokenizer = tokenizers[values.tokenizer];
  if (!Object.hasOwn(tokenizers, values.tokenizer)) {
    throw new CommandError(`--tokenizer must be bytes or bytePairs, found ${values.tokenizer}.`, 2);
  }
  let well = true;
  await withProject(async (project) => {
    const path = "large.jsonl";
    const documents = writeJsonLines(join(project, path), megabytes * 1e6);
    print(`${megabytes} MB of JSON lines, ${documents} documents, tokens: ${values.tokenizer}`);
    const first = { name: "first", path, tokenizer, decays: [0, 0.1], workers };
    await killWhileTokenizing(project, first);
    const whole = storedTokens(project).filter(({ unfinished }) => !unfinished);
    print(`killed while tokenizing: ${whole.length} folders of tokens are left that look whole`);
    const one = await runLargeText(project, first);
    print(described("first study", one));
    const made = storedTokens(project);
    const other = await runLargeText(project, { ...first, name: "second", decays: [0.2, 0.3] });
    print(described("second study", other));
    const again = JSON.stringify(storedTokens(project)) !== JSON.stringify(made);
    print(`tokens were made ${again ? "again" : "once"}, in ${made.length} folders`);
    const peaks = [one, other].flatMap(({ coordinatorMebibytes, trainingMebibytes }) => [
      coordinatorMebibytes,
      ...trainingMebibytes,
    ]);
    well = whole.length === 0 && !again && Math.max(...peaks) <= most;
  });
  return well ? 0 : 1;
}

function described(name: string, measured: LargeTextMeasurement): string {
  const { firstStepSeconds, seconds, trainingTokens, vocabulary } = measured;
  const mebibytes = (value: number) => `${Math.round(value)} MiB`;
  return `${name}: first step after ${firstStepSeconds.toFixed(1)} s, ended after ${
    seconds.toFixed(1)
  } s; ${trainingTokens} training tokens of ${vocabulary} kinds; at most ${
    mebibytes(measured.coordinatorMebibytes)
  } of the coordinator, ${measured.trainingMebibytes.map(mebibytes).join(", ")} of the trainings`;
}
