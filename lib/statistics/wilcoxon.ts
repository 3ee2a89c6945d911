import { checkFinite } from "./_check_finite.ts";

/** Result of a signed-rank test, or the reason why there is none. */
export interface SignedRankResult {
  /** `tested`, or why no p-value can be given. */
  readonly state: "tested" | "identical" | "tooFewFolds";
  /** Differences that are not 0: the ones that are ranked. */
  readonly ranked: number;
  /** Sum of the ranks of the differences above 0; null unless `tested`. */
  readonly statistic: number | null;
  /** Two-sided and exact; null unless `tested`. */
  readonly pValue: number | null;
}

/** Fewest differences for which the two-sided p-value can go below 0.05: 2 / 2^6 = 0.031. */
export const fewestRanked = 6;

/**
 * Wilcoxon's signed-rank test of paired differences, exact.
 *
 * W is the sum of the ranks of |d| over the differences above 0, ties with their mean rank, zeros left
 * out; its distribution is counted over all 2^n signs, so that ties need no approximation.
 *
 * With fewer than six differences the two-sided p-value cannot go below 0.0625 whatever they are, so
 * the test is refused. It takes differences for independent, which those of folds with overlapping
 * training sets are not: use it beside {@link ./corrected_t.ts | the corrected t-test}, not instead.
 *
 * @param differences One difference a fold, seeds already averaged; finite.
 * @returns The test; `identical` when all are 0 and `tooFewFolds` under six that are not.
 * @throws {RangeError} If a difference is not finite.
 *
 * Paper: Wilcoxon, Individual Comparisons by Ranking Methods, Biometrics Bulletin 1, 1945.
 *
 * @example
 * ```ts
 * import { wilcoxonSignedRank } from "./wilcoxon.ts";
 * import assert from "node:assert/strict";
 * assert.equal(wilcoxonSignedRank([1, 2, 3, 4, 5, 6]).pValue, 2 / 64);
 * assert.equal(wilcoxonSignedRank([1, 2, 3, 4, 5]).state, "tooFewFolds");
 * ```
 */
export function wilcoxonSignedRank(differences: readonly number[]): SignedRankResult {
  checkFinite("wilcoxonSignedRank: differences", differences);
  const used = differences.filter((difference) => difference !== 0);
  const none = { ranked: used.length, statistic: null, pValue: null };
  if (used.length === 0 && differences.length > 0) return { ...none, state: "identical" };
  if (used.length < fewestRanked) return { ...none, state: "tooFewFolds" };
  const ranks = doubledRanks(used);
  const statistic = ranks.reduce((sum, rank, index) => used[index] > 0 ? sum + rank : sum, 0);
  const total = ranks.reduce((sum, rank) => sum + rank, 0);
  const smaller = Math.min(statistic, total - statistic);
  const shares = distribution(ranks, total);
  const tail = shares.slice(0, smaller + 1).reduce((sum, share) => sum + share, 0);
  return {
    state: "tested",
    ranked: used.length,
    statistic: statistic / 2,
    pValue: Math.min(1, 2 * tail),
  };
}

/** Twice the ranks of the sizes, ties with their mean rank, so that all are whole numbers. */
function doubledRanks(differences: readonly number[]): number[] {
  const sizes = differences.map(Math.abs);
  return sizes.map((size) => {
    const below = sizes.filter((other) => other < size).length;
    const equal = sizes.filter((other) => other === size).length;
    return 2 * below + equal + 1;
  });
}

/** Share of the 2^n choices of signs that give each sum of doubled ranks. */
function distribution(ranks: readonly number[], total: number): number[] {
  let shares = new Array<number>(total + 1).fill(0);
  shares[0] = 1;
  for (const rank of ranks) {
    shares = shares.map((share, sum) => (share + (sum >= rank ? shares[sum - rank] : 0)) / 2);
  }
  return shares;
}
