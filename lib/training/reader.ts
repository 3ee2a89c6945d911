import { checkInteger, checkOneOf, show } from "../core/check.ts";
import { bitsOfText } from "../core/perplexity.ts";
import { randomStream } from "../core/random.ts";
import { evaluationBatches } from "../data/batches.ts";
import { carriedEvaluationBatches } from "../data/carried_batches.ts";
import { padSources } from "../data/pair_batches.ts";
import { type PairVocabulary, tokenizersOfSides } from "../data/pair_tokens.ts";
import { unknownShare } from "../data/prepare.ts";
import { endId, endOf } from "../data/fold_tokens.ts";
import { closed, closedSource } from "../data/prepare_pairs.ts";
import type { TokenizerSpecification } from "../data/tokenizers/kinds.ts";
import { splitTokens } from "../data/tokenizers/split.ts";
import type { Vocabulary } from "../data/tokenizers/vocabulary.ts";
import { tokensInMemory } from "../data/tokens.ts";
import { targetTokens } from "../models/conditional_generation.ts";
import { generateTokens } from "../models/decoding.ts";
import type { DecodingOptions } from "../models/decoding_options.ts";
import type { LanguageModel, SequenceToSequenceModel } from "../models/model.ts";
import { beforeStop, stopPlace, withoutBegunStop } from "../models/stop_strings.ts";
import { meanCrossEntropy } from "./evaluation.ts";
import { batchOfPairs } from "./pair_model.ts";
import type { AnyPairSpecification, TextSpecification } from "./specification.ts";
import { tokenAccuracy } from "./token_accuracy.ts";

/** How a trained model writes: decoding options, `prompt`, `length` in tokens at most, and `seed`. */
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

/** What can be done with texts by a model that is there: one that was trained, or a mean of several. */
export interface Reader {
  /** Tokens that it writes, and of a text also reads. */
  readonly vocabulary: Vocabulary;
  /** Of pairs: tokens of sources. */
  readonly sourceVocabulary?: Vocabulary;
  /**
   * Continues a prompt; the text alone, without the prompt. Of pairs `prompt` is a source, and what
   * comes back is the target that the model writes for it, cut after `length` tokens.
   *
   * @throws {RangeError} If the model does not know a token of the prompt, which the message lists; see
   * `unknownPrompt`.
   */
  generate(options: GenerationOptions): string;
  /**
   * The same text piece by piece, a token each, as the model writes it; with `beams` once the search has
   * ended. What may become a stop string is held back until it is none.
   */
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
  /** The same per byte of the text in UTF-8. */
  bitsPerByte(text: string, source?: string): number;
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
}

/** Reads and writes texts with a language model. */
export function textReader(
  model: LanguageModel,
  vocabulary: Vocabulary,
  { tokenizer, training: { windowLength, batchSize, carriedState } }: TextSpecification,
): Reader {
  /** As the text of a fold is read: after the mark, where there is one. */
  const begun = (ids: Int32Array) =>
    endOf(vocabulary) === null ? ids : Int32Array.from([endId, ...ids]);
  function stream({ prompt, length, seed, unknownPrompt, ...decoding }: GenerationOptions) {
    const ids = knownPrompt(prompt, tokenizer, vocabulary, unknownPrompt);
    const random = randomStream(seed, "generate");
    const options = { length, ...decoding, endId: endOf(vocabulary) };
    return pieces(
      vocabulary,
      generateTokens(model, begun(ids), options, random, vocabulary),
      decoding.stopStrings,
    );
  }
  const batchesOf = (text: string) => {
    const tokens = tokensInMemory(begun(vocabulary.encodeText(text)));
    const stretchLength = Math.max(windowLength, tokens.length);
    return carriedState
      ? carriedEvaluationBatches([tokens], { windowLength, batchSize, stretchLength })
      : evaluationBatches([tokens], { windowLength, batchSize });
  };
  return {
    vocabulary,
    ...writing(stream),
    crossEntropy: (text) => meanCrossEntropy(model, batchesOf(text)),
    ...bitsOf((text) => ({
      nats: meanCrossEntropy(model, batchesOf(text)),
      tokens: vocabulary.encodeText(text).length,
    })),
    tokenAccuracy: (text) => tokenAccuracy(model, batchesOf(text)),
    unknownShare: (text) => unknownShare([vocabulary.encodeText(text)], vocabulary),
  };
}

