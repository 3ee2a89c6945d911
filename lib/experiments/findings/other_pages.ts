import { blockedFolds } from "../../data/folds.ts";
import { plotArms } from "../../plots/arms.ts";
import { compareArms } from "../../statistics/compare_arms.ts";
import { arms } from "../../studies/search/arms.ts";
import { logRange } from "../../studies/search/dimensions.ts";
import { learningRates, tunedArmsInWords, tunedGenerator, type TunedPoint } from "./_whale.ts";
import type { Finding } from "./finding.ts";

/** Whether decay does on other pages what it does on those of `closing-the-gap`. */
export const otherPages: Finding = {
  name: "other-pages",
  title: "Is it the same on other pages?",
  claim:
    "Ours, from `closing-the-gap`: what decoupled decay does against no penalty, each with its " +
    "own learning rate.",
  setting:
    `${tunedArmsInWords} 12,000 characters from another part of the book. Arms: no penalty, ` +
    "and decoupled weight decay (α), tuned anew on these pages with the same twelve points. Ten " +
    "folds.",
  corpora: ["moby-dick"],
  study: (quick) => ({
    space: arms({
      none: { dimensions: { learningRate: learningRates } },
      decay: {
        parent: "none",
        dimensions: { learningRate: learningRates, alpha: logRange(0.05, 5) },
      },
    }, { count: quick ? 2 : 12, seed: 1 }),
    specify: (point: TunedPoint) => tunedGenerator(quick, point, { start: 700_000 }),
    folds: blockedFolds({ count: 10, choosing: true }),
    seeds: [1, 2],
  }),
  families: [],
  figure: (source) => plotArms(compareArms(source)),
};
