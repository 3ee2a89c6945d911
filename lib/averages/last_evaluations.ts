import { checkOptions, type Given, integer, oneOf, orNotGiven } from "../core/options.ts";
import type { AverageKind, Move } from "./average.ts";

/** Mean of the weights at the last evaluations, as plain JSON. */
export interface LastEvaluationsSpecification {
  /** Which average it is. */
  readonly kind: "lastEvaluations";
  /** k, from 2 to 100: each takes the memory of the weights. */
  readonly count: number;
  /**
   * `equal`, or `linear`: the oldest counts 1, the next 2, and so on.
   *
   * @default {"equal"}
   */
  readonly weighting: "equal" | "linear";
}

const lastEvaluationsOptions = {
  count: integer({ from: 2, to: 100 }),
  weighting: orNotGiven(oneOf(["equal", "linear"], "equal")),
};

/**
 * Weighted mean of the weights at the last k evaluations, the one that is made now among them:
 * w̄ = Σ cᵢ wᵢ / Σ cᵢ, with c = 1 for all, or 1, 2, 3, … from the oldest to the newest. Training goes on
 * from w. As long as there were fewer, the mean is of those that there were; the untrained model is none.
 *
 * It is the mean of checkpoints, in memory. PyTorch has it with equal weights only:
 * `torch.optim.swa_utils.AveragedModel` over those weights.
 *
 * Vaswani et al., Attention Is All You Need (2017), average their last 5 or 20 checkpoints.
 *
 * @param options See {@link LastEvaluationsSpecification}.
 * @returns Plain JSON.
 * @throws {TypeError | RangeError} On an unknown option or a value outside its range.
 *
 * @example
 * ```ts
 * import { lastEvaluations } from "./last_evaluations.ts";
 * import assert from "node:assert/strict";
 * assert.equal(lastEvaluations({ count: 3 }).weighting, "equal");
 * ```
 */
export function lastEvaluations(
  options: Given<LastEvaluationsSpecification, "weighting">,
): LastEvaluationsSpecification {
  const checked = checkOptions("lastEvaluations", options, lastEvaluationsOptions);
  return { kind: "lastEvaluations", ...checked };
}

/** What is known of {@link lastEvaluations}. */
export const lastEvaluationsAverage: AverageKind<LastEvaluationsSpecification> = {
  create: lastEvaluations,
  options: lastEvaluationsOptions,
  name: ({ count, weighting }) =>
    `mean of the last ${count} evaluations${weighting === "equal" ? "" : ", newer ones more"}`,
  formula: "w̄ = Σ cᵢ wᵢ / Σ cᵢ",
  copies: ({ count }) => 1 + count,
  moves({ count, weighting }, { step, evaluated, taken }) {
    if (!evaluated || step === 0) return [];
    const copyOf = (evaluation: number) => 1 + evaluation % count;
    const moves: Move[] = [{ to: copyOf(taken), from: "weights", share: 1 }];
    const oldest = Math.max(0, taken - count + 1);
    let sum = 0;
    for (let evaluation = oldest; evaluation <= taken; evaluation++) {
      const weight = weighting === "equal" ? 1 : evaluation - oldest + 1;
      sum += weight;
      moves.push({ to: 0, from: copyOf(evaluation), share: weight / sum });
    }
    return moves;
  },
};
