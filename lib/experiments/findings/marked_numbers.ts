import { checkInteger, checkKeys, checkOneOf, show } from "../../core/check.ts";
import { canonicalJson, type JsonObject } from "../../core/json.ts";
import { projectFolder } from "../../core/project.ts";
import type { FoldIndex } from "../../records/run_record.ts";
import { describeFindings, type Statement } from "../../statistics/describe.ts";
import { mean, standardDeviation } from "../../statistics/estimate.ts";
import { findings } from "../../statistics/findings.ts";
import { formatEstimate, formatNumber, formatShare } from "../../statistics/format.ts";
import { predictionInterval } from "../../statistics/prediction_interval.ts";
import {
  curveAt,
  quantities,
  type Quantity,
  readQuantity,
  summarizeTrials,
  type View,
} from "../../statistics/summarize.ts";
import { reproductionOf } from "../reproductions/all.ts";
import { judgedClaims } from "../reproductions/document.ts";
import { loadStudy, type Study } from "../../studies/study.ts";
import { type FindingMark, findingText } from "./_finding_marks.ts";
import { isShare } from "./tables.ts";

/** A mean of runs: over the folds of the cross-validation and seeds, or over the seeds of one fold. */
interface ValueMark {
  readonly value: Quantity;
  readonly point: JsonObject;
  /** A step, or `last` (by default), or `best` (of each run its own). */
  readonly step?: number | "last" | "best";
  readonly fold?: FoldIndex;
  /** `mean` by default; `deviation` is the standard deviation, `interval` the prediction interval. */
  readonly show?: "mean" | "deviation" | "interval";
  /** 3 by default; of shares, which are shown in percent, 1. */
  readonly decimals?: number;
}

/** A mean over the folds with its standard error, as tables show it. */
interface EstimateMark {
  readonly estimate: Quantity | "step";
  readonly point: JsonObject;
  /** `lastStep` by default. */
  readonly view?: View;
}

/** What a mark may ask for of a study. */
type Mark =
  | ValueMark
  | EstimateMark
  | FindingMark
  /** The loss of a guess: ln V, or the entropy of the training text's characters by themselves. */
  | { readonly guess: "uniform" | "unigram"; readonly point: JsonObject }
  /** A sentence that the report says of the study. */
  | { readonly statement: Statement["topic"] }
  /** A claim of a reproduction, by its place. */
  | {
    readonly claim: number;
    readonly show: "published" | "mean" | "interval" | "verdict";
  }
  /** How many runs of it are recorded. */
  | { readonly runs: true }
  | { readonly digest: true };

/** A document with what its marks stand for. */
export interface MarkedDocument {
  /** The text with everything between marks computed again. */
  readonly text: string;
  /** Number of marks. */
  readonly marks: number;
  /** What is not what the records say, a line each. */
  readonly problems: readonly string[];
}

const marked = /<!-- from results\/(\S+) (\{.*?\}) -->([\s\S]*?)<!-- end -->/g;

/**
 * Computes the numbers of a Markdown document again from the records that they come from.
 *
 * A number stands between marks that say where it comes from:
 *
 * ```md
 * <!-- from results/NAME {"value":"validationLoss","point":{"lambda":0}} -->1.735<!-- end -->
 * ```
 *
 * A mark may ask for a `value` (quantity at a point: `step`, `fold`, `show`, `decimals`), an `estimate`
 * (quantity at a point, ± standard error, at a `view`, or the `step` of that view), the loss of a `guess`
 * (uniform, unigram) at a point, a `statement` of the report by its topic, a `claim` of a reproduction (`show`: published,
 * mean, interval, verdict), of a finding a `contrast` or an `arm` (`show`: mean, interval, p, adjusted,
 * verdict; of an arm also its estimate, and a pair by `from`) or a `table`, the number of `runs`, or the `digest`.
 *
 * @param text The document.
 * @param options `project`: project folder. `strict`: whether a decimal number or a percentage outside
 * of marks and code is a problem; false by default.
 */
export function computeMarkedNumbers(
  text: string,
  options: { readonly project?: string; readonly strict?: boolean } = {},
): MarkedDocument {
  checkKeys("computeMarkedNumbers", options, ["project", "strict"]);
  const { project = projectFolder(), strict = false } = options;
  const studies = new Map<string, Study>();
  const studyOf = (name: string) => {
    const study = studies.get(name) ?? loadStudy(name, { project });
    studies.set(name, study);
    return study;
  };
  const problems: string[] = [];
  let marks = 0;
  const compute = (whole: string, name: string, json: string, stored: string) => {
    marks++;
    try {
      const due = textOf(studyOf(name), JSON.parse(json));
      if (due !== stored) {
        problems.push(`results/${name} ${json}: it says ${show(stored)}, the records ${show(due)}`);
      }
      return `<!-- from results/${name} ${json} -->${due}<!-- end -->`;
    } catch (error) {
      problems.push(`results/${name} ${json}: ${(error as Error).message}`);
      return whole;
    }
  };
  // Every second piece is a block of code, in which marks are only shown.
  const pieces = text.split(/(```[\s\S]*?```)/);
  const computed = pieces.map((piece, at) => at % 2 === 0 ? piece.replace(marked, compute) : piece)
    .join("");
  const rest = pieces.filter((_, at) => at % 2 === 0).join("").replace(marked, "");
  if (/<!-- (from|end)\b/.test(rest)) {
    problems.push("A mark is not closed, or is not written right.");
  }
  if (strict) problems.push(...unmarkedNumbers(rest));
  return { text: computed, marks, problems };
}

