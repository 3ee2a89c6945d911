import { markPoints, unmark } from "./reading/marking.ts";
import { readNames } from "./reading/names.ts";
import { PointSets, sizeOf, surplus } from "./reading/point_sets.ts";
import { readSentence } from "./reading/sentence.ts";
import { type Complaint, type Place, symbols, wordsOf } from "./reading/words.ts";
import type { Read, Truth } from "./truth.ts";

export type { Complaint, Place } from "./reading/words.ts";

/**
 * Reads what the library says of a study, sentence by sentence, and compares it with its records: every
 * number must be one of the points that the sentence names or of the baseline, every direction must
 * have the sign of the difference, every verdict on noise its p-value, and whoever is called penalized
 * must have more of a remedy than the baseline.
 */
export class Reader {
  readonly #sets: PointSets;

  constructor(readonly truth: Truth) {
    this.#sets = new PointSets(truth);
  }

  /** Reads a statement of one or more sentences. */
  read(text: string, place: Place = {}): Complaint[] {
    const marked = markPoints(this.truth, text, place);
    let before: number[] = [];
    let about: readonly Read[] = [];
    return marked.split(
      /(?<=[.;:])\s+(?=[A-Z⟦])|(?<=;)\s+(?!(?:all are|none is|it is|\d+ (?:is|are)) )/,
    ).flatMap((sentence) => {
      const own = [...sentence.matchAll(/⟦(\d+)⟧/g)].map(([, index]) => Number(index));
      const said = wordsOf.filter(([word]) => word.test(sentence)).map(([, read]) => read);
      const pronoun = /\b([Ii]t|[Tt]hat|[Tt]hey|lowest|closest)\b/.test(sentence);
      const reads = said.length > 0 && !pronoun ? said : [...new Set([...said, ...about])];
      about = reads;
      const base = this.truth.points.indexOf(this.truth.baseline!);
      const others = own.filter((each) => each !== base);
      const mentioned = others.length > 0 ? own : [...own, ...before];
      const complaints = readSentence(this.#sets, sentence, mentioned, reads, place);
      if (others.length > 0) before = own;
      return complaints.map((what) => ({ sentence: unmark(this.truth, sentence), what }));
    });
  }

  /** Reads a heading or a caption: only who is called penalized or without penalty. */
  names(text: string): Complaint[] {
    const wrong: string[] = [];
    readNames(this.#sets, markPoints(this.truth, text, {}), [], wrong);
    const axes = /strongest on ([^.]+)/.exec(text)?.[1].split(", then ") ?? [];
    const { space } = this.truth.study.record;
    for (const axis of new Set(space.points.flatMap((point) => Object.keys(point)))) {
      if (!axes.includes(symbols[axis] ?? axis)) continue;
      const varied = this.truth.points.some((one) =>
        [...one.remedies.values(), sizeOf(one)].includes(Number(one.point[axis])) ||
        this.truth.points.some((other) =>
          JSON.stringify({ ...one.point, [axis]: 0 }) ===
            JSON.stringify({ ...other.point, [axis]: 0 }) &&
          surplus(one, other).some((each) => each !== 0)
        )
      );
      if (!varied) wrong.push(`${axis} is no strength, but "strongest on"`);
    }
    return wrong.map((what) => ({ sentence: text, what }));
  }
}
