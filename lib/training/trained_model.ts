import { checkInteger, checkOneOf, show } from "../core/check.ts";
import { canonicalJson } from "../core/json.ts";
import { bitsPerCharacter } from "../core/perplexity.ts";
import { projectFolder } from "../core/project.ts";
import { randomStream } from "../core/random.ts";
import { checkOwnCode } from "../core/trust.ts";
import { evaluationBatches } from "../data/batches.ts";
import { carriedEvaluationBatches } from "../data/carried_batches.ts";
import { padSequences, pairBatch } from "../data/pair_batches.ts";
import { restorePairVocabulary } from "../data/pair_tokens.ts";
import { unknownShare } from "../data/prepare.ts";
import { encodeClosed } from "../data/prepare_pairs.ts";
import { splitTokens } from "../data/tokenizers/split.ts";
import { restoreVocabulary, type Vocabulary } from "../data/tokenizers/vocabulary.ts";
import { type EngineChoice, type EngineName, useEngine } from "../engine/engine.ts";
import { targetTokens } from "../models/conditional_generation.ts";
import { createModel } from "../models/create.ts";
import { createSequenceToSequence } from "../models/create.ts";
import { type DecodingOptions, generateTokens } from "../models/decoding.ts";
import type { Model } from "../models/model.ts";
import type { OwnModelPart } from "../models/define_model.ts";
import { writeSafetensors } from "../models/safetensors.ts";
import { readWeights, type WeightsFormat, writeWeights } from "../models/sparse_safetensors.ts";
import { withPairRows, withTokenRows } from "../models/token_rows.ts";
import type { ParameterDescription } from "../penalties/penalty.ts";
import { meanCrossEntropy } from "./evaluation.ts";
import { loadOwnModel } from "./own_parts.ts";
import {
  isPairSpecification,
  type PairSpecification,
  type Specification,
  type TextSpecification,
  validateSpecification,
} from "./specification.ts";
import type { Vocabularies } from "./task.ts";
import { tokenAccuracy } from "./token_accuracy.ts";
import {
  anyWeights,
  jsonIn,
  type Metadata,
  setWeights,
  simplified,
  type Tensors,
  weightsOf,
} from "./model_weights.ts";

/** How a trained model writes: decoding options, `prompt`, `length` in tokens, and `seed`. */
export type GenerationOptions = DecodingOptions & {
  readonly prompt: string;
  readonly length: number;
  readonly seed: number;
  /**
   * What becomes of a prompt with tokens that the model does not know: it is refused (`refuse`, the
   * default), or each of them is read as the unknown token (`asUnknown`), so that prompts which differ
   * in them alone are continued alike. The unknown token itself (`�`, `<unk>`) may stand in any prompt.
   */
  readonly unknownPrompt?: "refuse" | "asUnknown";
};

