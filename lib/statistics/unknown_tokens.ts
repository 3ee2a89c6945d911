import { canonicalJson, type JsonObject } from "../core/json.ts";
import { tokenizerNamed } from "../data/tokenizers/kinds.ts";
import type { CurvePoint, RunRecord } from "../records/run_record.ts";
import type { StudyRecord } from "../records/study_record.ts";
import { specificationOf } from "./axis_roles.ts";
import { sidesInWords } from "./corpus_words.ts";
import { type Estimate, estimateOverFolds, mean } from "./estimate.ts";
import { formatEstimate, formatNumber, formatPoint, formatShare } from "./format.ts";
import { lossUnit, natsPerToken } from "./study_loss.ts";
import { groupRuns, keptEvaluation } from "./summarize.ts";
import type { StudyRecords } from "./study_records.ts";

/** Share of unknown held-out tokens above which a study is told of them. */
export const largestUnknownShare = 0.01;

/**
 * By how much unknown tokens may raise the loss of a point in a fold without a word, nats per token: as
 * much as many of the differences that studies are about.
 */
export const largestUnknownCost = 0.05;

/** A point's loss with and without the held-out tokens that the vocabulary does not know. */
export interface KnownLoss {
  /** The point. */
  readonly point: JsonObject;
  /** Canonical JSON of the point. */
  readonly key: string;
  /** On all held-out tokens, nats per token. */
  readonly all: Estimate;
  /** On those that the vocabulary of the training part knows, nats per token. */
  readonly known: Estimate;
}

/** What unknown tokens do to the numbers of a study. */
export interface UnknownTokens {
  /** Mean over the completed runs of the share of held-out tokens that the vocabulary does not know. */
  readonly share: number;
  /** The largest share of a run, its point and its fold. */
  readonly largest: {
    readonly share: number;
    readonly point: JsonObject;
    readonly fold: number;
  };
  /** Whether training examples of the tokenizer with the largest share contain the unknown token; null where the records do not say. */
  readonly trained: boolean | null;
  /** Losses of the complete points at what each run kept; null where the records do not have them. */
  readonly points: readonly KnownLoss[] | null;
}

/**
 * Reads off a study's records how many held-out tokens its vocabularies do not know, and the loss on
 * those that they know.
 *
 * Of a share s of unknown tokens the loss on all is L = (1 − s) · L_known + s · L_unknown. Where no
 * training example contains the unknown token, L_unknown is what the model happens to give to a token
 * that never follows, 9 to 13 nats: it grows with training and shrinks with weight decay, and so
 * decides the order of points that differ little in L_known.
 *
 * @param study A study, or its records.
 * @returns Null where no completed run of the cross-validation has unknown held-out tokens.
 */
export function unknownTokens(source: StudyRecords): UnknownTokens | null {
  const { record: study, records: runs } = source;
  const groups = groupRuns(study, runs).map((group) => ({
    ...group,
    folds: group.folds.map((fold) => fold.filter(({ status }) => status === "completed")),
  }));
  const completed = groups.flatMap(({ folds }) => folds.flat());
  const shares = completed.map(({ tokens }) => tokens.unknownShare);
  const share = shares.length === 0 ? 0 : mean(shares);
  if (share === 0) return null;
  const worst = completed.reduce((a, b) => b.tokens.unknownShare > a.tokens.unknownShare ? b : a);
  const evaluations = completed.map((run) => keptEvaluation(source, run));
  // Where one run has it, another lacks it because no unknown token is among those it was scored on.
  const recorded = evaluations.some((at) => at?.knownHeldOutLoss !== undefined);
  const lossesOf = (folds: readonly (readonly RunRecord[])[], read: (at: CurvePoint) => number) =>
    estimateOverFolds(
      folds.map((fold) => fold.map((run) => read(keptEvaluation(source, run)!))),
    )!;
  const complete = groups.filter(({ folds }) =>
    folds.every((fold) => fold.length === study.seeds.length)
  );
  return {
    share,
    largest: {
      share: worst.tokens.unknownShare,
      point: worst.point,
      fold: worst.fold as number,
    },
    trained: isTrained(
      targetTokenizer(study, worst.point),
      completed.filter(({ point }) =>
        tokenizerKey(study, point) === tokenizerKey(study, worst.point)
      ),
    ),
    points: !recorded ? null : complete.map(({ point, key, folds }) => ({
      point,
      key,
      all: lossesOf(folds, (at) => at.heldOutLoss),
      known: lossesOf(folds, (at) => at.knownHeldOutLoss ?? at.heldOutLoss),
    })),
  };
}

/**
 * Losses on known tokens by the key of each point, for a table: those of a study in which unknown tokens
 * could decide a number, as {@link unknownTokenWarnings} says; else none.
 */
export function knownLosses(unknown: UnknownTokens | null): ReadonlyMap<string, Estimate> {
  return new Map(
    unknown !== null && couldDecide(unknown)
      ? unknown.points?.map(({ key, known }) => [key, known])
      : [],
  );
}

function couldDecide({ share, points }: UnknownTokens): boolean {
  return share > largestUnknownShare || orderSentence(points ?? []) !== null ||
    (costliest(points ?? [])?.cost ?? 0) > largestUnknownCost;
}

/** The fold and point whose loss unknown tokens raise most. */
function costliest(points: readonly KnownLoss[]) {
  return points.flatMap(({ point, all, known }) =>
    all.foldMeans.map((loss, order) => ({
      point,
      order,
      loss,
      known: known.foldMeans[order],
      cost: loss - known.foldMeans[order],
    }))
  ).reduce<{ point: JsonObject; order: number; loss: number; known: number; cost: number } | null>(
    (most, each) => most === null || each.cost > most.cost ? each : most,
    null,
  );
}

