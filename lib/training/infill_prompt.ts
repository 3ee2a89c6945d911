import { checkBoolean } from "../core/check.ts";
import { infillSequence } from "../data/text_parts.ts";
import type { Vocabulary } from "../data/tokenizers/vocabulary.ts";
import { longestWindowOf } from "../models/window_length.ts";
import { readsSuffixFirst } from "./infilling_options.ts";
import type { TextSpecification } from "./specification.ts";

/**
 * What a model reads before it writes what stands between two texts.
 *
 * @param sides Token ids of what stands before and after.
 * @param suffixFirst In which order; {@link readsSuffixFirst} by default.
 * @throws {RangeError} If the model did not learn to fill in, or not in that order, or cannot read it all.
 */
export function infillPrompt(
  sides: { readonly prefix: Int32Array; readonly suffix: Int32Array },
  { infillMarks }: Vocabulary,
  { model, training: { fillInTheMiddle } }: Pick<TextSpecification, "model" | "training">,
  suffixFirst: boolean | undefined,
): Int32Array {
  if (infillMarks === undefined || fillInTheMiddle === null) {
    throw new RangeError(
      "generate: suffix needs a model that learned to fill in the middle, by training.fillInTheMiddle.",
    );
  }
  const order = suffixFirst === undefined
    ? readsSuffixFirst(fillInTheMiddle)
    : checkBoolean("generate: suffixFirst", suffixFirst);
  const { suffixFirst: share } = fillInTheMiddle;
  if (share === (order ? 0 : 1)) {
    throw new RangeError(
      `generate: suffixFirst must be ${!order}, the only order that the model has read, as ` +
        `training.fillInTheMiddle.suffixFirst was ${share}; found ${order}.`,
    );
  }
  const asked = infillSequence({ ...sides, middle: new Int32Array(0) }, infillMarks, order);
  const longest = longestWindowOf(model);
  if (asked.length <= longest) return asked;
  const found = sides.prefix.length + sides.suffix.length;
  throw new RangeError(
    `generate: prompt and suffix must be of at most ${
      longest - Object.keys(infillMarks).length
    } tokens, ` +
      `which the model can read with three marks, found ${found} tokens.`,
  );
}
