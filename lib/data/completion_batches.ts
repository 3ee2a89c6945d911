import type { Batch } from "./batches.ts";
import { padSequences } from "./pair_batches.ts";
import type { PairVocabulary } from "./pair_tokens.ts";
import type { EncodedPair } from "./prepare_pairs.ts";

/**
 * Puts prompts with their completions side by side, each as one sequence x₁ … x_m `<begin>` y₁ … y_n
 * `<end>`, padded after its end. The targets that count are y₁ … y_n and the end; those inside the prompt,
 * the mark and padding have mask 0.
 *
 * @param pairs At least one, as `preparePairs` gives them with a `completionTokenizer`.
 * @param vocabulary Of both sides.
 * @returns As long as the longest sequence; `tokens` are the targets that count.
 *
 * @example
 * ```ts
 * import { completionBatch } from "./completion_batches.ts";
 * import assert from "node:assert/strict";
 * // Two tokens of a prompt, the mark 2; two of a completion, the end 3.
 * const pair = { source: Int32Array.of(4, 5, 2), target: Int32Array.of(6, 7, 3) };
 * const { inputs, targets, mask, tokens } = completionBatch([pair], { paddingId: 1 });
 * assert.deepEqual([...inputs], [4, 5, 2, 6, 7]);
 * assert.deepEqual([...targets], [5, 2, 6, 7, 3]);
 * assert.deepEqual([...mask!], [0, 0, 1, 1, 1]);
 * assert.equal(tokens, 3);
 * ```
 */
export function completionBatch(
  pairs: readonly EncodedPair[],
  { paddingId }: Pick<PairVocabulary, "paddingId">,
): Batch {
  const sequences = pairs.map(({ source, target }) => {
    const sequence = new Int32Array(source.length + target.length);
    sequence.set(source);
    sequence.set(target, source.length);
    return sequence;
  });
  const { tokens: inputs, time, batch } = padSequences(
    sequences.map((sequence) => sequence.subarray(0, -1)),
    paddingId,
  );
  const { tokens: targets } = padSequences(sequences.map((all) => all.subarray(1)), paddingId);
  const mask = new Float32Array(time * batch);
  let tokens = 0;
  for (const [row, { source, target }] of pairs.entries()) {
    tokens += target.length;
    for (let t = 0; t < target.length; t++) mask[(source.length - 1 + t) * batch + row] = 1;
  }
  return { inputs, targets, time, batch, tokens, ...(tokens < time * batch && { mask }) };
}
