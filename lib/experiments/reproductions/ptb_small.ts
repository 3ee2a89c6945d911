import { stepSchedule } from "../../core/schedule.ts";
import { corpus, type CorpusSpecification } from "../../data/corpora.ts";
import { fixedSplit } from "../../data/fixed_split.ts";
import { publishedSplit } from "../../data/published_split.ts";
import type { TokenizerSpecification } from "../../data/tokenizers/kinds.ts";
import { spacedWords } from "../../data/tokenizers/spaced_words.ts";
import { words } from "../../data/tokenizers/words.ts";
import { uniform } from "../../models/initializers.ts";
import { lstmLanguageModel } from "../../models/lstm_language_model.ts";
import { sgd } from "../../optimizers/sgd.ts";
import { points } from "../../studies/search/space.ts";
import type { StudyOptions } from "../../studies/options.ts";
import { perplexityAt, type Reproduction } from "./reproduction.ts";

const hiddenSize = 200;
const windowLength = 20;
const batchSize = 20;
const epochs = 13;

/** Windows in an epoch of `tokens`, read as `batchSize` streams side by side; the last is shorter. */
export function stepsPerEpoch(tokens: number): number {
  return Math.ceil(Math.floor((tokens - 1) / batchSize) / windowLength);
}

/** The small configuration; a loss that is summed over 20 steps has η and clipping norm for a mean. */
function smallConfiguration(options: {
  readonly corpus: CorpusSpecification;
  readonly tokenizer: TokenizerSpecification;
  readonly stepsPerEpoch: number;
  readonly steps: number;
  readonly evaluateEvery: number;
  readonly evaluationTokens: number | null;
  readonly hiddenSize: number;
}): ReturnType<StudyOptions["specify"]> {
  const initializer = uniform({ range: 0.1 });
  return {
    corpus: options.corpus,
    tokenizer: options.tokenizer,
    model: lstmLanguageModel({
      embeddingSize: options.hiddenSize,
      hiddenSize: options.hiddenSize,
      layers: 2,
      forgetBias: 0,
      embeddingInitializer: initializer,
      kernelInitializer: initializer,
      recurrentInitializer: initializer,
      outputBiasInitializer: initializer,
    }),
    optimizer: sgd({
      learningRate: windowLength,
      schedule: stepSchedule({
        every: options.stepsPerEpoch,
        factor: 0.5,
        after: 3 * options.stepsPerEpoch,
      }),
    }),
    clipping: { norm: 5 / windowLength },
    training: {
      steps: options.steps,
      batchSize,
      windowLength,
      carriedState: true,
      evaluateEvery: options.evaluateEvery,
      evaluationTokens: options.evaluationTokens,
    },
  };
}

/**
 * Zaremba et al.'s small LSTM on the Penn Treebank, as TensorFlow's ptb_word_lm.py has it.
 *
 * @param name Corpus of the catalogue in the parts training and validation.
 */
export function zarembaSmall(name: string): Reproduction {
  const split = publishedSplit(name);
  const tokensOf = ({ start, end }: { start: number; end: number }) => end - start;
  const epoch = stepsPerEpoch(tokensOf(split.training));
  return {
    name: "ptb-small",
    title: "The small LSTM of Zaremba et al. on the Penn Treebank",
    source:
      "TensorFlow's ptb_word_lm.py after Zaremba et al. 2014 (arXiv:1409.2329): 2 layers of " +
      "200, batch 20, 20 steps, initial weights ±0.1, SGD with learning rate 1 (halved each epoch " +
      "after the 4th) and clipping norm 5 on the loss summed over steps, 13 epochs",
    corpora: [name],
    differences: [
      "The loss is the mean over the 20 steps: learning rate 20 and clipping norm 0.25 are the same.",
      "The last window of an epoch, which is shorter than 20 steps, is read too.",
      "The training perplexity is measured after the last epoch, on as many training words as there " +
      "are validation words; the published one is over the last epoch while it trains.",
    ],
    claims: [
      {
        what: `validation perplexity after ${epochs} epochs`,
        published: 121.39,
        decimals: 2,
        point: { hiddenSize },
        read: perplexityAt(epochs * epoch, "heldOutLoss"),
      },
      {
        what: `training perplexity after ${epochs} epochs`,
        published: 37.99,
        decimals: 2,
        point: { hiddenSize },
        read: perplexityAt(epochs * epoch, "trainingLoss"),
      },
    ],
    study: (quick) => ({
      space: points([{ hiddenSize }]),
      specify: () =>
        smallConfiguration({
          corpus: corpus(name),
          tokenizer: spacedWords({ maximumVocabulary: 10_000 }),
          stepsPerEpoch: epoch,
          steps: quick ? 4 : epochs * epoch,
          evaluateEvery: quick ? 2 : epoch,
          evaluationTokens: quick ? 200 : tokensOf(split.heldOut) - 1,
          hiddenSize: quick ? 8 : hiddenSize,
        }),
      folds: split,
      seeds: [1, 2, 3],
      baseline: null,
    }),
  };
}

/** On the user's own files of the Penn Treebank. */
export const ptbSmall: Reproduction = zarembaSmall("ptb");

/** Words of Moby-Dick, in tokens of `words`. */
const whale = { training: { start: 0, end: 60_000 }, heldOut: { start: 60_100, end: 66_100 } };
const shortEpoch = stepsPerEpoch(60_000);
const shortEpochs = 6;

/** The same configuration on a corpus that everybody has: nothing was published about it. */
export const wordLstmShort: Reproduction = {
  name: "word-lstm-short",
  title: "The small LSTM of Zaremba et al. on words of Moby-Dick, a short run",
  source: "the configuration of ptb-small on the first 60,000 words of Moby-Dick, 6 epochs, a " +
    "vocabulary of 2,000; about this corpus nothing was published",
  corpora: ["moby-dick"],
  differences: ["Another corpus, its 2,000 most frequent words, and 6 epochs in place of 13."],
  claims: (["heldOutLoss", "trainingLoss"] as const).map((loss) => ({
    what: `${
      loss === "heldOutLoss" ? "validation" : "training"
    } perplexity after ${shortEpochs} epochs`,
    published: null,
    decimals: 2,
    point: { hiddenSize },
    read: perplexityAt(shortEpochs * shortEpoch, loss),
  })),
  study: (quick) => ({
    space: points([{ hiddenSize }]),
    specify: () =>
      smallConfiguration({
        corpus: corpus("moby-dick"),
        tokenizer: words({ maximumVocabulary: quick ? 500 : 2000 }),
        stepsPerEpoch: shortEpoch,
        steps: quick ? 4 : shortEpochs * shortEpoch,
        evaluateEvery: quick ? 2 : shortEpoch,
        evaluationTokens: quick ? 200 : 5999,
        hiddenSize: quick ? 8 : hiddenSize,
      }),
    folds: fixedSplit(whale),
    seeds: [1, 2, 3],
    baseline: null,
  }),
};
