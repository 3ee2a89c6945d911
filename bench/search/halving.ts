import { linearRange } from "../../lib/studies/search/dimensions.ts";
import { latinHypercube } from "../../lib/studies/search/random_search.ts";
import { randomStream } from "../../lib/core/random.ts";
import { pointsPassing, rungVerdicts } from "../../lib/statistics/rungs.ts";
import type { PointCurve } from "../../lib/statistics/rungs.ts";
import { lambdaByAlpha, surfaceCurve, surfaceSteps } from "./objectives.ts";
import { mean } from "../../lib/statistics/estimate.ts";

/** Rungs and reduction factor of the bench's halving. */
export const halving = { rungs: [40, 120], reductionFactor: 3 };

/** Steps that every search on the surface may train. */
export const stepBudget = lambdaByAlpha.budget * surfaceSteps.at(-1)!;

/**
 * Regret of successive halving on the surface with as many steps as a search without it has: of a
 * Latin hypercube of so many points as the steps allow.
 */
export function halvingRegret(seed: number): { readonly regret: number; readonly points: number } {
  const points = pointsWithin(stepBudget);
  const dimensions = { x: linearRange(0, 1), y: linearRange(0, 1) };
  const curves = latinHypercube({ dimensions, count: points, seed }).points
    .map(({ x, y }) => surfaceCurve([Number(x), Number(y)]));
  let remaining = curves;
  for (const [rung, step] of halving.rungs.entries()) {
    const at = surfaceSteps.indexOf(step);
    remaining = [...remaining].sort((a, b) => a[at] - b[at])
      .slice(0, pointsPassing(points, halving.reductionFactor, rung));
  }
  const best = Math.min(...remaining.map((curve) => curve.at(-1)!));
  return { regret: best - lambdaByAlpha.minimum, points };
}

/** The most points whose halving trains no more than some steps. */
export function pointsWithin(steps: number): number {
  const stepsOf = (points: number) => {
    const { rungs, reductionFactor } = halving;
    return [...rungs, surfaceSteps.at(-1)!].reduce((sum, step, rung) => {
      const trained = rung === 0 ? points : pointsPassing(points, reductionFactor, rung - 1);
      return sum + trained * (step - (rung === 0 ? 0 : rungs[rung - 1]));
    }, 0);
  };
  let points = 1;
  while (stepsOf(points + 1) <= steps) points++;
  return points;
}

/** How often a first rung would have discarded the point that is best at full length. */
export interface DiscardRow {
  readonly from: string;
  readonly points: number;
  readonly step: number;
  readonly passing: number;
  /** Rank that the winner of all points has at the rung. */
  readonly winnerRank: number;
  /** Share of draws of 27 points, or of two thirds of fewer, in which the draw's winner would be discarded. */
  readonly discardedShare: number;
  /** Mean over draws of the loss that halving at this rung alone would add, nats. */
  readonly meanRegret: number;
}

const drawn = 27;
const draws = 1000;

/** A row for each step before the last at which all curves were evaluated. */
export function discardRows(from: string, curves: readonly PointCurve[]): DiscardRow[] {
  const { reductionFactor } = halving;
  const steps = curves[0].steps.slice(1, -1);
  return steps.map((step) => {
    const [whole] = rungVerdicts(curves, { rungs: [step], reductionFactor });
    const stream = randomStream(1, "draws", from, step);
    const size = Math.min(drawn, Math.ceil(curves.length * 2 / 3));
    const verdicts = Array.from({ length: draws }, () => {
      const some = [...stream.permutation(curves.length)].slice(0, size).sort((a, b) => a - b)
        .map((index) => curves[index]);
      return rungVerdicts(some, { rungs: [step], reductionFactor })[0];
    });
    return {
      from,
      points: curves.length,
      step,
      passing: whole.passing,
      winnerRank: whole.winnerRank,
      discardedShare: verdicts.filter(({ discarded }) => discarded).length / draws,
      meanRegret: mean(verdicts.map(({ regret }) => regret)),
    };
  });
}
