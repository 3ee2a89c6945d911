import { randomStream } from "../../core/random.ts";
import { contrast } from "../../statistics/contrast.ts";
import { planStudy } from "../../statistics/plan_study.ts";
import { plotPlan } from "../plan_power.ts";
import { plotVarianceSplit } from "../variance_split.ts";
import { linearContrasts } from "../../statistics/linear_contrasts.ts";
import { pulledToStart as pulled } from "../../statistics/testing/pulled_to_start.ts";
import { shapes } from "../../statistics/testing/shapes.ts";
import { sizeStudy, textStudy } from "../../statistics/testing/text_study.ts";
import { syntheticRecords as records } from "../../statistics/testing/synthetic_study.ts";
import { plotAsymptotes } from "../asymptotes_in_size.ts";
import { plotBestStrength } from "../best_strength.ts";
import { plotLossAgainstTimescale } from "../loss_against_timescale.ts";
import { plotChangedWeights } from "../changed_weights.ts";
import { plotDifferences } from "../differences_by_axis.ts";
import { plotFolds } from "../fold_strips.ts";
import { plotHeatMaps } from "../heat_maps.ts";
import { plotLearningCurves } from "../learning_curves.ts";
import { plotLinearContrasts } from "../linear_contrasts.ts";
import { plotLossAgainstCost } from "../loss_against_cost.ts";
import { plotLossesAlong } from "../losses_along_axes.ts";
import { plotLosses } from "../losses_by_axis.ts";
import { plotGeneralizationGap, plotQuantity } from "../quantity_by_axis.ts";
import { plotRegularizationPath } from "../regularization_path.ts";
import { plotSizeAgainstLoss } from "../size_against_loss.ts";
import { plotSparsityAgainstLoss } from "../sparsity_against_loss.ts";
import { plotWeightHistogram } from "../weight_histogram.ts";
import { plotWorth } from "../worth.ts";
import { plotZerosByGroup } from "../zeros_by_group.ts";

/** The soft threshold. */
function shrink(weight: number, by: number): number {
  return Math.sign(weight) * Math.max(Math.abs(weight) - by, 0);
}

/** Figures of nearly every kind; nothing in them was measured. */
export function figures() {
  const source = records();
  const remedies = shapes["three joined remedies"]();
  const stream = randomStream(1, "weights");
  const weights = Array.from({ length: 2000 }, () => stream.normal());
  const none = { lambda: 0, alpha: 0 };
  const sorted = Array.from({ length: 40 }, (_, index) => 1 - index / 40);
  const sized = (share: number, loss: number) => ({
    name: `${100 * share} % zeros`,
    bytes: [90_000 * (1 - share), 92_000 * (1 - share)],
    losses: [2.1 + loss, 2.31 + loss],
  });
  const moved = textStudy({
    strengths: [0, 0.03, 0.1, 0.3, 1, 3, 10],
    best: { scale: 30, exponent: -0.5 },
    noise: 0.01,
  });
  const costed = {
    ...source,
    records: source.records.map((run) => ({
      ...run,
      cost: { flops: 1e9 * (1 + Number(run.point.lambda) * 1e4), tokens: 1, weights: 1, bytes: 4 },
    })),
  };
  return {
    gap: plotGeneralizationGap(source),
    loss: plotQuantity(source, { axis: "alpha", view: "bestStep" }),
    losses: plotLosses(source, { bars: "interval" }),
    differences: plotDifferences(source),
    zeros: plotQuantity(source, { axis: "alpha", quantity: "exactZeroShare" }),
    heat: plotHeatMaps(source),
    curves: plotLearningCurves(source),
    weights: plotWeightHistogram([{ name: "λ = 0", weights }]),
    sparsity: plotSparsityAgainstLoss(source),
    folds: plotFolds(source),
    variance: plotVarianceSplit(source),
    plan: plotPlan(planStudy(source, { difference: 0.08 })),
    rows: plotRegularizationPath(
      [0, 0.1, 1].map((strength) => ({
        strength,
        weights: new Map([["kernel", {
          shape: [12, 5],
          values: weights.slice(0, 60).map((w, i) => shrink(w, i < 30 ? 3 * strength : strength)),
        }]]),
      })),
      { groups: "row" },
    ),
    contrasts: plotLinearContrasts(linearContrasts(source, [
      ...[1e-5, 1e-4, 3e-4].map((lambda) =>
        contrast({ lambda, alpha: 0 }).minus(none).named(`λ = ${lambda}`, "alone")
      ),
      ...[1e-5, 3e-4].map((lambda) =>
        contrast({ lambda, alpha: 1 }).minus({ lambda, alpha: 0 }).minus({ lambda: 0, alpha: 1 })
          .plus(none).named(`λ = ${lambda}`, "interaction with α = 1")
      ),
    ])),
    groups: plotZerosByGroup([
      { name: { penalty: "L1" }, groups: [{ zeroShares: sorted.map((w) => w * w) }] },
      {
        name: { penalty: "group lasso" },
        groups: [{ zeroShares: sorted.map((w) => w > 0.4 ? 1 : 0) }],
      },
    ]),
    sizes: plotSizeAgainstLoss(
      { name: "no penalty", bytes: [90_000, 90_000], losses: [2.1, 2.3] },
      [
        { name: "pruning", models: [0.2, 0.5, 0.9].map((share) => sized(share, 0.5 * share ** 3)) },
        { name: "L1", models: [0.3, 0.6, 0.85].map((share) => sized(share, share ** 4 - 0.1)) },
      ],
    ),
    costs: plotLossAgainstCost(costed, [
      { point: none, name: "none" },
      ...[1e-5, 3e-4].map((lambda) => ({ point: { lambda, alpha: 0 }, name: `λ = ${lambda}` })),
    ]),
    changed: plotChangedWeights(pulled(source)),
    worth: plotWorth(textStudy({ noise: 0.01 })),
    asymptotes: plotAsymptotes(sizeStudy({ noise: 0.01 })),
    bestStrength: plotBestStrength(moved, { axis: "tokens" }),
    timescale: plotLossAgainstTimescale(moved),
    lossesAlong: plotLossesAlong(source),
    joined: plotLosses(remedies, { axis: "dropout" }),
    rates: plotLosses(remedies, { axis: "rate" }),
    kinds: plotGeneralizationGap(shapes["conditional axis"](), { axis: "optimizer" }),
    drawn: plotLosses(shapes.arms(), { axis: "rate" }),
    notSet: plotHeatMaps(remedies),
    path: plotRegularizationPath(
      [0, 0.01, 0.03, 0.1, 0.3, 1, 3].map((strength) => ({
        strength,
        weights: new Map([
          ["kernel", { values: weights.slice(0, 60).map((w) => shrink(w, strength)) }],
          ["bias", { values: weights.slice(60, 64) }],
        ]),
      })),
    ),
  };
}
