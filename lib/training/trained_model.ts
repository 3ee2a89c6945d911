import { checkInteger } from "../core/check.ts";
import { canonicalJson } from "../core/json.ts";
import { projectFolder } from "../core/project.ts";
import { checkOwnCode } from "../core/trust.ts";
import { withInfillMarks, withoutInfillMarks } from "../data/infill_marks.ts";
import { restorePairVocabulary, tokenizersOfSides } from "../data/pair_tokens.ts";
import { readyTokenizer } from "../data/tokenizers/split.ts";
import { restoreVocabulary } from "../data/tokenizers/vocabulary.ts";
import { type EngineChoice, type EngineName, useEngine } from "../engine/engine.ts";
import { valuesNow } from "../engine/kernels.ts";
import { createModel } from "../models/create.ts";
import type { LanguageModel, Model, SequenceToSequenceModel } from "../models/model.ts";
import type { OwnModelPart } from "../models/define_model.ts";
import { safetensorsPieces, type StoredTensor, writeSafetensors } from "../models/safetensors.ts";
import { readWeights, type WeightsFormat, writeWeights } from "../models/sparse_safetensors.ts";
import { withTokenRows } from "../models/token_rows.ts";
import { longestWindowOf } from "../models/window_length.ts";
import type { ParameterDescription } from "../penalties/penalty.ts";
import { loadOwnModel } from "./own_parts.ts";
import { createPairModel } from "./pair_model.ts";
import { pairReader, type Reader, textReader } from "./reader.ts";
import {
  type AnyPairSpecification,
  isCompletionSpecification,
  isPairSpecification,
  type Specification,
  type TextSpecification,
  validateSpecification,
} from "./specification.ts";
import type { Vocabularies } from "./task.ts";
import {
  anyWeights,
  jsonIn,
  type Metadata,
  setWeights,
  simplified,
  type Tensors,
  weightsOf,
} from "./model_weights.ts";

/** A trained text generator, ready to be used in a notebook. */
export interface TrainedModel extends Reader {
  /** What its parameters are, in the model's order. */
  readonly parameters: readonly ParameterDescription[];
  /** Weights by parameter name, as copies. */
  weights(): Map<string, { shape: readonly number[]; values: Float32Array }>;
  /** Its network, for what reads its scores; `dispose` frees it. */
  readonly network: LanguageModel | SequenceToSequenceModel;
  /** What computes here. */
  readonly engine: EngineName;
  /** What it was trained as. */
  readonly specification: Specification;
  /**
   * Bytes of a safetensors file that {@link readTrainedModel} reads: weights, vocabularies and
   * specification.
   *
   * @param format How the weights are stored; `dense`, which any safetensors library loads, by default.
   */
  file(format?: WeightsFormat): Uint8Array;
  /** Frees the tensors; so does the end of a block with `using model = await study.model()`. */
  dispose(): void;
  /** The same as `dispose`. */
  [Symbol.dispose](): void;
}

/**
 * Bytes of the file that keeps a model: its weights, vocabularies and specification.
 *
 * @param others Tensors besides the model's own, such as snapshots of its training.
 */
export function weightsFile(
  ...given: Parameters<typeof weightsContent>
): Uint8Array {
  return writeSafetensors(...weightsContent(...given));
}

/** The same in pieces, as `safetensorsPieces` gives them, while the weights stay. */
export function weightsPieces(
  ...given: Parameters<typeof weightsContent>
): Iterable<Uint8Array> {
  return safetensorsPieces(...weightsContent(...given));
}

function weightsContent(
  model: Model,
  { vocabulary, marks, merges, sourceVocabulary, sourceMerges }: Vocabularies,
  request: { specification: unknown; id: string },
  others: readonly [string, StoredTensor][] = [],
) {
  const tensors = model.parameters.map(({ description: { name, shape }, variable }) =>
    [name, { shape, values: valuesNow(variable) }] as const
  );
  return [new Map([...tensors, ...others]), {
    schemaVersion: "1",
    run: request.id,
    specification: canonicalJson(request.specification),
    vocabulary: JSON.stringify(vocabulary),
    ...(marks && { marks: JSON.stringify(marks) }),
    ...(merges && { merges: JSON.stringify(merges) }),
    ...(sourceVocabulary && { sourceVocabulary: JSON.stringify(sourceVocabulary) }),
    ...(sourceMerges && { sourceMerges: JSON.stringify(sourceMerges) }),
  }] as const;
}

