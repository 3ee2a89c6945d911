import { fixedSplit } from "../../data/fixed_split.ts";
import { pairTokenizer } from "../../data/pair_tokens.ts";
import { pairCorpus } from "../../data/pairs.ts";
import { characters } from "../../data/tokenizers/characters.ts";
import { lstmSequenceToSequence } from "../../models/lstm_sequence_to_sequence.ts";
import { rmsprop } from "../../optimizers/rmsprop.ts";
import { points } from "../../studies/search/space.ts";
import { type Claim, evaluationAt, heldOutLossAt, type Reproduction } from "./reproduction.ts";
import onThesePairs from "./_reference/keras_lstm_seq2seq.json" with { type: "json" };

/** 8,000 training pairs in batches of 64. */
const stepsPerEpoch = 125;
const hiddenSize = 256;

/** Epochs between evaluations: one takes as long as half an epoch. */
const evaluatedEpochs = 5;

/**
 * Keras reports the mean over an epoch's batches, so what the model was like in the middle of it; ours
 * is read off the line between two evaluations there.
 */
function trainingLossOfEpoch(epoch: number): Claim["read"] {
  return (run) => {
    const before = evaluationAt(run, (epoch - evaluatedEpochs) * stepsPerEpoch);
    const after = evaluationAt(run, epoch * stepsPerEpoch);
    if (before === null || after === null) return null;
    const share = 0.5 / evaluatedEpochs;
    return after.trainingLoss + share * (before.trainingLoss - after.trainingLoss);
  };
}

function claimsOf(epoch: number, training: number, validation: number, by = ""): Claim[] {
  const common = { decimals: 4, point: { hiddenSize } };
  return [
    {
      ...common,
      what: `training loss of epoch ${epoch}${by}, nats per position`,
      published: training,
      read: trainingLossOfEpoch(epoch),
    },
    {
      ...common,
      what: `validation loss after epoch ${epoch}${by}, nats per position`,
      published: validation,
      read: heldOutLossAt(epoch * stepsPerEpoch),
    },
  ];
}

/**
 * RMSprop as Keras had it when the page was made (April 2020): without momentum, ε = 1e-7 stands outside
 * the root (`optimizer_v2/rmsprop.py`). In Keras 3.15.1 it stands inside, where it weighs as 3e-4, about
 * the size of these gradients, which shortens the steps.
 */
function keras2020() {
  return rmsprop({ learningRate: 1e-3, form: "pytorch", smoothing: 0.9, epsilon: 1e-7 });
}

const lowestLoss = [
  ...claimsOf(25, 0.2481, 0.4358),
  // The page's model on our pairs, one run, with ε where it was in 2020: what the edition makes of it.
  ...claimsOf(
    25,
    onThesePairs.trainingLoss[24],
    onThesePairs.validationLoss[24],
    ` by Keras ${onThesePairs.keras} on these pairs`,
  ),
];

/** Keras's example lstm_seq2seq: characters from English to French, over-fitted. */
export const kerasLstmSeq2seq: Reproduction = {
  name: "keras-lstm-seq2seq",
  title: "Keras's lstm_seq2seq: English to French by characters, over-fitted",
  source:
    "keras.io, Character-level recurrent sequence-to-sequence model: LSTM 256 on both sides, " +
    "RMSprop, batch 64, 10,000 pairs, the last fifth for validation, 100 epochs",
  corpora: ["tatoeba-eng-fra-10k"],
  differences: [
    "Another edition of the list of pairs: Tatoeba's grows, so the first 10,000 are others, and so " +
    "are the 2,000 that validate.",
    "Batches are drawn with replacement, 125 an epoch; Keras shuffles each epoch.",
    "The training loss of an epoch is read at its middle, off the line between evaluations 5 " +
    "epochs apart; Keras's is the mean over its batches while it trains.",
    "Padding is a symbol of its own; in the original it is the space.",
    "Sources end with a symbol of their own; in the original they have none.",
    "Characters that only validation pairs have are one unknown symbol.",
  ],
  claims: [...lowestLoss, ...claimsOf(100, 0.0506, 0.705)],
  study: (quick) => ({
    space: points([{ hiddenSize }]),
    specify: () => ({
      corpus: pairCorpus("tatoeba-eng-fra-10k"),
      tokenizer: pairTokenizer({ source: characters(), target: characters() }),
      model: lstmSequenceToSequence({ embeddingSize: 0, hiddenSize: quick ? 8 : hiddenSize }),
      optimizer: keras2020(),
      training: {
        steps: quick ? 4 : 100 * stepsPerEpoch,
        batchSize: quick ? 4 : 64,
        evaluateEvery: quick ? 2 : evaluatedEpochs * stepsPerEpoch,
        evaluationTokens: quick ? 100 : null,
        decodedPairs: quick ? 2 : 200,
        padding: "counted",
      },
    }),
    folds: quick
      ? fixedSplit({ training: { start: 0, end: 80 }, heldOut: { start: 80, end: 100 } })
      : fixedSplit({ training: { start: 0, end: 8000 }, heldOut: { start: 8000, end: 10_000 } }),
    seeds: [1, 2, 3],
    baseline: null,
  }),
};
