import { join } from "node:path";
import { formatNumber } from "../statistics/format.ts";
import { reproductions } from "../reproductions/all.ts";
import { documentName } from "../reproductions/document.ts";
import { reproduce as run } from "../reproductions/reproduce.ts";
import { type CommandContext, CommandError, parseCommand } from "./command.ts";
import { shortened } from "./notebooks.ts";

/** `reproduce [NAME] [--quick]`: runs the study of a published result, and says what it came to. */
export async function reproduce({ args, print, signal }: CommandContext): Promise<number> {
  const { positionals: [name], values } = parseCommand(args, {
    options: {
      quick: { type: "boolean", default: false },
      engine: { type: "string", default: "wasm" },
      workers: { type: "string" },
    },
    positionals: [0, 1],
  });
  if (name === undefined) {
    const width = Math.max(...reproductions.map((each) => each.name.length));
    for (const each of reproductions) print(`${each.name.padEnd(width)}  ${each.title}`);
    return 0;
  }
  const reproduction = reproductions.find((each) => each.name === name);
  if (reproduction === undefined) {
    throw new CommandError(
      `There is nothing to reproduce named ${JSON.stringify(name)}; there are: ${
        reproductions.map((each) => each.name).join(", ")
      }.`,
      2,
    );
  }
  const { study, claims } = await run(reproduction, {
    quick: values.quick,
    engine: values.engine as "wasm",
    workers: values.workers === undefined ? undefined : Number(values.workers),
    signal,
  });
  for (const { claim, judgement: { values, mean, interval, verdict } } of claims) {
    const show = (value: number | null) => formatNumber(value, claim.decimals);
    print(
      `${values.length === 0 ? "not run" : verdict}: ${claim.what}: published ` +
        `${show(claim.published)}, ours ${show(mean)}` +
        (interval === null ? "" : ` (${show(interval[0])} to ${show(interval[1])})`),
    );
  }
  print(`Report  ${shortened(join(study.folder, documentName))}`);
  // A verdict is a result, whatever it is.
  return 0;
}
