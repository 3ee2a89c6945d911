import { blockedFolds } from "../../data/folds.ts";
import { plotArms } from "../../plots/arms.ts";
import { compareArms } from "../../statistics/compare_arms.ts";
import { arms } from "../../studies/search/arms.ts";
import { logRange } from "../../studies/search/dimensions.ts";
import { learningRates, tunedArmsInWords, tunedGenerator, type TunedPoint } from "./_whale.ts";
import type { Finding } from "./finding.ts";

const lambda = logRange(1e-5, 1e-3);
const alpha = logRange(0.05, 5);

/** Whether penalties close the gap, what that costs, and whether early stopping does as well. */
export const closingTheGap: Finding = {
  name: "closing-the-gap",
  title: "Do penalties close the gap, and does early stopping do as well?",
  claim: "Both articles: the penalty curbs over-fitting and so helps on unseen text.",
  setting:
    `${tunedArmsInWords} Arms: no penalty; no penalty at a constant rate, stopped at a step ` +
    "that is chosen with the rate (early stopping); L1 by its proximal map (λ), decoupled weight " +
    "decay (α), and both together. Each has twelve points, its own learning rate among what is " +
    "tuned. Ten folds.",
  corpora: ["moby-dick"],
  study: (quick) => ({
    space: arms({
      none: { dimensions: { learningRate: learningRates } },
      stopped: { parent: "none", dimensions: { learningRate: learningRates } },
      l1: { parent: "none", dimensions: { learningRate: learningRates, lambda } },
      decay: { parent: "none", dimensions: { learningRate: learningRates, alpha } },
      both: { parent: "decay", dimensions: { learningRate: learningRates, lambda, alpha } },
    }, { count: quick ? 2 : 12, seed: 1 }),
    specify: (point: TunedPoint) => tunedGenerator(quick, point),
    folds: blockedFolds({ count: 10, choosing: true }),
    seeds: [1, 2],
  }),
  families: [],
  figure: (source) => plotArms(compareArms(source)),
};
