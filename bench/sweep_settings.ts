import { corpus, loadCorpus } from "../lib/data/corpora.ts";
import { blockedFolds, makeFolds } from "../lib/data/folds.ts";
import { characters } from "../lib/data/tokenizers/characters.ts";
import { splitTokens } from "../lib/data/tokenizers/split.ts";
import { gruLanguageModel } from "../lib/models/gru_language_model.ts";
import { adam } from "../lib/optimizers/adam.ts";
import { decoupledWeightDecay } from "../lib/penalties/decoupled_weight_decay.ts";
import { proximalL1 } from "../lib/penalties/proximal_l1.ts";
import type { SpecificationOptions } from "../lib/training/specification.ts";

/** Strengths of the sweep: 5 × 5 points. */
export const axes = {
  lambda: [0, 1e-5, 3e-5, 1e-4, 3e-4],
  alpha: [0, 0.1, 0.3, 1, 3],
} as const;

/** Processes of both sides. */
export const workers = 2;

const learningRate = 2e-3;
const windowLength = 64;
const batchSize = 32;
const evaluationTokens = 8192;
const text = corpus("moby-dick", { excerpt: { start: 0, length: 40_000 } });

/** Two blocks and no final one, so that the runs are exactly points × folds. */
export const folds = blockedFolds({ count: 2, finalShare: 0 });

/** A run of the sweep: configuration A on the text, evaluated three times. */
export function specify(
  { lambda, alpha }: { lambda: number; alpha: number },
  steps: number,
): SpecificationOptions {
  return {
    corpus: text,
    tokenizer: characters(),
    model: gruLanguageModel({ embeddingSize: 64, hiddenSize: 128 }),
    penalties: [proximalL1({ strength: lambda }), decoupledWeightDecay({ strength: alpha })],
    optimizer: adam({ learningRate }),
    training: {
      steps,
      batchSize,
      windowLength,
      evaluateEvery: Math.ceil(steps / 2),
      evaluationTokens,
      samples: { count: 0 },
    },
  };
}

/** The same for `peer_sweep.py`, with the text and its folds ready. */
export async function peerSettings(steps: number): Promise<object> {
  const tokens = splitTokens(characters(), await loadCorpus(text));
  const made = makeFolds(folds, tokens.length, windowLength);
  return {
    tokens,
    folds: made.folds,
    ...axes,
    steps,
    workers,
    learningRate,
    windowLength,
    batchSize,
    evaluateEvery: Math.ceil(steps / 2),
    evaluationTokens,
  };
}
