import { completionTokenizer } from "../../data/completion_tokens.ts";
import { groupedFolds } from "../../data/pair_folds.ts";
import { pairTokenizer } from "../../data/pair_tokens.ts";
import { pairCorpus } from "../../data/pairs.ts";
import { words } from "../../data/tokenizers/words.ts";
import { lstmSequenceToSequence } from "../../models/lstm_sequence_to_sequence.ts";
import { transformerLanguageModel } from "../../models/transformer_language_model.ts";
import { adam } from "../../optimizers/adam.ts";
import { grid } from "../../studies/search/space.ts";
import { type KeptStudy, quickEnding } from "../reproductions/kept_study.ts";

/** One of the two studies that write verses of 1901 for those of 1611. */
export interface VerseStudy {
  /** Its name, and folder below `results/prompts/`. */
  readonly name: string;
  readonly title: string;
  /** What the model is, for tables. */
  readonly model: string;
  /** Corpora of the catalogue that it reads. */
  readonly corpora: readonly string[];
  /**
   * The study.
   *
   * @param quick A few steps of a smaller model, to see that everything is in place.
   */
  study(quick: boolean): KeptStudy["study"];
}

/** Tokens of a side at most: about a tenth of the verses are as short. */
const longest = 16;
const limits = { maximumSourceLength: longest, maximumTargetLength: longest };
const tokenizer = words({ lowercase: true, maximumVocabulary: 2500 });

/** What both studies have in common: pairs, folds, optimizer, batches and scores. */
function common(quick: boolean) {
  return {
    corpus: pairCorpus("kjv-asv", {
      order: "shuffled",
      ...quick && { excerpt: { length: 2000 } },
    }),
    training: {
      steps: quick ? 4 : 500,
      batchSize: 32,
      evaluateEvery: quick ? 2 : 100,
      evaluationTokens: 5000,
      decodedPairs: quick ? 4 : 200,
      metrics: ["bleu", "rougeL"],
    },
  } as const;
}

const shared = {
  space: grid({ learningRate: [2e-3, 5e-3] }),
  folds: groupedFolds({ count: 2, finalShare: 0 }),
  seeds: [1],
} as const;

const decoderOnly: VerseStudy = {
  name: "verses-decoder-only",
  title: "Verses as prompts: a decoder-only Transformer",
  model: "decoder-only Transformer",
  corpora: ["kjv-asv"],
  study: (quick) => ({
    ...shared,
    specify: ({ learningRate }) => ({
      ...common(quick),
      tokenizer: completionTokenizer({ tokenizer, ...limits }),
      model: transformerLanguageModel({
        ...{ embeddingSize: quick ? 8 : 64, layers: 2, heads: 4 },
        blockSize: 2 * longest + 1,
      }),
      optimizer: adam({ learningRate: Number(learningRate) }),
    }),
  }),
};

const encoderDecoder: VerseStudy = {
  name: "verses-encoder-decoder",
  title: "Verses as pairs: an encoder-decoder with attention",
  model: "LSTM encoder-decoder with attention",
  corpora: ["kjv-asv"],
  study: (quick) => ({
    ...shared,
    specify: ({ learningRate }) => ({
      ...common(quick),
      tokenizer: pairTokenizer({ source: tokenizer, target: tokenizer, ...limits }),
      model: lstmSequenceToSequence({
        ...{ embeddingSize: quick ? 8 : 64, hiddenSize: quick ? 8 : 80 },
        attention: "dot",
      }),
      optimizer: adam({ learningRate: Number(learningRate) }),
    }),
  }),
};

/** Both studies, over the same folds of the same verses. */
export const verseStudies: readonly VerseStudy[] = [decoderOnly, encoderDecoder];

/** Name of one of them: `prompts/NAME`, a quick one beside it. */
export function verseStudyName({ name }: VerseStudy, quick = false): string {
  return `prompts/${name}${quick ? quickEnding : ""}`;
}

/** The one of a name, or null. */
export function verseStudyOf(study: string): VerseStudy | null {
  return verseStudies.find((each) =>
    study === verseStudyName(each, false) || study === verseStudyName(each, true)
  ) ?? null;
}
