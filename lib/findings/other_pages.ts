import { blockedFolds } from "../data/folds.ts";
import { points } from "../studies/space.ts";
import { earlyStoppingFamily, lossFamily } from "./_families.ts";
import { generator, type LambdaAlpha, lambdaAlpha, settingInWords } from "./_whale.ts";
import { plotContrasts } from "./contrasts_figure.ts";
import type { Family, Finding } from "./finding.ts";

const none = { lambda: 0, alpha: 0 };
const penalized = [{ lambda: 0, alpha: 0.3 }, { lambda: 3e-5, alpha: 0.3 }];
const pairs = penalized.map((point) => ({ point, from: none }));

const families: readonly Family[] = [
  lossFamily(pairs),
  earlyStoppingFamily(pairs),
];

/** Whether decay beats early stopping on pages that had no part in choosing its strength. */
export const otherPages: Finding = {
  name: "other-pages",
  title: "Does decay beat early stopping on pages that chose nothing?",
  claim: "Ours, from `closing-the-gap`: decoupled decay at 0.3, alone and with L1 at 3e-5, has a " +
    "lower held-out loss than no penalty stopped early. Those strengths come from the first " +
    "notebook, which reads the same pages.",
  setting: `${settingInWords} The two settings and no penalty, on 12,000 characters from another ` +
    "part of the book, which nothing was chosen on. Ten folds.",
  corpora: ["moby-dick"],
  study: (quick) => ({
    space: points([none, ...penalized]),
    specify: (strengths: LambdaAlpha) =>
      generator(quick, {
        penalties: lambdaAlpha(strengths),
        evaluations: 10,
        excerpt: { start: 700_000 },
      }),
    folds: blockedFolds({ count: 10 }),
    seeds: [1, 2],
    baseline: none,
  }),
  families,
  planned: [
    {
      name: "earlyStopping",
      what:
        "decay at 0.3 at the last step, minus no penalty stopped at a step chosen on the other " +
        "folds",
      tuning: { points: penalized.slice(0, 1), view: "lastStep" },
      from: { points: [none], view: "bestStep" },
    },
  ],
  figure: (source) => plotContrasts(source, families),
};
