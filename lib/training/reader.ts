import { checkInteger, checkKeys, checkOneOf, checkString, show } from "../core/check.ts";
import { bitsOfText } from "../core/perplexity.ts";
import { randomStream } from "../core/random.ts";
import { evaluationBatches } from "../data/batches.ts";
import { carriedEvaluationBatches } from "../data/carried_batches.ts";
import { padSources } from "../data/pair_batches.ts";
import { type PairVocabulary, tokenizersOfSides } from "../data/pair_tokens.ts";
import { unknownShare } from "../data/prepare.ts";
import { endId, endOf } from "../data/fold_tokens.ts";
import { closed, closedSource } from "../data/prepare_pairs.ts";
import { tokenizerOf, type TokenizerSpecification } from "../data/tokenizers/kinds.ts";
import { bitsRefusal } from "../data/tokenizers/bits_refusal.ts";
import { splitTokens } from "../data/tokenizers/split.ts";
import type { Vocabulary } from "../data/tokenizers/vocabulary.ts";
import { tokensInMemory } from "../data/tokens.ts";
import { targetTokens } from "../models/conditional_generation.ts";
import { generateTokens, longestTarget } from "../models/decoding.ts";
import { checkDecoding, decoding, type DecodingOptions } from "../models/decoding_options.ts";
import type { LanguageModel, SequenceToSequenceModel } from "../models/model.ts";
import { beforeStop, stopPlace, withoutBegunStop } from "../models/stop_strings.ts";
import { meanCrossEntropy } from "./evaluation.ts";
import { infillPrompt } from "./infill_prompt.ts";
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
  /**
   * What stands after the text that is written: the model fills in what is between prompt and suffix, and ends
   * where it learned that a middle ends. Either of them may be empty. Of texts only, by a model that was
   * trained with `training.fillInTheMiddle`.
   */
  readonly suffix?: string;
  /**
   * With `suffix`: whether the model reads it before the prompt (SPM) or after it (PSM); before it by default
   * where half of the pieces in training or more were so.
   */
  readonly suffixFirst?: boolean;
};

