import { articleTwo } from "../../articles/article_two.ts";
import { groupedFolds } from "../../data/pair_folds.ts";
import { pairTokenizer } from "../../data/pair_tokens.ts";
import { pairCorpus } from "../../data/pairs.ts";
import { characters } from "../../data/tokenizers/characters.ts";
import { plotLearningCurves } from "../../plots/learning_curves.ts";
import { contrast } from "../../statistics/contrast.ts";
import { points } from "../../studies/search/space.ts";
import type { Finding } from "./finding.ts";

type System = "none" | "stated" | "written" | "writtenWithoutNorms";

const none = { system: "none" };
const stated = { system: "stated" };
const written = { system: "written" };
const withoutNorms = { system: "writtenWithoutNorms" };

const contrasts = [contrast(stated).minus(none), contrast(written).minus(withoutNorms)];

/** Article 2's formula beside its printed code. */
export const articleTwoCode: Finding = {
  name: "article-two-code",
  title: "Does the printed code of article 2 do what its formula says?",
  claim:
    "Article 2 states L + ½ λ Σw² with λ = 1e-5, and prints code that adds Σ ‖W‖₂, not squared " +
    "and with weight 1, on top of Adam's coupled decay of 1e-5; its decoder reads the source again.",
  setting:
    "An LSTM encoder-decoder of 64 (embedding 32) turns verses of 1611 into those of 1901, " +
    "character by character (at most 50), by Adam with learning rate 0.01 over 200 batches of 16. " +
    "`stated`: decay alone; `written`: norms, decay and the decoder of the code; " +
    "`writtenWithoutNorms`: that decoder with the decay alone, to tell the norms from the decoder.",
  corpora: ["kjv-asv"],
  study: (quick) => ({
    space: points([none, stated, written, withoutNorms]),
    specify: ({ system }: { system: System }) => {
      const longest = { maximumSourceLength: 50, maximumTargetLength: 50 };
      const options = {
        corpus: pairCorpus("kjv-asv", { order: "shuffled" }),
        tokenizer: pairTokenizer({ source: characters(), target: characters(), ...longest }),
        embeddingSize: quick ? 4 : 32,
        hiddenSize: quick ? 6 : 64,
        learningRate: 1e-2,
        training: {
          steps: quick ? 4 : 200,
          batchSize: quick ? 4 : 16,
          evaluateEvery: quick ? 2 : 40,
          evaluationTokens: quick ? 200 : 2048,
          decodedPairs: 0,
          samples: { count: 0 },
        },
      };
      switch (system) {
        case "none":
          return articleTwo.asStated.sequenceToSequence({ ...options, strength: 0 });
        case "stated":
          return articleTwo.asStated.sequenceToSequence(options);
        case "written":
          return articleTwo.asWritten.sequenceToSequence(options);
        case "writtenWithoutNorms":
          return articleTwo.asWritten.sequenceToSequence({ ...options, normStrength: 0 });
      }
    },
    folds: groupedFolds({ count: 5 }),
    seeds: [1, 2],
    baseline: none,
  }),
  families: [
    {
      name: "loss",
      what: "held-out loss at the last step",
      contrasts,
    },
    {
      name: "norm",
      what: "norm of all weights at the last step",
      quantity: "weightNorm",
      contrasts,
    },
  ],
  figure: (source) => plotLearningCurves(source, { points: [none, stated, written, withoutNorms] }),
};
