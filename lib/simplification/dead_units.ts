import { type AnyModelSpecification, modelKindOf } from "../models/kinds.ts";
import type { StoredTensor } from "../models/safetensors.ts";
import { type LayerGroup, removeDimensions, removeUnits } from "./_recurrent.ts";
import { removeHeads, removeHiddenUnits } from "./_transformer.ts";
import {
  isZero,
  keepColumns,
  keepRows,
  range,
  sizesOf,
  type Weights,
  without,
} from "./_weights.ts";

/** How many units of one kind were taken out of a layer. */
export interface RemovedUnits {
  /** Layer, such as `gru0` or `block1`. */
  readonly layer: string;
  /** What they are. */
  readonly kind: "units" | "dimensions" | "hidden units" | "heads";
  /** How many were taken out. */
  readonly removed: number;
}

/** A model's weights without dead units. */
export interface WithoutDeadUnits {
  /** Weights by parameter name; some have other shapes than the specification gives them. */
  readonly weights: ReadonlyMap<string, StoredTensor>;
  /** What was taken out. */
  readonly removed: readonly RemovedUnits[];
}

/**
 * Takes out of a model every unit that can be removed without changing the function that it computes,
 * whatever the text. What is removed:
 *
 * - **recurrent units** (GRU, LSTM, simple) that are *never read*: their row is 0 in the kernel above
 *   and, in the recurrent kernel, in the columns of all units that are read; or *always 0*: their
 *   candidate's bias is 0, its column is 0 in the kernel, and 0 in the recurrent kernel but for rows of
 *   units that are always 0 too (the state begins at 0 and stays there; with relu also a bias below 0);
 * - units of a simple recurrent layer that nothing but a bias enters and that no unit of their layer
 *   reads: their output is act(b) from the first step on, and act(b) times their row goes into the bias
 *   above. (In a GRU or LSTM such a unit goes on moving towards its limit, so it stays);
 * - **dimensions of token vectors** that the layer above does not read, or that are the same for all
 *   tokens: what they add goes into the bias;
 * - **feed-forward units** of a Transformer that are not read, or whose input column is 0:
 *   gelu(b) times their row goes into the bias; **heads** that are not read, or whose value columns
 *   are 0: their bias times their rows goes into the bias;
 * - **attention units** of an encoder-decoder that the output does not read, or whose columns are 0.
 *
 * In an encoder-decoder unit j of an encoder layer hands its state to unit j of the decoder's, so both
 * go or both stay. With tied weights the table's dimensions and the top layer's units stay, because one
 * matrix is both. One unit stays where all are dead. A model of the user's own is left as it is.
 *
 * The result differs from the model by rounding alone: sums have fewer terms, and some constants are
 * added earlier.
 *
 * @param model Specification of the model.
 * @param trained Weights by parameter name.
 * @returns New weights, and what was removed.
 *
 * @example
 * ```ts
 * import { rnnLanguageModel } from "../models/rnn_language_model.ts";
 * import { removeDeadUnits } from "./dead_units.ts";
 * import assert from "node:assert/strict";
 * const tensor = (shape: number[], ...values: number[]) => ({ shape, values: Float32Array.from(values) });
 * const { weights, removed } = removeDeadUnits(
 *   rnnLanguageModel({ embeddingSize: 1, hiddenSize: 2 }),
 *   new Map([
 *     ["embedding/table", tensor([2, 1], 1, 2)],
 *     ["rnn0/kernel", tensor([1, 2], 1, 0)],
 *     ["rnn0/recurrentKernel", tensor([2, 2], 1, 0, 0, 0)],
 *     ["rnn0/bias", tensor([2], 0, 1)],
 *     ["output/kernel", tensor([2, 2], 1, 2, 3, 4)],
 *     ["output/bias", tensor([2], 0, 0)],
 *   ]),
 * );
 * assert.deepEqual(removed, [{ layer: "rnn0", kind: "units", removed: 1 }]);
 * assert.deepEqual(weights.get("output/bias")!.values[0], Math.fround(3 * Math.tanh(1)));
 * ```
 */