/** Where runs do not record it: a vocabulary with a limit that was reached, or with a minimum count. */
function isTrained(tokenizer: JsonObject, runs: readonly RunRecord[]): boolean | null {
  const recorded = runs.map(({ tokens }) => tokens.trainingUnknownShare)
    .filter((share) => share !== undefined);
  if (recorded.length > 0) return recorded.every((share) => share > 0);
  const { minimumCount, maximumVocabulary } = tokenizer;
  if (typeof minimumCount === "number") return true;
  if (
    typeof maximumVocabulary === "number" &&
    runs.every(({ tokens }) => tokens.vocabulary >= maximumVocabulary)
  ) return true;
  return tokenizerNamed(tokenizer.kind).textHoldsUnknown ? null : false;
}

function tokenizerKey(study: StudyRecord, point: JsonObject): string {
  return canonicalJson(targetTokenizer(study, point));
}

function severalTokenizers(study: StudyRecord): boolean {
  return new Set(study.space.points.map((point) => tokenizerKey(study, point))).size > 1;
}

/** That of a point; points of folds in bytes may have tokenizers of their own. */
function targetTokenizer(study: StudyRecord, point: JsonObject): JsonObject {
  const tokenizer = (specificationOf(study, point)?.tokenizer ?? {}) as JsonObject;
  if (tokenizer.kind === "completions") return tokenizer.tokenizer as JsonObject;
  return tokenizer.kind === "pairs" ? tokenizer.target as JsonObject : tokenizer;
}

/**
 * Says where unknown tokens could decide a number of a study: their share is above 1 %, they raise the
 * loss of a point in a fold by more than 0.05 nats, or another point has the lowest mean on the tokens
 * that the vocabulary knows.
 *
 * @param study A study, or its records.
 * @returns Sentences with the numbers and what to do; none where unknown tokens are few and change
 * nothing.
 *
 * @example
 * ```ts
 * import { syntheticStudy } from "./testing/synthetic_study.ts";
 * import { unknownTokenWarnings } from "./unknown_tokens.ts";
 * import assert from "node:assert/strict";
 * const { study: record, runs } = syntheticStudy();
 * const share = (unknownShare: number) => ({
 *   record,
 *   records: runs.map((run) => ({ ...run, tokens: { ...run.tokens, unknownShare } })),
 * });
 * assert.deepEqual(unknownTokenWarnings(share(0.002)), []);
 * assert.match(unknownTokenWarnings(share(0.2))[0], /^20\.0 % of the held-out tokens are/);
 * ```
 */
export function unknownTokenWarnings(study: StudyRecords): string[] {
  const unknown = unknownTokens(study);
  if (unknown === null) return [];
  if (!couldDecide(unknown)) return [];
  const order = orderSentence(unknown.points ?? []);
  return [shareSentence(study.record, unknown), ...(order === null ? [] : [order])];
}

function shareSentence(study: StudyRecord, unknown: UnknownTokens): string {
  const { share, largest, trained, points } = unknown;
  const lowest = points === null ? null : lowestOf(points, "all");
  const of = study.corpus.pairs === undefined ? "" : ` of ${sidesInWords(study).target}s`;
  const start = `${formatShare(share)} of the held-out tokens${of} are unknown to ${
    severalTokenizers(study)
      ? `the vocabulary, in the mean over tokenizers (at most ${formatShare(largest.share)}, of ${
        formatPoint(largest.point)
      } in`
      : `the vocabulary (at most ${formatShare(largest.share)}, in`
  } fold ${largest.fold})`;
  const most = costliest(points ?? []);
  const raised = most !== null && most.cost > largestUnknownCost
    ? ` They raise the loss of ${formatPoint(most.point)} in fold ${
      study.folds[most.order].index
    } from ${formatNumber(most.known)} to ${formatNumber(most.loss)}.`
    : "";
  const part = lowest === null || lowest.all.mean <= 0
    ? ""
    : ` They make up about ${
      formatShare(1 - (1 - share) * lowest.known.mean / lowest.all.mean)
    } of the loss at ${formatPoint(lowest.point)}.${raised}`;
  const remedy = tokenizerNamed(targetTokenizer(study, largest.point).kind).trainsUnknown;
  if (trained) {
    return `${start}. Training examples contain the unknown token, so it is learned; ${
      lossUnit(study) === natsPerToken
        ? "losses are comparable only with those of the same vocabulary"
        : "what it stands for is written out, which the losses count"
    }.${part}`;
  }
  return trained === false
    ? `${start}, and no training example contains the unknown token: what each of them costs is not ` +
      `learned.${part} ${remedy}`
    : `${start}; the records do not say whether training examples contain the unknown token.${part} ` +
      remedy;
}

function lowestOf(points: readonly KnownLoss[], read: "all" | "known"): KnownLoss | null {
  return points.reduce<KnownLoss | null>(
    (best, each) => best === null || each[read].mean < best[read].mean ? each : best,
    null,
  );
}

/** What is said where another point is the lowest on known tokens. */
function orderSentence(points: readonly KnownLoss[]): string | null {
  const all = lowestOf(points, "all");
  const known = lowestOf(points, "known");
  if (all === null || known === null || all.key === known.key) return null;
  const [first, second] = [formatPoint(all.point), formatPoint(known.point)];
  return `Unknown tokens decide which point has the lowest mean loss: on all held-out tokens it is ` +
    `${first} with ${formatEstimate(all.all)} (${second}: ${
      formatEstimate(known.all)
    }), on those ` +
    `that the vocabulary knows ${second} with ${formatEstimate(known.known)} (${first}: ${
      formatEstimate(all.known)
    }).`;
}
