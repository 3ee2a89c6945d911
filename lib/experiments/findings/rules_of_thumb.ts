import { dataSizeRule } from "../../articles/data_size_rule.ts";
import { blockedFolds } from "../../data/folds.ts";
import { l1 } from "../../penalties/l1.ts";
import { l2 } from "../../penalties/l2.ts";
import { points } from "../../studies/search/space.ts";
import { gapFamily, lossFamily, plotFamilies } from "./_families.ts";
import { generator, lambdaAlpha, settingInWords } from "./_whale.ts";
import type { Finding } from "./finding.ts";

const rule = dataSizeRule({ trainingSamples: 4, allSamples: 5 });
const none = { rule: "none", step: "proximal", lambda: 0, alpha: 0 };
const proximal = { rule: "dataSize", step: "proximal", ...rule };
const subGradient = { rule: "dataSize", step: "subGradient", ...rule };
const searched = { rule: "gridSearch", step: "proximal", lambda: 1e-4, alpha: 0.3 };
const others = [proximal, subGradient, searched];

const families = [lossFamily(others, none), gapFamily(others, none)];

/** Whether strengths can be read off the size of the data. */
export const rulesOfThumb: Finding = {
  name: "rules-of-thumb",
  title: "Can the strengths be read off the size of the data?",
  claim:
    "Article 1: λ is the share of training samples in the data set, and α a small fraction of " +
    "λ; or both are found by grid search and cross-validation.",
  setting:
    `${settingInWords} Five folds train on 4/5 of the samples, so λ = 0.8; α is a tenth of ` +
    "it. The rule by proximal L1 and decoupled decay, and by both as terms of the loss " +
    "(`subGradient`). Beside it the point that one standard error selects in the grid search of " +
    "the first notebook.",
  corpora: ["moby-dick"],
  study: (quick) => ({
    space: points([none, ...others]),
    specify: ({ step, lambda, alpha }: typeof none) =>
      generator(quick, {
        penalties: step === "proximal"
          ? lambdaAlpha({ lambda, alpha })
          : [l1({ strength: lambda }), l2({ strength: alpha })],
      }),
    folds: blockedFolds({ count: 5 }),
    seeds: [1, 2],
    baseline: none,
  }),
  families,
  figure: (source) => plotFamilies(source, families.toReversed()),
};
