import { blockedFolds } from "../../data/folds.ts";
import { l1 } from "../../penalties/l1.ts";
import { l2 } from "../../penalties/l2.ts";
import { proximalL1 } from "../../penalties/proximal_l1.ts";
import { plotQuantity } from "../../plots/quantity_by_axis.ts";
import { contrast } from "../../statistics/contrast.ts";
import { points } from "../../studies/search/space.ts";
import { lossFamily } from "./_families.ts";
import { generator, settingInWords } from "./_whale.ts";
import type { Finding } from "./finding.ts";

const kinds = { subGradient: l1, proximal: proximalL1, l2 };
const strengths = [1e-4, 3e-4, 1e-3];
const none = { penalty: "none", lambda: 0 };
const penalized = (Object.keys(kinds) as (keyof typeof kinds)[]).flatMap((penalty) =>
  strengths.map((lambda) => ({ penalty, lambda }))
);

/** Whether L1 sets weights to exactly 0, by which step, and whether L2 does. */
export const l1Zeros: Finding = {
  name: "l1-zeros",
  title: "Does L1 set weights to exactly 0, and with which step?",
  claim: "Article 1: L1 drives some weights to exactly 0 and so simplifies the model; L2 only " +
    "brings them near 0.",
  setting: `${settingInWords} λ Σ|w| on the kernels by its sub-gradient in the loss ` +
    "(`l1`) and by its proximal map after the step (`proximalL1`), and ½ λ Σw² in the loss (`l2`).",
  corpora: ["moby-dick"],
  study: (quick) => ({
    space: points([none, ...penalized]),
    specify: ({ penalty, lambda }: { penalty: keyof typeof kinds | "none"; lambda: number }) =>
      generator(quick, {
        penalties: penalty === "none" ? [] : [kinds[penalty]({ strength: lambda })],
      }),
    folds: blockedFolds({ count: 5 }),
    seeds: [1, 2],
    baseline: none,
  }),
  families: [
    lossFamily(penalized, none),
    {
      name: "near",
      what: "share of weights with |w| < 0.001 at the last step, minus that without penalty",
      quantity: "nearZeroShare",
      contrasts: penalized.map((point) => contrast(point).minus(none)),
    },
    {
      name: "step",
      what: "held-out loss at the last step, proximal step minus sub-gradient at the same λ",
      contrasts: strengths.map((lambda) =>
        contrast({ penalty: "proximal", lambda }).minus({ penalty: "subGradient", lambda })
      ),
    },
  ],
  figure: (source) => plotQuantity(source, { axis: "lambda", quantity: "exactZeroShare" }),
};