export function removeDeadUnits(
  model: AnyModelSpecification,
  trained: ReadonlyMap<string, StoredTensor>,
): WithoutDeadUnits {
  const weights: Weights = new Map(trained);
  const removed = new Map<string, RemovedUnits>();
  const steps = stepsOf(model, weights);
  // What is taken out of one layer may leave units of another unread.
  for (let changed = true; changed;) {
    changed = false;
    for (const { layer, kind, remove } of steps) {
      const count = remove();
      if (count === 0) continue;
      changed = true;
      const key = `${layer} ${kind}`;
      removed.set(key, { layer, kind, removed: count + (removed.get(key)?.removed ?? 0) });
    }
  }
  return { weights, removed: [...removed.values()] };
}

interface Step {
  readonly layer: string;
  readonly kind: RemovedUnits["kind"];
  /** Takes out what is dead now; how many. */
  remove(): number;
}

function stepsOf(
  model: AnyModelSpecification,
  weights: Weights,
): Step[] {
  const units = modelKindOf(model).units?.(model);
  if (units === undefined) return [];
  if ("blocks" in units) {
    const gelu = units.geluApproximation === "tanh" ? tanhGelu : exactGelu;
    return range(units.blocks).map((index) => `block${index}`).flatMap((layer): Step[] => [
      { layer, kind: "heads", remove: () => removeHeads(weights, layer, units.headSize) },
      { layer, kind: "hidden units", remove: () => removeHiddenUnits(weights, layer, gelu) },
    ]);
  }
  const { sides, layers, tiedWeights, tables } = units;
  const attention = weights.has("attention/contextKernel");
  const output = { kernel: "output/kernel", bias: "output/bias" };
  const groups = range(layers).map((index): LayerGroup & { readonly stays: boolean } => {
    const top = index === layers - 1;
    const above = sides.map((side) => `${side}${index + 1}`);
    return {
      layers: sides.map((side) => `${side}${index}`),
      used: top && attention,
      stays: top && tiedWeights && !attention,
      readers: !top
        ? above.map((layer) => ({ kernel: `${layer}/kernel`, bias: `${layer}/bias` }))
        : attention
        ? ["contextKernel", "stateKernel"].map((name) => ({
          kernel: `attention/${name}`,
          bias: null,
        }))
        : [output],
    };
  });
  const attentionSteps: Step[] = attention && !tiedWeights
    ? [{ layer: "attention", kind: "units", remove: () => removeAttentionUnits(weights) }]
    : [];
  const unitSteps = groups.filter(({ stays }) => !stays).reverse().map((group): Step => ({
    layer: group.layers.join(" and "),
    kind: "units",
    remove: () => removeUnits(weights, group, units),
  }));
  const tableSteps = tables.map(({ table, layers }): Step => ({
    layer: table.split("/")[0],
    kind: "dimensions",
    remove: () => removeDimensions(weights, { table, layers }),
  }));
  return [...attentionSteps, ...unitSteps, ...tableSteps];
}

/** Units of tanh(c W_c + s W_s). */
function removeAttentionUnits(weights: Weights): number {
  const kernels = ["attention/contextKernel", "attention/stateKernel"];
  const { columns: size } = sizesOf(weights.get(kernels[0])!);
  const dead = new Set(
    range(size).filter((unit) =>
      isZero(weights.get("output/kernel")!, { rows: [unit] }) ||
      kernels.every((kernel) => isZero(weights.get(kernel)!, { columns: [unit] }))
    ),
  );
  const kept = without(size, dead);
  if (kept.length === size) return 0;
  for (const kernel of kernels) keepColumns(weights, kernel, kept);
  keepRows(weights, "output/kernel", kept);
  return size - kept.length;
}

function tanhGelu(x: number): number {
  return 0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3)));
}

/** x Φ(x); the error function by its series, whose terms fall fast for the |x| of a bias. */
function exactGelu(x: number): number {
  const z = x / Math.SQRT2;
  if (Math.abs(z) > 5) return x > 0 ? x : 0;
  let term = z;
  let sum = z;
  for (let n = 1; Math.abs(term) > 1e-18 && n < 200; n++) {
    term *= -z * z / n;
    sum += term / (2 * n + 1);
  }
  return 0.5 * x * (1 + 2 / Math.sqrt(Math.PI) * sum);
}