/** What can be done with texts by a model that is there: one that was trained, or a mean of several. */
export interface Reader {
  /** Tokens that it writes, and of a text also reads. */
  readonly vocabulary: Vocabulary;
  /** Of pairs: tokens of sources. */
  readonly sourceVocabulary?: Vocabulary;
  /**
   * Continues a prompt; the text alone, without the prompt. Of pairs `prompt` is a source, and what
   * comes back is the target that the model writes for it, cut after `length` tokens. With `suffix` it is
   * what stands between prompt and suffix.
   *
   * @throws {TypeError | RangeError} If an option is unknown or out of its range.
   * @throws {RangeError} If the model does not know a token of the prompt, which the message lists; see
   * `unknownPrompt`. If a Transformer of prompts with completions cannot read the whole prompt, or one that
   * fills in all that stands around.
   */
  generate(options: GenerationOptions): string;
  /**
   * The same text piece by piece, a token each, as the model writes it; with `beams` once the search has
   * ended. What may become a stop string, or is no whole character yet, is held back: no piece is empty.
   */
  stream(options: GenerationOptions): Generator<string, void>;
  /**
   * Mean cross-entropy of a text, nats per token, windows as in training. Of pairs: of a target, its
   * end included, given its `source`. Tokens that the model does not know count as the unknown token:
   * see {@link unknownShare}.
   */
  crossEntropy(text: string, source?: string): number;
  /**
   * {@link crossEntropy} in bits per character of a text, so that models of different tokens can be
   * compared; too low where characters are unknown, as all of them are one token. Of pairs: of a target,
   * its end included but not counted as a character.
   *
   * @throws {RangeError} If the tokens do not tell the text: `words()` loses its white space, `lowercase`
   * the case, and an unknown word could be any.
   */
  bitsPerCharacter(text: string, source?: string): number;
  /** The same per byte of the text in UTF-8; refused alike. */
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
  specification: TextSpecification,
): Reader {
  const { tokenizer, training: { windowLength, batchSize, carriedState } } = specification;
  /** As the text of a fold is read: after the mark, where there is one. */
  const begun = (ids: Int32Array) =>
    endOf(vocabulary) === null ? ids : Int32Array.from([endId, ...ids]);
  /** What is read before the first token is written. */
  function readFirst({ prompt, suffix, suffixFirst, unknownPrompt }: GenerationOptions) {
    const ids = knownPrompt(prompt, tokenizer, vocabulary, unknownPrompt);
    if (suffix === undefined) {
      if (suffixFirst === undefined) return begun(ids);
      throw new RangeError(
        `generate: suffixFirst needs a suffix, found ${show(suffixFirst)} alone.`,
      );
    }
    checkString("generate: suffix", suffix);
    const sides = {
      prefix: ids,
      suffix: knownPrompt(suffix, tokenizer, vocabulary, unknownPrompt, "suffix"),
    };
    return infillPrompt(sides, vocabulary, specification, suffixFirst);
  }
  function stream(given: GenerationOptions) {
    const { prompt: _, suffix: __, suffixFirst: ___, unknownPrompt: ____, seed, ...rest } = given;
    const random = randomStream(seed, "generate");
    const options = { ...rest, endId: endOf(vocabulary) };
    return pieces(
      vocabulary,
      generateTokens(model, readFirst(given), options, random, vocabulary),
      rest.stopStrings,
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
    ...writing(stream, [...generationOptions, "suffix", "suffixFirst"]),
    ...measuring({
      crossEntropy: (text) => meanCrossEntropy(model, batchesOf(text)),
      tokenAccuracy: (text) => tokenAccuracy(model, batchesOf(text)),
      tokens: (text) => vocabulary.encodeText(text).length,
      tokenizer,
      vocabulary,
    }),
    unknownShare(text) {
      checkString("unknownShare: text", text);
      return unknownShare([vocabulary.encodeText(text)], vocabulary);
    },
  };
}

/**
 * Reads and writes pairs with a model of either kind.
 *
 * @param longestWindow Tokens of a prompt and its completion that the model reads at once.
 */
export function pairReader(
  model: SequenceToSequenceModel,
  { sourceVocabulary, targetVocabulary }: {
    readonly sourceVocabulary: PairVocabulary;
    readonly targetVocabulary: PairVocabulary;
  },
  { tokenizer, longestWindow }: Pick<AnyPairSpecification, "tokenizer"> & {
    readonly longestWindow: number;
  },
): Reader {
  const sides = { sourceVocabulary, targetVocabulary };
  const tokenizers = tokenizersOfSides(tokenizer);
  const encoded = (ids: Int32Array) => closedSource(tokenizer, sourceVocabulary, ids);
  const batchOf = batchOfPairs({ tokenizer } as AnyPairSpecification, sides);
  function stream({ prompt, length, seed, unknownPrompt, ...chosen }: GenerationOptions) {
    checkInteger("generate: length", length, { from: 1, to: longestTarget });
    checkDecoding("generate", chosen, {});
    const ids = knownPrompt(prompt, tokenizers.source, sourceVocabulary, unknownPrompt);
    const read = encoded(ids);
    if (read.length > longestWindow) {
      throw new RangeError(
        `generate: prompt must be of at most ${
          longestWindow - 1
        } tokens, which the model can read ` +
          `with the mark after them, found ${ids.length} tokens.`,
      );
    }
    const source = padSources([read], sourceVocabulary, null);
    const options = { ...chosen, maximumLength: length };
    const random = randomStream(seed, "generate");
    const steps = targetTokens(model, source, targetVocabulary, options, random);
    return pieces(targetVocabulary, onlyTokens(steps), chosen.stopStrings);
  }
  function batchesOf(text: string, source = "") {
    const target = closed(targetVocabulary, targetVocabulary.encodeText(text));
    return [batchOf([{ source: encoded(sourceVocabulary.encodeText(source)), target }])];
  }
  return {
    vocabulary: targetVocabulary,
    sourceVocabulary,
    ...writing(stream, generationOptions),
    ...measuring({
      crossEntropy: (text, source) => meanCrossEntropy(model, batchesOf(text, source)),
      tokenAccuracy: (text, source) => tokenAccuracy(model, batchesOf(text, source)),
      // The end is one of them.
      tokens: (text) => targetVocabulary.encodeText(text).length + 1,
      tokenizer: tokenizers.target,
      vocabulary: targetVocabulary,
      ofPairs: true,
    }),
    unknownShare(text, side = "target") {
      checkString("unknownShare: text", text);
      checkOneOf("unknownShare: side", side, ["source", "target"]);
      const own = side === "source" ? sourceVocabulary : targetVocabulary;
      return unknownShare([own.encodeText(text)], own);
    },
  };
}

type Measure = (text: string, source?: string) => number;

/** What is measured of a text, which is refused where it is none, as is a source of pairs. */
function measuring(own: {
  readonly crossEntropy: Measure;
  readonly tokenAccuracy: Measure;
  /** How many tokens of a text are predicted. */
  readonly tokens: (text: string) => number;
  readonly tokenizer: TokenizerSpecification;
  readonly vocabulary: Vocabulary;
  readonly ofPairs?: boolean;
}): Pick<Reader, "crossEntropy" | "tokenAccuracy" | "bitsPerByte" | "bitsPerCharacter"> {
  const checked = (name: string, measure: Measure): Measure => (text, source) => {
    checkString(`${name}: text`, text);
    if (own.ofPairs) checkString(`${name}: source`, source);
    return measure(text, source);
  };
  const bits = (name: "bitsPerByte" | "bitsPerCharacter") =>
    checked(name, (text, source) => {
      const lost = lostOf(text, own);
      if (lost !== null) throw new RangeError(bitsRefusal(name, own.tokenizer.kind, lost));
      return bitsOfText(own.crossEntropy(text, source), {
        tokens: own.tokens(text),
        bytes: new TextEncoder().encode(text).length,
        characters: Array.from(text).length,
      })[name];
    });
  return {
    crossEntropy: checked("crossEntropy", own.crossEntropy),
    tokenAccuracy: checked("tokenAccuracy", own.tokenAccuracy),
    bitsPerByte: bits("bitsPerByte"),
    bitsPerCharacter: bits("bitsPerCharacter"),
  };
}

/** What the tokens of a text do not tell of it; null where that can be written out. */
function lostOf(
  text: string,
  { tokenizer, vocabulary }: {
    readonly tokenizer: TokenizerSpecification;
    readonly vocabulary: Vocabulary;
  },
): string | null {
  const { lost, spelling } = tokenizerOf(tokenizer);
  const decided = lost(tokenizer);
  if (decided !== null || spelling !== undefined) return decided;
  return vocabulary.encodeText(text).includes(vocabulary.unknownId) ? "unknown tokens" : null;
}

/** What `generate` takes of texts and of pairs. */
const generationOptions = ["prompt", "length", "seed", "unknownPrompt", ...Object.keys(decoding)];

function writing(
  stream: Reader["stream"],
  names: readonly string[],
): Pick<Reader, "generate" | "stream"> {
  const checked: Reader["stream"] = (options) => {
    checkKeys("generate", options, names);
    checkString("generate: prompt", options.prompt);
    checkInteger("generate: seed", options.seed);
    return stream(options);
  };
  return { generate: (options) => Array.from(checked(options)).join(""), stream: checked };
}

/** How many unknown tokens a message lists. */
const listedTokens = 10;

/** Ids of a prompt or suffix; refuses tokens that the vocabulary does not know, unless they may be there. */
function knownPrompt(
  prompt: string,
  tokenizer: TokenizerSpecification,
  vocabulary: Vocabulary,
  unknownPrompt: GenerationOptions["unknownPrompt"] = "refuse",
  name: "prompt" | "suffix" = "prompt",
): Int32Array {
  checkOneOf("generate: unknownPrompt", unknownPrompt, ["refuse", "asUnknown"]);
  const { unknownId } = vocabulary;
  const unknown = vocabulary.tokens[unknownId];
  const ids = vocabulary.encodeText(prompt);
  if (unknownPrompt === "asUnknown" || !ids.includes(unknownId)) return ids;
  const strange = new Set(strangeTokens(prompt, { tokenizer, vocabulary, ids }));
  if (strange.size === 0) return ids;
  const listed = [...strange].slice(0, listedTokens).map(show).join(", ");
  const more = strange.size > listedTokens ? ` and ${strange.size - listedTokens} more` : "";
  throw new RangeError(
    `generate: the ${name} must hold only tokens that the model knows, found ${listed}${more}. Leave ` +
      `them out, or give unknownPrompt: "asUnknown", which reads each of them as ${show(unknown)}.`,
  );
}

/** What of a prompt a vocabulary does not know: tokens, or characters where no token is there before one. */
function strangeTokens(
  prompt: string,
  { tokenizer, vocabulary, ids }: {
    readonly tokenizer: TokenizerSpecification;
    readonly vocabulary: Vocabulary;
    readonly ids: Int32Array;
  },
): string[] {
  const { unknownId, tokens } = vocabulary;
  return "split" in tokenizerOf(tokenizer)
    ? splitTokens(tokenizer, prompt)
      .filter((token, at) => ids[at] === unknownId && token !== tokens[unknownId])
    : Array.from(prompt)
      .filter((character) => vocabulary.encodeText(character).includes(unknownId));
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
    if (text.length > written.length) yield text.slice(written.length);
    if (end >= 0) return;
    written = text;
  }
  const rest = beforeStop(vocabulary.decode(read), stopStrings).slice(written.length);
  if (rest !== "") yield rest;
}
