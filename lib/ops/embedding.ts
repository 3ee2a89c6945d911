import * as tf from "@tensorflow/tfjs";
import { arenaPointer, arenaTensor, hasArena, kernels } from "../engine/kernels.ts";
import { checkTensor, checkTokens } from "./_check.ts";
import { fused } from "./_fused.ts";
import { sumRowsByToken } from "./_rows.ts";

/** Arguments of {@link embedding}. */
export interface EmbeddingOptions {
  /** A row a token, `[vocabulary, size]`. */
  readonly table: tf.Tensor2D;
  /** Token ids in [0, vocabulary), at least one. */
  readonly tokens: Int32Array;
}

/**
 * Rows of a table by token id: y_i = table[tokens_i].
 *
 * The gradient of the table is the sum of dy_i over the positions i at which a token stands, added
 * in the order of i.
 *
 * @param options The table and the token ids.
 * @returns `[tokens.length, size]`.
 * @throws {RangeError} If there are no tokens, or one is outside the table.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { embedding } from "./embedding.ts";
 * import assert from "node:assert/strict";
 * const table = tf.tensor2d([[1, 2], [3, 4], [5, 6]]);
 * const vectors = embedding({ table, tokens: Int32Array.of(2, 0) });
 * assert.deepEqual(vectors.arraySync(), [[5, 6], [1, 2]]);
 * ```
 */
export function embedding(options: EmbeddingOptions): tf.Tensor2D {
  const { table, tokens } = options;
  checkTensor("embedding: table", table, ["vocabulary", "size"]);
  checkTokens("embedding: tokens", tokens, table.shape[0]);
  if (!hasArena()) return embeddingTwin(options);
  const [vocabulary, size] = table.shape;
  return fused<tf.Tensor2D>({ table }, () => {
    const ids = tf.tensor1d(tokens, "int32");
    const value = arenaTensor<tf.Rank.R2>([tokens.length, size]);
    kernels().gatherRows(
      arenaPointer(table),
      arenaPointer(ids),
      tokens.length,
      vocabulary,
      size,
      arenaPointer(value),
    );
    return {
      value,
      saved: [ids],
      gradients: (dy, [ids]) => ({ table: sumRowsByToken(dy, ids, vocabulary) }),
    };
  });
}

/** {@link embedding} in plain tfjs, on any backend. */
export function embeddingTwin({ table, tokens }: EmbeddingOptions): tf.Tensor2D {
  return tf.tidy(() => tf.gather(table, tf.tensor1d(tokens, "int32")));
}
