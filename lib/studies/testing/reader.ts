import type { Json, JsonObject } from "../../core/json.ts";
import {
  type Difference,
  fivePercent,
  hasMore,
  hasNone,
  type Look,
  type PointTruth,
  type Read,
  sameElse,
  shownByMost,
  type Truth,
} from "./truth.ts";

/** What is wrong with a sentence, or what of it could not be read. */
export interface Complaint {
  readonly sentence: string;
  readonly what: string;
}

/** Where a text stands: what it may be about although it does not say so. */
export interface Place {
  /** A point that lines go through, of which only the axis that is named differs. */
  readonly through?: JsonObject;
  /** Whether it is about how points were searched. */
  readonly strategy?: boolean;
  /** The axis of a figure, and its view. */
  readonly axis?: string;
  readonly look?: Look;
  readonly read?: Read;
}

const symbols: { readonly [axis: string]: string } = { lambda: "λ", alpha: "α", eta: "η" };

function short(value: Json): string {
  if (typeof value === "string") return value;
  if (typeof value !== "number") return JSON.stringify(value);
  const four = Number(value.toPrecision(4));
  return four !== 0 && (Math.abs(four) < 1e-3 || Math.abs(four) >= 1e6)
    ? four.toExponential()
    : String(four);
}

const setting = (axis: string, value: Json) => `${symbols[axis] ?? axis} = ${short(value)}`;
const inWords = (point: JsonObject) =>
  Object.entries(point).map(([axis, value]) => setting(axis, value)).join(", ");

const number = "[+−]?\\d+\\.\\d{2,3}(?!\\d)";
const looks: readonly (readonly [Look, Look])[] = [["last", "last"], ["best", "best"], [
  "last",
  "best",
]];
const wordsOf: readonly (readonly [RegExp, Read])[] = [
  [/\bgap\b|\bclose[ds]?\b/, "gap"],
  [/training loss/i, "training"],
  [/(?<!training )\bloss\b|cross-entropy/i, "loss"],
  [/exact(ly)? (zeros?|0)|weights/i, "zeros"],
  [/\|w\|/, "near"],
  [/weight norm/i, "norm"],
];

const valueOf = (text: string) => Number(text.replace("−", "-"));
const close = (
  text: string,
  value: number | null | undefined,
  decimals = text.length - text.indexOf(".") - 1,
) =>
  value !== null && value !== undefined &&
  Math.abs(valueOf(text) - value) <= 0.5 * 10 ** -decimals + 1e-9;
/** To a hundredth: the power is integrated with steps. */
const nearly = (text: string, value: number) =>
  Math.abs(valueOf(text) / value - 1) < 0.01 || close(text, value);
const closeP = (sign: string, text: string, value: number | null) =>
  value !== null && (sign === "<" ? value < Number(text) : close(text, value));

/** Phrases with a number or a word about penalties that say nothing about a study. */
const harmless = [
  "p < 0.05",
  "in evaluation mode without penalty",
  "early in training a model without penalty leads, so that penalized points are pruned more often",
  "early in training a model with a weaker remedy leads",
  "0.5 nats below the unigram entropy",
  "|w| < 0.001",
  "95 %",
  "covers less than 95 %",
  "cover less than 95 %",
  "95 % confidence",
  "0.5 nats below the entropy of single tokens",
  "so there is no gap worth closing",
];

/**
 * Reads what the library says of a study, sentence by sentence, and compares it with its records: every
 * number must be one of the points that the sentence names or of the baseline, every direction must
 * have the sign of the difference, every verdict on noise its p-value, and whoever is called penalized
 * must have more of a remedy than the baseline.
 */
export class Reader {
  readonly #names: readonly (readonly [string, number])[];

  constructor(readonly truth: Truth) {
    this.#names = truth.points.map(({ point }, index) => [inWords(point), index] as const)
      .filter(([name]) => name !== "").sort(([a], [b]) => b.length - a.length);
  }

