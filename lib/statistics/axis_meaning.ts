import { canonicalJson, type Json, type JsonObject } from "../core/json.ts";
import type { StudyRecord } from "../records/study_record.ts";
import { formatAxis } from "./format.ts";
import { leaves } from "./specification_paths.ts";

/** What the field calls our penalties; others are named by their kind in words. */
const penaltyWords: { readonly [kind: string]: string } = {
  l1: "L1 by sub-gradient",
  proximalL1: "proximal L1",
  l2: "L2 in the loss",
  kerasL2: "L2 as in Keras",
  logitsL1: "L1 on logits",
  activationRegularization: "AR",
  temporalActivationRegularization: "TAR",
};

/** Which part of a penalty that has two an option is of. */
const partWords: { readonly [option: string]: string } = {
  l1Strength: ", L1",
  l2Strength: ", L2",
};

/**
 * What an axis of a study sets, in words: the penalty whose strength it is, so that a reader can tell
 * decoupled from coupled decay, or the option that it is.
 *
 * It is read off the specifications: an axis means the option that has its value in every point.
 *
 * @param study The study's record.
 * @param axis Name of one of its axes.
 * @returns The meaning, such as `decoupled weight decay`; null where the specifications do not say one.
 */
export function axisMeaning(study: StudyRecord, axis: string): string | null {
  const pairs = study.space.points.flatMap((point, index) =>
    axis in point && study.specifications[index] !== undefined
      ? [{ value: canonicalJson(point[axis]), specification: study.specifications[index] }]
      : []
  );
  if (new Set(pairs.map(({ value }) => value)).size < 2) return null;
  const [first, ...others] = pairs.map(({ value, specification }) =>
    new Map(
      leaves(specification, "").filter(([, leaf]) => canonicalJson(leaf) === value)
        .map(([path]) => [path, wordsOf(specification, path)]),
    )
  );
  const words = [...first].filter(([path, meaning]) =>
    others.every((other) => other.get(path) === meaning)
  ).map(([, meaning]) => meaning);
  const distinct = [...new Set(words)].filter((meaning) => meaning !== inWords(axis));
  return distinct.length === 0 ? null : distinct.join(" and ");
}

/** An axis with its meaning, such as `α (decoupled weight decay)`. */
export function formatAxisMeaning(study: StudyRecord, axis: string): string {
  const meaning = axisMeaning(study, axis);
  return meaning === null ? formatAxis(axis) : `${formatAxis(axis)} (${meaning})`;
}

function wordsOf(specification: JsonObject, path: string): string {
  const [, index, option] = /^penalties\[(\d+)\]\.(.+)$/.exec(path) ?? [];
  if (index === undefined) return inWords(path.split(".").at(-1)!);
  const penalty = (specification.penalties as readonly JsonObject[])[Number(index)];
  const words = penaltyName(penalty);
  return option === "strength" ? words : words + (partWords[option] ?? ` ${inWords(option)}`);
}

function penaltyName({ kind, name }: { readonly [option: string]: Json }): string {
  if (kind === "ownPenalty" && typeof name === "string") return name;
  return penaltyWords[String(kind)] ?? inWords(String(kind));
}

/** `decoupledWeightDecay` as `decoupled weight decay`. */
function inWords(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}
