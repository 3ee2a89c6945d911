import { show } from "../core/check.ts";
import type { CompletionTokenizerSpecification } from "../data/completion_tokens.ts";
import { modelKindOf, type ModelSpecification } from "../models/kinds.ts";
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
  if (source === null || target === null) {
    throw new RangeError(
      `${limits} must be at most ${window}, found ${source} + 1 + ${target}: give both, longer pairs are ` +
        `left out.`,
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
