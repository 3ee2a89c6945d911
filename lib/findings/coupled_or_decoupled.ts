import { blockedFolds } from "../data/folds.ts";
import { coupledWeightDecay } from "../penalties/coupled_weight_decay.ts";
import { decoupledWeightDecay } from "../penalties/decoupled_weight_decay.ts";
import { plotDifferences } from "../plots/differences_by_axis.ts";
import { points } from "../studies/space.ts";
import { gapFamily, lossFamily } from "./_families.ts";
import { generator, settingInWords } from "./_whale.ts";
import type { Finding } from "./finding.ts";

const none = { decay: "none", alpha: 0 };
const coupled = [1e-5, 1e-4, 1e-3, 1e-2, 1e-1].map((alpha) => ({ decay: "coupled", alpha }));
const decoupled = [0.1, 0.3, 1, 3].map((alpha) => ({ decay: "decoupled", alpha }));
const pairs = [...coupled, ...decoupled].map((point) => ({ point, from: none }));

/** Whether decay belongs into the gradient or beside the step. */
export const coupledOrDecoupled: Finding = {
  name: "coupled-or-decoupled",
  title: "Weight decay: in the gradient or beside the step?",
  claim:
    "Article 2: weight decay with a strength from 1e-5 to 1e-1 helps on unseen text. Its code has " +
    "Adam with `weight_decay`, which is coupled decay; AdamW's is decoupled.",
  setting: `${settingInWords} Coupled decay adds α w to the gradient, before Adam's moments; ` +
    "decoupled decay takes ηα w beside Adam's step (η = 0.01). Both on the kernels. The coupled " +
    "strengths are the article's range.",
  corpora: ["moby-dick"],
  study: (quick) => ({
    space: points([none, ...coupled, ...decoupled]),
    specify: ({ decay, alpha }: typeof none) =>
      generator(quick, {
        penalties: decay === "none"
          ? []
          : decay === "coupled"
          ? [coupledWeightDecay({ strength: alpha })]
          : [decoupledWeightDecay({ strength: alpha })],
        evaluations: 10,
      }),
    folds: blockedFolds({ count: 5 }),
    seeds: [1, 2],
    baseline: none,
  }),
  families: [
    lossFamily(pairs, "decay"),
    gapFamily(pairs, "decay"),
    {
      name: "best",
      what: "held-out loss at each point's best step, minus that without decay at its best step",
      short: "Held-out loss, best steps, minus no decay",
      view: "bestStep",
      pairs,
    },
  ],
  planned: [
    {
      name: "lastStep",
      what: "decoupled minus coupled, each α chosen on the other folds, at the last step",
      tuning: { points: decoupled, view: "lastStep" },
      from: { points: coupled, view: "lastStep" },
    },
    {
      name: "bestStep",
      what: "decoupled minus coupled, each α and step chosen on the other folds",
      tuning: { points: decoupled, view: "bestStep" },
      from: { points: coupled, view: "bestStep" },
    },
  ],
  figure: (source) => plotDifferences(source, { axis: "alpha" }),
};
