import { articleOne } from "../../articles/article_one.ts";
import { blockedFolds } from "../../data/folds.ts";
import { characters } from "../../data/tokenizers/characters.ts";
import { points } from "../../studies/search/space.ts";
import { gapFamily, lossFamily, plotFamilies } from "./_families.ts";
import { generatorSizes, pages, steps, training } from "./_whale.ts";
import type { Finding } from "./finding.ts";

type System = "none" | "stated" | "statedBySubGradient" | "written" | "writtenWithMean";
type Point = { system: System; lambda: number };

const none: Point = { system: "none", lambda: 0 };
const others: Point[] = [
  { system: "stated", lambda: 1e-4 },
  { system: "stated", lambda: 0.01 },
  { system: "statedBySubGradient", lambda: 0.01 },
  { system: "written", lambda: 0.01 },
  { system: "writtenWithMean", lambda: 0.01 },
];
const families = [lossFamily(others, none), gapFamily(others, none)];

/** Article 1's formula beside its printed code. */
export const articleOneCode: Finding = {
  name: "article-one-code",
  title: "Does the printed code of article 1 do what its formula says?",
  claim:
    "Article 1 states J(θ) = L(θ) + λ‖θ‖₁, and prints code with a strength of 0.01 that adds " +
    "the sum of |logit| over batch × time × vocabulary to the mean cross-entropy.",
  setting:
    "The article's generator and optimizer at the sizes of the first notebook: a GRU of 64 " +
    "(embedding 24) learns characters of Moby-Dick by Adam with learning rate 0.01 over 400 " +
    "batches of 16 windows of 32. `stated`: all of θ, by the proximal map or by the sub-gradient; " +
    "`written`: the printed term; `writtenWithMean`: the same with a mean in place of the sum.",
  corpora: ["moby-dick"],
  study: (quick) => ({
    space: points([none, ...others]),
    specify: ({ system, lambda }: Point) => {
      const { steps: _, batchSize, windowLength, ...rest } = training(quick, 5);
      const options = {
        corpus: pages(),
        tokenizer: characters(),
        ...generatorSizes(quick),
        batchSize,
        windowLength,
        // One step an epoch, so that the epochs are the steps.
        trainingTokens: batchSize * windowLength,
        epochs: quick ? 4 : steps,
        learningRate: 1e-2,
        strength: lambda,
        training: rest,
      };
      switch (system) {
        case "none":
        case "stated":
          return articleOne.asStated(options);
        case "statedBySubGradient":
          return articleOne.asStated({ ...options, method: "subGradient" });
        case "written":
          return articleOne.asWritten(options);
        case "writtenWithMean":
          return articleOne.asWritten({ ...options, reduction: "mean" });
      }
    },
    folds: blockedFolds({ count: 5 }),
    seeds: [1, 2],
    baseline: none,
  }),
  families,
  figure: (source) => plotFamilies(source, families.slice(0, 1)),
};
