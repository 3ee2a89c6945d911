import { randomStream } from "../../lib/core/random.ts";
import type { PointCurve } from "../../lib/statistics/rungs.ts";
import surface from "../_reference/search_surface.json" with { type: "json" };

/** Something to minimize over the unit cube. */
export interface Objective {
  readonly name: string;
  readonly dimensions: number;
  /** Evaluations that every search has. */
  readonly budget: number;
  /** The lowest value that it has. */
  readonly minimum: number;
  /** The value at a point, without noise; the seed moves the minimum where that is allowed for. */
  value(at: readonly number[], seed: number): number;
  /** Standard deviation of the noise on what a search is told. */
  readonly noise: number;
}

const scale = (share: number, from: number, to: number) => from + share * (to - from);

/** Place of the minimum, drawn from the inner half: not on a grid, and not where a prior has it. */
function placeOf(seed: number, dimensions: number): number[] {
  const stream = randomStream(seed, "place of the minimum");
  return Array.from({ length: dimensions }, () => 0.25 + stream.uniform() / 2);
}

/** Branin's function (Dixon and Szegő 1978) on its usual square. */
const branin: Objective = {
  name: "Branin",
  dimensions: 2,
  budget: 40,
  minimum: 0.397887357729738,
  noise: 0,
  value(at) {
    const x = scale(at[0], -5, 10);
    const y = scale(at[1], 0, 15);
    const parabola = y - 5.1 * x * x / (4 * Math.PI ** 2) + 5 * x / Math.PI - 6;
    return parabola ** 2 + 10 * (1 - 1 / (8 * Math.PI)) * Math.cos(x) + 10;
  },
};

const hartmannWidths = [
  [10, 3, 17, 3.5, 1.7, 8],
  [0.05, 10, 17, 0.1, 8, 14],
  [3, 3.5, 1.7, 10, 17, 8],
  [17, 8, 0.05, 10, 0.1, 14],
];
const hartmannCentres = [
  [1312, 1696, 5569, 124, 8283, 5886],
  [2329, 4135, 8307, 3736, 1004, 9991],
  [2348, 1451, 3522, 2883, 3047, 6650],
  [4047, 8828, 8732, 5743, 1091, 381],
];
const hartmannHeights = [1, 1.2, 3, 3.2];

/** Hartmann's function in six dimensions (Dixon and Szegő 1978). */
const hartmann: Objective = {
  name: "Hartmann 6",
  dimensions: 6,
  budget: 80,
  minimum: -3.32236801141551,
  noise: 0,
  value: (at) =>
    -hartmannHeights.reduce((sum, height, row) => {
      const distance = at.reduce(
        (total, x, axis) =>
          total + hartmannWidths[row][axis] * (x - hartmannCentres[row][axis] / 10_000) ** 2,
        0,
      );
      return sum + height * Math.exp(-distance);
    }, 0),
};

/** Rosenbrock's valley in two dimensions, from −2 to 2. */
const rosenbrock: Objective = {
  name: "Rosenbrock",
  dimensions: 2,
  budget: 40,
  minimum: 0,
  noise: 0,
  value(at) {
    const [x, y] = at.map((share) => scale(share, -2, 2));
    return 100 * (y - x * x) ** 2 + (1 - x) ** 2;
  },
};

/** Ackley's function in five dimensions, ±32.768 around a minimum that the seed places. */
const ackley: Objective = {
  name: "Ackley 5",
  dimensions: 5,
  budget: 80,
  minimum: 0,
  noise: 0,
  value(at, seed) {
    const place = placeOf(seed, 5);
    const away = at.map((share, axis) => 65.536 * (share - place[axis]));
    const mean = (each: (x: number) => number) => away.reduce((sum, x) => sum + each(x), 0) / 5;
    return 20 + Math.E - 20 * Math.exp(-0.2 * Math.sqrt(mean((x) => x * x))) -
      Math.exp(mean((x) => Math.cos(2 * Math.PI * x)));
  },
};

/** Squared distance to a minimum that the seed places, in three dimensions, with noise. */
const noisySphere: Objective = {
  name: "noisy sphere 3",
  dimensions: 3,
  budget: 60,
  minimum: 0,
  noise: 0.02,
  value(at, seed) {
    const place = placeOf(seed, 3);
    return at.reduce((sum, share, axis) => sum + (share - place[axis]) ** 2, 0);
  },
};

/** Curves of the stored surface, λ from row to row, α in it. */
export const surfaceCurves: readonly PointCurve[] = surface.curves.map((curve) => ({
  ...curve,
  key: JSON.stringify(curve.point),
}));
const { lambda: rows, alpha: columns } = surface.axes;
const steps = surfaceCurves[0].steps;

/** Steps of a training of the surface, and its evaluations. */
export const surfaceSteps = steps;

/** The learning curve of a point of the surface: linear between the logarithms of λ and α. */
export function surfaceCurve(at: readonly number[]): number[] {
  const [row, column] = [at[0] * (rows.length - 1), at[1] * (columns.length - 1)];
  const top = Math.min(Math.floor(row), rows.length - 2);
  const left = Math.min(Math.floor(column), columns.length - 2);
  const corner = (down: number, right: number) =>
    surfaceCurves[(top + down) * columns.length + left + right].losses;
  const weigh = (down: number, right: number) =>
    Math.abs(1 - down - (row - top)) * Math.abs(1 - right - (column - left));
  return steps.map((_, step) =>
    [[0, 0], [0, 1], [1, 0], [1, 1]].reduce(
      (sum, [down, right]) => sum + weigh(down, right) * corner(down, right)[step],
      0,
    )
  );
}

/** Held-out loss of the first notebook's study over ln λ and ln α. */
export const lambdaByAlpha: Objective = {
  name: "λ × α",
  dimensions: 2,
  budget: 40,
  minimum: Math.min(...surfaceCurves.map(({ losses }) => losses.at(-1)!)),
  noise: 0,
  value: (at) => surfaceCurve(at).at(-1)!,
};

/** All objectives, the real one last. */
export const objectives: readonly Objective[] = [
  branin,
  rosenbrock,
  noisySphere,
  ackley,
  hartmann,
  lambdaByAlpha,
];
