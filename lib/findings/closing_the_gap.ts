import { blockedFolds } from "../data/folds.ts";
import { points } from "../studies/space.ts";
import { earlyStoppingFamily, gapFamily, lossFamily } from "./_families.ts";
import { generator, type LambdaAlpha, lambdaAlpha, settingInWords } from "./_whale.ts";
import { plotContrasts } from "./contrasts_figure.ts";
import type { Family, Finding } from "./finding.ts";

const none = { lambda: 0, alpha: 0 };
const penalized = [
  { lambda: 1e-4, alpha: 0 },
  { lambda: 3e-4, alpha: 0 },
  { lambda: 0, alpha: 0.3 },
  { lambda: 0, alpha: 1 },
  { lambda: 3e-5, alpha: 0.3 },
];
const pairs = penalized.map((point) => ({ point, from: none }));

const families: readonly Family[] = [
  gapFamily(pairs),
  {
    name: "trainingLoss",
    what: "training loss at the last step, minus that without penalty",
    short: "Training loss, last step, minus no penalty",
    quantity: "trainingLoss",
    pairs,
  },
  lossFamily(pairs),
  earlyStoppingFamily(pairs),
  {
    name: "best",
    what: "held-out loss at each point's best step, minus that without penalty at its best step",
    short: "Held-out, best steps, minus early stopping",
    view: "bestStep",
    pairs,
  },
];

/** Whether penalties close the gap, what that costs, and whether early stopping does as well. */
export const closingTheGap: Finding = {
  name: "closing-the-gap",
  title: "Do penalties close the gap, and does early stopping do as well?",
  claim: "Both articles: the penalty curbs over-fitting and so helps on unseen text.",
  setting:
    `${settingInWords} L1 by its proximal map (λ) and decoupled weight decay (α), alone and ` +
    "together, on the kernels. Ten folds in place of five, for narrower intervals. The rival is no " +
    "penalty at all, stopped at one step for all folds.",
  corpora: ["moby-dick"],
  study: (quick) => ({
    space: points([none, ...penalized]),
    specify: (strengths: LambdaAlpha) =>
      generator(quick, {
        penalties: lambdaAlpha(strengths),
        evaluations: 10,
      }),
    folds: blockedFolds({ count: 10 }),
    seeds: [1, 2],
    baseline: none,
  }),
  families,
  planned: [
    {
      name: "lastStep",
      what: "penalty chosen on the other folds, minus no penalty, both at the last step",
      tuning: { points: penalized, view: "lastStep" },
      from: { points: [none], view: "lastStep" },
    },
    {
      name: "earlyStopping",
      what: "penalty chosen on the other folds, at the last step, minus no penalty stopped at a " +
        "step chosen on the other folds",
      tuning: { points: penalized, view: "lastStep" },
      from: { points: [none], view: "bestStep" },
    },
    {
      name: "bothStopped",
      what:
        "penalty and step chosen on the other folds, minus no penalty stopped at a step chosen " +
        "on the other folds",
      tuning: { points: penalized, view: "bestStep" },
      from: { points: [none], view: "bestStep" },
    },
  ],
  figure: (source) =>
    plotContrasts(
      source,
      ["gap", "loss", "best"].map((name) => families.find((each) => each.name === name)!),
    ),
};
