import type { JsonObject } from "../../../core/json.ts";
import type { PointTruth } from "../truth.ts";
import { hasMore, sameElse } from "../truth_remedies.ts";
import type { PointSets } from "./point_sets.ts";
import { close, closeP, inWords, lossUnit, number, short, type Take } from "./words.ts";

/** What is shown to be so, and what is not. */
export function readClaims(sets: PointSets, take: Take): void {
  const verdictOf = (text: string, all: number) =>
    /^(all are|it is)$/.test(text)
      ? all
      : /^(none is|it is not)$/.test(text)
      ? 0
      : Number(/\d+/.exec(text));
  /** Those that a sentence counts: where others are there too, it says which. */
  const countedIn = (count: number, conditions: string | undefined, lower: number) =>
    sets.all().some((set) => {
      const learned = set.filter((each) => each.learned("last")).length;
      return learned === count &&
        /learned/.test(conditions ?? "") === learned < set.length &&
        sets.sides(set, "gap", "last").lower === lower;
    }) &&
    /in nothing else/.test(conditions ?? "") ===
      sets.truth.others.some((each) =>
        each.complete &&
        !(hasMore(each, sets.truth.baseline!) && sameElse(each, sets.truth.baseline!))
      );
  const conditions =
    "( that learned| that learned and differs? in nothing else| that differs? in nothing else)?";
  take(
    new RegExp(
      `^(?:(\\d+) of (\\d+) [\\w ]*?points?(?: with more \\w+)?|The [\\w ]*?point(?: with more \\w+)?)${conditions} (?:has|have) a smaller mean gap than [^;]*; (all are|none is|it is not|it is|\\d+ (?:is|are)) shown to \\(corrected resampled t-test, Holm, ⟨known⟩\\)`,
    ),
    ([, closing = "1", of = "1", conditions, verdict]) =>
      countedIn(Number(of), conditions, Number(closing)) &&
      sets.all().some((set) => {
        const { lower, lowerShown } = sets.sides(set, "gap", "last");
        return Number(closing) === lower && verdictOf(verdict, lower) === lowerShown;
      }),
    "not so many",
  );
  take(
    new RegExp(
      `None of (\\d+) [\\w ]*?points?(?: with more \\w+)?${conditions} has a smaller mean gap|The [\\w ]*?point(?: with more \\w+)?${conditions} does not have a smaller mean gap`,
    ),
    ([, of = "1", several, one]) => countedIn(Number(of), several ?? one, 0),
    "some have",
  );
  take(
    /(?:The )?(\d+)? ?[\w ]*?points?(?: with more \w+)? (?:is|are) not counted/,
    ([, count = "1"]) =>
      sets.all().some((set) =>
        set.filter((each) => !each.learned("last")).length === Number(count)
      ),
    "not so many",
  );
  take(
    /(no|\d+) settings? (?:is|are) shown to make the gap smaller/,
    ([, count]) =>
      sets.all().some((set) =>
        sets.sides(set, "gap", "last").lowerShown === (count === "no" ? 0 : Number(count))
      ),
    "not so many",
  );
  take(
    /[Nn]o [\w ]*?point(?: with more \w+)? is shown to (?:beat|be better)/,
    () =>
      sets.all().some((set) =>
        sets.sides(set, "loss", "best").lowerShown === 0 &&
        sets.sides(set, "loss", "best").lower > 0
      ),
    "some are, or none is lower",
  );
  take(
    /(\d+) (?:points?|settings?) (?:beats?|(?:is|are) better) (?:it )?beyond noise/,
    ([, count]) =>
      sets.all().some((set) => sets.sides(set, "loss", "best").lowerShown === Number(count)),
    "not so many",
  );
  take(
    /(?:lowest|best) of (\d+)(?: points)?/g,
    ([, count]) => {
      const complete = sets.truth.points.filter((each) => each.complete).length;
      return [
        complete,
        ...sets.all().map((set) => sets.sides(set, "loss", "best").tested),
      ].includes(Number(count));
    },
    "not so many",
  );
  take(
    /by (\d+) trainings each, one a seed|by one training each/,
    ([, count = "1"]) => sets.truth.study.record.seeds.length === Number(count),
    "not so many seeds",
  );
  const rates = sets.truth.points.map(({ specification }) =>
    Number((specification.optimizer as JsonObject).learningRate)
  );
  take(
    /one learning rate, ([\d.e-]+), which was not tuned/,
    ([, rate]) => rates.every((each) => short(each) === rate),
    "another learning rate",
  );
  take(
    /(?:is the axis [^(]+|differ between settings|learning rates of its own) \((?:in all )?(?:(\d+) values from ([\d.e-]+) to ([\d.e-]+)|([\d., e-]+))\)/,
    ([, count, from, to, list]) => {
      const sorted = [...new Set(rates)].sort((a, b) => a - b);
      return list === undefined
        ? sorted.length === Number(count) && short(sorted[0]) === from &&
          short(sorted.at(-1)!) === to
        : list === sorted.map(short).join(", ");
    },
    "other learning rates",
  );
}

/** Points that are not trained like the baseline, and the best of each side over all rates. */
export function readApart(sets: PointSets, take: Take): void {
  const { truth } = sets;
  const { baseline, points } = truth;
  if (baseline === null) return;
  const same = (one: PointTruth, other: PointTruth) =>
    !hasMore(one, other) && !hasMore(other, one) &&
    JSON.stringify([...one.remedies.values()].filter((each) => each > 0)) ===
      JSON.stringify([...other.remedies.values()].filter((each) => each > 0));
  take(
    new RegExp(`Of that (${number}) is the difference of ⟦(\\d+)⟧ from ⟦(\\d+)⟧, both`),
    ([, size, index, from]) => {
      const found = truth.difference(points[Number(index)], "loss", "last");
      return points[Number(from)] === baseline && same(points[Number(index)], baseline) &&
        found !== null && close(size, found.mean);
    },
    "no such difference without the remedy",
  );
  const trained = (each: PointTruth) =>
    JSON.stringify(
      { ...each.specification, optimizer: 0, penalties: 0 },
      (key, value) => /dropout$/i.test(key) ? undefined : value,
    );
  const loss = (each: PointTruth) => each.mean("loss", "best")!.mean;
  const among = points.filter((each) => each.complete && trained(each) === trained(baseline));
  const isLowest = (point: PointTruth, set: readonly PointTruth[]) =>
    set.includes(point) && set.every((each) => loss(each) >= loss(point) - 1e-12);
  take(
    new RegExp(
      `⟦(\\d+)⟧ has a validation loss of (${number}) and, [^⟦]*, ⟦(\\d+)⟧ one of (${number}) \\((\\d+) tried\\), a difference of (${number})`,
    ),
    ([, index, own, from, other, tried, size]) => {
      const [point, without] = [points[Number(index)], points[Number(from)]];
      const plain = among.filter((each) => same(each, baseline));
      const more = among.filter((each) => hasMore(each, baseline) && each.learned("best"));
      return isLowest(point, more) && isLowest(without, plain) && plain.length === Number(tried) &&
        close(own, loss(point)) && close(other, loss(without)) &&
        close(size, loss(point) - loss(without));
    },
    "not the best of each at its own rate",
  );
  take(
    /no other \S+(?: and \S+)? was tried than that of ⟦(\d+)⟧/,
    ([, index]) => {
      const plain = among.filter((each) => same(each, baseline));
      return plain.length === 1 && plain[0] === points[Number(index)];
    },
    "others were tried",
  );
}

/** Points with a remedy against those without that are trained alike. */
export function readMatched(sets: PointSets, take: Take, points: readonly PointTruth[]): void {
  const { truth } = sets;
  const matched = truth.matched();
  const lower = matched.filter(({ difference }) => difference !== null && difference.mean < 0);
  const shown = lower.filter(({ difference }) =>
    difference!.holm !== null && difference!.holm < 0.05
  );
  take(
    /There are (\d+) points without a remedy/,
    ([, count]) => new Set(matched.map(({ from }) => from)).size === Number(count),
    "not so many",
  );
  take(
    /each of (\d+) points? with a remedy/,
    ([, count]) => matched.length === Number(count),
    "not so many",
  );
  take(
    /last step (none|\d+) (?:has|have) a lower validation loss(?:, (none|\d+) (?:is|are) shown to \(corrected resampled t-test, Holm over (\d+), ⟨known⟩\))?/,
    ([, below, beyond, tested]) =>
      lower.length === (below === "none" ? 0 : Number(below)) &&
      (beyond === undefined ||
        shown.length === (beyond === "none" ? 0 : Number(beyond)) &&
          matched.filter(({ difference }) => difference !== null).length === Number(tested)),
    "not so many",
  );
  take(
    new RegExp(
      `from ⟦(\\d+)⟧ to ⟦(\\d+)⟧, a difference of (${number}) ${lossUnit} \\(⟨known⟩ interval (${number}) to (${number}), p (=|<) (\\d\\.\\d+), after Holm p (=|<) (\\d\\.\\d+)\\)`,
    ),
    ([, from, to, mean, low, high, sign, p, holmSign, holm]) => {
      const found = matched.find((each) =>
        each.point === truth.points[Number(to)] && each.from === truth.points[Number(from)]
      )?.difference;
      return found != null && close(mean, found.mean) && close(low, found.low) &&
        close(high, found.high) && closeP(sign, p, found.p) &&
        closeP(holmSign, holm, found.holm);
    },
    "no such difference",
  );
  take(
    /of (\d+) points the lowest/,
    ([, count]) =>
      [truth.points, ...sets.all(), ...sets.along()].some((set) =>
        set.filter((each) => each.complete).length === Number(count)
      ),
    "not so many",
  );
  take(
    /training on the first (\d+) (tokens|bytes)/,
    ([, count, unit]) =>
      points.some(({ specification }) =>
        (specification.training as JsonObject)[
          unit === "bytes" ? "trainingBytes" : "trainingTokens"
        ] ===
          Number(count)
      ),
    "not so many",
  );
  take(
    /(\d+) other settings? differs? from it in more than stronger remedies/,
    ([, count]) => {
      const stronger = truth.others.filter((each) =>
        hasMore(each, truth.baseline!) && sameElse(each, truth.baseline!)
      );
      return truth.others.length - stronger.length === Number(count);
    },
    "not so many",
  );
  take(
    /confidence it is below (0\.0[57])|, below (0):/,
    ([, some, none]) => {
      const gap = truth.baseline?.mean("gap", "last");
      const interval = gap ? truth.interval(gap) : null;
      return interval !== null && interval[1] < Number(some ?? none);
    },
    "it is not",
  );
  take(
    /(\d+) of (\d+) refits? (diverged|failed)/,
    ([, count, of, status]) =>
      Number(of) === truth.study.record.seeds.length &&
      points.some((point) =>
        truth.study.records.filter((run) =>
          run.fold === "final" && run.status === status &&
          inWords(run.point) === inWords(point.point)
        ).length === Number(count)
      ),
    "not so many",
  );
  take(
    /points are those of (\d+) arms/,
    ([, count]) => truth.study.record.space.arms?.length === Number(count),
    "not so many arms",
  );
}
