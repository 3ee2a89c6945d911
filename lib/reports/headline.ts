import type { ParameterSummary, RunRecord } from "../records/run_record.ts";
import type { Findings } from "../statistics/findings.ts";
import { counted, formatNumber } from "../statistics/format.ts";
import { learningRateWords } from "../statistics/learning_rate_words.ts";
import { fragment, type Insertion, type Markup } from "./html.ts";

/** Weights of a model: the product of each parameter's shape, summed. */
export function parameterCount(parameters: readonly ParameterSummary[]): number {
  return parameters.reduce(
    (sum, { shape }) => sum + shape.reduce((product, extent) => product * extent, 1),
    0,
  );
}

/** What a study trained and what that took: parameters, runs, time, tuning of the learning rate. */
export function headlineSection({ study }: Findings, runs: readonly RunRecord[]): Markup {
  const sizes = runs.filter(({ parameters }) => parameters.length > 0)
    .map(({ parameters }) => parameterCount(parameters));
  const refits = runs.filter(({ fold }) => fold === "final").length;
  const hours = runs.reduce((sum, { durationSeconds }) => sum + durationSeconds, 0) / 3600;
  const machines = [study.provenance, ...study.resumedWith ?? []]
    .map(({ cpu, cores }) => `${cpu}, ${counted(cores, "core")}`);
  const rate = learningRateWords(study);
  const entries: readonly (readonly [string, Insertion])[] = [
    ["parameters", sizes.length === 0 ? "no run recorded any" : rangeInWords(sizes)],
    [
      "runs",
      `${runs.length - refits} on ${counted(study.folds.length, "fold")}${
        refits === 0 ? "" : `, ${counted(refits, "refit")} on all but the final block`
      }`,
    ],
    [
      "compute",
      `${timeInWords(hours)} of training in all, summed over the runs; ${
        [...new Set(machines)].join("; ")
      }; engine ${study.engine}`,
    ],
    ...(rate === null ? [] : [["learning rate", rate] as const]),
  ];
  return fragment`<dl>${
    entries.map(([name, value]) =>
      fragment`<dt>${name}</dt><dd>${value}</dd>
`
    )
  }</dl>`;
}

function rangeInWords(sizes: readonly number[]): string {
  const [least, most] = [Math.min(...sizes), Math.max(...sizes)];
  return least === most
    ? thousands(least)
    : `${thousands(least)} to ${thousands(most)}, by point and by the vocabulary of the fold`;
}

/** 78592 as `78,592`. */
function thousands(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, ",");
}

function timeInWords(hours: number): string {
  if (hours >= 1) return `${formatNumber(hours, 1)} hours`;
  return hours * 60 >= 1
    ? `${formatNumber(hours * 60, 1)} minutes`
    : `${formatNumber(hours * 3600, 1)} seconds`;
}