/** A trained text generator, ready to be used in a notebook. */
export interface TrainedModel {
  /** Tokens that it writes, and of a text also reads. */
  readonly vocabulary: Vocabulary;
  /** Of pairs: tokens of sources. */
  readonly sourceVocabulary?: Vocabulary;
  /** What its parameters are, in the model's order. */
  readonly parameters: readonly ParameterDescription[];
  /** Weights by parameter name, as copies. */
  weights(): Map<string, { shape: readonly number[]; values: Float32Array }>;
  /**
   * Continues a prompt; the text alone, without the prompt. Of pairs `prompt` is a source, and what
   * comes back is the target that the model writes for it, cut after `length` tokens.
   *
   * @throws {RangeError} If the model does not know a token of the prompt, which the message lists; see
   * `unknownPrompt`.
   */
  generate(options: GenerationOptions): string;
  /** The same text piece by piece, a token each, as the model writes it. */
  stream(options: GenerationOptions): Generator<string, void>;
  /**
   * Mean cross-entropy of a text, nats per token, windows as in training. Of pairs: of a target, its
   * end included, given its `source`. Tokens that the model does not know count as the unknown token:
   * see {@link unknownShare}.
   */
  crossEntropy(text: string, source?: string): number;
  /**
   * {@link crossEntropy} in bits per character of a text, so that models of words and of characters can be
   * compared; too low where words are unknown, as all of them are one token. Of pairs: of a target, its
   * end included but not counted as a character.
   */
  bitsPerCharacter(text: string, source?: string): number;
  /**
   * Share of the tokens of a text to which the model gives the highest score, windows as in training.
   * Of pairs: of a target, its end included, given its `source`.
   */
  tokenAccuracy(text: string, source?: string): number;
  /**
   * Share of the tokens of a text that the model does not know, 0 to 1; of pairs of a target, or of a
   * text of the given side. They are all one token to it.
   */
  unknownShare(text: string, side?: "source" | "target"): number;
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

/** Bytes of the file that keeps a model: its weights, vocabularies and specification. */
export function weightsFile(
  model: Model,
  { vocabulary, sourceVocabulary }: Vocabularies,
  request: { specification: unknown; id: string },
): Uint8Array {
  const tensors = model.parameters.map(({ description: { name, shape }, variable }) =>
    [name, { shape, values: variable.dataSync() as Float32Array }] as const
  );
  return writeSafetensors(new Map(tensors), {
    schemaVersion: "1",
    run: request.id,
    specification: canonicalJson(request.specification),
    vocabulary: JSON.stringify(vocabulary),
    ...(sourceVocabulary && { sourceVocabulary: JSON.stringify(sourceVocabulary) }),
  });
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
  if (isPairSpecification(specification)) {
    return pairModel(name, specification, tensors, metadata);
  }
  const { model } = specification;
  const project = options.project ?? (model.kind === "ownModel" ? projectFolder() : undefined);
  if (model.kind === "ownModel") await checkOwnCode(project!, model);
  const own = await loadOwnModel(model, project);
  return textModel(name, specification, tensors, metadata, own);
}

function textModel(
  engine: EngineName,
  specification: TextSpecification,
  tensors: Tensors,
  metadata: Metadata,
  own?: OwnModelPart,
): TrainedModel {
  const { tokenizer, training: { windowLength, batchSize, carriedState } } = specification;
  const vocabulary = restoreVocabulary(tokenizer, jsonIn(metadata, "vocabulary") as string[]);
  const { shapes, rows } = simplified(tensors, metadata);
  const plain = createModel(specification.model, {
    vocabularySize: vocabulary.size,
    ...anyWeights,
    shapes,
    own,
  });
  setWeights(plain, tensors);
  const model = withTokenRows(plain, rows["embedding/table"]);
  const split = (text: string) => splitTokens(tokenizer, text);
  const encode = (text: string) => vocabulary.encode(split(text));
  function stream({ prompt, length, seed, unknownPrompt, ...decoding }: GenerationOptions) {
    const tokens = knownPrompt(split(prompt), vocabulary, unknownPrompt);
    const random = randomStream(seed, "generate");
    return pieces(
      vocabulary,
      generateTokens(model, vocabulary.encode(tokens), { length, ...decoding }, random),
    );
  }
  const batchesOf = (text: string) => {
    const tokens = encode(text);
    const stretchLength = Math.max(windowLength, tokens.length);
    return carriedState
      ? carriedEvaluationBatches([tokens], { windowLength, batchSize, stretchLength })
      : evaluationBatches([tokens], { windowLength, batchSize });
  };
  return {
    vocabulary,
    ...anyModel(model, stream, metadata),
    engine,
    specification,
    crossEntropy: (text) => meanCrossEntropy(model, batchesOf(text)),
    bitsPerCharacter: (text) =>
      bitsPerCharacter(meanCrossEntropy(model, batchesOf(text)), {
        tokens: splitTokens(tokenizer, text).length,
        characters: Array.from(text).length,
      }),
    tokenAccuracy: (text) => tokenAccuracy(model, batchesOf(text)),
    unknownShare: (text) => unknownShare([encode(text)], vocabulary),
  };
}

/** What models of texts and of pairs do alike. */
function anyModel(
  model: Model,
  stream: TrainedModel["stream"],
  metadata: Metadata,
): Pick<
  TrainedModel,
  "parameters" | "weights" | "file" | "generate" | "stream" | "dispose" | typeof Symbol.dispose
> {
  const checked: TrainedModel["stream"] = (options) => {
    checkInteger("generate: seed", options.seed);
    return stream(options);
  };
  return {
    parameters: model.parameters.map(({ description }) => description),
    weights: () => weightsOf(model),
    file: (format = "dense") => writeWeights(weightsOf(model), metadata, format),
    generate: (options) => Array.from(checked(options)).join(""),
    stream: checked,
    dispose: () => model.dispose(),
    [Symbol.dispose]: () => model.dispose(),
  };
}

function pairModel(
  engine: EngineName,
  specification: PairSpecification,
  tensors: Tensors,
  metadata: Metadata,
): TrainedModel {
  const { tokenizer } = specification;
  const targetVocabulary = restorePairVocabulary(
    tokenizer.target,
    jsonIn(metadata, "vocabulary") as string[],
  );
  const sourceVocabulary = restorePairVocabulary(
    tokenizer.source,
    jsonIn(metadata, "sourceVocabulary") as string[],
  );
  const { shapes, rows } = simplified(tensors, metadata);
  const plain = createSequenceToSequence(specification.model, {
    vocabularySize: targetVocabulary.size,
    sourceVocabularySize: sourceVocabulary.size,
    ...anyWeights,
    shapes,
  });
  setWeights(plain, tensors);
  const model = withPairRows(plain, {
    source: rows["sourceEmbedding/table"],
    target: rows["targetEmbedding/table"],
  });
  const encodeSource = (text: string) =>
    encodeClosed(sourceVocabulary, splitTokens(tokenizer.source, text));
  function stream({ prompt, length, seed, unknownPrompt, ...decoding }: GenerationOptions) {
    const tokens = knownPrompt(
      splitTokens(tokenizer.source, prompt),
      sourceVocabulary,
      unknownPrompt,
    );
    const source = padSequences(
      [encodeClosed(sourceVocabulary, tokens)],
      sourceVocabulary.paddingId,
    );
    const options = { ...decoding, maximumLength: length };
    const random = randomStream(seed, "generate");
    const steps = targetTokens(model, source, targetVocabulary, options, random);
    return pieces(targetVocabulary, onlyTokens(steps));
  }
  function batchOf(text: string, source: string | undefined) {
    if (source === undefined) {
      throw new TypeError("A model of pairs needs the source of the text to measure it.");
    }
    const target = encodeClosed(targetVocabulary, splitTokens(tokenizer.target, text));
    const pair = { source: encodeSource(source), target };
    return pairBatch([pair], { sourceVocabulary, targetVocabulary });
  }
  return {
    vocabulary: targetVocabulary,
    sourceVocabulary,
    ...anyModel(model, stream, metadata),
    engine,
    specification,
    crossEntropy: (text, source) => meanCrossEntropy(model, [batchOf(text, source)]),
    bitsPerCharacter(text, source) {
      const batch = batchOf(text, source);
      return bitsPerCharacter(meanCrossEntropy(model, [batch]), {
        tokens: batch.tokens,
        characters: Array.from(text).length,
      });
    },
    tokenAccuracy: (text, source) => tokenAccuracy(model, [batchOf(text, source)]),
    unknownShare(text, side = "target") {
      checkOneOf("unknownShare: side", side, ["source", "target"]);
      const own = side === "source" ? sourceVocabulary : targetVocabulary;
      return unknownShare([own.encode(splitTokens(tokenizer[side], text))], own);
    },
  };
}

/** How many unknown tokens a message lists. */
const listedTokens = 10;

/** The tokens of a prompt; refuses those that the vocabulary does not know, unless they may be there. */
function knownPrompt(
  tokens: readonly string[],
  vocabulary: Vocabulary,
  unknownPrompt: GenerationOptions["unknownPrompt"] = "refuse",
): readonly string[] {
  checkOneOf("generate: unknownPrompt", unknownPrompt, ["refuse", "asUnknown"]);
  const { unknownId } = vocabulary;
  const unknown = vocabulary.tokens[unknownId];
  const ids = vocabulary.encode(tokens);
  const strange = new Set(tokens.filter((token, at) => ids[at] === unknownId && token !== unknown));
  if (strange.size === 0 || unknownPrompt === "asUnknown") return tokens;
  const listed = [...strange].slice(0, listedTokens).map(show).join(", ");
  const more = strange.size > listedTokens ? ` and ${strange.size - listedTokens} more` : "";
  throw new RangeError(
    `generate: the prompt must hold only tokens that the model knows, found ${listed}${more}. Leave ` +
      `them out, or give unknownPrompt: "asUnknown", which reads each of them as ${show(unknown)}.`,
  );
}

function* onlyTokens(steps: Iterable<(number | null)[]>): Generator<number, void> {
  for (const [token] of steps) if (token !== null) yield token;
}

/** What each token adds to the text of those before: words come with the space before them. */
function* pieces(
  vocabulary: Pick<Vocabulary, "decode">,
  tokens: Iterable<number>,
): Generator<string, void> {
  const read: number[] = [];
  let written = "";
  for (const token of tokens) {
    read.push(token);
    const text = vocabulary.decode(read);
    yield text.slice(written.length);
    written = text;
  }
}
