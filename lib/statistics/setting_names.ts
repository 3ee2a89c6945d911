import { entryOf } from "../core/entry_of.ts";
import type { Json, JsonObject } from "../core/json.ts";

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
 * What stands at a place of a specification, in words: a penalty by its name, any other option by its
 * own.
 *
 * @param path Such as `penalties[0].strength` or `model.hiddenSize`.
 */
export function settingName(specification: JsonObject, path: string): string {
  const [, index, option] = /^penalties\[(\d+)\]\.(.+)$/.exec(path) ?? [];
  if (index === undefined) return inWords(path.split(".").at(-1)!);
  const penalty = (specification.penalties as readonly JsonObject[])[Number(index)];
  const words = penaltyName(penalty);
  return option === "strength"
    ? words
    : words + (entryOf(partWords, option) ?? ` ${inWords(option)}`);
}

/** What a penalty is called: its own name where it has one. */
export function penaltyName({ kind, name }: { readonly [option: string]: Json }): string {
  if (kind === "ownPenalty" && typeof name === "string") return name;
  return entryOf(penaltyWords, kind) ?? inWords(String(kind));
}

/** `decoupledWeightDecay` as `decoupled weight decay`. */
export function inWords(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}
