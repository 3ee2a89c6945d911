import { checkOptions, number, passed } from "../core/options.ts";
import type { StoredTensor } from "../models/safetensors.ts";
import { readWeights, type WeightsFormat, writeWeights } from "../models/sparse_safetensors.ts";
import type { TokenRows } from "../models/token_rows.ts";
import { validateSpecification } from "../training/specification.ts";
import { readTrainedModel, type TrainedModel } from "../training/trained_model.ts";
import { removeDeadUnits, type RemovedUnits } from "./dead_units.ts";
import { pruneByMagnitude } from "./magnitude_pruning.ts";
import { sizesOf, withRows } from "./_weights.ts";

/** Sizes of a model at one stage of its simplification, as plain data for figures. */
export interface SimplificationStage {
  /** `trained`, `pruned` (only where a share was asked for), `simplified`. */
  readonly stage: "trained" | "pruned" | "simplified";
  /** Weights, zeros included. */
  readonly parameters: number;
  /** Weights that are not 0. */
  readonly nonZero: number;
  /** Bytes of the file in each format, vocabularies and specification included. */
  readonly bytes: { readonly [format in WeightsFormat]: number };
  /** What `loss` gave for the model; null without it. */
  readonly loss: number | null;
}

/** What a simplification did. */
export interface SimplificationReport {
  /** Share of the weights that were set to 0 on purpose; 0 for none. */
  readonly share: number;
  /** Sizes and losses, from the trained model to the simplified one. */
  readonly stages: readonly SimplificationStage[];
  /** Units that were taken out, layer by layer. */
  readonly removed: readonly RemovedUnits[];
  /** Rows of tables of vectors that were taken out because others are equal. */
  readonly sharedRows: { readonly [table: string]: number };
}

/** What {@link simplify} takes. */
export interface SimplifyOptions {
  /**
   * Share of the weights of kernels, recurrent kernels and attention kernels to set to 0 before, the
   * smallest ones: lossy. 0 by default: nothing but what is exact.
   */
  readonly share?: number;
  /** Measures a model, such as `(model) => model.crossEntropy(text)`. */
  readonly loss?: (model: TrainedModel) => number;
  /** Folder of the project, for a model of one's own. */
  readonly project?: string;
}

/**
 * Makes a trained model smaller: takes out units that do nothing (`removeDeadUnits`) and lets tokens
 * with equal vectors share a row, which changes no output beyond rounding; before that, if asked, sets
 * the smallest weights to 0, which does.
 *
 * The model that comes back is an ordinary trained model: it writes, is measured and stored as any
 * other. Weights that are 0 stay where they are until a file is written: `model.file("smallest")`
 * stores what is left, `model.file()` is dense and loads with any safetensors library.
 *
 * @param trained A trained model, such as `study.model({ point, fold, seed })`.
 * @param options See {@link SimplifyOptions}.
 * @returns The new model, to be disposed of, and what was done. The trained one is left as it is.
 * @throws {RangeError} If the share is outside [0, 1).
 *
 * @example
 * ```ts
 * import { createModel } from "../models/create.ts";
 * import { rnnLanguageModel } from "../models/rnn_language_model.ts";
 * import { readTrainedModel, weightsFile } from "../training/trained_model.ts";
 * import { inlineText } from "../data/corpora.ts";
 * import { characters } from "../data/tokenizers/characters.ts";
 * import { sgd } from "../optimizers/sgd.ts";
 * import { simplify } from "./simplify.ts";
 * import assert from "node:assert/strict";
 * const model = rnnLanguageModel({ embeddingSize: 2, hiddenSize: 3 });
 * const specification = {
 *   corpus: inlineText("abab"),
 *   tokenizer: characters(),
 *   model,
 *   optimizer: sgd({ learningRate: 1 }),
 *   training: { steps: 1, batchSize: 1, windowLength: 2 },
 * };
 * const made = createModel(model, { vocabularySize: 3, seed: 1, fold: 0 });
 * const file = weightsFile(made, { vocabulary: ["\uFFFD", "a", "b"] }, { specification, id: "0" });
 * const trained = await readTrainedModel(file);
 * const { report } = await simplify(trained, { loss: (model) => model.crossEntropy("abab") });
 * const [before, after] = report.stages;
 * assert.equal(before.loss, after.loss);
 * assert.deepEqual([before.parameters, report.removed], [36, []]);
 * ```
 */
export async function simplify(
  trained: TrainedModel,
  options: SimplifyOptions = {},
): Promise<{ model: TrainedModel; report: SimplificationReport }> {
  const { share, loss, project } = checkOptions("simplify", options, {
    share: number({ from: 0, below: 1 }, 0),
    loss: passed<SimplifyOptions["loss"]>(),
    project: passed<string | undefined>(),
  });
  const { tensors, metadata } = readWeights(trained.file());
  const { tokenRows: before = "{}", ...rest } = metadata;
  const measured = (stage: SimplificationStage["stage"], model: TrainedModel) => ({
    stage,
    ...sizes(model),
    loss: loss?.(model) ?? null,
  });
  const stages: SimplificationStage[] = [measured("trained", trained)];
  let weights: ReadonlyMap<string, StoredTensor> = tensors;
  if (share > 0) {
    weights = pruneByMagnitude(tensors, { share, parameters: prunable(tensors) });
    const bytes = writeWeights(weights, metadata, "dense");
    const pruned = await readTrainedModel(bytes, trained.engine, { project });
    stages.push(measured("pruned", pruned));
    pruned.dispose();
  }
  const { model: specification } = validateSpecification(JSON.parse(metadata.specification));
  const alive = removeDeadUnits(specification, weights);
  const shared = shareRows(alive.weights, specification, JSON.parse(before));
  const tokenRows = JSON.stringify(shared.rows);
  const bytes = writeWeights(shared.weights, { ...rest, tokenRows }, "dense");
  const model = await readTrainedModel(bytes, trained.engine, { project });
  stages.push(measured("simplified", model));
  return {
    model,
    report: { share, stages, removed: alive.removed, sharedRows: shared.removed },
  };
}

