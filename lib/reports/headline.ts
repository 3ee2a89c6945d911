import { canonicalJson } from "../core/json.ts";
import { parameterCount } from "../records/parameter_count.ts";
import type { RunRecord } from "../records/run_record.ts";
import type { StudyRecord } from "../records/study_record.ts";
import type { Findings } from "../statistics/findings.ts";
import {
  counted,
  formatCount,
  formatNumber,
  listInWords,
  thousands,
} from "../statistics/format.ts";
import { learningRateWords } from "../statistics/learning_rate_words.ts";
import { specificationOf } from "../statistics/axis_roles.ts";
import { traced } from "../statistics/trace_numbers.ts";
import { trainingFlops } from "../statistics/training_flops.ts";
import { fragment, type Insertion, type Markup } from "./html.ts";

/** What a study trained and what that took: parameters, runs, time, tuning of the learning rate. */
export function headlineSection({ study }: Findings, runs: readonly RunRecord[]): Markup {
  const sizes = runs.filter(({ parameters }) => parameters.length > 0)
    .map(({ parameters }) => parameterCount(parameters));
  const refits = runs.filter(({ fold }) => fold === "final").length;
  const operations = operationsInWords(study, runs);
  const rate = learningRateWords(study);
  const entries: readonly (readonly [string, Insertion])[] = [
    ["parameters", sizes.length === 0 ? "no run recorded any" : rangeInWords(runs)],
    [
      "runs",
      `${formatCount(runs.length - refits, "run")} on ${counted(study.folds.length, "fold")}${
        refits === 0 ? "" : `, ${counted(refits, "refit")} on all but the final block`
      }`,
    ],
    ["compute", computeInWords(study, runs)],
    ...(operations === null ? [] : [["training operations", operations] as const]),
    ...(rate === null ? [] : [["learning rate", rate] as const]),
  ];
  return fragment`<dl>${
    entries.map(([name, value]) =>
      fragment`<dt>${name}</dt><dd>${value}</dd>
`
    )
  }</dl>`;
}

/** How long runs trained in all, and where. */
export function computeInWords(study: StudyRecord, runs: readonly RunRecord[]): string {
  const hours = runs.reduce((sum, { durationSeconds }) => sum + durationSeconds, 0) / 3600;
  const machines = [study.provenance, ...study.resumedWith ?? []]
    .map(({ cpu, cores }) => `${cpu}, ${counted(cores, "core")}`);
  return `${timeInWords(hours)} of training in all, summed over the runs; ${
    [...new Set(machines)].join("; ")
  }; engine ${study.engine}`;
}

/** The floating-point operations of training; null where shapes do not tell those of any run. */
export function operationsInWords(study: StudyRecord, runs: readonly RunRecord[]): string | null {
  const flops = runs.map((run) => {
    const specification = specificationOf(study, run.point);
    return specification === undefined ? null : trainingFlops(specification, run);
  });
  const known = flops.filter((each) => each !== null);
  if (known.length === 0) return null;
  return `${powerInWords(known.reduce((sum, each) => sum + each, 0))} floating-point operations${
    known.length === runs.length
      ? ""
      : ` of ${formatCount(known.length, "run")} of ${counted(runs.length, "run")}`
  }, counted from shapes: products of matrices forward and back${
    runs.some(({ cost }) => cost !== undefined)
      ? ", and those of an optimizer such as Muon; evaluations and what is done element by " +
        "element are left out"
      : "; evaluations and the optimizer are left out"
  }`;
}

function rangeInWords(runs: readonly RunRecord[]): string {
  const sized = runs.filter(({ parameters }) => parameters.length > 0)
    .map((run) => ({ ...run, size: parameterCount(run.parameters) }));
  const sizes = sized.map(({ size }) => size);
  const varies = (groups: Map<string, { readonly size: number }[]>) =>
    [...groups.values()].some((each) => new Set(each.map(({ size }) => size)).size > 1);
  const causes = [
    ...(varies(Map.groupBy(sized, ({ fold }) => String(fold))) ? ["point"] : []),
    ...(varies(Map.groupBy(sized, ({ point }) => canonicalJson(point))) ? ["vocabulary"] : []),
  ];
  const [least, most] = [Math.min(...sizes), Math.max(...sizes)];
  return least === most
    ? thousands(least)
    : `${thousands(least)} to ${thousands(most)}${
      causes.length === 0 ? "" : `, depending on ${listInWords(causes)}`
    }`;
}

/** 2.31e15 as `2.3 · 10^15`. */
function powerInWords(count: number): string {
  const [digits, power] = count.toExponential(1).split("e");
  return traced(`${digits} · 10^${Number(power)}`, count);
}

function timeInWords(hours: number): string {
  if (hours >= 1) return `${formatNumber(hours, 1)} hours`;
  return hours * 60 >= 1
    ? `${formatNumber(hours * 60, 1)} minutes`
    : `${formatNumber(hours * 3600, 1)} seconds`;
}