/** The vocabularies that a file of {@link weightsFile} says. */
export function vocabulariesIn(metadata: Metadata): Vocabularies {
  const read = (name: keyof Vocabularies) =>
    name in metadata ? { [name]: jsonIn(metadata, name) } : {};
  return {
    vocabulary: jsonIn(metadata, "vocabulary") as string[],
    ...read("marks"),
    ...read("merges"),
    ...read("sourceVocabulary"),
    ...read("sourceMerges"),
  };
}

/**
 * Builds a trained model from the bytes that {@link weightsFile} wrote.
 *
 * @param engine What computes; `wasm` by default.
 * @param options.project Folder of the project that defines a model of one's own; the nearest one with
 * a deno.json by default.
 * @throws {SyntaxError} If the bytes are no such file or a parameter is missing or misshapen.
 * @throws {Error} If the file names a module that is not the project's own, or whose code is another one
 * here: it would run in this process, with all that it may do.
 */
export async function readTrainedModel(
  bytes: Uint8Array,
  engine: EngineChoice = "wasm",
  options: { readonly project?: string } = {},
): Promise<TrainedModel> {
  const { name } = await useEngine(engine);
  const { tensors, metadata } = readWeights(bytes);
  const specification = validateSpecification(jsonIn(metadata, "specification"));
  const { model } = specification;
  const project = options.project ?? (model.kind === "ownModel" ? projectFolder() : undefined);
  if (model.kind === "ownModel") await checkOwnCode(project!, model);
  const own = await loadOwnModel(model, project);
  if (isPairSpecification(specification)) {
    return await pairModel(name, specification, tensors, metadata, own);
  }
  return await textModel(name, specification, tensors, metadata, own);
}

async function textModel(
  engine: EngineName,
  specification: TextSpecification,
  tensors: Tensors,
  metadata: Metadata,
  own?: OwnModelPart,
): Promise<TrainedModel> {
  await readyTokenizer(specification.tokenizer);
  const fillsIn = specification.training.fillInTheMiddle !== null;
  const tokens = jsonIn(metadata, "vocabulary") as string[];
  const restored = restoreVocabulary(
    specification.tokenizer,
    fillsIn ? withoutInfillMarks(tokens) : tokens,
    "marks" in metadata
      ? checkInteger("Cannot build the model: its marks", jsonIn(metadata, "marks"), { from: 1 })
      : 0,
    mergesIn(metadata, "merges"),
  );
  const vocabulary = fillsIn ? withInfillMarks(restored) : restored;
  const { shapes, rows } = simplified(tensors, metadata);
  const plain = createModel(specification.model, {
    vocabularySize: vocabulary.size,
    ...anyWeights,
    shapes,
    own,
  });
  setWeights(plain, tensors);
  const model = withTokenRows(plain, rows["embedding/table"]);
  return {
    ...textReader(model, vocabulary, specification),
    ...anyModel(model, metadata),
    engine,
    specification,
  };
}

/** What models of texts and of pairs do alike. */
function anyModel(
  network: TrainedModel["network"],
  metadata: Metadata,
): Omit<TrainedModel, keyof Reader | "engine" | "specification"> {
  return {
    network,
    parameters: network.parameters.map(({ description }) => description),
    weights: () => weightsOf(network),
    file: (format = "dense") => writeWeights(weightsOf(network), metadata, format),
    dispose: () => network.dispose(),
    [Symbol.dispose]: () => network.dispose(),
  };
}

function mergesIn(metadata: Metadata, name: "merges" | "sourceMerges"): string[] | undefined {
  return name in metadata ? jsonIn(metadata, name) as string[] : undefined;
}

async function pairModel(
  engine: EngineName,
  specification: AnyPairSpecification,
  tensors: Tensors,
  metadata: Metadata,
  own?: OwnModelPart,
): Promise<TrainedModel> {
  const { source, target } = tokenizersOfSides(specification.tokenizer);
  for (const side of [source, target]) await readyTokenizer(side);
  const targetVocabulary = restorePairVocabulary(
    target,
    jsonIn(metadata, "vocabulary") as string[],
    mergesIn(metadata, "merges"),
  );
  const sourceVocabulary = isCompletionSpecification(specification)
    ? targetVocabulary
    : restorePairVocabulary(
      source,
      jsonIn(metadata, "sourceVocabulary") as string[],
      mergesIn(metadata, "sourceMerges"),
    );
  const vocabularies = { sourceVocabulary, targetVocabulary };
  const { shapes, rows } = simplified(tensors, metadata);
  const model = createPairModel(
    specification,
    vocabularies,
    { ...anyWeights, shapes, own },
    rows,
  );
  setWeights(model, tensors);
  return {
    ...pairReader(model, vocabularies, {
      ...specification,
      longestWindow: longestWindowOf(specification.model),
    }),
    ...anyModel(model, metadata),
    engine,
    specification,
  };
}
