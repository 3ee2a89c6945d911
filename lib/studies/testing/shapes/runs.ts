import type { JsonObject } from "../../../core/json.ts";
import { documentFolds } from "../../../data/documents/document_folds.ts";
import { inlineDocuments } from "../../../data/documents/inline_documents.ts";
import { fixedSplit } from "../../../data/fixed_split.ts";
import { blockedFolds } from "../../../data/folds.ts";
import { completionTokenizer } from "../../../data/completion_tokens.ts";
import { groupedFolds } from "../../../data/pair_folds.ts";
import { pairTokenizer } from "../../../data/pair_tokens.ts";
import { inlinePairs } from "../../../data/pairs.ts";
import { bytes } from "../../../data/tokenizers/bytes.ts";
import { characters } from "../../../data/tokenizers/characters.ts";
import { words } from "../../../data/tokenizers/words.ts";
import { gruLanguageModel } from "../../../models/gru_language_model.ts";
import { lstmSequenceToSequence } from "../../../models/lstm_sequence_to_sequence.ts";
import type { SpecificationOptions } from "../../../training/specification.ts";
import { lowestMean, oneStandardError } from "../../plan/rule.ts";
import { grid, points } from "../../search/space.ts";
import { alphas, lasso, of, optimizer, pairs, type Shape, training, usual } from "./parts.ts";

/** Letters of nine authors, one a year, some of them nearly the same. */
const letters = inlineDocuments(
  Array.from({ length: 36 }, (_, at) => ({
    text: `Call me ${at % 12} ishmael. Whale${(at % 12) ** 2} swims the ${
      at % 11
    } seas, and I saw it.\n`
      .repeat(1 + at % 3),
    group: `author ${at % 9}`,
    time: 1810 + at,
  })),
);
/** A point that says its tokenizer. */
function withTokenizer({ tokenizer, ...point }: JsonObject): SpecificationOptions {
  return {
    ...usual(point),
    tokenizer: tokenizer === "bytes" ? bytes() : characters(),
  } as SpecificationOptions;
}