  /** Reads a statement of one or more sentences. */
  read(text: string, place: Place = {}): Complaint[] {
    const marked = this.#mark(text, place);
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
      const complaints = this.#sentence(sentence, mentioned, reads, place);
      if (others.length > 0) before = own;
      return complaints.map((what) => ({ sentence: this.#unmark(sentence), what }));
    });
  }

  /** Reads a heading or a caption: only who is called penalized or without penalty. */
  names(text: string): Complaint[] {
    const wrong: string[] = [];
    this.#who(this.#mark(text, {}), [], wrong);
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

  /** Puts ⟦index⟧ where a point is named, and takes names out that could hold anything. */
  #mark(text: string, place: Place): string {
    const { axis } = place;
    const { record } = this.truth.study;
    let marked = text;
    marked = this.#edges(marked);
    if (axis !== undefined) marked = this.#markAlong(marked, axis);
    if (place.through !== undefined) marked = this.#markThrough(marked, place.through);
    for (const [name, index] of this.#names) marked = marked.replaceAll(name, `⟦${index}⟧`);
    for (const name of [record.name, record.corpus.name]) {
      if (/\d/.test(name)) marked = marked.replaceAll(name, "⟨name⟩");
    }
    marked = this.#baselineNamed(marked);
    for (const phrase of harmless) marked = marked.replaceAll(phrase, "⟨known⟩");
    const { points } = record.space;
    const settings = points.flatMap((point) => Object.entries(point))
      .map(([name, value]) => setting(name, value)).sort((a, b) => b.length - a.length);
    for (const each of settings) marked = marked.replaceAll(each, "⟨setting⟩");
    for (const name of new Set(points.flatMap((point) => Object.keys(point)))) {
      if (/\d/.test(name)) marked = marked.replaceAll(name, "⟨axis⟩");
    }
    return marked.replace(/\bL[12]\b/g, "⟨kind⟩");
  }

  /** Marks the values of a figure's axis, with those of the other axes where the title names them. */
  #markAlong(text: string, axis: string): string {
    const { points } = this.truth;
    const parts = points.map(({ point }, index) => {
      const { [axis]: value, ...others } = point;
      return { index, value, has: axis in point, rest: inWords(others) };
    });
    const named = parts.map(({ rest }) => rest)
      .filter((rest) => rest !== "" && text.includes(` (${rest})`))
      .sort((a, b) => b.length - a.length)[0];
    const among = parts.filter(({ rest, has }) => has && (named === undefined || rest === named));
    let marked = named === undefined ? text : text.replace(` (${named})`, "");
    const lacking = parts.filter(({ has }) => !has).map(({ index }) => `⟦${index}⟧`).join("");
    if (lacking !== "") {
      marked = marked.replace(
        new RegExp(`[Ww]ithout ${RegExp.escape(symbols[axis] ?? axis)}`),
        (word) => `${word} ${lacking}`,
      );
    }
    const values = [...new Map(among.map((each) => [short(each.value), each.value]))]
      .sort(([a], [b]) => b.length - a.length);
    for (const [value, json] of values) {
      const tokens = among.filter((each) => short(each.value) === value)
        .map(({ index }) => `⟦${index}⟧`).join("");
      const whole = points.some(({ point }) =>
        marked.includes(inWords(point)) &&
        Object.keys(point).length > 1
      );
      if (!whole) marked = marked.replaceAll(setting(axis, json), tokens);
      marked = marked.replace(`, at ${value} it is`, `, at ${tokens} it is`)
        .replace(`lowest at ${value} (`, `lowest at ${tokens} (`)
        .replace(`highest with ${value},`, `highest with ${tokens},`);
    }
    return marked;
  }

  /** Takes out `the baseline (decoupled weight decay 0.5, without dropout)` where it has just that. */
  #baselineNamed(text: string): string {
    const { baseline } = this.truth;
    return text.replace(/([Bb]aseline) \(([^()]*)\)/g, (whole, word, parts: string) => {
      const right = baseline !== null && parts.split(", ").every((part) => {
        const strength = / ([\d.e-]+)$/.exec(part)?.[1];
        const has = [...baseline.remedies.values()].filter((each) => each > 0);
        if (part.includes(" = ")) return true;
        return strength === undefined
          ? part.startsWith("without ")
          : has.some((each) => short(each) === strength);
      });
      return right
        ? `${word} (${parts.replace(/[\d.e-]+$|[\d.e-]+(?=, )/g, "⟨strength⟩")})`
        : whole;
    });
  }

