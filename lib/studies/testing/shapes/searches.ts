import type { ArmRecord, FoldRecord, SpaceRecord } from "../../../records/study_record.ts";
import type { StudyDefinition } from "../../definition.ts";
import { choice, logRange } from "../../dimensions.ts";
import { joinSpaces, latinHypercube, randomSearch } from "../../search.ts";
import { points } from "../../space.ts";
import {
  bayesianSearch,
  empiricalMaximum,
  successiveHalving,
  warmStartPath,
} from "../../strategies.ts";
import { of, type Shape, usual } from "./parts.ts";

/** An arm's points, each with the axis `arm`, as a space of arms holds them. */
function armsByHand(draw: "sobol" | "random"): SpaceRecord {
  const rates = logRange(1e-3, 3e-2);
  const arms = ([
    { name: "plain", parent: null, dimensions: { learningRate: rates } },
    {
      name: "decay",
      parent: "plain",
      dimensions: { learningRate: rates, alpha: logRange(0.1, 3) },
    },
    {
      name: "lasso",
      parent: "plain",
      dimensions: { learningRate: rates, lambda: logRange(1e-5, 1e-3) },
    },
  ] as Pick<ArmRecord, "name" | "parent" | "dimensions">[])
    .map((arm): ArmRecord => ({ ...arm, count: 5, draw, seed: 1 }));
  const drawn = arms.flatMap(({ name, dimensions, count, seed }) =>
    latinHypercube({ dimensions, count, seed }).points.map((point) => ({ arm: name, ...point }))
  );
  return { kind: "arms", points: drawn, arms };
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
  "arms": {
    options: {
      space: armsByHand("sobol"),
      specify: ({ learningRate, alpha, lambda }) => usual({ learningRate, alpha, lambda }),
      baseline: null,
    },
    amend: withChoosing,
  },
  "arms-random": {
    options: {
      space: armsByHand("random"),
      specify: ({ learningRate, alpha, lambda }) => usual({ learningRate, alpha, lambda }),
      baseline: null,
      seeds: [1],
    },
    amend: withChoosing,
  },
  "choosing-blocks": { options: of({ lambda: [0, 1e-4], alpha: [0, 1] }), amend: withChoosing },
  "warm-start-path": {
    options: of({ lambda: [0, 1e-5, 1e-4] }, { strategy: warmStartPath({ axis: "lambda" }) }),
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
