import type { JsonObject } from "../../../core/json.ts";
import type { Difference, Look, PointTruth, Read, Truth } from "../truth.ts";
import { hasMore, sameElse } from "../truth_remedies.ts";
import { looks } from "./words.ts";

/** The points of a study in the sets that sentences count: all of them, those with more of a remedy, a band. */
export class PointSets {
  #all: readonly PointTruth[][] | undefined;

  constructor(readonly truth: Truth) {}

  /** Others; those with more of a remedy; those of them that differ in nothing else. */
  all(): readonly PointTruth[][] {
    return this.#all ??= this.#collect();
  }

  #collect(): PointTruth[][] {
    const { others, baseline } = this.truth;
    const complete = others.filter((each) => each.complete);
    if (baseline === null) return [complete];
    const more = complete.filter((each) => hasMore(each, baseline));
    const only = more.filter((each) => sameElse(each, baseline));
    const rest = ({ point }: PointTruth, axis: string) =>
      JSON.stringify(Object.entries(point).filter(([name]) => name !== axis));
    const axes = [...new Set(complete.flatMap(({ point }) => Object.keys(point)))];
    const along = axes.flatMap((axis) => [
      complete.filter(({ point }) => axis in point),
      only.filter(({ point }) => axis in point),
      complete.filter((each) => rest(each, axis) === rest(baseline, axis)),
      complete.filter(({ point }) => point[axis] === baseline.point[axis]),
      ...new Set(complete.map((each) => rest(each, axis))).values().map((same) =>
        complete.filter((each) => rest(each, axis) === same)
      ),
    ]);
    return [complete, more, only, ...along];
  }

  /** How many of some points are lower and higher than the baseline, and are shown to be. */
  sides(set: readonly PointTruth[], read: Read, look: Look, baseLook: Look = look) {
    const tested = set.filter((each) => each.learned(look))
      .map((each) => this.truth.difference(each, read, look, baseLook))
      .filter((each) => each !== null);
    const shown = tested.filter(({ holm }) => holm !== null && holm < 0.05);
    const below = (list: readonly Difference[]) => list.filter(({ mean }) => mean < 0).length;
    const above = (list: readonly Difference[]) => list.filter(({ mean }) => mean > 0).length;
    return {
      tested: tested.length,
      lower: below(tested),
      higher: above(tested),
      lowerShown: below(shown),
      higherShown: above(shown),
    };
  }

  /** For each pair of looks: how many learned points are lower, and how many beyond noise. */
  lower(read: Read): number[][] {
    return looks.map(([a, b]) => {
      const all = this.truth.others.filter((each) => each.learned(a)).map((each) =>
        this.truth.difference(each, read, a, b)
      ).filter((each) => each !== null);
      const lower = all.filter(({ mean }) => mean < 0);
      const higher = all.filter(({ mean }) => mean > 0);
      const beyond = (list: readonly Difference[]) =>
        list.filter(({ holm }) => holm !== null && holm < 0.05).length;
      return [lower.length, higher.length, beyond(lower), beyond(higher)];
    });
  }

  /** For each axis the points that have it. */
  along(): PointTruth[][] {
    const axes = new Set(this.truth.points.flatMap(({ point }) => Object.keys(point)));
    return [...axes].map((axis) => this.truth.points.filter(({ point }) => axis in point));
  }

  band(look: Look): PointTruth[] {
    const complete = this.truth.points.filter((each) => each.complete && each.mean("loss", look));
    if (complete.length === 0) return [];
    const best = this.lowest(look)!.mean("loss", look)!;
    return complete.filter((each) =>
      each.mean("loss", look)!.mean <= best.mean + (best.error ?? 0)
    );
  }

  lowest(look: Look): PointTruth | null {
    const complete = this.truth.points.filter((each) => each.complete && each.mean("loss", look));
    return complete.length === 0
      ? null
      : complete.reduce((a, b) => b.mean("loss", look)!.mean < a.mean("loss", look)!.mean ? b : a);
  }
}

/** The hidden size of a point's model; 0 where it has none. */
export const sizeOf = ({ specification }: PointTruth) =>
  Number((specification.model as JsonObject).hiddenSize ?? 0);

/** How much more of each remedy a point has than another one, and how much smaller its model is. */
export function surplus(one: PointTruth, other: PointTruth): number[] {
  const names = [...new Set([...one.remedies.keys(), ...other.remedies.keys()])];
  return [
    ...names.map((name) => (one.remedies.get(name) ?? 0) - (other.remedies.get(name) ?? 0)),
    sizeOf(other) - sizeOf(one),
  ];
}

/** Whether a point has more of some remedy than another one, or a smaller model. */
export function hasSomeMore(one: PointTruth, other: PointTruth): boolean {
  return surplus(one, other).some((each) => each > 0);
}

/**
 * Whether a point has more of a remedy or a smaller model, nothing less, and all else is the same: the
 * choices and all that is neither a remedy nor a size.
 */
export function isSimpler(one: PointTruth, other: PointTruth): boolean {
  const more = surplus(one, other);
  const rest = ({ specification }: PointTruth) =>
    JSON.stringify(
      specification,
      (key, value) => /strength$|dropout$|^decay$|^hiddenSize$/i.test(key) ? undefined : value,
    );
  const choices = ({ point }: PointTruth) =>
    JSON.stringify(Object.values(point).filter((value) => typeof value !== "number"));
  return more.every((each) => each >= 0) && more.some((each) => each > 0) &&
    rest(one) === rest(other) && choices(one) === choices(other);
}
