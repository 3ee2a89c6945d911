import { join } from "node:path";
import { allFindings } from "../findings/all.ts";
import { findingDocumentName } from "../findings/document.ts";
import { runFinding } from "../findings/run_finding.ts";
import { reproductions } from "../reproductions/all.ts";
import { documentName } from "../reproductions/document.ts";
import type { KeptStudyOptions } from "../reproductions/kept_study.ts";
import { reproduce as runReproduction } from "../reproductions/reproduce.ts";
import type { Reproduction } from "../reproductions/reproduction.ts";
import { formatNumber } from "../statistics/format.ts";
import { type CommandContext, CommandError, parseCommand } from "./command.ts";
import { shortened } from "./notebooks.ts";

/** `reproduce [NAME] [--quick]`: runs the study of a published result, or of a finding of ours. */
export async function reproduce({ args, print, signal }: CommandContext): Promise<number> {
  const { positionals: [name], values } = parseCommand(args, {
    options: {
      quick: { type: "boolean", default: false },
      engine: { type: "string", default: "wasm" },
      workers: { type: "string" },
    },
    positionals: [0, 1],
  });
  const all = [...reproductions, ...allFindings];
  if (name === undefined) {
    const width = Math.max(...all.map((each) => each.name.length));
    for (const each of all) print(`${each.name.padEnd(width)}  ${each.title}`);
    return 0;
  }
  const options: KeptStudyOptions = {
    quick: values.quick,
    engine: values.engine as "wasm",
    workers: values.workers === undefined ? undefined : Number(values.workers),
    signal,
  };
  const reproduction = reproductions.find((each) => each.name === name);
  const finding = allFindings.find((each) => each.name === name);
  // A verdict is a result, whatever it is.
  if (reproduction !== undefined) print(await judged(reproduction, options, print));
  else if (finding !== undefined) {
    const study = await runFinding(finding, options);
    print(String(study));
    print(`Report  ${shortened(join(study.folder, findingDocumentName))}`);
  } else {
    throw new CommandError(
      `There is nothing to reproduce named ${JSON.stringify(name)}; there are: ${
        all.map((each) => each.name).join(", ")
      }.`,
      2,
    );
  }
  return 0;
}

/** Runs a reproduction, prints its verdicts, and returns where its report is. */
async function judged(
  reproduction: Reproduction,
  options: KeptStudyOptions,
  print: CommandContext["print"],
): Promise<string> {
  const { study, claims } = await runReproduction(reproduction, options);
  for (const { claim, judgement: { values, mean, interval, detectable, verdict } } of claims) {
    const show = (value: number | null) => formatNumber(value, claim.decimals);
    print(
      `${values.length === 0 ? "not run" : verdict}: ${claim.what}: published ` +
        `${show(claim.published)}, ours ${show(mean)}` +
        (interval === null ? "" : ` (${show(interval[0])} to ${show(interval[1])})`) +
        (verdict === "reproduced" && detectable !== null
          ? `; a difference of ${show(detectable)} would have been seen`
          : ""),
    );
  }
  return `Report  ${shortened(join(study.folder, documentName))}`;
}
