import { canonicalJson } from "../core/json.ts";
import type { FoldRecord, StudyRecord } from "../records/study_record.ts";
import { lossUnit } from "./study_loss.ts";
import { tokensOfSpecification } from "./tokens_of_specification.ts";

/** Which runs of two studies stand on the same text and draw the same random numbers. */
export interface Pairing {
  /** Folds with the same training and held-out text in both. */
  readonly folds: readonly number[];
  /** Seeds of both. */
  readonly seeds: readonly number[];
  /** Why not everything is paired, in words; empty when it is. */
  readonly obstacles: readonly string[];
}

/**
 * What of two studies can be paired, and why the rest cannot.
 *
 * @param first One study.
 * @param second The other.
 */
export function pairingOf(first: StudyRecord, second: StudyRecord): Pairing {
  const obstacles: string[] = [];
  const seeds = first.seeds.filter((seed) => second.seeds.includes(seed));
  if (first.corpus.sha256 !== second.corpus.sha256) {
    obstacles.push(
      `the texts differ (${first.corpus.name} and ${second.corpus.name}), so no run is paired`,
    );
  } else if (first.select.metric !== second.select.metric) {
    obstacles.push(
      `losses are in ${lossUnit(first).words} and in ${
        lossUnit(second).words
      }, so no run is paired`,
    );
  } else if (
    first.select.metric === "validationLoss" &&
    tokensOf(first) !== tokensOf(second)
  ) {
    obstacles.push(
      `${
        partOf(first, "tokenizer") === partOf(second, "tokenizer")
          ? "the tokens are learned from texts of different sizes"
          : "the tokenizers differ"
      }, so folds are other text and losses per token are not comparable`,
    );
  } else if (partOf(first, "corpus") !== partOf(second, "corpus")) {
    obstacles.push("the excerpts of the text differ, so no run is paired");
  }
  const folds = obstacles.length > 0 ? [] : first.folds.filter((fold) => {
    const other = second.folds.find(({ index }) => index === fold.index);
    return other !== undefined && spans(other) === spans(fold);
  }).map(({ index }) => index as number);
  if (obstacles.length === 0 && folds.length < Math.max(first.folds.length, second.folds.length)) {
    obstacles.push(
      `${folds.length} of ${first.folds.length} and ${second.folds.length} folds are the same text`,
    );
  }
  if (seeds.length < Math.max(first.seeds.length, second.seeds.length)) {
    obstacles.push(
      `${seeds.length} of ${first.seeds.length} and ${second.seeds.length} seeds are the same`,
    );
  }
  return seeds.length === 0 || folds.length === 0
    ? { folds: [], seeds: [], obstacles }
    : { folds, seeds, obstacles };
}

/** What decides which tokens a study counts in. */
export function tokensOf({ specifications }: StudyRecord): string {
  return tokensOfSpecification(specifications[0] ?? {});
}

function partOf({ specifications }: StudyRecord, part: string): string {
  return canonicalJson(specifications[0]?.[part] ?? null);
}

function spans({ training, heldOut, unit }: FoldRecord): string {
  const all = [training, heldOut].map((list) => list.map(({ start, end }) => [start, end]));
  return canonicalJson([unit ?? "tokens", ...all]);
}
