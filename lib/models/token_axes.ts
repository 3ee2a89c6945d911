import { type DescribedModel, describeParameters } from "./describe_parameters.ts";

/** The axis of a parameter on which each token has its own numbers. */
export interface TokenAxis {
  readonly axis: number;
  /** Of a model of pairs: whose tokens; of texts those that it predicts. */
  readonly side: "source" | "target";
}

/**
 * Which parameters of a model have numbers for each token, and on which axis: those whose shape is another
 * one with a larger vocabulary.
 *
 * @example
 * ```ts
 * import { gruLanguageModel } from "./gru_language_model.ts";
 * import { tokenAxes } from "./token_axes.ts";
 * import assert from "node:assert/strict";
 * const axes = tokenAxes(gruLanguageModel({ embeddingSize: 2, hiddenSize: 3 }));
 * assert.deepEqual(axes.get("embedding/table"), { axis: 0, side: "target" });
 * assert.deepEqual(axes.get("output/kernel"), { axis: 1, side: "target" });
 * assert.equal(axes.has("gru0/kernel"), false);
 * ```
 */
export function tokenAxes(model: DescribedModel): ReadonlyMap<string, TokenAxis> {
  const described = (vocabularySize: number, sourceVocabularySize: number) =>
    describeParameters(model, { vocabularySize, sourceVocabularySize });
  const plain = described(7, 7);
  const axes = new Map<string, TokenAxis>();
  for (
    const [side, larger] of [["target", described(8, 7)], ["source", described(7, 8)]] as const
  ) {
    for (const [index, { name, shape }] of plain.entries()) {
      const axis = shape.findIndex((extent, axis) => extent !== larger[index].shape[axis]);
      if (axis !== -1) axes.set(name, { axis, side });
    }
  }
  return axes;
}

/**
 * Numbers of a parameter with its tokens in another order.
 *
 * @param values Row-major numbers of a shape.
 * @param shape Their shape.
 * @param axis The axis of the tokens.
 * @param rows For each token of the result its place on the axis; −1 for the mean over the first `known`
 * places, which is summed in double precision.
 * @param known Places that are tokens; what lies behind them is left out.
 */
export function inTokenOrder(
  values: Float32Array,
  shape: readonly number[],
  axis: number,
  { rows, known }: { readonly rows: Int32Array; readonly known: number },
): Float32Array {
  const product = (extents: readonly number[]) =>
    extents.reduce((size, extent) => size * extent, 1);
  const [outer, extent] = [product(shape.slice(0, axis)), shape[axis]];
  const inner = product(shape.slice(axis + 1));
  const result = new Float32Array(outer * rows.length * inner);
  const needsMean = rows.includes(-1);
  for (let before = 0; before < outer; before++) {
    const from = before * extent * inner;
    const mean = needsMean ? meanOf(values, from, known, inner) : null;
    for (const [place, row] of rows.entries()) {
      const at = (before * rows.length + place) * inner;
      if (row === -1) result.set(mean!, at);
      else result.set(values.subarray(from + row * inner, from + (row + 1) * inner), at);
    }
  }
  return result;
}

function meanOf(values: Float32Array, from: number, count: number, inner: number): Float64Array {
  const mean = new Float64Array(inner);
  for (let row = 0; row < count; row++) {
    for (let i = 0; i < inner; i++) mean[i] += values[from + row * inner + i];
  }
  return mean.map((sum) => sum / count);
}
