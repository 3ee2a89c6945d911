import type { SpecificationOptions } from "../../../training/specification.ts";
import type { FoldRecord } from "../../../records/study_record.ts";
import { bytes } from "../../../data/tokenizers/bytes.ts";
import { characters } from "../../../data/tokenizers/characters.ts";
import { blockedFolds } from "../../../data/folds.ts";
import type { StudyDefinition } from "../../same_definition.ts";
import { arms } from "../../search/arms.ts";
import { choice, logRange } from "../../search/dimensions.ts";
import { joinSpaces, latinHypercube, randomSearch } from "../../search/random_search.ts";
import { points } from "../../search/space.ts";
import { bayesianSearch } from "../../search/bayesian_search.ts";
import { empiricalMaximum } from "../../search/empirical_maximum.ts";
import { successiveHalving } from "../../search/successive_halving.ts";
import { warmStartPath } from "../../search/warm_start_path.ts";
import { of, type Shape, usual } from "./parts.ts";

const learningRate = logRange(1e-3, 3e-2);

/** A plain arm, one with weight decay and one with L1, five points each. */
function threeArms(
  changes: Partial<Shape["options"]> = {},
  { alpha = logRange(0.1, 3), draw = "sobol" as "sobol" | "random" } = {},
): Shape["options"] {
  return {
    space: arms({
      plain: { dimensions: { learningRate } },
      decay: { parent: "plain", dimensions: { learningRate, alpha } },
      lasso: { parent: "plain", dimensions: { learningRate, lambda: logRange(1e-5, 1e-3) } },
    }, { count: 5, seed: 1, draw }),
    specify: ({ learningRate, alpha, lambda }) => usual({ learningRate, alpha, lambda }),
    baseline: null,
    folds: blockedFolds({ count: 3, choosing: true }),
    ...changes,
  };
}

/** Folds that hold out a second block, the next one, by which points and steps are chosen. */
function withChoosing(definition: StudyDefinition): StudyDefinition {
  const { folds } = definition;
  const without = (fold: FoldRecord, { start, end }: { start: number; end: number }) =>
    fold.training.flatMap((span) => [
      { start: span.start, end: Math.min(span.end, start) },
      { start: Math.max(span.start, end), end: span.end },
    ]).filter((span) => span.end > span.start);
  return {
    ...definition,
    folds: folds.map((fold, index) => {
      const [next] = folds[(index + 1) % folds.length].heldOut;
      return { ...fold, training: without(fold, next), choosing: [next] };
    }),
  };
}

