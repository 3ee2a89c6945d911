import { randomStream } from "../../lib/core/random.ts";
import { bayesianSearch } from "../../lib/studies/search/bayesian_search.ts";
import { grid } from "../../lib/studies/search/space.ts";
import { linearRange } from "../../lib/studies/search/dimensions.ts";
import { latinHypercube, randomSearch } from "../../lib/studies/search/random_search.ts";
import {
  askTreeParzen,
  type Observation,
  startupPoints,
} from "../../lib/studies/search/tree_parzen.ts";
import type { JsonObject } from "../../lib/core/json.ts";
import type { Objective } from "./objectives.ts";

/** Asks for points of the unit cube, tells what they gave, and says which it holds for the best. */
export type Search = (
  objective: Objective,
  seed: number,
  told: (at: readonly number[]) => number,
) => Promise<void> | void;

/** What a search was told at a point: the value, with the objective's noise. */
export function teller(objective: Objective, seed: number) {
  const noise = randomStream(seed, "noise", objective.name);
  const evaluated: { at: readonly number[]; told: number }[] = [];
  return {
    tell(at: readonly number[]): number {
      const value = objective.value(at, seed);
      const told = objective.noise === 0 ? value : value + objective.noise * noise.normal();
      evaluated.push({ at, told });
      return told;
    },
    evaluations: () => evaluated.length,
    /** How far the point with the lowest told value is above the minimum, without noise. */
    regret() {
      const best = evaluated.reduce((best, each) => each.told < best.told ? each : best);
      return objective.value(best.at, seed) - objective.minimum;
    },
  };
}

const axesOf = ({ dimensions }: Objective) =>
  Array.from({ length: dimensions }, (_, axis) => `x${axis}`);
const cube = (objective: Objective) =>
  Object.fromEntries(axesOf(objective).map((axis) => [axis, linearRange(0, 1)]));
const coordinates = (objective: Objective, point: JsonObject) =>
  axesOf(objective).map((axis) => Number(point[axis]));

function listed(
  pointsOf: (objective: Objective, seed: number) => readonly JsonObject[],
): Search {
  return (objective, seed, told) => {
    for (const point of pointsOf(objective, seed)) told(coordinates(objective, point));
  };
}

/** As many values on each axis as the budget allows, both ends included. */
const gridSearch = listed((objective) => {
  const count = Math.floor(objective.budget ** (1 / objective.dimensions) + 1e-9);
  const values = Array.from({ length: count }, (_, index) => index / (count - 1));
  return grid(Object.fromEntries(axesOf(objective).map((axis) => [axis, values]))).points;
});

function treeParzen(joint: boolean): Search {
  return (objective, seed, told) => {
    const { budget: count } = objective;
    const search = bayesianSearch({ dimensions: cube(objective), count, seed, joint });
    const observed: Observation[] = [];
    const observe = (point: JsonObject) =>
      observed.push({ point, loss: told(coordinates(objective, point)) });
    startupPoints(search).forEach(observe);
    while (observed.length < count) askTreeParzen(search, observed, [], 1).forEach(observe);
  };
}

/** Our searches, by name. */
export const ourSearches: Readonly<Record<string, Search>> = {
  grid: gridSearch,
  "random": listed((objective, seed) =>
    randomSearch({ dimensions: cube(objective), count: objective.budget, seed }).points
  ),
  "Latin hypercube": listed((objective, seed) =>
    latinHypercube({ dimensions: cube(objective), count: objective.budget, seed }).points
  ),
  "Bayesian (joint)": treeParzen(true),
  "Bayesian (each axis)": treeParzen(false),
};