/** Decimal numbers and percentages outside of code, link targets, tags of HTML and marks. */
function unmarkedNumbers(text: string): string[] {
  const prose = text.replace(/`[^`\n]*`/g, "").replace(/\]\([^)]*\)/g, "]").replace(
    /<!--[\s\S]*?-->|<\/?[a-z][^<>]*>/g,
    "",
  );
  // Of a version, such as 2.9.6, nobody measures anything.
  return [...prose.matchAll(/\S*\d\.\d+\S*|\d+ ?%/g)].map(([number]) => number).filter((number) =>
    !/^\D?\d+\.\d+\.\d+\D?$/.test(number)
  ).map((number) => `${show(number)} stands outside of marks: say which records it comes from`);
}

function textOf(study: Study, mark: Mark): string {
  if ("value" in mark) return valueOf(study, mark);
  if ("statement" in mark) {
    checkKeys("mark", mark, ["statement"]);
    const all = describeFindings(findings(study.record, study.records));
    const found = all.find(({ topic }) => topic === mark.statement);
    if (found !== undefined) return found.text;
    throw new RangeError(
      `statement must be one of ${all.map(({ topic }) => topic).join(", ")}, found ` +
        `${show(mark.statement)}.`,
    );
  }
  if ("claim" in mark) return claimOf(study, mark);
  if ("estimate" in mark) return estimateOf(study, mark);
  if ("contrast" in mark || "arm" in mark || "table" in mark) return findingText(study, mark);
  if ("guess" in mark) return guessOf(study, mark);
  if ("runs" in mark) return String(study.records.length);
  if ("digest" in mark) return study.digest();
  throw new TypeError(
    `A mark must hold value, estimate, guess, statement, claim, contrast, arm, table, ` +
      `runs or digest, found ${show(mark)}.`,
  );
}

function claimOf(study: Study, mark: Extract<Mark, { claim: number }>): string {
  checkKeys("mark", mark, ["claim", "show"]);
  checkOneOf("show", mark.show, ["published", "mean", "interval", "verdict"]);
  const reproduction = reproductionOf(study.name);
  if (reproduction === null) throw new RangeError(`${study.name} is no reproduction.`);
  const claims = judgedClaims(reproduction, study);
  checkInteger("claim", mark.claim, { from: 0, to: claims.length - 1 });
  const { claim, judgement } = claims[mark.claim];
  const number = (value: number | null) => formatNumber(value, claim.decimals);
  if (mark.show === "verdict") return judgement.verdict;
  if (mark.show === "published") return number(claim.published);
  if (mark.show === "mean") return number(judgement.mean);
  return intervalText(judgement.interval, claim.decimals);
}

function valueOf(study: Study, mark: ValueMark): string {
  checkKeys("mark", mark, ["value", "point", "step", "fold", "show", "decimals"]);
  const { point, step = "last", fold } = mark;
  const quantity = checkOneOf("value", mark.value, quantities);
  const percent = isShare(quantity);
  const { decimals = percent ? 1 : 3 } = mark;
  const shown = checkOneOf("show", mark.show ?? "mean", ["mean", "deviation", "interval"] as const);
  const key = canonicalJson(point);
  const values = study.records.flatMap((run) => {
    const wanted = fold === undefined ? run.fold !== "final" : run.fold === fold;
    if (!wanted || run.status !== "completed" || canonicalJson(run.point) !== key) return [];
    const at = step === "last" ? run.final : step === "best" ? run.best : curveAt(run, step);
    if (!at) throw new RangeError(`Run ${run.id.slice(0, 12)} has no evaluation at step ${step}.`);
    return [readQuantity(at, quantity) * (percent ? 100 : 1)];
  });
  if (values.length === 0) {
    throw new RangeError(`No completed run of ${study.name} is of point ${key} and its fold.`);
  }
  const unit = percent ? " %" : "";
  if (shown === "mean") return formatNumber(mean(values), decimals) + unit;
  if (shown === "deviation") return formatNumber(standardDeviation(values), decimals) + unit;
  return intervalText(values.length < 2 ? null : predictionInterval(values), decimals) + unit;
}

function estimateOf(study: Study, mark: EstimateMark): string {
  checkKeys("mark", mark, ["estimate", "point", "view"]);
  const quantity = checkOneOf("estimate", mark.estimate, [...quantities, "step" as const]);
  const view = checkOneOf("view", mark.view ?? "lastStep", ["lastStep", "bestStep"] as const);
  const key = canonicalJson(mark.point);
  const found = summarizeTrials(study.record, study.records).find((each) => each.key === key)
    ?.[view];
  if (!found) throw new RangeError(`No completed run of ${study.name} is of point ${key}.`);
  if (quantity === "step") return String(found.step);
  const { [quantity]: estimate } = found.estimates;
  return isShare(quantity) ? formatShare(estimate.mean) : formatEstimate(estimate);
}

function guessOf(study: Study, mark: Extract<Mark, { guess: string }>): string {
  checkKeys("mark", mark, ["guess", "point"]);
  const guess = checkOneOf("guess", mark.guess, ["uniform", "unigram"]);
  const key = canonicalJson(mark.point);
  const values = study.records.flatMap(({ fold, point, status, tokens }) =>
    fold === "final" || status !== "completed" || canonicalJson(point) !== key
      ? []
      : [guess === "uniform" ? Math.log(tokens.vocabulary) : tokens.unigramEntropy]
  );
  if (values.length > 0) return formatNumber(mean(values));
  throw new RangeError(`No completed run of ${study.name} is of point ${key}.`);
}

function intervalText(interval: readonly [number, number] | null, decimals: number): string {
  if (interval === null) return "–";
  return interval.map((end) => formatNumber(end, decimals)).join(" to ");
}
