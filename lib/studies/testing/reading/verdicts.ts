import type { Difference, Look, PointTruth, Read } from "../truth.ts";
import { hasSomeMore, isSimpler, type PointSets } from "./point_sets.ts";
import { inWords } from "./words.ts";

/** Verdicts on noise. */
export function readNoise(
  sets: PointSets,
  sentence: string,
  reads: readonly Read[],
  pairs: readonly (readonly [Look, Look])[],
  wrong: string[],
): void {
  const { truth } = sets;
  const compared = reads.filter((read) => read === "loss" || read === "gap");
  const families = pairs.flatMap(([a, b]) =>
    (compared.length > 0 ? compared : reads).map((read) => {
      const all = truth.others.map((point) => ({
        point,
        learned: point.learned(a),
        difference: truth.difference(point, read, a, b),
      }));
      return { all, a, b, read };
    })
  );
  const isBeyond = (each: Difference | null) => each?.holm != null && each.holm < 0.05;
  const single = /⟦(\d+)⟧[^⟦]*(beyond noise|within noise|not tested)/.exec(sentence);
  const counted =
    /(?<![⟦.\d])\b(\d+(?![.\d⟧)])|[Nn]one|[Nn]o (?:penalty|point|setting)|[Nn]o)\b(?:(?!\d+ (?:point|setting)s?\b)[^;⟦])*?beyond noise/
      .exec(sentence);
  const before = single !== null && (counted === null || single.index < counted.index);
  if (counted !== null && !before) {
    const many = /^\d/.test(counted[1]) ? Number(counted[1]) : 0;
    const up = /higher|larger/.test(counted[0]) && !/lower|smaller/.test(counted[0]);
    const found = families.flatMap(({ a, b, read }) =>
      sets.all().map((set) => {
        const sides = sets.sides(set, read, a, b);
        return up ? sides.higherShown : sides.lowerShown;
      })
    );
    const parts = /of them beyond noise/.test(counted[0])
      ? /(\d+|none) of them beyond noise/.exec(counted[0])
      : null;
    const said = parts === null ? many : parts[1] === "none" ? 0 : Number(parts[1]);
    if (!found.includes(said)) {
      wrong.push(`${found.join(" or ")} beyond noise, but "${counted[0]}"`);
    }
  } else if (single !== null) {
    const point = truth.points[Number(single[1])];
    const verdicts = families.map(({ all }) => {
      const own = all.find((each) => each.point === point)?.difference ?? null;
      return own?.holm == null ? "not tested" : isBeyond(own) ? "beyond noise" : "within noise";
    });
    if (!verdicts.includes(single[2] as "beyond noise")) {
      wrong.push(`${verdicts.join(" or ")}, but "${single[2]}"`);
    }
  } else if (/beyond noise|within noise/.test(sentence)) {
    if (!/no more than|no over-fitting|is judged/.test(sentence)) {
      wrong.push("a verdict on noise that could not be read");
    }
  }
}

/** The lowest, the smallest, the selected. */
export function readExtremes(sets: PointSets, sentence: string, wrong: string[]): void {
  const { truth } = sets;
  const { baseline } = truth;
  const expect = (pattern: RegExp, right: (point: PointTruth) => boolean) => {
    const [match, index] = pattern.exec(sentence) ?? [];
    if (match !== undefined && !right(truth.points[Number(index)])) {
      wrong.push(`not that point: "${match}"`);
    }
  };
  const same = (a: PointTruth | null, b: PointTruth, read: Read, look: Look) =>
    a !== null &&
    Math.abs((a.mean(read, look)?.mean ?? NaN) - (b.mean(read, look)?.mean ?? NaN)) < 1e-12;
  expect(
    /lowest mean validation loss is[^⟦]*⟦(\d+)⟧/,
    (point) => same(sets.lowest("last"), point, "loss", "last"),
  );
  expect(
    /the lowest mean selects ⟦(\d+)⟧/,
    (point) => same(sets.lowest("last"), point, "loss", "last"),
  );
  expect(
    /Lowest validation loss at ⟦(\d+)⟧/,
    (point) =>
      (["last", "best"] as const).some((look) => same(sets.lowest(look), point, "loss", look)),
  );
  const smallest = (point: PointTruth, set: readonly PointTruth[], read: Read, look: Look) =>
    set.includes(point) &&
    set.every((each) => each.mean(read, look)!.mean >= point.mean(read, look)!.mean - 1e-12);
  const learned = (look: Look) => sets.all().map((set) => set.filter((each) => each.learned(look)));
  expect(/not above that [^⟦]*⟦(\d+)⟧/, (point) => {
    const limit = baseline!.mean("loss", "last")!.mean;
    return learned("last").some((set) =>
      smallest(
        point,
        set.filter((each) => each.mean("loss", "last")!.mean <= limit),
        "gap",
        "last",
      )
    );
  });
  expect(
    /(?:smallest gap of all, at|It is smallest at) ⟦(\d+)⟧/,
    (point) => learned("last").some((set) => smallest(point, set, "gap", "last")),
  );
  expect(
    /(?:The closest is|The lowest loss is at|the closest is|the lowest loss has) ⟦(\d+)⟧/,
    (point) => learned("best").some((set) => smallest(point, set, "loss", "best")),
  );
  const chosen =
    /[Oo]ne standard error(?: \((\d+) points? in the band\))? (?:selects|allows) (?:⟦(\d+)⟧|the same)/
      .exec(sentence);
  if (chosen !== null) {
    const band = sets.band("last");
    if (chosen[1] !== undefined && Number(chosen[1]) !== band.length) {
      wrong.push(`${band.length} points are in the band, but ${chosen[1]}`);
    }
    if (chosen[2] !== undefined) {
      const point = truth.points[Number(chosen[2])];
      const bands = [band, sets.band("best")];
      const stronger = bands.filter((each) => each.includes(point)).map((each) =>
        each.filter((other) => isSimpler(other, point))
      );
      if (stronger.length === 0) wrong.push(`not in the band: "${chosen[0]}"`);
      else if (stronger.every((list) => list.length > 0)) {
        wrong.push(
          `one standard error passes over a simpler point, ${inWords(stronger[0][0].point)}`,
        );
      }
      const lowest = [sets.lowest("last"), sets.lowest("best")];
      if (!lowest.includes(point) && lowest.every((each) => !hasSomeMore(point, each!))) {
        wrong.push("one standard error takes a point that is no simpler than the lowest mean");
      }
    }
  }
  if (/^None of[^.]*closes the gap/.test(sentence) && sets.lower("gap")[0][0] > 0) {
    wrong.push(`${sets.lower("gap")[0][0]} points close it`);
  }
  if (
    /no [\w ]*?point(?: with more \w+)? (?:beats|has a lower loss)/i.test(sentence) &&
    !/beyond noise/.test(sentence)
  ) {
    if (sets.all().every((set) => sets.sides(set, "loss", "best").lower > 0)) {
      wrong.push("points have a lower loss");
    }
  }
  if (/over-fits/.test(sentence) && baseline !== null) {
    const gap = baseline.mean("gap", "last");
    if (gap === null || gap.mean <= 0) wrong.push("no gap above 0");
  }
}
