import { show } from "../core/check.ts";
import type { AnyPairTokenizerSpecification } from "../data/pair_tokens.ts";
import type { EncodedPair, PreparedPairs } from "../data/prepare_pairs.ts";
import { countBytes } from "../data/text.ts";
import type { CompletionTokenizerSpecification } from "../data/completion_tokens.ts";
import {
  type AnyModelSpecification,
  modelKindOf,
  type ModelSpecification,
} from "../models/kinds.ts";
import { longestWindowOf } from "../models/window_length.ts";
import type { PairTrainingSpecification } from "./training_options.ts";

/** Why options of texts are none of prompts with completions. */
const reasons = {
  windowLength: "each pair is a window of its own length",
  carriedState: "each prompt is read from a zero state",
  fillInTheMiddle: "a completion is what follows its prompt",
  documentWindows: "each pair is a window of its own",
  trainingTokens: "a fold trains on whole pairs; take fewer by the excerpt of the corpus",
  tokenAccuracy: "of pairs it is always recorded",
} as const;

/**
 * Refuses options of a training on texts where pairs are read.
 *
 * @throws {TypeError} With the reason.
 */
export function refuseOptionsOfTexts(training: unknown): void {
  for (const [option, reason] of Object.entries(reasons)) {
    const given = Object(training) as Record<string, unknown>;
    if (!(option in given)) continue;
    throw new TypeError(
      `Cannot combine training.${option} and completionTokenizer: ${reason}. Leave it out, found ` +
        `${show(given[option])}.`,
    );
  }
}

/**
 * Refuses what of prompts with completions fits by itself but not together.
 *
 * @throws {RangeError} With what is allowed.
 */
export function checkCompletions({ model, tokenizer, training }: {
  readonly model: ModelSpecification;
  readonly tokenizer: CompletionTokenizerSpecification;
  readonly training: PairTrainingSpecification;
}): void {
  if (training.padding !== undefined) {
    throw new RangeError(
      `Cannot combine training.padding "${training.padding}" and completionTokenizer: the loss counts ` +
        `the completion alone. Leave padding out.`,
    );
  }
  const { longestWindow } = modelKindOf(model);
  if (longestWindow === undefined) return;
  const longest = longestWindowOf(model);
  const { maximumSourceLength: source, maximumTargetLength: target } = tokenizer;
  const limits = `completionTokenizer: maximumSourceLength + 1 (the mark) + maximumTargetLength`;
  const window = `the ${longestWindow} of the ${model.kind}, ${longest}`;
  // Without limits the pairs themselves are looked at, once they have tokens.
  if (source === null && target === null) return;
  if (source === null || target === null) {
    throw new RangeError(
      `${limits} must be at most ${window}, found ${source} + 1 + ${target}: give both, longer pairs are ` +
        `left out, or none.`,
    );
  }
  if (source + 1 + target > longest) {
    throw new RangeError(`${limits} must be at most ${window}, found ${source} + 1 + ${target}.`);
  }
  // The last token that is written is not read.
  const written = training.maximumLength ?? 0;
  if (source + written <= longest) return;
  throw new RangeError(
    `training.maximumLength must be at most ${longest - source}, so that a prompt of ` +
      `maximumSourceLength ${source} and what is written fit into ${window}, found ${written}.`,
  );
}

/**
 * Refuses prompts with completions of which one is longer than the model can read: what is left out is said
 * before there are tokens.
 *
 * @param data The pairs of one fold.
 * @throws {RangeError} With the longest, and the limits in bytes that would leave it out.
 */
export function checkLongestPair(
  { model, tokenizer }: {
    readonly model: AnyModelSpecification;
    readonly tokenizer: AnyPairTokenizerSpecification;
  },
  { training, heldOut, choosing = [] }: Pick<PreparedPairs, "training" | "heldOut" | "choosing">,
): void {
  if (tokenizer.kind !== "completions") return;
  const longest = longestWindowOf(model);
  // The source has its mark, the target its end, which is not read.
  const lengthOf = ({ source, target }: EncodedPair) => source.length + target.length - 1;
  const all = [...training, ...heldOut, ...choosing];
  const over = all.filter((pair) => lengthOf(pair) > longest);
  if (over.length === 0) return;
  const worst = over.reduce((most, pair) => lengthOf(pair) > lengthOf(most) ? pair : most);
  const [source, target] =
    over.reduce((least, pair) => lengthOf(pair) < lengthOf(least) ? pair : least).texts ?? [];
  throw new RangeError(
    `completionTokenizer: a prompt, the mark and its completion must be at most the ${
      modelKindOf(model).longestWindow
    } of the ${model.kind}, ${longest} tokens, found ${worst.source.length - 1} + 1 + ${
      worst.target.length - 1
    } in the longest of ${over.length} of ${all.length} pairs. ${
      source === undefined
        ? "Give maximumSourceLength and maximumTargetLength, which leave longer pairs out."
        : "Give the corpus maximumSourceBytes and maximumTargetBytes, which leave pairs out by their texts; " +
          `the shortest of those has ${countBytes(source)} and ${countBytes(target!)} bytes.`
    }`,
  );
}