/** Reads and writes pairs with a model of either kind. */
export function pairReader(
  model: SequenceToSequenceModel,
  { sourceVocabulary, targetVocabulary }: {
    readonly sourceVocabulary: PairVocabulary;
    readonly targetVocabulary: PairVocabulary;
  },
  { tokenizer }: Pick<AnyPairSpecification, "tokenizer">,
): Reader {
  const sides = { sourceVocabulary, targetVocabulary };
  const tokenizers = tokenizersOfSides(tokenizer);
  const encoded = (ids: Int32Array) => closedSource(tokenizer, sourceVocabulary, ids);
  const batchOf = batchOfPairs({ tokenizer } as AnyPairSpecification, sides);
  function stream({ prompt, length, seed, unknownPrompt, ...decoding }: GenerationOptions) {
    const ids = knownPrompt(prompt, tokenizers.source, sourceVocabulary, unknownPrompt);
    const source = padSources([encoded(ids)], sourceVocabulary, null);
    const options = { ...decoding, maximumLength: length };
    const random = randomStream(seed, "generate");
    const steps = targetTokens(model, source, targetVocabulary, options, random);
    return pieces(targetVocabulary, onlyTokens(steps), decoding.stopStrings);
  }
  function measured(text: string, source: string | undefined) {
    if (source === undefined) {
      throw new TypeError("A model of pairs needs the source of the text to measure it.");
    }
    const target = closed(targetVocabulary, targetVocabulary.encodeText(text));
    return batchOf([{ source: encoded(sourceVocabulary.encodeText(source)), target }]);
  }
  return {
    vocabulary: targetVocabulary,
    sourceVocabulary,
    ...writing(stream),
    crossEntropy: (text, source) => meanCrossEntropy(model, [measured(text, source)]),
    ...bitsOf((text, source) => {
      const batch = measured(text, source);
      return { nats: meanCrossEntropy(model, [batch]), tokens: batch.tokens };
    }),
    tokenAccuracy: (text, source) => tokenAccuracy(model, [measured(text, source)]),
    unknownShare(text, side = "target") {
      checkOneOf("unknownShare: side", side, ["source", "target"]);
      const own = side === "source" ? sourceVocabulary : targetVocabulary;
      return unknownShare([own.encodeText(text)], own);
    },
  };
}

/** The loss of a text in bits per byte and per character of it. */
function bitsOf(
  measure: (text: string, source?: string) => { readonly nats: number; readonly tokens: number },
): Pick<Reader, "bitsPerByte" | "bitsPerCharacter"> {
  const all = (text: string, source?: string) => {
    const { nats, tokens } = measure(text, source);
    return bitsOfText(nats, {
      tokens,
      bytes: new TextEncoder().encode(text).length,
      characters: Array.from(text).length,
    });
  };
  return {
    bitsPerByte: (text, source) => all(text, source).bitsPerByte,
    bitsPerCharacter: (text, source) => all(text, source).bitsPerCharacter,
  };
}

function writing(stream: Reader["stream"]): Pick<Reader, "generate" | "stream"> {
  const checked: Reader["stream"] = (options) => {
    checkInteger("generate: seed", options.seed);
    return stream(options);
  };
  return { generate: (options) => Array.from(checked(options)).join(""), stream: checked };
}

/** How many unknown tokens a message lists. */
const listedTokens = 10;

/** Ids of a prompt; refuses tokens that the vocabulary does not know, unless they may be there. */
function knownPrompt(
  prompt: string,
  tokenizer: TokenizerSpecification,
  vocabulary: Vocabulary,
  unknownPrompt: GenerationOptions["unknownPrompt"] = "refuse",
): Int32Array {
  checkOneOf("generate: unknownPrompt", unknownPrompt, ["refuse", "asUnknown"]);
  const { unknownId } = vocabulary;
  const unknown = vocabulary.tokens[unknownId];
  const ids = vocabulary.encodeText(prompt);
  if (unknownPrompt === "asUnknown" || !ids.includes(unknownId)) return ids;
  const strange = new Set(
    splitTokens(tokenizer, prompt)
      .filter((token, at) => ids[at] === unknownId && token !== unknown),
  );
  if (strange.size === 0) return ids;
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

/**
 * What each token adds to the text of those before: words come with the space before them, a character
 * with the last of its bytes. Bytes at the end that are no whole character come last. What may be the
 * begin of a stop string comes once it is none.
 */
function* pieces(
  vocabulary: Pick<Vocabulary, "decode" | "decodeBegun">,
  tokens: Iterable<number>,
  stopStrings: readonly string[] = [],
): Generator<string, void> {
  const read: number[] = [];
  let written = "";
  for (const token of tokens) {
    read.push(token);
    const whole = vocabulary.decodeBegun(read);
    const end = stopPlace(whole, stopStrings);
    const text = end < 0 ? withoutBegunStop(whole, stopStrings) : whole.slice(0, end);
    yield text.slice(written.length);
    if (end >= 0) return;
    written = text;
  }
  const rest = beforeStop(vocabulary.decode(read), stopStrings).slice(written.length);
  if (rest !== "") yield rest;
}
