import { randomStream } from "../../../core/random.ts";
import { blockedFolds } from "../../../data/folds.ts";
import type { SpecificationOptions } from "../../../training/specification.ts";
import { lowestMean } from "../../plan/rule.ts";
import { grid } from "../../search/space.ts";
import { type Shape, usual } from "./parts.ts";

/**
 * A shape of its own for a seed: some axes of several kinds, some folds and seeds, perhaps a declared
 * baseline, runs that end badly, early stopping, noise.
 */
export function randomShape(seed: number): Shape {
  const draws = randomStream(seed, "shape of a study");
  const pick = <Value>(values: readonly Value[]) => values[draws.integer(values.length)];
  const known: { readonly [axis: string]: readonly number[] } = {
    lambda: pick([[0, 1e-5, 1e-4], [1e-5, 1e-4], [0, 1e-3]]),
    alpha: pick([[0, 0.1, 1], [0.3, 1], [0, 0.3]]),
    dropout: pick([[0, 0.3], [0.1, 0.2, 0.5]]),
    learningRate: pick([[1e-3, 1e-2, 3e-2], [3e-3, 1e-2]]),
    hiddenSize: pick([[8, 32], [16, 64]]),
    trainingTokens: pick([[600, 1200], [500, 1000, 1500]]),
  };
  const names = Object.keys(known).filter(() => draws.uniform() < 0.4).slice(0, 3);
  if (names.length === 0) names.push(pick(Object.keys(known)));
  const space = grid(Object.fromEntries(names.map((name) => [name, known[name]])));
  const stops = draws.uniform() < 0.25;
  const badly = draws.uniform() < 0.35;
  const declared = draws.uniform() < 0.5;
  return {
    options: {
      space,
      specify: (point) => {
        const specification = usual(point);
        return stops
          ? {
            ...specification,
            training: { ...specification.training, earlyStopping: { patience: 1 } },
          } as SpecificationOptions
          : specification;
      },
      folds: blockedFolds({ count: pick([2, 3, 5]), finalShare: pick([0, 0.1]) }),
      seeds: pick([[1], [1, 2], [3, 5, 8]]),
      // Without one it follows from what the axes are for.
      ...pick([{}, { select: lowestMean("validationLoss") }]),
      ...(declared ? { baseline: pick(space.points) } : {}),
    },
    runs: {
      memorized: pick([0.1, 0.6, 1.6]),
      ownNoise: pick([0.002, 0.01, 0.1]),
      sharedNoise: pick([0.01, 0.05]),
      ...(badly
        ? {
          status: (_, __, ___, index) =>
            randomStream(seed, "status", index).uniform() < 0.05
              ? (["diverged", "failed", "missing"] as const)[index % 3]
              : "completed" as const,
        }
        : {}),
    },
  };
}
