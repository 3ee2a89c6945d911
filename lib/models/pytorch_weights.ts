import type { Counterpart, RecurrentModuleNames } from "./kind.ts";
import { modelKindOf, type ModelSpecification } from "./kinds.ts";
import type { StoredTensor } from "./safetensors.ts";
import { transposed } from "./transposed.ts";

/** Tensors by name. */
export type Tensors = ReadonlyMap<string, StoredTensor>;

/** The names of PyTorch's example word_language_model. */
export const exampleNames: RecurrentModuleNames = {
  embedding: "encoder",
  cell: "rnn",
  output: "decoder",
};

/**
 * Weights of a PyTorch model under our names and in our shapes.
 *
 * Of a Transformer the names are nanoGPT's (`transformer.wte.weight` …, with or without the prefix
 * `_orig_mod.` of torch.compile); of a recurrent model `modules` says what its embedding, its nn.GRU,
 * nn.LSTM or nn.RNN and its nn.Linear are called. Matrices of linear and recurrent layers are transposed,
 * and the two biases of nn.LSTM and nn.RNN added; gates are in the same order. What our model does not
 * have (a tied output, masks) is left out.
 *
 * @param specification Of the model that is to have the weights; a GRU must be reset-after.
 * @param tensors As `readSafetensors` reads them from a saved state dict.
 * @param modules Module names of a recurrent model; by default those of PyTorch's word_language_model.
 * @returns As `weights()` of a trained model gives them.
 * @throws {RangeError} If a tensor is missing, or the model has no counterpart in PyTorch.
 *
 * @example
 * ```ts
 * import { rnnLanguageModel } from "./rnn_language_model.ts";
 * import { weightsFromPyTorch } from "./pytorch_weights.ts";
 * import assert from "node:assert/strict";
 * const model = rnnLanguageModel({ embeddingSize: 2, hiddenSize: 1 });
 * const tensor = (shape: number[], ...values: number[]) => ({ shape, values: Float32Array.from(values) });
 * const weights = weightsFromPyTorch(model, new Map([
 *   ["encoder.weight", tensor([3, 2], 1, 2, 3, 4, 5, 6)],
 *   ["rnn.weight_ih_l0", tensor([1, 2], 7, 8)],
 *   ["rnn.weight_hh_l0", tensor([1, 1], 9)],
 *   ["rnn.bias_ih_l0", tensor([1], 1)],
 *   ["rnn.bias_hh_l0", tensor([1], 2)],
 *   ["decoder.weight", tensor([3, 1], 1, 2, 3)],
 *   ["decoder.bias", tensor([3], 0, 0, 0)],
 * ]));
 * assert.deepEqual(weights.get("rnn0/kernel"), tensor([2, 1], 7, 8));
 * assert.deepEqual(weights.get("rnn0/bias"), tensor([1], 3));
 * ```
 */
export function weightsFromPyTorch(
  specification: ModelSpecification,
  tensors: Tensors,
  modules: RecurrentModuleNames = exampleNames,
): Map<string, StoredTensor> {
  const stripped = new Map(
    [...tensors].map(([name, tensor]) => [name.replace(/^_orig_mod\./, ""), tensor]),
  );
  const take = (name: string): StoredTensor => {
    const tensor = stripped.get(name);
    if (tensor === undefined) {
      throw new RangeError(
        `Cannot take PyTorch's weights: ${name} is missing, found ${
          [...stripped.keys()].join(", ")
        }.`,
      );
    }
    return tensor;
  };
  return new Map(
    counterparts(specification, modules).map(({ ours, theirs, transposed }) => {
      const parts = theirs.map(take);
      const [first] = parts;
      const sum = parts.length === 1 ? first : {
        shape: first.shape,
        values: first.values.map((value, i) => value + parts[1].values[i]),
      };
      return [ours, transposed ? transpose(sum) : sum];
    }),
  );
}

/**
 * The inverse of {@link weightsFromPyTorch}: weights under PyTorch's names and in its shapes, which
 * `load_state_dict` takes from a file that `writeSafetensors` wrote.
 *
 * Our one bias of an LSTM or RNN becomes `bias_ih`; `bias_hh` is 0. A tied output is not repeated, since
 * it is one parameter in PyTorch, too: load with `strict=False`.
 *
 * @param specification Of the model that has the weights.
 * @param weights As `weights()` of a trained model gives them.
 * @param modules As of `weightsFromPyTorch`.
 * @throws {RangeError} If a tensor is missing, or the model has no counterpart in PyTorch.
 *
 * @example
 * ```ts
 * import { transformerLanguageModel } from "./transformer_language_model.ts";
 * import { weightsToPyTorch } from "./pytorch_weights.ts";
 * import assert from "node:assert/strict";
 * const model = transformerLanguageModel({ embeddingSize: 4, layers: 1, heads: 1, blockSize: 8 });
 * assert.throws(() => weightsToPyTorch(model, new Map()), /embedding\/table is missing/);
 * ```
 */
export function weightsToPyTorch(
  specification: ModelSpecification,
  weights: Tensors,
  modules: RecurrentModuleNames = exampleNames,
): Map<string, StoredTensor> {
  return new Map(
    counterparts(specification, modules).flatMap(({ ours, theirs, transposed }) => {
      const tensor = weights.get(ours);
      if (tensor === undefined) {
        throw new RangeError(
          `Cannot write weights for PyTorch: ${ours} is missing, found ${
            [...weights.keys()].join(", ")
          }.`,
        );
      }
      const [first, ...others] = theirs;
      const zeros = { shape: tensor.shape, values: new Float32Array(tensor.values.length) };
      return [
        [first, transposed ? transpose(tensor) : tensor] as const,
        ...others.map((name) => [name, zeros] as const),
      ];
    }),
  );
}

function counterparts(
  specification: ModelSpecification,
  modules: RecurrentModuleNames,
): readonly Counterpart[] {
  const found = modelKindOf(specification).counterparts?.(specification, modules);
  if (found) return found;
  throw new RangeError(
    `A ${specification.kind} has no counterpart in PyTorch; there is one of a Transformer, an LSTM, a ` +
      `simple RNN, and of a GRU that is reset-after.`,
  );
}

function transpose({ shape: [rows, columns], values }: StoredTensor): StoredTensor {
  return { shape: [columns, rows], values: transposed(values, rows, columns) };
}
