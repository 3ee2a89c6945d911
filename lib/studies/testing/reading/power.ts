import type { Difference } from "../truth.ts";
import { fivePercent, shownByMost } from "../truth_statistics.ts";
import type { PointSets } from "./point_sets.ts";
import { nearly, number, type Take } from "./words.ts";

/** Which difference most studies would show, beside one that is not shown. */
export function readPower(sets: PointSets, take: Take): void {
  const { truth } = sets;
  take(
    new RegExp(`the power is 80 % only for a true gap of at least (${number})`, "g"),
    ([, size]) => {
      const gap = truth.baseline?.mean("gap", "last");
      if (!gap) return false;
      const [low] = truth.interval(gap)!;
      const freedom = gap.folds.length - 1;
      return nearly(size, (gap.mean - low) / fivePercent(freedom) * shownByMost(freedom, 1));
    },
    "most would show another gap",
  );
  take(
    new RegExp(
      `the power is 80 % only for a true difference of at least (${number})(?: to (${number}))?, at the first step of Holm`,
      "g",
    ),
    ([, least, most = least]) => {
      const groups = detectables(sets);
      return groups.some((group) =>
        [least, most].every((size) => group.some((each) => nearly(size, each)))
      );
    },
    "most would show another difference",
  );
}

/** What 80 % of such studies would show of each difference, by the family that is adjusted together. */
function detectables({ truth }: PointSets): number[][] {
  const freedom = truth.study.record.folds.length - 1;
  const searched = truth.study.record.strategy !== undefined;
  const of = (differences: readonly (Difference | null)[], entered = 0) => {
    const errors = differences.flatMap((each) => each?.error ?? []);
    const tested = differences.filter((each) => each?.p != null).length;
    const factor = errors.length === 0 ? NaN : factorOf(freedom, Math.max(1, tested, entered));
    return errors.map((error) => error * factor);
  };
  const against = (read: "loss" | "gap", look: "best" | "last") =>
    of(
      truth.others.map((point) => truth.difference(point, read, look)),
      searched ? truth.others.length : 0,
    );
  return [
    against("loss", "best"),
    against("loss", "last"),
    against("gap", "last"),
    of(truth.taught().map(({ difference }) => difference)),
    of(truth.matched().map(({ difference }) => difference)),
  ];
}

/** By degrees of freedom and comparisons: each is an integral. */
const factors = new Map<string, number>();

function factorOf(freedom: number, comparisons: number): number {
  const key = `${freedom} ${comparisons}`;
  if (!factors.has(key)) factors.set(key, shownByMost(freedom, comparisons));
  return factors.get(key)!;
}
