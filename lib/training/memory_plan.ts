import { kindOf as averageKindOf } from "../averages/kinds.ts";
import { tokenizerOf } from "../data/tokenizers/kinds.ts";
import type { TokenizerSpecification } from "../data/tokenizers/kinds.ts";
import { describeParameters } from "../models/describe_parameters.ts";
import { modelKindOf } from "../models/kinds.ts";
import { penaltiesWith, rulesOf } from "../optimizers/optimizer.ts";
import { logitRowsAtOnce } from "../ops/linear_cross_entropy.ts";
import { actsOn, type ParameterDescription } from "../penalties/penalty.ts";
import { pulledToStart } from "../penalties/targets.ts";
import { parameterCount } from "../records/parameter_count.ts";
import { passesOf } from "./passes.ts";
import { trainedDescriptions } from "./tuning.ts";
import { tunedParameters } from "./tuning_options.ts";
import { isPairSpecification, type Specification } from "./specification.ts";

/** What a training process has before it has any tensor, bytes: tfjs, V8 and the kernels, measured. */
const processBytes = 100 * 2 ** 20;

/** Memory of a training process at its highest, in parts. */
export interface MemoryPlan {
  /** Of all parts, bytes. */
  readonly bytes: number;
  /** What it needs whatever is not known exactly turns out to be, bytes. */
  readonly leastBytes: number;
  /** Bytes of each part, largest first; those of nothing are left out. */
  readonly parts: readonly { readonly what: string; readonly bytes: number }[];
}

/**
 * About how much memory a training process needs at its highest.
 *
 * What is counted exactly: weights, gradients, what the optimizer remembers, copies for averages, weights that
 * are put aside, logits. Activations are what the forward pass keeps of a position, from the model's kind, as
 * measured; of pairs, whose lengths the data say, those of 64 positions a pair.
 *
 * @param specification As `validateSpecification` gives it.
 * @returns Null for a model of the user's own, whose tensors are not known.
 *
 * @example
 * ```ts
 * import { planMemory } from "./memory_plan.ts";
 * import { validateSpecification } from "./specification.ts";
 * import { adam, bytes, corpus, transformerLanguageModel } from "../mod.ts";
 * import assert from "node:assert/strict";
 * const specification = (microBatchSize: number | null) =>
 *   validateSpecification({
 *     corpus: corpus("moby-dick"),
 *     tokenizer: bytes(),
 *     model: transformerLanguageModel({ embeddingSize: 256, layers: 8, heads: 8, blockSize: 256 }),
 *     optimizer: adam({ learningRate: 1e-3 }),
 *     training: { steps: 100, batchSize: 64, windowLength: 256, microBatchSize },
 *   });
 * const [whole, parts] = [null, 8].map((size) => planMemory(specification(size))!.bytes / 2 ** 30);
 * assert.ok(whole > 2 && whole < 3 && parts < 1);
 * ```
 */
export function planMemory(specification: Specification): MemoryPlan | null {
  const { model, optimizer, training } = specification;
  if (model.kind === "ownModel") return null;
  const vocabularySize = vocabularySizeOf(specification);
  const parameters = describeParameters(model, { vocabularySize });
  const { weights, gradients, trained } = trainedWeights(training, parameters);
  const { remembered, scratch, copies } = heldBeside(specification, trained);
  const rows = rowsAtOnce(specification);
  const positions = rows * positionsOf(specification);
  const sizes = {
    "weights": 4 * weights,
    "gradients": 4 * gradients * (rows < training.batchSize ? 2 : 1),
    [optimizer.kind]: 4 * (remembered + scratch),
    "averages": 4 * copies * parameterCount(trained),
    "weights put aside": 4 * putAside(specification, parameters, trained),
    "the start": 4 * parameterCount(startKept(specification, parameters, trained)),
    "activations": 4 * positions * activationsOf(specification),
    "logits": 4 * vocabularySize * logitRowsAtOnce(positions, vocabularySize) +
      (training.teacher === null ? 0 : 4 * positions * vocabularySize),
    "the best weights": training.earlyStopping === null ? 0 : 4 * parameterCount(trained),
    // Of given weights, checkpoints and files of weights one is read at a time, and put into another order.
    "a tensor in passing": 8 * Math.max(...parameters.map((each) => parameterCount([each]))),
    "the process": processBytes,
  };
  const parts = Object.entries(sizes).map(([what, bytes]) => ({ what, bytes }))
    .filter(({ bytes }) => bytes > 0).toSorted((a, b) => b.bytes - a.bytes);
  const bytes = parts.reduce((sum, { bytes }) => sum + bytes, 0);
  // Plans were measured to a third; how long pairs are, only the data say.
  const share = isPairSpecification(specification) ? 1 : 1 / 3;
  return { bytes, leastBytes: bytes - share * (sizes.activations + sizes.logits), parts };
}

