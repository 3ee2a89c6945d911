import type { PointSets } from "./point_sets.ts";
import { inWords, short, type Take } from "./words.ts";

/** What a specification says of a teacher, as it is stored. */
interface Teacher {
  readonly point: object;
  readonly seeds: "own" | readonly number[];
  readonly share: number;
  readonly temperature: number;
  readonly mean: string;
}

/** Who teaches how many settings, with which share and temperature. */
export function readTeachers({ truth: { points } }: PointSets, take: Take): void {
  const taught = points.flatMap(({ specification }) => {
    const { training } = specification as { training?: { teacher?: Teacher } };
    return training?.teacher === undefined ? [] : [training.teacher];
  });
  const said = (values: readonly number[]) => {
    const sorted = [...new Set(values)].sort((a, b) => a - b).map(short);
    return [
      sorted.length === 1 ? sorted[0] : `${sorted.slice(0, -1).join(", ")} and ${sorted.at(-1)}`,
      `${sorted[0]} to ${sorted.at(-1)}`,
    ];
  };
  take(
    /(\d+) settings? learns? from ⟦(\d+)⟧ beside the text: from (?:the mean of the (\w+) of seeds ([\d, ]+ and \d+)|the run of (?:seed (\d+)|(?:its|their) own seed)) on the same fold, so trained on the same text, which makes (.+?) of (?:its|their) training loss at temperature (.+?)\.$/,
    ([, count, index, mean, seeds, seed, shares, temperatures]) => {
      const asked = seeds?.split(/, | and /).map(Number) ?? (seed === undefined ? "own" : [+seed]);
      const own = taught.filter((each) =>
        inWords(each.point as never) === inWords(points[Number(index)].point) &&
        JSON.stringify(each.seeds) === JSON.stringify(asked) &&
        (mean === undefined || each.mean === mean)
      );
      return own.length === Number(count) &&
        said(own.map(({ share }) => share)).includes(shares) &&
        said(own.map(({ temperature }) => temperature)).includes(temperatures);
    },
    "no such teacher",
  );
}
