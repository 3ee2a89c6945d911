import type { PointTruth } from "../truth.ts";
import { hasMore, hasNone } from "../truth_remedies.ts";
import type { PointSets } from "./point_sets.ts";

/** Who is called penalized, and which baseline is said to have no penalty. */
export function readNames(
  sets: PointSets,
  sentence: string,
  points: readonly PointTruth[],
  wrong: string[],
): void {
  const { baseline, others } = sets.truth;
  const complete = others.filter((each) => each.complete);
  const none =
    /\b(no penalty|without (?:a |any )?penalt(?:y|ies)|without the other penalties|unpenalized)\b/i
      .exec(sentence)?.[0];
  if (none !== undefined) {
    const isAbsent = /No (point|setting) is declared as/.test(sentence);
    if (baseline === null && !isAbsent) wrong.push(`no baseline, but "${none}"`);
    if (baseline !== null && !hasNone(baseline)) {
      wrong.push(`the baseline has a remedy, but "${none}"`);
    }
    const varied = new Set(
      sets.truth.points.map(({ remedies }) =>
        JSON.stringify([...remedies].filter(([, strength]) => strength > 0))
      ),
    );
    if (varied.size < 2 && sets.truth.points.length > 1) {
      wrong.push(`all points have the same remedies, but "${none}"`);
    }
  }
  const isMore = (point: PointTruth) => baseline !== null && hasMore(point, baseline);
  const doubtful =
    /\b[Nn]o (penalty|dropout|regularization) (?:beats|lowers it|is shown to beat|is better|is shown to be better|has a lower|made that)/
      .exec(sentence);
  if (doubtful !== null) {
    wrong.push(`the baseline's own name does something: "${doubtful[0]}"`);
  }
  if (
    baseline !== null && !hasNone(baseline) &&
    /(?<!un)(penalized|regularized) (point|setting)/.test(sentence)
  ) {
    wrong.push("the baseline has a remedy, but others are called penalized");
  }
  const claim =
    /(?:(\d+) of )?(\d+) (?:penalized|regularized) (?:points?|settings?|models?)|(?:penalized|regularized) (?:points?|settings?) |^No (?:penalty|regularization)\b|\bno penalty (?:lowers|beats|made|is|has a lower)|selected penalties/
      .exec(sentence);
  if (claim === null) return;
  if (/selected penalties/.test(claim[0])) {
    if (!points.every((point) => point === baseline || isMore(point))) {
      wrong.push(`a point without more of a remedy, but "${claim[0]}"`);
    }
    return;
  }
  const sizes = sets.all().filter((set) => set.every(isMore)).flatMap((set) => [
    set.length,
    set.filter((each) => each.learned("last")).length,
    set.filter((each) => each.learned("best")).length,
  ]);
  const isPenalized = baseline === null ? (each: PointTruth) => !hasNone(each) : isMore;
  const isRight = claim[2] === undefined
    ? sets.truth.points.some(isPenalized)
    : sizes.includes(Number(claim[2]));
  if (!isRight) {
    wrong.push(
      `${complete.filter((each) => !isMore(each)).length} of ${complete.length} points have no ` +
        `more of a remedy than the baseline, but "${claim[0]}"`,
    );
  }
}