/**
 * Simplifies a model at several shares, for a figure of size against loss.
 *
 * @param trained A trained model.
 * @param options.shares Shares of weights to set to 0, each in [0, 1).
 * @param options.loss Measures a model.
 * @returns One plain record a share, of the simplified model.
 *
 * @example
 * ```ts
 * import { createModel } from "../models/create.ts";
 * import { rnnLanguageModel } from "../models/rnn_language_model.ts";
 * import { readTrainedModel, weightsFile } from "../training/trained_model.ts";
 * import { inlineText } from "../data/corpora.ts";
 * import { characters } from "../data/tokenizers/characters.ts";
 * import { sgd } from "../optimizers/sgd.ts";
 * import { simplificationCurve } from "./simplify.ts";
 * import assert from "node:assert/strict";
 * const model = rnnLanguageModel({ embeddingSize: 2, hiddenSize: 3 });
 * const specification = {
 *   corpus: inlineText("abab"),
 *   tokenizer: characters(),
 *   model,
 *   optimizer: sgd({ learningRate: 1 }),
 *   training: { steps: 1, batchSize: 1, windowLength: 2 },
 * };
 * const made = createModel(model, { vocabularySize: 3, seed: 1, fold: 0 });
 * const file = weightsFile(made, { vocabulary: ["\uFFFD", "a", "b"] }, { specification, id: "0" });
 * const trained = await readTrainedModel(file);
 * const loss = (model: typeof trained) => model.crossEntropy("abab");
 * const records = await simplificationCurve(trained, { shares: [0, 0.5], loss });
 * assert.ok(records[1].nonZero < records[0].nonZero);
 * ```
 */
export async function simplificationCurve(
  trained: TrainedModel,
  options: SimplifyOptions & {
    readonly shares: readonly number[];
    readonly loss: (model: TrainedModel) => number;
  },
): Promise<(Omit<SimplificationStage, "stage"> & { readonly share: number })[]> {
  const { shares, ...rest } = options;
  const records = [];
  for (const share of shares) {
    const { model, report } = await simplify(trained, { ...rest, share });
    model.dispose();
    const { stage: _, ...sizes } = report.stages.at(-1)!;
    records.push({ share, ...sizes });
  }
  return records;
}

function sizes(model: TrainedModel): Pick<SimplificationStage, "parameters" | "nonZero" | "bytes"> {
  const values = [...model.weights().values()].map(({ values }) => values);
  const length = (format: WeightsFormat) => model.file(format).length;
  return {
    parameters: values.reduce((sum, { length }) => sum + length, 0),
    nonZero: values.reduce((sum, each) => sum + each.filter((value) => value !== 0).length, 0),
    bytes: {
      dense: length("dense"),
      bitmap: length("bitmap"),
      csr: length("csr"),
      smallest: length("smallest"),
    },
  };
}

/** Matrices but tables of vectors: small vectors are not the ones that matter least. */
function prunable(weights: ReadonlyMap<string, StoredTensor>): string[] {
  return [...weights].filter(([name, { shape }]) => shape.length === 2 && !name.endsWith("/table"))
    .map(([name]) => name);
}

/**
 * Lets tokens with equal vectors share a row, in every table that is no output kernel too: with tied
 * weights that of the sources alone.
 */
function shareRows(
  weights: ReadonlyMap<string, StoredTensor>,
  model: { readonly kind: string; readonly tiedWeights?: boolean },
  before: { readonly [table: string]: TokenRows },
) {
  const result = new Map(weights);
  const rows: Record<string, TokenRows> = {};
  const removed: Record<string, number> = {};
  for (const layer of ["embedding", "sourceEmbedding", "targetEmbedding"]) {
    const name = `${layer}/table`;
    const table = weights.get(name);
    if (table === undefined || model.kind === "ownModel") continue;
    if (before[name] !== undefined) rows[name] = before[name];
    if (
      model.tiedWeights && !(layer === "sourceEmbedding" && weights.has("targetEmbedding/table"))
    ) {
      continue;
    }
    const { rows: count, columns } = sizesOf(table);
    const places = new Map<string, number>();
    const kept: number[] = [];
    const place = Array.from({ length: count }, (_, row) => {
      // −0 and 0 are the same vector.
      const key = table.values.subarray(row * columns, (row + 1) * columns).map((x) => x + 0)
        .join();
      const known = places.get(key);
      if (known !== undefined) return known;
      places.set(key, kept.length);
      return kept.push(row) - 1;
    });
    if (kept.length === count) continue;
    result.set(name, withRows(table, kept));
    rows[name] = (before[name] ?? place.map((_, token) => token)).map((row) => place[row]);
    removed[name] = count - kept.length;
  }
  return { weights: result, rows, removed };
}
