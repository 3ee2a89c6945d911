import type { PointTruth, Read } from "../truth.ts";
import { readApart, readClaims, readMatched } from "./claims.ts";
import { readCounts, rungsOf } from "./counts.ts";
import { readNames } from "./names.ts";
import type { PointSets } from "./point_sets.ts";
import { readStudents, readTeachers } from "./teachers.ts";
import { readPower } from "./power.ts";
import { readRegions } from "./regions.ts";
import { readTexts } from "./texts.ts";
import { readExtremes, readNoise } from "./verdicts.ts";
import { close, closeP, looks, lossUnit, number, type Place, type Take, valueOf } from "./words.ts";

/** What is wrong with one sentence. */
export function readSentence(
  sets: PointSets,
  sentence: string,
  mentioned: readonly number[],
  said: readonly Read[],
  place: Place,
): string[] {
  const { truth } = sets;
  const { baseline } = truth;
  const points = mentioned.map((index) => truth.points[index]);
  const through = JSON.stringify(place.through);
  const known = [
    ...points,
    ...(baseline === null ? [] : [baseline]),
    ...truth.points.filter(({ point }) => JSON.stringify(point) === through),
  ];
  const wrong: string[] = [];
  let rest = sentence;
  const reads: readonly Read[] = place.read !== undefined
    ? [place.read]
    : said.length > 0
    ? said
    : ["loss", "gap"];
  const pairs = place.look === undefined ? looks : looks.filter(([look]) => look === place.look);
  const views = [...new Set(pairs.flat())];
  const differences = (among: readonly PointTruth[]) =>
    among.filter((each) => each !== baseline).flatMap((point) =>
      (reads.includes("gap") || reads.includes("loss") ? reads : [...reads, "loss" as const])
        .flatMap((read) => pairs.map(([a, b]) => truth.difference(point, read, a, b)))
    ).filter((each) => each !== null);
  const means = (among: readonly PointTruth[]) =>
    among.flatMap((point) => reads.flatMap((read) => views.map((look) => point.mean(read, look))))
      .filter((each) => each !== null);
  const finals = (among: readonly PointTruth[]) =>
    among.flatMap((point) =>
      (["last", "best"] as const).map((look) => truth.final(point, look)?.loss)
    ).filter((each) => each !== undefined);
  /** Takes out what a pattern matches, and complains where the check does not hold. */
  const take: Take = (pattern, check, what) => {
    rest = rest.replace(pattern, (...match) => {
      const end = match.findIndex((each) => typeof each === "number");
      const groups = match.slice(0, end) as unknown as RegExpMatchArray;
      if (!check(groups)) wrong.push(`${what}: "${groups[0]}"`);
      return " · ";
    });
  };
  const among = (values: readonly number[], count: string | number) =>
    values.includes(Number(count));

  readNames(sets, sentence, points, wrong);
  const judged =
    /^Of (\d+) [\w ]*?(?:points?|settings?)( with more \w+)?(?: along .+?)? that learned, (\d+|none) (?:has|have) a smaller gap than (?:no \w+|the baseline) beyond noise, (\d+|none) a lower and (\d+|none) a higher validation loss$/;
  take(judged, ([, of, , ...said]) => {
    const [look] = pairs[0];
    return sets.all().some((set) => {
      const [gap, loss] = (["gap", "loss"] as const).map((read) => sets.sides(set, read, look));
      const right = [gap.tested, gap.lowerShown, loss.lowerShown, loss.higherShown];
      return [of, ...said].every((each, index) =>
        (each === "none" ? 0 : Number(each)) === right[index]
      );
    });
  }, "not so many");
  readTeachers(sets, take);
  readStudents(sets, take);
  readClaims(sets, take);
  readApart(sets, take);
  readMatched(sets, take, points);
  readRegions(sets, take, points);
  readTexts(sets, take, points);
  readNoise(sets, rest, reads, pairs, wrong);
  readExtremes(sets, sentence, wrong);

  take(
    /(No point has a weight that is|no weight|are|weights?) exactly 0|[Ee]xact zeros/g,
    ([phrase]) =>
      !/^[Nn]o/.test(phrase) ||
      (phrase.startsWith("No point") ? truth.points.filter(({ complete }) => complete) : points)
        .every((point) => point.mean("zeros", "last")?.mean === 0),
    "there are zeros",
  );
  take(
    new RegExp(
      `validation loss (${number}) (above|below|higher)((?:(?!⟨known⟩).)*?) \\(⟨known⟩ interval (${number}) to (${number}), ` +
        `(not shown|shown) to differ(?=[;)])`,
      "g",
    ),
    ([, size, direction, , low, high, shown]) =>
      points.some((point) => {
        const found = truth.difference(point, "loss", "last");
        return found !== null && close(size, Math.abs(found.mean)) && close(low, found.low) &&
          close(high, found.high) && found.holm !== null &&
          (found.holm < 0.05) === (shown === "shown") &&
          (Math.abs(found.mean) < 5e-4 || (found.mean < 0) === (direction === "below"));
      }),
    "no such validation loss against the baseline's",
  );
  take(
    new RegExp(
      `differen(?:ce|t)(?: of)? (${number})(?: ${lossUnit})?[ (,]+⟨known⟩ interval (${number}) to (${number})` +
        `(?:, p (=|<) (\\d\\.\\d+))?(?:, after Holm p (=|<) (\\d\\.\\d+))?`,
      "g",
    ),
    ([, mean, low, high, sign, p, holmSign, holm]) =>
      differences(points).some((each) =>
        close(mean, each.mean) && close(low, each.low) && close(high, each.high) &&
        (p === undefined || closeP(sign, p, each.p)) &&
        (holm === undefined || closeP(holmSign, holm, each.holm))
      ),
    "no such difference from the baseline",
  );
  take(
    new RegExp(
      `difference of (${number}) ${lossUnit}, (the same in every fold|from one fold)`,
      "g",
    ),
    ([, mean]) => differences(points).some((each) => close(mean, each.mean) && each.p === null),
    "no such difference without a p-value",
  );
  take(
    new RegExp(`from (${number})((?: ${lossUnit})?) to (${number})`, "g"),
    ([, from, , to]) =>
      means(baseline === null || place.through !== undefined ? known : [baseline])
        .some(({ mean }) => close(from, mean)) &&
      means(points).some(({ mean }) => close(to, mean)) &&
      (!/lowers|falls/.test(sentence) || valueOf(to) <= valueOf(from)) &&
      (!/grows|raises/.test(sentence) || valueOf(to) >= valueOf(from)),
    "not from there to there",
  );
  take(
    new RegExp(`(${number}) ± (${number})`, "g"),
    ([, mean, error]) =>
      means(known).some((each) => close(mean, each.mean) && close(error, each.error)) ||
      /at best by/.test(sentence) &&
        differences(points.length > 0 ? points : truth.points)
          .some((each) => close(mean, -each.mean) && close(error, each.plainError)),
    "no such mean with that error",
  );
  take(
    new RegExp(`(${number}) (?:nats |bits )?(above|below|higher|lower)`, "g"),
    ([, size, direction]) => {
      const sign = direction === "above" || direction === "higher" ? 1 : -1;
      const candidates = [
        ...differences(points).map(({ mean }) => mean),
        ...(baseline === null
          ? []
          : finals(points).flatMap((loss) => finals([baseline]).map((other) => loss - other))),
      ];
      return candidates.some((each) =>
        close(size, Math.abs(each)) && (Math.abs(each) < 5e-4 || Math.sign(each) === sign)
      );
    },
    "not that far in that direction",
  );
  readPower(sets, take);
  take(
    /the interval holds 0/,
    () => {
      const gap = baseline?.mean("gap", "last");
      const interval = gap ? truth.interval(gap) : null;
      return interval !== null && interval[0] <= 0 && interval[1] >= 0;
    },
    "it does not",
  );
  take(
    new RegExp(`⟨known⟩ interval (${number}) to (${number})`, "g"),
    ([, low, high]) => {
      const gap = baseline?.mean("gap", "last");
      const interval = gap ? truth.interval(gap) : null;
      return interval !== null && close(low, interval[0]) && close(high, interval[1]);
    },
    "another interval",
  );
  take(
    /(−?\d+\.\d) standard errors from 0/g,
    ([, ratio]) => {
      const gap = baseline?.mean("gap", "last");
      return close(ratio, gap ? gap.mean / gap.error! : null, 1);
    },
    "not so many standard errors",
  );
  take(
    /(−?\d+\.\d) ?%/g,
    ([, share]) => {
      const gapOf = (point: PointTruth) => point.mean("gap", "last")?.mean ?? NaN;
      const candidates = [
        ...known.flatMap((point) =>
          (["zeros", "near", "unchanged"] as const).flatMap((read) =>
            views.map((look) => point.mean(read, look)?.mean ?? NaN)
          )
        ),
        ...(baseline === null ? [] : points.map((point) => 1 - gapOf(point) / gapOf(baseline))),
      ];
      return candidates.some((each) => close(share, 100 * each, 1));
    },
    "no such share",
  );
  take(
    new RegExp(`${number}`, "g"),
    ([value]) =>
      [
        ...means(known).map(({ mean }) => mean),
        ...finals(known),
        ...known.map(({ entropy }) => entropy),
        ...(/ends at|turns up|last step \(/.test(sentence)
          ? known.flatMap((point) => point.course())
          : []),
      ].some((each) => close(value, each)),
    "no such number",
  );
  take(
    /(?:step|last step \()(?:s )? ?(\d+)\)?/g,
    ([, step]) =>
      among(
        [
          ...known.flatMap(({ bestStep, lastStep }) => [bestStep ?? -1, lastStep ?? -1]),
          ...rungsOf(truth),
        ],
        step,
      ),
    "no such step",
  );
  take(
    /in (\d+) of (\d+) folds at ⟦(\d+)⟧/g,
    ([, count, of, index]) =>
      views.some((look) => {
        const folds = truth.byFold(truth.points[Number(index)], reads[0] ?? "loss", look);
        return folds.length === Number(of) &&
          folds.filter((each) => each < 0).length === Number(count);
      }),
    "not in so many folds",
  );
  readCounts(sets, take, place);
  const left = /\d[\d.]*/.exec(rest.replace(/⟦\d+⟧/g, ""));
  if (left !== null) wrong.push(`could not be read: "${left[0]}" of "${rest.trim()}"`);
  return wrong;
}
