import { cosineSchedule, warmUpSchedule } from "../../core/schedule.ts";
import { transformerLanguageModel } from "../../models/transformer_language_model.ts";
import { adamW } from "../../optimizers/adam_w.ts";
import { points } from "../../studies/search/space.ts";
import { heldOutLossAt, type Reproduction } from "./reproduction.ts";
import { shakespeare, shakespeareEvaluationTokens, shakespeareFolds } from "./_shakespeare.ts";

const steps = 2000;
const warmUp = 100;
const decay = 0.1;

/** nanoGPT's shakespeare_char, the version for a CPU. */
export const nanogptCpu: Reproduction = {
  name: "nanogpt-cpu",
  title: "nanoGPT on tinyshakespeare, the version for a CPU",
  source: "README of karpathy/nanoGPT: 4 layers, 4 heads, 128 wide, block 64, batch 12, 2,000 " +
    "iterations, dropout 0: validation loss 1.88 nats; other settings from train.py and " +
    "config/train_shakespeare_char.py",
  corpora: ["tinyshakespeare"],
  differences: [
    "Evaluation: all of the held-out text in consecutive windows of 64, where nanoGPT averages 20 " +
    "random batches of 12 windows.",
    "The vocabulary has an unknown character besides the 65.",
    "Warm-up: learning rate t/100 of its largest in step t ≤ 100; nanoGPT's is one step later.",
  ],
  claims: [{
    what: `validation loss at step ${steps}, nats per character`,
    published: 1.88,
    decimals: 3,
    point: { decay },
    read: heldOutLossAt(steps),
  }],
  study: (quick) => ({
    space: points([{ decay }]),
    specify: ({ decay }) => ({
      ...shakespeare(),
      model: transformerLanguageModel({
        embeddingSize: quick ? 8 : 128,
        layers: quick ? 1 : 4,
        heads: quick ? 2 : 4,
        blockSize: 64,
        bias: false,
      }),
      optimizer: adamW({
        learningRate: 1e-3,
        beta1: 0.9,
        beta2: 0.99,
        epsilon: 1e-8,
        decay,
        // Every tensor of two or more dimensions, as nanoGPT.
        targets: ["embedding", "kernel"],
        schedule: warmUpSchedule({
          steps: warmUp,
          then: cosineSchedule({ steps: steps - warmUp, finalShare: 0.1 }),
        }),
      }),
      clipping: { norm: 1 },
      training: {
        steps: quick ? 4 : steps,
        batchSize: quick ? 2 : 12,
        windowLength: quick ? 16 : 64,
        evaluateEvery: quick ? 2 : 500,
        evaluationTokens: shakespeareEvaluationTokens(quick),
      },
    }),
    folds: shakespeareFolds(quick),
    seeds: [1, 2, 3],
    baseline: null,
  }),
};
