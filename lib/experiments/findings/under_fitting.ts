import { blockedFolds } from "../../data/folds.ts";
import { points } from "../../studies/search/space.ts";
import { gapFamily, lossFamily, plotFamilies } from "./_families.ts";
import { generator, type LambdaAlpha, lambdaAlpha, settingInWords } from "./_whale.ts";
import type { Finding } from "./finding.ts";

const none = { lambda: 0, alpha: 0 };
const penalized = [
  { lambda: 1e-5, alpha: 0 },
  { lambda: 3e-5, alpha: 0 },
  { lambda: 1e-4, alpha: 0 },
  { lambda: 0, alpha: 0.1 },
  { lambda: 0, alpha: 0.3 },
  { lambda: 0, alpha: 1 },
];
const families = [lossFamily(penalized, none), gapFamily(penalized, none)];

/** Whether penalties help a model that does not over-fit. */
export const underFitting: Finding = {
  name: "under-fitting",
  title: "When does regularization not help?",
  claim: "Both articles recommend their penalty for text generators without a condition.",
  setting: `${settingInWords} The same model and steps as elsewhere on this page, but 400,000 ` +
    "characters in place of 12,000, so that no character is read twice in the mean.",
  corpora: ["moby-dick"],
  study: (quick) => ({
    space: points([none, ...penalized]),
    specify: (strengths: LambdaAlpha) =>
      generator(quick, {
        penalties: lambdaAlpha(strengths),
        excerpt: { length: 400_000 },
      }),
    folds: blockedFolds({ count: 5 }),
    seeds: [1, 2],
    baseline: none,
  }),
  families,
  figure: (source) => plotFamilies(source, families.toReversed()),
};
