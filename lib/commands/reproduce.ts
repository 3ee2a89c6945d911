import { join } from "node:path";
import { show } from "../core/check.ts";
import { didYouMean } from "../core/did_you_mean.ts";
import { engineChoices } from "../core/engine_name.ts";
import { allFindings } from "../experiments/findings/all.ts";
import { findingDocumentName } from "../experiments/findings/document.ts";
import { runFinding } from "../experiments/findings/run_finding.ts";
import { versesDocumentName } from "../experiments/prompts/document.ts";
import { runVerses } from "../experiments/prompts/run_verses.ts";
import { verseStudies } from "../experiments/prompts/verses.ts";
import { remedyStudies } from "../experiments/remedies/all.ts";
import { remediesDocumentName } from "../experiments/remedies/document.ts";
import { runRemedies } from "../experiments/remedies/run_remedies.ts";
import { reproductions } from "../experiments/reproductions/all.ts";
import { documentName } from "../experiments/reproductions/document.ts";
import type { KeptStudyOptions } from "../experiments/reproductions/kept_study.ts";
import { reproduce as runReproduction } from "../experiments/reproductions/reproduce.ts";
import type { Reproduction } from "../experiments/reproductions/reproduction.ts";
import { formatNumber } from "../statistics/format.ts";
import { countFailed, failedInWords } from "../studies/failed_runs.ts";
import type { Study } from "../studies/study.ts";
import { type CommandContext, CommandError, oneOf, parseCommand, wholeNumber } from "./command.ts";
import { shortened } from "./notebooks.ts";

/** `reproduce [NAME] [--quick] [--retry-failed]`: runs the study of a published result, of a finding of ours, of the remedies, or of prompts. */
export async function reproduce({ args, print, signal }: CommandContext): Promise<number> {
  const { positionals: [name], values } = parseCommand(args, {
    options: {
      quick: { type: "boolean", default: false },
      engine: { type: "string", default: "wasm" },
      workers: { type: "string" },
      threads: { type: "string" },
      "retry-failed": { type: "boolean", default: false },
    },
    positionals: [0, 1],
  });
  const all = [...reproductions, ...allFindings, ...remedyStudies, ...verseStudies];
  if (name === undefined) {
    const width = Math.max(...all.map((each) => each.name.length));
    for (const each of all) print(`${each.name.padEnd(width)}  ${each.title}`);
    return 0;
  }
  const options: KeptStudyOptions = {
    quick: values.quick,
    engine: oneOf("--engine", values.engine, engineChoices),
    workers: wholeNumber("--workers", values.workers, { from: 1 }),
    threads: wholeNumber("--threads", values.threads, { from: 1 }),
    retryFailed: values["retry-failed"],
    signal,
  };
  const reproduction = reproductions.find((each) => each.name === name);
  const finding = allFindings.find((each) => each.name === name);
  // A verdict is a result, whatever it is.
  if (reproduction !== undefined) return endOf(await judged(reproduction, options, print), print);
  const remedies = remedyStudies.find((each) => each.name === name);
  if (finding !== undefined) {
    return told(await runFinding(finding, options), findingDocumentName, print);
  }
  if (remedies !== undefined) {
    return told(await runRemedies(remedies, options), remediesDocumentName, print);
  }
  const verses = verseStudies.find((each) => each.name === name);
  if (verses !== undefined) {
    return told(await runVerses(verses, options), versesDocumentName, print);
  }
  throw new CommandError(
    `There is nothing to reproduce named ${show(name)}; there are: ${
      all.map((each) => each.name).join(", ")
    }.${didYouMean(name, all.map((each) => each.name))}`,
    2,
  );
}

/** Prints a study and where its document is, and gives the exit code. */
function told(study: Study, document: string, print: CommandContext["print"]): number {
  print(String(study));
  print(`Report  ${shortened(join(study.folder, document))}`);
  return endOf(study, print);
}

/** Says which runs stay failed, and gives the exit code. */
function endOf({ records }: Study, print: CommandContext["print"]): number {
  const failed = failedInWords(countFailed(records), "the same command with --retry-failed");
  if (failed === null) return 0;
  print(`Of ${records.length} runs, ${failed}.`);
  return 1;
}

/** Runs a reproduction, prints its verdicts and where its report is. */
async function judged(
  reproduction: Reproduction,
  options: KeptStudyOptions,
  print: CommandContext["print"],
): Promise<Study> {
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
  print(`Report  ${shortened(join(study.folder, documentName))}`);
  return study;
}