/** Early stopping, texts, folds, and how runs end. */
export const shapesOfRuns: { readonly [name: string]: Shape } = {
  "early-stopping": {
    options: of(alphas, {
      specify: ({ alpha }) => ({
        ...usual({ alpha }),
        training: { ...training, earlyStopping: { patience: 1 } },
      } as SpecificationOptions),
    }),
    runs: { ownNoise: 0.06 },
  },
  "early-stopping-some": {
    options: of({ stop: [false, true], alpha: [0, 0.3, 1] }, {
      baseline: { stop: false, alpha: 0 },
      specify: ({ stop, alpha }) => ({
        ...usual({ alpha }),
        training: { ...training, earlyStopping: stop ? { patience: 2 } : null },
      } as SpecificationOptions),
    }),
    runs: { ownNoise: 0.04 },
  },
  "words-unknown": {
    options: of({ alpha: [0, 0.3, 3] }, {
      specify: ({ alpha }) => ({ ...usual({ alpha }), tokenizer: words() } as SpecificationOptions),
    }),
    runs: { unknownShare: 0.15 },
  },
  "bytes": {
    options: of({ alpha: [0, 0.3, 1] }, {
      specify: ({ alpha }) => ({ ...usual({ alpha }), tokenizer: bytes() } as SpecificationOptions),
    }),
  },
  "documents-by-group": {
    options: of(alphas, {
      folds: documentFolds({ by: "group", count: 3 }),
      specify: ({ alpha }) => ({ ...usual({ alpha }), corpus: letters } as SpecificationOptions),
    }),
  },
  "documents-by-time": {
    options: of(alphas, {
      folds: documentFolds({ by: "time", count: 3, choosing: true }),
      specify: ({ alpha }) => ({ ...usual({ alpha }), corpus: letters } as SpecificationOptions),
    }),
  },
  // Of four points none is the baseline: two have no remedy.
  "tokenizers": {
    options: of({ tokenizer: ["characters", "bytes"], alpha: [0, 0.3, 1] }, {
      folds: blockedFolds({ count: 3, unit: "bytes" }),
      specify: withTokenizer,
    }),
  },
  "tokenizers-baseline-stopped": {
    options: of({ tokenizer: ["characters", "bytes"], alpha: [0, 1] }, {
      folds: blockedFolds({ count: 4, unit: "bytes", choosing: true }),
      baseline: { tokenizer: "characters", alpha: 0 },
      specify: (point) => ({
        ...withTokenizer(point),
        training: { ...training, earlyStopping: { patience: 2 } },
      } as SpecificationOptions),
    }),
    runs: { ownNoise: 0.03 },
  },
  "tokenizers-little-learned": {
    options: of({ alpha: [0, 0.3, 1] }, {
      folds: blockedFolds({ count: 3, unit: "bytes" }),
      select: lowestMean("bitsPerCharacter"),
    }),
    runs: { unigramEntropy: 1.05 },
  },
  "bytes-first": {
    options: of({ trainingBytes: [500, 1000, 2000] }, {
      folds: blockedFolds({ count: 3, unit: "bytes" }),
      specify: ({ trainingBytes }) => ({
        ...usual({}),
        training: { ...training, trainingBytes },
      } as SpecificationOptions),
    }),
  },
  "pairs": {
    options: {
      space: grid({ lambda: [0, 1e-4, 1e-3] }),
      folds: groupedFolds({ count: 3 }),
      specify: ({ lambda }) => ({
        corpus: inlinePairs(pairs),
        tokenizer: pairTokenizer({ source: characters(), target: characters() }),
        model: lstmSequenceToSequence({ embeddingSize: 8, hiddenSize: 16 }),
        penalties: [lasso(lambda)],
        optimizer,
        training: { steps: 100, batchSize: 4, evaluateEvery: 10 },
      }),
    },
  },
  "prompts": {
    options: {
      space: grid({ lambda: [0, 1e-4, 1e-3] }),
      folds: groupedFolds({ count: 3 }),
      specify: ({ lambda }) => ({
        corpus: inlinePairs(pairs),
        tokenizer: completionTokenizer({ tokenizer: characters() }),
        model: gruLanguageModel({ embeddingSize: 8, hiddenSize: 16 }),
        penalties: [lasso(lambda)],
        optimizer,
        training: { steps: 100, batchSize: 4, evaluateEvery: 10, metrics: ["bleu", "rougeL"] },
      }),
    },
  },
  "tokenizers-of-prompts": {
    options: {
      space: grid({ tokenizer: ["characters", "bytes"], lambda: [0, 1e-3] }),
      folds: groupedFolds({ count: 3, unit: "pairs" }),
      specify: ({ tokenizer, lambda }) => ({
        corpus: inlinePairs(pairs),
        tokenizer: completionTokenizer({
          tokenizer: tokenizer === "bytes" ? bytes() : characters(),
        }),
        model: gruLanguageModel({ embeddingSize: 8, hiddenSize: 16 }),
        penalties: [lasso(lambda)],
        optimizer,
        training: { steps: 100, batchSize: 4, evaluateEvery: 10, evaluationPairs: 5 },
      }),
    },
  },
  "one-seed": { options: of(alphas, { seeds: [7] }) },
  "two-folds": { options: of(alphas, { folds: blockedFolds({ count: 2 }) }) },
  "six-folds": { options: of(alphas, { folds: blockedFolds({ count: 6 }), seeds: [1] }) },
  "one-fold": {
    options: of(alphas, {
      folds: fixedSplit({
        training: { start: 0, end: 3000 },
        heldOut: { start: 3000, end: 3600 },
        test: { start: 3600, end: 4200 },
      }),
    }),
  },
  "one-fold-one-seed": {
    options: of(alphas, {
      seeds: [1],
      folds: fixedSplit({
        training: { start: 0, end: 3000 },
        heldOut: { start: 3000, end: 3600 },
      }),
    }),
  },
  "one-point": { options: of({ alpha: [0.3] }) },
  "one-empty-point": { options: { space: points([{}]), specify: usual } },
  "identical": {
    options: of({ alpha: [0, 1e-9, 1e-8] }),
    runs: { constant: () => 0 },
  },
  "constant-differences": {
    options: of({ alpha: [0, 1e-9, 1e-8] }),
    runs: { constant: ({ alpha }) => -0.01 * Math.sign(Number(alpha)) },
  },
  "one-diverged": {
    options: of(alphas),
    runs: { status: ({ alpha }, fold) => alpha === 1 && fold === 1 ? "diverged" : "completed" },
  },
  "baseline-diverged": {
    options: of(alphas),
    runs: { status: ({ alpha }, fold) => alpha === 0 && fold === 1 ? "diverged" : "completed" },
  },
  "all-diverged": { options: of(alphas), runs: { status: () => "diverged" } },
  "all-failed": { options: of(alphas), runs: { status: () => "failed" } },
  "some-failed": {
    options: of({ lambda: [0, 1e-4], alpha: [0, 1] }),
    runs: {
      status: ({ lambda, alpha }, fold, seed) =>
        lambda === 0 && alpha === 1 && fold === 0 && seed === 2 ? "failed" : "completed",
    },
  },
  "some-missing": {
    options: of({ lambda: [0, 1e-4], alpha: [0, 1] }),
    runs: { status: ({ alpha }, fold) => alpha === 1 && fold === 2 ? "missing" : "completed" },
  },
  "no-point-complete": {
    options: of({ lambda: [0, 1e-4], alpha: [0, 1] }),
    runs: { status: (_, fold) => fold === 2 ? "missing" : "completed" },
  },
  "nothing-yet": { options: of(alphas), runs: { status: () => "missing" } },
  "no-over-fitting": { options: of(alphas), runs: { memorized: 0.05 } },
  "negative-gap": { options: of(alphas), runs: { memorized: -0.3 } },
  "little-learned": { options: of(alphas), runs: { unigramEntropy: 1.3 } },
  "penalties-harm": {
    options: of({ alpha: [0, 3, 10] }),
    runs: { memorized: 0.2, sharedNoise: 0.001, ownNoise: 0.001 },
  },
  "all-noise": {
    options: of({ alpha: [0, 1e-4, 2e-4] }),
    runs: { ownNoise: 0.2, memorized: 0.5 },
  },
  "region": {
    options: of(alphas, { equivalence: { nats: 0.02 } }),
    runs: { ownNoise: 0.002 },
  },
  "region-share": {
    options: of(alphas, {
      equivalence: { shareOfEarlyStopping: 0.5 },
      folds: blockedFolds({ count: 6 }),
    }),
    runs: { ownNoise: 0.004 },
  },
  "region-of-nothing": {
    options: of(alphas, { equivalence: { shareOfEarlyStopping: 0.1 } }),
    runs: { memorized: -0.3 },
  },
  "refits-missing": { options: of(alphas), refits: "none" },
  "refits-diverged": { options: of(alphas), refits: "diverged" },
  "no-final-block": { options: of(alphas, { folds: blockedFolds({ count: 3, finalShare: 0 }) }) },
  "select-one-axis": {
    options: of({ lambda: [0, 1e-4], learningRate: [3e-3, 1e-2], alpha: [0, 0.3] }, {
      select: oneStandardError("validationLoss", { axes: ["alpha"] }),
      baseline: { lambda: 0, learningRate: 1e-2, alpha: 0 },
      seeds: [1],
    }),
  },
};