/** Points that were drawn, arms and strategies. */
export const shapesOfSearches: { readonly [name: string]: Shape } = {
  "three-axes": {
    options: {
      space: latinHypercube({
        dimensions: {
          lambda: logRange(1e-5, 1e-3, { zeroShare: 0.2 }),
          alpha: logRange(0.1, 1, { zeroShare: 0.2 }),
          dropout: choice([0, 0.2, 0.4]),
        },
        count: 20,
        seed: 1,
      }),
      specify: usual,
      seeds: [1],
    },
  },
  "three-axes-with-zero": {
    options: {
      space: joinSpaces(
        points([{ lambda: 0, alpha: 0, dropout: 0 }]),
        latinHypercube({
          dimensions: {
            lambda: logRange(1e-5, 1e-3),
            alpha: logRange(0.1, 1),
            dropout: choice([0, 0.2, 0.4]),
          },
          count: 19,
          seed: 2,
        }),
      ),
      specify: usual,
      seeds: [1, 2],
    },
  },
  "arms": { options: threeArms() },
  "arms-random": { options: threeArms({ seeds: [1] }, { draw: "random" }) },
  "arms-other-folds": { options: threeArms({ folds: blockedFolds({ count: 4 }) }) },
  "arms-shown": {
    options: threeArms({ folds: blockedFolds({ count: 5, choosing: true }) }),
    runs: { ownNoise: 0.0005 },
  },
  "arms-region": {
    options: threeArms({
      folds: blockedFolds({ count: 5, choosing: true }),
      equivalence: { nats: 0.05 },
    }),
    runs: { ownNoise: 0.003 },
  },
  "arms-equivalent": {
    options: threeArms({
      folds: blockedFolds({ count: 5, choosing: true }),
      equivalence: { nats: 0.5 },
    }),
    runs: { ownNoise: 0.05 },
  },
  "arms-tokenizers": {
    options: threeArms({
      folds: blockedFolds({ count: 4, unit: "bytes" }),
      specify: ({ arm, learningRate, alpha, lambda }) => ({
        ...usual({ learningRate, alpha, lambda }),
        tokenizer: arm === "plain" ? characters() : bytes(),
      } as SpecificationOptions),
    }),
    runs: { ownNoise: 0.003 },
  },
  "arms-edge": { options: threeArms({}, { alpha: logRange(0.01, 0.05) }) },
  "arms-diverged": {
    options: threeArms(),
    runs: {
      status: ({ arm, alpha }, fold) =>
        arm === "lasso" && fold === 1 || Number(alpha) > 1 && fold === 2 ? "diverged" : "completed",
    },
  },
  "arms-unlike-compute": {
    options: {
      space: arms({
        narrow: { dimensions: { learningRate } },
        wide: { parent: "narrow", dimensions: { learningRate } },
        untuned: { parent: "narrow" },
      }, { count: 4, seed: 2 }),
      specify: ({ arm, learningRate }) =>
        usual({ hiddenSize: arm === "wide" ? 32 : 16, learningRate: learningRate ?? 0.01 }),
      baseline: null,
      folds: blockedFolds({ count: 3, choosing: true }),
    },
  },
  "choosing-blocks": { options: of({ lambda: [0, 1e-4], alpha: [0, 1] }), amend: withChoosing },
  "warm-start-path": {
    options: of({ lambda: [0, 1e-5, 1e-4] }, { strategy: warmStartPath({ axis: "lambda" }) }),
  },
  "distilled": {
    options: of({ alpha: [0, 0.3], share: [0, 0.5, 0.9] }, {
      seeds: [1, 2],
      specify: ({ alpha, share }) => {
        const specification = usual({ alpha });
        const teacher = share === 0 ? null : {
          point: { alpha: 0.3, share: 0 },
          seeds: [2, 1],
          share: Number(share),
          temperature: 2,
        };
        const training = { ...specification.training, teacher };
        return { ...specification, training } as typeof specification;
      },
    }),
  },
  "distilled-smaller": {
    options: {
      space: points([
        { hidden: 16, share: 0 },
        { hidden: 16, share: 0.5 },
        { hidden: 8, share: 0.5 },
      ]),
      baseline: null,
      specify: ({ hidden, share }) => {
        const specification = usual({ hiddenSize: hidden });
        const teacher = share === 0 ? null : {
          point: { hidden: 16, share: 0 },
          seeds: "own",
          share: Number(share),
          temperature: 1,
        };
        const training = { ...specification.training, teacher };
        return { ...specification, training } as typeof specification;
      },
    },
  },
  "successive-halving": {
    options: of({ lambda: [0, 1e-5, 1e-4], alpha: [0, 0.3, 1] }, {
      strategy: successiveHalving({ rungs: [30, 60], reductionFactor: 2 }),
    }),
  },
  "bayesian-startup": {
    options: {
      strategy: bayesianSearch({
        dimensions: { lambda: logRange(1e-6, 1e-3, { zeroShare: 0.2 }), alpha: logRange(0.1, 3) },
        count: 6,
        seed: 1,
      }),
      specify: usual,
    },
  },
  "bayesian-search": {
    options: {
      space: randomSearch({
        dimensions: { lambda: logRange(1e-6, 1e-3), alpha: logRange(0.1, 3) },
        count: 5,
        seed: 9,
      }),
      strategy: bayesianSearch({
        dimensions: { lambda: logRange(1e-6, 1e-3, { zeroShare: 0.2 }), alpha: logRange(0.1, 3) },
        count: 9,
        startup: 4,
        seed: 1,
      }),
      specify: usual,
    },
  },
  "empirical-maximum": {
    options: {
      space: points([{ lambda: 0 }, { lambda: 0.003 }]),
      strategy: empiricalMaximum({ axis: "lambda", from: 1e-4, to: 1e-1 }),
      specify: usual,
    },
    runs: { zeros: 1 },
  },
};
