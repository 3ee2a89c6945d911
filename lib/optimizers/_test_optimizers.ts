import { adam } from "./adam.ts";
import { adamW } from "./adam_w.ts";
import { asgd } from "./asgd.ts";
import {
  type AnyOwnOptimizer,
  defineOptimizer,
  type OwnOptimizerPart,
} from "./define_optimizer.ts";
import type { OptimizerSpecification } from "./kinds.ts";
import { muon } from "./muon.ts";
import { ownOptimizer } from "./own_optimizer.ts";
import { rmsprop } from "./rmsprop.ts";
import { sgd } from "./sgd.ts";
import ownAdam from "./testing/own_adam.ts";

/** Every kind of optimizer, in each of its forms. */
export const optimizers: OptimizerSpecification[] = [
  sgd({ learningRate: 0.1 }),
  sgd({ learningRate: 0.1, momentum: 0.9 }),
  sgd({ learningRate: 0.1, momentum: 0.8, nesterov: true }),
  adam({ learningRate: 1e-2 }),
  adam({ learningRate: 1e-1, beta1: 0, beta2: 0.5, epsilon: 1e-3 }),
  adamW({ learningRate: 1e-2, decay: 0.3 }),
  rmsprop({ learningRate: 1e-2 }),
  rmsprop({ learningRate: 1e-2, momentum: 0.5, centered: true }),
  rmsprop({ learningRate: 1e-2, form: "keras", momentum: 0.5, smoothing: 0.5 }),
  asgd({ learningRate: 0.1, averageFromStep: 7 }),
  adamW({ learningRate: 1e-2, decay: 0.3, cautious: true }),
  muon({ learningRate: 1e-2, decay: 0.3 }),
  muon({
    learningRate: 1e-1,
    adamLearningRate: 1e-2,
    decay: 0,
    scale: "original",
    nesterov: false,
    momentum: 0.5,
    muonLayers: ["hidden", "output"],
  }),
  muon({ learningRate: 1e-2, decay: 0.3, cautious: true }),
  ownOptimizer({
    module: "parts/adam.ts",
    learningRate: 1e-2,
    options: { beta1: 0.9, beta2: 0.999, epsilon: 1e-8 },
  }),
  ownOptimizer({ module: "parts/descent.ts", learningRate: 0.1 }),
];

const call = <Result>(_: string, call: () => Result): Result => call();

/** What modules of the user's own define, by their paths. */
const definitions: { readonly [module: string]: AnyOwnOptimizer } = {
  "parts/adam.ts": {
    ...ownAdam,
    size(sizes, { slots: { v }, learningRate, step, options: { beta2, epsilon } }) {
      const root = 1 / Math.sqrt(1 - beta2 ** step);
      for (let i = 0; i < sizes.length; i++) {
        sizes[i] = learningRate / (Math.sqrt(v[i]) * root + epsilon);
      }
    },
  },
  "parts/descent.ts": defineOptimizer({
    name: "gradient descent",
    formula: "w ← w − η g",
    slots: [],
    update(g, { learningRate }) {
      for (let i = 0; i < g.length; i++) g[i] = Math.fround(learningRate) * g[i];
    },
    size: (sizes, { learningRate }) => void sizes.fill(learningRate),
  }),
};

/** The definition of an optimizer of the user's own as it would be loaded; nothing for others. */
export function partOf(specification: OptimizerSpecification): OwnOptimizerPart | undefined {
  if (specification.kind !== "ownOptimizer") return undefined;
  return { definition: definitions[specification.module], call };
}
