import { gruLanguageModel } from "../../models/gru_language_model.ts";
import { adam } from "../../optimizers/adam.ts";
import { l1 } from "../../penalties/l1.ts";
import { grid } from "../../studies/search/space.ts";
import { evaluationAt, heldOutLossAt, type Reproduction } from "./reproduction.ts";
import { shakespeare, shakespeareEvaluationTokens, shakespeareFolds } from "./_shakespeare.ts";

const steps = 2000;

/** Seeds whose mean each number of the reference is. */
const publishedSeeds = 3;

/** Validation loss of the reference at some steps, nats per character, mean of 3 seeds. */
const reference = [
  [0, 4.174],
  [100, 2.512],
  [250, 2.204],
  [500, 2.001],
  [1000, 1.853],
  [1500, 1.775],
  [2000, 1.735],
] as const;

/** Our own reference, made with PyTorch: a GRU on tinyshakespeare, and what L1 does to it. */
export const pytorchCurve: Reproduction = {
  name: "pytorch-curve",
  title: "A GRU's learning curve as PyTorch gives it, and what L1 does to it",
  source:
    "our own reference, made with PyTorch: GRU 128, embedding 64, batch 32, window 64, Adam " +
    "with learning rate 0.002, 90/10 split of tinyshakespeare, 3 seeds; L1 of strength 1e-4 on the " +
    "four weight matrices",
  corpora: ["tinyshakespeare"],
  differences: [
    "Random numbers: initial weights and batches come from our streams.",
    "Evaluation: all of the held-out text in consecutive windows of 64, each from a zero state, and " +
    "as much of the training text.",
    "The vocabulary has an unknown character besides the 65, so the loss before training is near " +
    "ln 66 = 4.190 and not ln 65 = 4.174.",
  ],
  claims: [
    ...reference.map(([step, published]) => ({
      what: `validation loss at step ${step}, nats per character`,
      published,
      publishedSeeds,
      decimals: 3,
      point: { lambda: 0 },
      read: heldOutLossAt(step),
    })),
    {
      what: `validation loss at step ${steps} with L1, nats per character`,
      published: 1.964,
      publishedSeeds,
      decimals: 3,
      point: { lambda: 1e-4 },
      read: heldOutLossAt(steps),
    },
    {
      what: `share of weights under 1e-3 at step ${steps} with L1`,
      published: 0.6,
      publishedSeeds,
      decimals: 3,
      point: { lambda: 1e-4 },
      read(run) {
        const at = evaluationAt(run, steps);
        return at === null ? null : at.nearZeros / at.countedWeights;
      },
    },
  ],
  study: (quick) => ({
    space: grid({ lambda: [0, 1e-4] }),
    specify: ({ lambda }) => ({
      ...shakespeare(),
      model: gruLanguageModel({
        embeddingSize: quick ? 4 : 64,
        hiddenSize: quick ? 8 : 128,
      }),
      penalties: [
        l1({ strength: lambda, targets: ["embedding", "kernel", "recurrentKernel"] }),
      ],
      optimizer: adam({ learningRate: 2e-3 }),
      training: {
        steps: quick ? 6 : steps,
        batchSize: quick ? 4 : 32,
        windowLength: quick ? 16 : 64,
        // Steps 100 and 250 are both in the table.
        evaluateEvery: quick ? 3 : 50,
        evaluationTokens: shakespeareEvaluationTokens(quick),
      },
    }),
    folds: shakespeareFolds(quick),
    seeds: [1, 2, 3],
  }),
};
