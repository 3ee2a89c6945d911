import { adam } from "./adam.ts";
import { adamW } from "./adam_w.ts";
import { asgd } from "./asgd.ts";
import type { OptimizerSpecification } from "./kinds.ts";
import { muon } from "./muon.ts";
import { rmsprop } from "./rmsprop.ts";
import { sgd } from "./sgd.ts";

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
];
