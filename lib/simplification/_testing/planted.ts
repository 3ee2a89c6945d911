import { randomStream } from "../../core/random.ts";
import { inlineText } from "../../data/corpora.ts";
import { pairTokenizer } from "../../data/pair_tokens.ts";
import { inlinePairs } from "../../data/pairs.ts";
import { characters } from "../../data/tokenizers/characters.ts";
import { useEngine } from "../../engine/engine.ts";
import { createAnyModel } from "../../models/create.ts";
import type { ModelSpecification } from "../../models/kinds.ts";
import type { SequenceToSequenceSpecification } from "../../models/kinds.ts";
import type { StoredTensor } from "../../models/safetensors.ts";
import { writeWeights } from "../../models/sparse_safetensors.ts";
import { adam } from "../../optimizers/adam.ts";
import { validateSpecification } from "../../training/specification.ts";
import { readTrainedModel, type TrainedModel } from "../../training/trained_model.ts";

const alphabet = [..."abcdefgh"];
/** What language models are measured on. */
export const text = Array.from({ length: 90 }, (_, i) => alphabet[(i * i + 3 * i) % 8]).join("");

/** A model with random weights, some of which a function sets. */
export async function planted(
  model: ModelSpecification | SequenceToSequenceSpecification,
  plant: (weights: Planted) => void,
  engine: "wasm" | "cpu" = "wasm",
): Promise<TrainedModel> {
  await useEngine(engine);
  const pairs = model.kind === "lstmSequenceToSequence";
  const common = { optimizer: adam({ learningRate: 0.1 }), model, penalties: [] };
  const specification = validateSpecification(
    pairs
      ? {
        ...common,
        corpus: inlinePairs([["a", "b"]]),
        tokenizer: pairTokenizer({ source: characters(), target: characters() }),
        training: { steps: 1, batchSize: 2 },
      }
      : {
        ...common,
        corpus: inlineText(text),
        tokenizer: characters(),
        training: { steps: 1, batchSize: 2, windowLength: 12 },
      },
  );
  const words = pairs
    ? ["\uFFFD", "<padding>", "<begin>", "<end>", ...alphabet]
    : ["\uFFFD", ...alphabet];
  const context = { vocabularySize: words.length, seed: 1, fold: "test" };
  const made = createAnyModel(model, context);
  const stream = randomStream(5, "weights");
  const weights = new Map(made.parameters.map(({ description: { name, shape, kind } }) => [name, {
    shape,
    values: Float32Array.from(
      { length: shape.reduce((a, b) => a * b, 1) },
      () => (kind === "normalization" ? 1 : 0) + 0.4 * stream.normal(),
    ),
  }]));
  made.dispose();
  plant(plants(weights));
  const vocabularies: Record<string, string> = pairs
    ? { vocabulary: JSON.stringify(words), sourceVocabulary: JSON.stringify(words) }
    : { vocabulary: JSON.stringify(words) };
  const metadata = {
    schemaVersion: "1",
    run: "0".repeat(64),
    specification: JSON.stringify(specification),
    ...vocabularies,
  };
  return await readTrainedModel(writeWeights(weights, metadata, "dense"), engine);
}

/** What sets weights. */
export type Planted = ReturnType<typeof plants>;

function plants(weights: Map<string, StoredTensor>) {
  const matrix = (name: string) => {
    const { shape, values } = weights.get(name)!;
    return { values, columns: shape.at(-1)!, rows: shape.length === 1 ? 1 : shape[0] };
  };
  return {
    /** Sets rows of a parameter, but for some columns. */
    row(name: string, row: number, value = 0, but: readonly number[] = []) {
      const { values, columns } = matrix(name);
      for (let column = 0; column < columns; column++) {
        if (!but.includes(column)) values[row * columns + column] = value;
      }
    },
    column(name: string, column: number, value = 0, but: readonly number[] = []) {
      const { values, columns, rows } = matrix(name);
      for (let row = 0; row < rows; row++) {
        if (!but.includes(row)) values[row * columns + column] = value;
      }
    },
    /** Changes every parameter in place. */
    each(change: (name: string, values: Float32Array, columns: number) => void) {
      for (const name of weights.keys()) change(name, matrix(name).values, matrix(name).columns);
    },
    copyRow(name: string, from: number, to: number) {
      const { values, columns } = matrix(name);
      values.copyWithin(to * columns, from * columns, (from + 1) * columns);
    },
  };
}

/** Columns of a unit in a matrix of gates. */
export const gatesOf = (unit: number, gates: number, size: number) =>
  Array.from({ length: gates }, (_, gate) => gate * size + unit);

/** Plants in a language model of two layers of six units; vectors of five numbers. */
export function plantRecurrent(cell: string, gates: number, candidate: number) {
  return (weights: Planted) => {
    const [first, second] = [`${cell}0`, `${cell}1`];
    // Never read.
    weights.row("output/kernel", 0);
    weights.row(`${second}/recurrentKernel`, 0, 0, gatesOf(0, gates, 6));
    // Read by each other only.
    for (const unit of [2, 3]) {
      weights.row(`${second}/kernel`, unit);
      weights.row(`${first}/recurrentKernel`, unit, 0, [
        ...gatesOf(2, gates, 6),
        ...gatesOf(3, gates, 6),
      ]);
    }
    // Always 0.
    const column = candidate * 6 + 1;
    weights.column(`${second}/kernel`, column);
    weights.column(`${second}/recurrentKernel`, column, 0, [1]);
    weights.column(`${second}/bias`, column);
    try {
      weights.column(`${second}/recurrentBias`, column);
    } catch { /* this cell has none */ }
    // Dimensions: the same for all tokens, and not read.
    weights.column("embedding/table", 0, 0.7);
    weights.row(`${first}/kernel`, 1);
    weights.copyRow("embedding/table", 3, 5);
  };
}

/** Loss of a model, of either kind. */
export const lossOf = (model: TrainedModel) =>
  model.sourceVocabulary === undefined
    ? model.crossEntropy(text)
    : model.crossEntropy("abcfgha", "hgfedcba");
