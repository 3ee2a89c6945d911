import { blockedFolds } from "../../data/folds.ts";
import { plotArms } from "../../plots/arms.ts";
import { compareArms } from "../../statistics/compare_arms.ts";
import { arms } from "../../studies/search/arms.ts";
import { logRange } from "../../studies/search/dimensions.ts";
import { learningRates, tunedArmsInWords, tunedGenerator, type TunedPoint } from "./_whale.ts";
import type { Finding } from "./finding.ts";

/** Whether decay belongs into the gradient or beside the step. */
export const coupledOrDecoupled: Finding = {
  name: "coupled-or-decoupled",
  title: "Weight decay: in the gradient or beside the step?",
  claim:
    "Article 2: weight decay with a strength from 1e-5 to 1e-1 helps on unseen text. Its code has " +
    "Adam with `weight_decay`, which is coupled decay; AdamW's is decoupled.",
  setting: `${tunedArmsInWords} Coupled decay adds α w to the gradient, before Adam's moments; ` +
    "decoupled decay takes ηα w beside Adam's step. Arms: no decay; coupled decay at the article's " +
    "smallest strength, 1e-5; coupled decay over two decades of α; decoupled decay over two decades " +
    "of its own α, judged against coupled. Each has twelve points. Ten folds.",
  corpora: ["moby-dick"],
  study: (quick) => ({
    space: arms({
      none: { dimensions: { learningRate: learningRates } },
      article: { parent: "none", dimensions: { learningRate: learningRates } },
      coupled: {
        parent: "none",
        dimensions: { learningRate: learningRates, coupled: logRange(1e-4, 1e-2) },
      },
      decoupled: {
        parent: "coupled",
        dimensions: { learningRate: learningRates, alpha: logRange(0.05, 5) },
      },
    }, { count: quick ? 2 : 12, seed: 1 }),
    specify: (point: TunedPoint) => tunedGenerator(quick, point),
    folds: blockedFolds({ count: 10, choosing: true }),
    seeds: [1, 2],
  }),
  families: [],
  figure: (source) => plotArms(compareArms(source)),
};
