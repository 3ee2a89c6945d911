import type { Truth } from "../truth.ts";
import type { PointSets } from "./point_sets.ts";
import { inWords, type Place, type Take } from "./words.ts";

/** Steps at which a search looked. */
export function rungsOf({ study: { record: { strategy } } }: Truth): number[] {
  return strategy?.kind === "successiveHalving" ? [...strategy.rungs] : [];
}

/** Numbers of points, folds, seeds and runs. */
export function readCounts(sets: PointSets, take: Take, place: Place): void {
  const { truth } = sets;
  const { record } = truth.study;
  const complete = truth.points.filter((each) => each.complete);
  const others = complete.filter((each) => each !== truth.baseline);
  const strategy = record.strategy;
  if (strategy?.kind === "successiveHalving") {
    const pruned = truth.points.filter(({ point }) =>
      truth.study.records.some((run) =>
        run.status === "pruned" && inWords(run.point) === inWords(point)
      )
    ).length;
    take(
      /by (\d+(?:\.\d+)?) pruned (\d+) of/g,
      ([, factor, count]) =>
        Number(factor) === strategy.reductionFactor && Number(count) === pruned,
      "not so many pruned",
    );
    take(/(?<=· |, )(\d+)(?=, |\.)/g, ([, step]) =>
      strategy.rungs.includes(Number(step)), "no rung");
  }
  take(
    /on (\d+) (tokens|bytes|pairs) of/,
    ([, count, unit]) => Number(count) === record.corpus[unit as "tokens" | "bytes" | "pairs"],
    "not so much text",
  );
  const right = {
    point: [
      ...(place.strategy && record.strategy?.kind === "treeParzenEstimator"
        ? [record.strategy.count, record.strategy.startup]
        : []),
      truth.points.length,
      complete.length,
      others.length,
      others.filter((each) => each.learned("last")).length,
      others.filter((each) => !each.learned("last")).length,
      others.filter((each) => each.learned("best")).length,
      ...sets.lower("gap").flat(),
      ...sets.lower("loss").flat(),
      sets.band("last").length,
      sets.band("best").length,
    ],
    fold: [record.folds.length],
    seed: [record.seeds.length],
    run: [
      truth.points.length * record.folds.length * record.seeds.length,
      truth.counts.completed,
    ],
  };
  take(
    /(\d+) (?:penalized )?(point|setting|fold|seed|run)s?\b/g,
    ([, count, noun]) =>
      right[noun.replace("setting", "point") as keyof typeof right].includes(Number(count)),
    "not so many",
  );
  take(
    /(\d+) (completed|diverged|failed|pruned|missing)/g,
    ([, count, status]) => truth.counts[status] === Number(count),
    "not so many",
  );
  take(
    /\b(\d+) of (?= ·|$)/g,
    ([, count]) => right.point.includes(Number(count)) || right.run.includes(Number(count)),
    "not so many",
  );
  take(
    /\b(\d+)(?= of them| a lower| a higher|,? (?:has|have) )/g,
    ([, count]) => right.point.includes(Number(count)),
    "not so many",
  );
  if (strategy?.kind === "treeParzenEstimator" && place.strategy) {
    const { count, startup, seed } = strategy;
    take(
      /\b(\d+)\b/g,
      ([value]) => [count, startup, seed].includes(Number(value)),
      "not declared",
    );
  }
}
