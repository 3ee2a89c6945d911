import { isTaught } from "../truth.ts";
import type { PointSets } from "./point_sets.ts";
import { close, closeP, inWords, lossUnit, number, short, type Take } from "./words.ts";

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
    /(\d+) settings? learns? from ⟦(\d+)⟧ besides the text: from (?:the mean of the (\w+) of seeds ([\d, ]+ and \d+)|the run of (?:seed (\d+)|(?:its|their) own seed)) on the same fold, so trained on the same text, which makes (.+?) of (?:its|their) training loss at temperature (.+?)\.$/,
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

/** Settings with a teacher against their controls. */
export function readStudents({ truth }: PointSets, take: Take): void {
  const taught = truth.taught();
  const tested = taught.filter(({ difference }) => difference !== null);
  const lower = tested.filter(({ difference }) => difference!.mean < 0);
  const shown = lower.filter(({ difference }) =>
    difference!.holm !== null && difference!.holm < 0.05
  );
  const count = (word: string) => word === "none" ? 0 : Number(word);
  take(
    /Of (\d+) settings? with a teacher, each against its control, .*?, (none|\d+) (?:has|have) a lower validation loss than that at the [^;.]*(?:; (none|\d+) (?:is|are) shown to \(corrected resampled t-test, Holm over (\d+), ⟨known⟩\))?/,
    ([, all, below, beyond, over]) =>
      tested.length === Number(all) && lower.length === count(below) &&
      (beyond === undefined
        ? lower.length === 0
        : shown.length === count(beyond) && tested.length === Number(over)),
    "not so many",
  );
  take(
    new RegExp(
      `The lowest of them against its control is ⟦(\\d+)⟧ against ⟦(\\d+)⟧: a difference of (${number}) ${lossUnit} \\(⟨known⟩ interval (${number}) to (${number}), p (=|<) (\\d\\.\\d+), after Holm p (=|<) (\\d\\.\\d+)\\)`,
    ),
    ([, index, from, mean, low, high, sign, p, holmSign, holm]) => {
      const found = tested.find(({ point }) => point === truth.points[Number(index)]);
      return found !== undefined && found.from === truth.points[Number(from)] &&
        tested.every(({ difference }) => difference!.mean >= found.difference!.mean) &&
        close(mean, found.difference!.mean) && close(low, found.difference!.low) &&
        close(high, found.difference!.high) && closeP(sign, p, found.difference!.p) &&
        closeP(holmSign, holm, found.difference!.holm);
    },
    "no such difference",
  );
  take(
    /(\d+) settings? with a teacher (?:is|are) not compared, as (?:it or its control lacks|they or their controls lack) runs/,
    ([, lacking]) => taught.length - tested.length === Number(lacking),
    "not so many",
  );
  take(
    /(\d+) settings? with a teacher (?:has|have) no control/,
    ([, alone]) => truth.points.filter(isTaught).length - taught.length === Number(alone),
    "not so many",
  );
}