  /** Takes out `(α = 1, the largest)` where that is so. */
  #edges(text: string): string {
    const values = new Map<string, Json[]>();
    for (const { point } of this.truth.points) {
      for (const [axis, value] of Object.entries(point)) {
        values.set(axis, [...values.get(axis) ?? [], value]);
      }
    }
    let marked = text;
    for (const [axis, all] of values) {
      const numbers = all.filter((value) => typeof value === "number");
      if (numbers.length === 0) continue;
      for (
        const [word, value] of [["largest", Math.max(...numbers)], [
          "smallest",
          Math.min(...numbers),
        ]] as const
      ) {
        marked = marked.replaceAll(`${setting(axis, value)}, the ${word}`, "⟨edge⟩");
      }
    }
    return marked;
  }

  /** Marks `α = 1 lowers` and `from 0 to 1 α the gap` by the points that differ in that axis only. */
  #markThrough(text: string, through: JsonObject): string {
    let marked = text;
    for (const [index, { point }] of this.truth.points.entries()) {
      for (const [axis, value] of Object.entries(point)) {
        const rest = (of: JsonObject) =>
          JSON.stringify(Object.entries(of).filter(([name]) => name !== axis));
        if (rest(point) !== rest(through)) continue;
        for (
          const [before, after] of [["", " lowers"], ["lowest with ", ":"], ["lowest, at ", ""]]
        ) {
          marked = marked.replaceAll(
            `${before}${setting(axis, value)}${after}`,
            `${before}⟦${index}⟧${after}`,
          );
        }
        const name = symbols[axis] ?? axis;
        marked = marked.replaceAll(
          `to ${setting(axis, value)} the gap`,
          `to ⟦${index}⟧ the gap`,
        );
        const [from, to] = [`rom ${short(value)} to `, ` to ${short(value)} ${name} the gap`];
        for (const part of marked.split(";")) {
          if (!part.includes(` ${name} the gap`)) continue;
          marked = marked.replace(
            part,
            part.replace(from, `rom ⟦${index}⟧ to `).replace(to, ` to ⟦${index}⟧ ${name} the gap`),
          );
        }
      }
    }
    return marked;
  }

  #unmark(sentence: string): string {
    return sentence.replace(
      /⟦(\d+)⟧/g,
      (_, index) => `⟦${inWords(this.truth.points[Number(index)].point)}⟧`,
    );
  }

  /** What is wrong with one sentence. */
  #sentence(
    sentence: string,
    mentioned: readonly number[],
    said: readonly Read[],
    place: Place,
  ): string[] {
    const { truth } = this;
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
    const take = (pattern: RegExp, check: (match: RegExpMatchArray) => boolean, what: string) => {
      rest = rest.replace(pattern, (...match) => {
        const end = match.findIndex((each) => typeof each === "number");
        const groups = match.slice(0, end) as unknown as RegExpMatchArray;
        if (!check(groups)) wrong.push(`${what}: "${groups[0]}"`);
        return " · ";
      });
    };
    const among = (values: readonly number[], count: string | number) =>
      values.includes(Number(count));

    this.#who(sentence, points, wrong);
    const judged =
      /^Of (\d+) [\w ]*?(?:points?|settings?)( with more \w+)? that learned, (\d+|none) (?:has|have) a smaller gap than (?:no \w+|the baseline) beyond noise, (\d+|none) a lower and (\d+|none) a higher validation loss$/;
    take(judged, ([, of, , ...said]) => {
      const [look] = pairs[0];
      return this.#sets().some((set) => {
        const [gap, loss] = (["gap", "loss"] as const).map((read) => this.#sides(set, read, look));
        const right = [gap.tested, gap.lowerShown, loss.lowerShown, loss.higherShown];
        return [of, ...said].every((each, index) =>
          (each === "none" ? 0 : Number(each)) === right[index]
        );
      });
    }, "not so many");
    this.#shown(take);
    this.#matched(take, points);
    this.#texts(take, points);
    this.#noise(rest, reads, pairs, wrong);
    this.#extremes(sentence, wrong);

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
        `differen(?:ce|t)(?: of)? (${number})(?: nats per token)?[ (,]+⟨known⟩ interval (${number}) to (${number})` +
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
        `difference of (${number}) nats per token, (the same in every fold|from one fold)`,
        "g",
      ),
      ([, mean]) => differences(points).some((each) => close(mean, each.mean) && each.p === null),
      "no such difference without a p-value",
    );
    take(
      new RegExp(`from (${number})((?: nats per token)?) to (${number})`, "g"),
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
      new RegExp(`(${number}) (?:nats )?(above|below|higher|lower)`, "g"),
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
    take(
      new RegExp(`80 % of such studies would show a (difference|gap) of (${number})`, "g"),
      ([, what, size]) => {
        const gap = baseline?.mean("gap", "last");
        if (what === "gap") {
          if (!gap) return false;
          const [low] = truth.interval(gap)!;
          const freedom = gap.folds.length - 1;
          return nearly(size, (gap.mean - low) / fivePercent(freedom) * shownByMost(freedom, 1));
        }
        return this.#sets().some((set) =>
          set.some((point) => {
            const error = truth.difference(point, "loss", "best")?.error ?? null;
            const freedom = truth.study.record.folds.length - 1;
            return error !== null && nearly(size, error * this.#most(freedom));
          })
        );
      },
      "most would show another one",
    );
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
            (["zeros", "near"] as const).flatMap((read) =>
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
            ...this.#rungs(),
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
    this.#counts(take, place);
    const left = /\d[\d.]*/.exec(rest.replace(/⟦\d+⟧/g, ""));
    if (left !== null) wrong.push(`could not be read: "${left[0]}" of "${rest.trim()}"`);
    return wrong;
  }

  #known = new Map<number, number>();

  /** The true difference in standard errors that most studies show, over all comparisons. */
  #most(freedom: number): number {
    if (!this.#known.has(freedom)) {
      const compared = this.truth.others.filter((each) =>
        this.truth.study.record.strategy !== undefined ||
        this.truth.difference(each, "loss", "best")?.p != null
      ).length;
      this.#known.set(freedom, shownByMost(freedom, compared));
    }
    return this.#known.get(freedom)!;
  }

  #rungs(): number[] {
    const { strategy } = this.truth.study.record;
    return strategy?.kind === "successiveHalving" ? [...strategy.rungs] : [];
  }

  /** Numbers of points, folds, seeds and runs. */
  #counts(
    take: (pattern: RegExp, check: (match: RegExpMatchArray) => boolean, what: string) => void,
    place: Place,
  ): void {
    const { truth } = this;
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
    const sets = {
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
        ...this.#lower("gap").flat(),
        ...this.#lower("loss").flat(),
        this.#band("last").length,
        this.#band("best").length,
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
        sets[noun.replace("setting", "point") as keyof typeof sets].includes(Number(count)),
      "not so many",
    );
    take(
      /(\d+) (completed|diverged|failed|pruned|missing)/g,
      ([, count, status]) => truth.counts[status] === Number(count),
      "not so many",
    );
    take(
      /\b(\d+) of (?= ·|$)/g,
      ([, count]) => sets.point.includes(Number(count)) || sets.run.includes(Number(count)),
      "not so many",
    );
    take(
      /\b(\d+)(?= of them| a lower| a higher|,? (?:has|have) )/g,
      ([, count]) => sets.point.includes(Number(count)),
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

  /** Others; those with more of a remedy; those of them that differ in nothing else. */
  #sets(): PointTruth[][] {
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
  #sides(set: readonly PointTruth[], read: Read, look: Look, baseLook: Look = look) {
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

  /** What is shown to be so, and what is not. */
  #shown(
    take: (pattern: RegExp, check: (match: RegExpMatchArray) => boolean, what: string) => void,
  ): void {
    const verdictOf = (text: string, all: number) =>
      /^(all are|it is)$/.test(text)
        ? all
        : /^(none is|it is not)$/.test(text)
        ? 0
        : Number(/\d+/.exec(text));
    take(
      /^(?:(\d+) of (\d+) [\w ]*?points?(?: with more \w+)?|The [\w ]*?point(?: with more \w+)?) (?:has|have) a smaller gap than [^;]* in the mean; (all are|none is|it is not|it is|\d+ (?:is|are)) shown to \(corrected resampled t-test, Holm, ⟨known⟩\)/,
      ([, closing = "1", of = "1", verdict]) =>
        this.#sets().some((set) => {
          const { lower, lowerShown } = this.#sides(set, "gap", "last");
          return Number(of) === set.length && Number(closing) === lower &&
            verdictOf(verdict, lower) === lowerShown;
        }),
      "not so many",
    );
    take(
      /None of (\d+) [\w ]*?points?(?: with more \w+)? has a smaller gap|The [\w ]*?point(?: with more \w+)? does not have a smaller gap/,
      ([, of = "1"]) =>
        this.#sets().some((set) =>
          set.length === Number(of) && this.#sides(set, "gap", "last").lower === 0
        ),
      "some have",
    );
    take(
      /(no|\d+) settings? (?:is|are) shown to make the gap smaller/,
      ([, count]) =>
        this.#sets().some((set) =>
          this.#sides(set, "gap", "last").lowerShown === (count === "no" ? 0 : Number(count))
        ),
      "not so many",
    );
    take(
      /[Nn]o [\w ]*?point(?: with more \w+)? is shown to (?:beat|be better)/,
      () =>
        this.#sets().some((set) =>
          this.#sides(set, "loss", "best").lowerShown === 0 &&
          this.#sides(set, "loss", "best").lower > 0
        ),
      "some are, or none is lower",
    );
    take(
      /(\d+) (?:points?|settings?) (?:beats?|(?:is|are) better) (?:it )?beyond noise/,
      ([, count]) =>
        this.#sets().some((set) => this.#sides(set, "loss", "best").lowerShown === Number(count)),
      "not so many",
    );
    take(
      /(?:lowest|best) of (\d+)(?: points)?/g,
      ([, count]) => {
        const complete = this.truth.points.filter((each) => each.complete).length;
        return [
          complete,
          ...this.#sets().map((set) => this.#sides(set, "loss", "best").tested),
        ].includes(Number(count));
      },
      "not so many",
    );
    take(
      /by (\d+) trainings each, one a seed|by one training each/,
      ([, count = "1"]) => this.truth.study.record.seeds.length === Number(count),
      "not so many seeds",
    );
    const rates = this.truth.points.map(({ specification }) =>
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

  /** Points with a remedy against those without that are trained alike. */
  #matched(
    take: (pattern: RegExp, check: (match: RegExpMatchArray) => boolean, what: string) => void,
    points: readonly PointTruth[],
  ): void {
    const { truth } = this;
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
        `from ⟦(\\d+)⟧ to ⟦(\\d+)⟧, a difference of (${number}) nats per token \\(⟨known⟩ interval (${number}) to (${number}), p (=|<) (\\d\\.\\d+), after Holm p (=|<) (\\d\\.\\d+)\\)`,
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
        [truth.points, ...this.#sets(), ...this.#along()].some((set) =>
          set.filter((each) => each.complete).length === Number(count)
        ),
      "not so many",
    );
    take(
      /training on the first (\d+) tokens/,
      ([, tokens]) =>
        points.some(({ specification }) =>
          (specification.training as JsonObject).trainingTokens === Number(tokens)
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
      /confidence it is below (0\.05)|, below (0):/,
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

  /** For each axis the points that have it. */
  #along(): PointTruth[][] {
    const axes = new Set(this.truth.points.flatMap(({ point }) => Object.keys(point)));
    return [...axes].map((axis) => this.truth.points.filter(({ point }) => axis in point));
  }

  /** What is said of the text: short folds, and tokens that training does not know. */
  #texts(
    take: (pattern: RegExp, check: (match: RegExpMatchArray) => boolean, what: string) => void,
    points: readonly PointTruth[],
  ): void {
    const { record, records } = this.truth.study;
    const folds = [...record.folds, ...record.finalFold === null ? [] : [record.finalFold]];
    const lengths = folds.map(({ heldOut }) =>
      heldOut.reduce((sum, { start, end }) => sum + end - start, 0)
    );
    take(
      /(\d+) folds? of (\d+) holds? out (?:(\d+) to )?(\d+) (?:tokens|pairs), fewer than 10 (?:windows of (\d+) tokens|pairs)/,
      ([, few, all, least, most, window = "1"]) => {
        const below = lengths.filter((each) => each < 10 * Number(window));
        return Number(all) === folds.length && below.length === Number(few) &&
          Math.max(...below) === Number(most) &&
          (least === undefined || Math.min(...below) === Number(least));
      },
      "not so short",
    );
    const shares = records.map(({ tokens }) => tokens.unknownShare);
    const largest = `${(100 * Math.max(0, ...shares)).toFixed(1)} %`;
    take(
      /(\d+\.\d %) of the held-out tokens are unknown to the vocabulary \(at most (\d+\.\d %), in fold \d+\)/,
      ([, , most]) => most === largest,
      "another share",
    );
    take(
      /They make up about (\d+\.\d) % of the loss at ⟦\d+⟧/,
      ([, share]) =>
        points.some((point) =>
          (["last", "best"] as const).some((look) => {
            const all = point.mean("loss", look)!.mean;
            const [known] = [point.known(look)];
            const unknown = Math.max(0, ...shares);
            return known !== null &&
              Math.abs(100 * (1 - (1 - unknown) * known / all) - Number(share)) < 0.06;
          })
        ),
      "another share of the loss",
    );
    take(
      new RegExp(`They raise the loss of ⟦(\\d+)⟧ in fold (\\d+) from (${number}) to (${number})`),
      ([, index, fold, known, all]) => {
        const runs = this.truth.points[Number(index)].runs[Number(fold)];
        const kept = runs.map(({ curve }) => curve);
        return kept[0].some((_, at) =>
          close(
            known,
            kept.reduce((sum, curve) => sum + curve[at].knownHeldOutLoss!, 0) / kept.length,
          ) &&
          close(all, kept.reduce((sum, curve) => sum + curve[at].heldOutLoss, 0) / kept.length)
        );
      },
      "not by so much",
    );
    take(/minimumCount: 2 trains it/, () => true, "");
  }

  /** For each pair of looks: how many learned points are lower, and how many beyond noise. */
  #lower(read: Read): number[][] {
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

  #band(look: Look): PointTruth[] {
    const complete = this.truth.points.filter((each) => each.complete && each.mean("loss", look));
    if (complete.length === 0) return [];
    const best = this.#lowest(look)!.mean("loss", look)!;
    return complete.filter((each) =>
      each.mean("loss", look)!.mean <= best.mean + (best.error ?? 0)
    );
  }

  #lowest(look: Look): PointTruth | null {
    const complete = this.truth.points.filter((each) => each.complete && each.mean("loss", look));
    return complete.length === 0
      ? null
      : complete.reduce((a, b) => b.mean("loss", look)!.mean < a.mean("loss", look)!.mean ? b : a);
  }

  /** Who is called penalized, and which baseline is said to have no penalty. */
  #who(sentence: string, points: readonly PointTruth[], wrong: string[]): void {
    const { baseline, others } = this.truth;
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
        this.truth.points.map(({ remedies }) =>
          JSON.stringify([...remedies].filter(([, strength]) => strength > 0))
        ),
      );
      if (varied.size < 2 && this.truth.points.length > 1) {
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
      /(?<!un)(penalized|regularized) (point|setting)/.test(sentence) &&
      !/first penalized point/.test(sentence)
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
    const sizes = this.#sets().filter((set) => set.every(isMore)).flatMap((set) => [
      set.length,
      set.filter((each) => each.learned("last")).length,
      set.filter((each) => each.learned("best")).length,
    ]);
    const isPenalized = baseline === null ? (each: PointTruth) => !hasNone(each) : isMore;
    const isRight = claim[2] === undefined
      ? this.truth.points.some(isPenalized)
      : sizes.includes(Number(claim[2]));
    if (!isRight) {
      wrong.push(
        `${complete.filter((each) => !isMore(each)).length} of ${complete.length} points have no ` +
          `more of a remedy than the baseline, but "${claim[0]}"`,
      );
    }
  }

  /** Verdicts on noise. */
  #noise(
    sentence: string,
    reads: readonly Read[],
    pairs: readonly (readonly [Look, Look])[],
    wrong: string[],
  ): void {
    const { truth } = this;
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
        this.#sets().map((set) => {
          const sides = this.#sides(set, read, a, b);
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
  #extremes(sentence: string, wrong: string[]): void {
    const { truth } = this;
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
      (point) => same(this.#lowest("last"), point, "loss", "last"),
    );
    expect(
      /the lowest mean selects ⟦(\d+)⟧/,
      (point) => same(this.#lowest("last"), point, "loss", "last"),
    );
    expect(
      /Lowest validation loss at ⟦(\d+)⟧/,
      (point) =>
        (["last", "best"] as const).some((look) => same(this.#lowest(look), point, "loss", look)),
    );
    const smallest = (point: PointTruth, set: readonly PointTruth[], read: Read, look: Look) =>
      set.includes(point) &&
      set.every((each) => each.mean(read, look)!.mean >= point.mean(read, look)!.mean - 1e-12);
    const learned = (look: Look) =>
      this.#sets().map((set) => set.filter((each) => each.learned(look)));
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
      const band = this.#band("last");
      if (chosen[1] !== undefined && Number(chosen[1]) !== band.length) {
        wrong.push(`${band.length} points are in the band, but ${chosen[1]}`);
      }
      if (chosen[2] !== undefined) {
        const point = truth.points[Number(chosen[2])];
        const bands = [band, this.#band("best")];
        const stronger = bands.filter((each) => each.includes(point)).map((each) =>
          each.filter((other) => isSimpler(other, point))
        );
        if (stronger.length === 0) wrong.push(`not in the band: "${chosen[0]}"`);
        else if (stronger.every((list) => list.length > 0)) {
          wrong.push(
            `one standard error passes over a simpler point, ${inWords(stronger[0][0].point)}`,
          );
        }
        const lowest = [this.#lowest("last"), this.#lowest("best")];
        if (!lowest.includes(point) && lowest.every((each) => !hasSomeMore(point, each!))) {
          wrong.push("one standard error takes a point that is no simpler than the lowest mean");
        }
      }
    }
    if (/^None of[^.]*closes the gap/.test(sentence) && this.#lower("gap")[0][0] > 0) {
      wrong.push(`${this.#lower("gap")[0][0]} points close it`);
    }
    if (
      /no [\w ]*?point(?: with more \w+)? (?:beats|has a lower loss)/i.test(sentence) &&
      !/beyond noise/.test(sentence)
    ) {
      if (this.#sets().every((set) => this.#sides(set, "loss", "best").lower > 0)) {
        wrong.push("points have a lower loss");
      }
    }
    if (/over-fits/.test(sentence) && baseline !== null) {
      const gap = baseline.mean("gap", "last");
      if (gap === null || gap.mean <= 0) wrong.push("no gap above 0");
    }
  }
}

const sizeOf = ({ specification }: PointTruth) =>
  Number((specification.model as JsonObject).hiddenSize ?? 0);

/** How much more of each remedy a point has than another one, and how much smaller its model is. */
function surplus(one: PointTruth, other: PointTruth): number[] {
  const names = [...new Set([...one.remedies.keys(), ...other.remedies.keys()])];
  return [
    ...names.map((name) => (one.remedies.get(name) ?? 0) - (other.remedies.get(name) ?? 0)),
    sizeOf(other) - sizeOf(one),
  ];
}

function hasSomeMore(one: PointTruth, other: PointTruth): boolean {
  return surplus(one, other).some((each) => each > 0);
}

/**
 * Whether a point has more of a remedy or a smaller model, nothing less, and all else is the same: the
 * choices and all that is neither a remedy nor a size.
 */
function isSimpler(one: PointTruth, other: PointTruth): boolean {
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
