import { gruLanguageModel } from "../../../models/gru_language_model.ts";
import { lstmLanguageModel } from "../../../models/lstm_language_model.ts";
import { transformerLanguageModel } from "../../../models/transformer_language_model.ts";
import { adam } from "../../../optimizers/adam.ts";
import { adamW } from "../../../optimizers/adam_w.ts";
import { sgd } from "../../../optimizers/sgd.ts";
import { labelSmoothing } from "../../../penalties/label_smoothing.ts";
import { choice, logRange, when } from "../../search/dimensions.ts";
import { lowestMean } from "../../plan/rule.ts";
import { joinSpaces, randomSearch } from "../../search/random_search.ts";
import { grid, points } from "../../search/space.ts";
import { alphas, base, decay, lasso, of, type Shape, usual } from "./parts.ts";

/** What the axes of a study can be for, one of them or several. */
export const shapesOfAxes: { readonly [name: string]: Shape } = {
  "lambda-alpha": { options: of({ lambda: [0, 1e-5, 1e-4], alpha: [0, 0.3, 1] }) },
  "alpha-only": { options: of(alphas) },
  "lambda-lowest-mean": {
    options: of({ lambda: [0, 1e-5, 1e-4, 1e-3] }, { select: lowestMean("validationLoss") }),
  },
  "rate-alpha": { options: of({ learningRate: [3e-3, 1e-2, 3e-2], alpha: [0, 0.3, 1] }) },
  "rate-alpha-baseline": {
    options: of({ learningRate: [3e-3, 1e-2, 3e-2], alpha: [0, 0.3, 1] }, {
      baseline: { learningRate: 3e-2, alpha: 0 },
    }),
  },
  "rate-only": { options: of({ learningRate: [1e-3, 3e-3, 1e-2, 3e-2] }) },
  "rate-only-baseline": {
    options: of({ learningRate: [1e-3, 3e-3, 1e-2, 3e-2] }, { baseline: { learningRate: 1e-2 } }),
  },
  "steps-only": {
    options: of({ steps: [50, 100, 200] }, { baseline: { steps: 100 } }),
  },
  "size-only": { options: of({ hiddenSize: [8, 16, 32, 64] }) },
  "size-only-baseline": {
    options: of({ hiddenSize: [8, 16, 32, 64] }, { baseline: { hiddenSize: 64 } }),
  },
  "size-alpha": { options: of({ hiddenSize: [8, 32], alpha: [0, 0.3, 1] }) },
  "data-only": { options: of({ trainingTokens: [500, 1000, 2000] }) },
  "data-alpha-baseline": {
    options: of({ trainingTokens: [500, 1000, 2000], alpha: [0, 1] }, {
      baseline: { trainingTokens: 500, alpha: 0 },
    }),
  },
  "optimizer-choice": {
    options: {
      space: grid({ optimizer: ["adam", "sgd", "adamW"] }),
      baseline: { optimizer: "adam" },
      specify: ({ optimizer }) => ({
        ...base,
        optimizer: optimizer === "adam"
          ? adam({ learningRate: 0.01 })
          : optimizer === "sgd"
          ? sgd({ learningRate: 0.1 })
          : adamW({ learningRate: 0.01, decay: 0.3 }),
      }),
    },
  },
  "penalty-choice": {
    options: {
      space: grid({ penalty: ["none", "lasso", "decay", "smoothing"] }),
      specify: ({ penalty }) => ({
        ...base,
        penalties: penalty === "none" ? [] : [
          penalty === "lasso"
            ? lasso(1e-4)
            : penalty === "decay"
            ? decay(0.3)
            : labelSmoothing({ strength: 0.1 }),
        ],
      }),
    },
  },
  "model-choice": {
    options: {
      space: grid({ model: ["gru", "lstm", "transformer"] }),
      specify: ({ model }) => ({
        ...base,
        model: model === "gru"
          ? gruLanguageModel({ embeddingSize: 8, hiddenSize: 16 })
          : model === "lstm"
          ? lstmLanguageModel({ embeddingSize: 8, hiddenSize: 16 })
          : transformerLanguageModel({
            blockSize: 16,
            embeddingSize: 8,
            layers: 1,
            heads: 2,
          }),
      }),
    },
  },
  "joined-remedies": {
    options: {
      space: joinSpaces(
        grid({ learningRate: [3e-3, 1e-2, 3e-2] }),
        grid({ learningRate: [3e-3, 1e-2, 3e-2], dropout: [0.2, 0.4] }),
        grid({ learningRate: [3e-3, 1e-2, 3e-2], alpha: [0.3, 1] }),
        grid({ learningRate: [3e-3, 1e-2, 3e-2], lambda: [1e-5, 1e-4] }),
      ),
      baseline: { learningRate: 1e-2 },
      specify: usual,
    },
  },
  "joined-one-rate": {
    options: {
      space: joinSpaces(
        points([{ learningRate: 1e-2 }]),
        grid({ learningRate: [3e-3, 1e-2, 3e-2], dropout: [0.2, 0.4] }),
      ),
      specify: usual,
    },
  },
  "joined-rule-of-thumb": {
    options: {
      space: joinSpaces(grid({ lambda: [0, 1e-4], alpha: [0, 1] }), points([{ lambda: 3e-5 }])),
      specify: ({ lambda, alpha }) => usual({ lambda, alpha: alpha ?? 0.2 }),
    },
  },
  "conditional-axes": {
    options: {
      space: randomSearch({
        dimensions: {
          optimizer: choice(["adam", "sgd"]),
          learningRate: logRange(1e-3, 1e-1),
          momentum: when({ optimizer: ["sgd"] }, choice([0, 0.9])),
          alpha: logRange(0.1, 1, { zeroShare: 0.3 }),
        },
        count: 8,
        seed: 3,
      }),
      specify: ({ optimizer, learningRate, momentum, alpha }) => ({
        ...base,
        optimizer: optimizer === "sgd" ? sgd({ learningRate, momentum }) : adam({ learningRate }),
        penalties: [decay(alpha)],
      }),
    },
  },
};