/** What a training holds of its trained parameters besides themselves and their gradients, in numbers. */
export function heldBeside(
  { optimizer, training: { averages } }: Specification,
  trained: readonly ParameterDescription[],
) {
  const rules = rulesOf(optimizer, trained);
  return {
    /** By the optimizer from step to step. */
    remembered: trained.reduce(
      (sum, parameter, index) => sum + rules[index].slots.length * parameterCount([parameter]),
      0,
    ),
    /** By the optimizer while it makes a step. */
    scratch: Math.max(...rules.map(({ scratch = 0 }) => scratch)),
    /** How many times averages keep all of them. */
    copies: averages.reduce((sum, each) => sum + averageKindOf(each).copies(each), 0),
  };
}

/** Parameters of which a copy of what they began with is kept, outside the engine's memory. */
function startKept(
  { optimizer, penalties, training }: Specification,
  parameters: readonly ParameterDescription[],
  trained: readonly ParameterDescription[],
): ParameterDescription[] {
  const all = penaltiesWith(optimizer, penalties);
  return [
    ...trained.filter((parameter) => pulledToStart(all, parameter)),
    ...tunedParameters(training, parameters).adapted,
  ];
}

/** Windows or pairs whose activations are in memory at a time. */
export function rowsAtOnce({ training }: Specification): number {
  return Math.min(training.batchSize, training.microBatchSize ?? Infinity);
}

/** How many numbers a training has: weights with adapters, and gradients of what is differentiated. */
export function trainedWeights(
  training: Specification["training"],
  parameters: readonly ParameterDescription[],
) {
  const trained = trainedDescriptions(training, parameters);
  const { adapted } = tunedParameters(training, parameters);
  const adapters = trained.filter(({ kind }) => kind === "adapter");
  return {
    trained,
    weights: parameterCount([...parameters, ...adapters]),
    gradients: parameterCount([...trained, ...adapted]),
  };
}

/** Weights that are kept while others stand in their place. */
export function putAside(
  { training: { weightDropout, sharpnessRadius } }: Specification,
  parameters: readonly ParameterDescription[],
  trained: readonly ParameterDescription[],
): number {
  const dropped = parameters.filter((each) =>
    weightDropout !== null && actsOn(weightDropout, each)
  );
  return parameterCount(dropped) + (sharpnessRadius > 0 ? parameterCount(trained) : 0);
}

/** Positions of a window, or about how many a pair has. */
function positionsOf(specification: Specification): number {
  return isPairSpecification(specification) ? 64 : specification.training.windowLength;
}

/** Numbers that are in memory of a position at the highest. */
function activationsOf(specification: Specification): number {
  const { model, training: { recomputeBlocks } } = specification;
  const windowLength = positionsOf(specification);
  const { activations } = modelKindOf(model);
  if (activations === undefined) return modelKindOf(model).outputs(model);
  const { fixed, layer, layers, kept } = activations(model, {
    windowLength,
    windows: rowsAtOnce(specification),
  });
  const passes = passesOf({ penalties: specification.penalties }).forward;
  return passes * (recomputeBlocks ? fixed + layer + layers * kept : fixed + layers * layer);
}

/** Tokens of a vocabulary, at most where the training part decides; that of bytes where only it does. */
function vocabularySizeOf(specification: Specification): number {
  const { tokenizer } = specification;
  const sides = Object.values(tokenizer).filter((side): side is TokenizerSpecification =>
    typeof side === "object" && side !== null && "kind" in side
  );
  const all = "kind" in tokenizer && sides.length === 0
    ? [tokenizer as TokenizerSpecification]
    : sides;
  return Math.max(...all.map(sizeOfVocabulary));
}

/**
 * Tokens of a list that is not loaded yet, about as many as published ones have; and of a limit above it, which
 * says nothing of the text.
 */
const largeVocabulary = 1 << 16;

function sizeOfVocabulary(tokenizer: TokenizerSpecification): number {
  const { vocabularySize, maximumVocabulary } = tokenizer as {
    readonly vocabularySize?: number;
    readonly maximumVocabulary?: number | null;
  };
  if (typeof vocabularySize === "number") return vocabularySize;
  if (typeof maximumVocabulary === "number") return Math.min(maximumVocabulary, largeVocabulary);
  const kind = tokenizerOf(tokenizer);
  if (!("learn" in kind) || kind.learnsTokens === true) return 257;
  try {
    return kind.learn(tokenizer as never, []).tokens.length;
  } catch {
    return largeVocabulary;
  }
}

const units = ["bytes", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];

/** A size in words, such as `2.3 TiB`. */
export function inBytes(bytes: number): string {
  const unit = Math.min(units.length - 1, Math.floor(Math.log2(bytes) / 10));
  return `${Number((bytes / 1024 ** unit).toPrecision(3))} ${units[unit]}`;
}

/** A plan in a line, its largest parts named. */
export function planInWords({ bytes, parts }: MemoryPlan): string {
  const share = ({ bytes, what }: MemoryPlan["parts"][number]) => `${inBytes(bytes)} of ${what}`;
  return `A training needs about ${inBytes(bytes)} of memory: ${
    parts.slice(0, 4).map(share).join(", ")
  }.`;
}
