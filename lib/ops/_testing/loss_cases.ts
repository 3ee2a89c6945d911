import { randomStream } from "../../core/random.ts";
import type { LaterTargets } from "../_distribution_terms.ts";
import type { LogitTerms } from "../_logit_terms.ts";
import type { SoftTargets } from "../_soft_targets.ts";
import { crossEntropy, crossEntropyTwin } from "../cross_entropy.ts";
import { linearCrossEntropy, linearCrossEntropyTwin } from "../linear_cross_entropy.ts";
import { type ContractCase, tokensOf } from "./contract.ts";

// deno-lint-ignore no-explicit-any -- a case hands its tensors over by name
type Loose = any;

function lossCase(
  rows: number,
  size: number,
  vocabulary: number,
  {
    bias = true,
    masked = false,
    spread = 1,
    transposeKernel = false,
    logitsL1 = 0,
    labelSmoothing = 0,
    share = 0,
    confidencePenalty = 0,
    rDrop = 0,
    later = false,
  },
): ContractCase {
  const targets = tokensOf(rows, vocabulary);
  const stream = randomStream(4, "mask", rows);
  const mask = masked
    ? Float32Array.from({ length: rows }, (_, i) => i === 0 ? 1 : stream.integer(2))
    : undefined;
  // Both rows of a pair count alike.
  if (rDrop) mask?.forEach((_, row) => mask[row] = mask[row - row % 2]);
  const softTargets = share === 0 ? undefined : softTargetsOf(rows, vocabulary, share);
  const rest = {
    ...{ targets, mask, transposeKernel, logitsL1, labelSmoothing, softTargets },
    ...{ confidencePenalty, rDrop, laterTargets: later ? laterTargetsOf(rows, vocabulary) : [] },
  };
  return {
    name: `linearCrossEntropy [${rows}, ${size}] by [${size}, ${vocabulary}]` +
      `${transposeKernel ? " transposed" : ""}` +
      `${bias ? "" : " without bias"}${masked ? " masked" : ""} spread ${spread}` +
      `${logitsL1 ? ` logitsL1 ${logitsL1}` : ""}` +
      `${labelSmoothing ? ` labelSmoothing ${labelSmoothing}` : ""}` +
      `${share ? ` softTargets ${share}` : ""}` +
      `${confidencePenalty ? ` confidencePenalty ${confidencePenalty}` : ""}` +
      `${rDrop ? ` rDrop ${rDrop}` : ""}${later ? " laterTargets" : ""}`,
    tensors: {
      inputs: { shape: [rows, size], spread },
      kernel: { shape: transposeKernel ? [vocabulary, size] : [size, vocabulary] },
      ...bias && { bias: { shape: [vocabulary] } },
    },
    fused: (t) => linearCrossEntropy({ ...t as Loose, ...rest }),
    twin: (t) => linearCrossEntropyTwin({ ...t as Loose, ...rest }),
    tolerance: 5e-6,
  };
}

/** Two further targets a row, some of weight 0. */
function laterTargetsOf(rows: number, vocabulary: number): LaterTargets[] {
  const stream = randomStream(6, "later", rows);
  return [1, 2].map((k) => ({
    targets: Int32Array.from({ length: rows }, () => stream.integer(vocabulary)),
    weights: Float32Array.from({ length: rows }, () => stream.integer(2) / (k * rows)),
  }));
}

/** A teacher's probabilities, some of them 0, at a temperature of 2. */
function softTargetsOf(rows: number, vocabulary: number, share: number): SoftTargets {
  const stream = randomStream(5, "teacher", rows);
  const probabilities = new Float32Array(rows * vocabulary);
  for (let start = 0; start < probabilities.length; start += vocabulary) {
    const weights = Array.from(
      { length: vocabulary },
      (_, v) => v > 0 && v % 5 === 0 ? 0 : stream.uniform() + 0.01,
    );
    const sum = weights.reduce((total, weight) => total + weight, 0);
    probabilities.set(weights.map((weight) => weight / sum), start);
  }
  return { probabilities, share, temperature: 2 };
}

function logitsCase(
  rows: number,
  vocabulary: number,
  masked: boolean,
  terms: LogitTerms = {},
): ContractCase {
  const targets = tokensOf(rows, vocabulary);
  const mask = masked ? Float32Array.from({ length: rows }, (_, i) => i % 2) : undefined;
  return {
    name: `crossEntropy [${rows}, ${vocabulary}]${masked ? " masked" : ""}` +
      `${terms.logitsL1 ? " with terms" : ""}${
        terms.softTargets ? ` softTargets ${terms.softTargets.share}` : ""
      }`,
    tensors: { logits: { shape: [rows, vocabulary] } },
    fused: (t) => crossEntropy({ ...t as Loose, targets, mask, ...terms }),
    twin: (t) => crossEntropyTwin({ ...t as Loose, targets, mask, ...terms }),
    tolerance: 5e-6,
  };
}

/** Cross-entropies, with every term that reads logits. */
export const lossCases: readonly ContractCase[] = [
  lossCase(1, 1, 1, {}),
  lossCase(3, 17, 33, { masked: true }),
  lossCase(17, 5, 3, { bias: false }),
  lossCase(1031, 7, 13, { masked: true }),
  lossCase(7, 3, 5, { spread: 1e-4 }),
  lossCase(1031, 7, 13, { masked: true, transposeKernel: true }),
  lossCase(3, 17, 33, { bias: false, transposeKernel: true }),
  lossCase(3, 17, 33, { masked: true, logitsL1: 0.01, labelSmoothing: 0.1 }),
  lossCase(1031, 7, 13, { masked: true, transposeKernel: true, logitsL1: 1e-4 }),
  lossCase(1031, 7, 13, { bias: false, labelSmoothing: 0.3 }),
  lossCase(5, 9, 21, { share: 0.4 }),
  lossCase(5, 9, 21, { masked: true, bias: false, transposeKernel: true, share: 1 }),
  lossCase(2100, 5, 7, { masked: true, labelSmoothing: 0.1, logitsL1: 0.001, share: 0.7 }),
  lossCase(5, 9, 21, { confidencePenalty: 0.3, spread: 3 }),
  lossCase(6, 9, 21, { masked: true, rDrop: 0.5, transposeKernel: true }),
  lossCase(5, 9, 21, { masked: true, later: true, bias: false }),
  lossCase(2100, 5, 7, {
    ...{ masked: true, labelSmoothing: 0.1, logitsL1: 0.001, share: 0.7 },
    ...{ confidencePenalty: 0.1, rDrop: 2, later: true },
  }),
  logitsCase(1, 1, false),
  logitsCase(34, 19, false, {
    ...{ confidencePenalty: 0.1, rDrop: 0.4, laterTargets: laterTargetsOf(34, 19) },
  }),
  logitsCase(17, 5, false),
  logitsCase(33, 19, true),
  logitsCase(33, 19, true, { logitsL1: 0.01, labelSmoothing: 0.1 }),
  logitsCase(33, 19, true, { softTargets: softTargetsOf(33, 19, 0.5) }),
  logitsCase(7, 12, false, { softTargets: softTargetsOf(7, 12, 1) }),
];
