import { checkOneOf, show } from "../core/check.ts";
import { editDistance } from "../core/edit_distance.ts";
import { type Option, option, orNotGiven } from "../core/options.ts";
import type { PairScores } from "../records/run_record.ts";
import { bleu } from "./bleu.ts";
import { chrf } from "./chrf.ts";
import { rougeL } from "./rouge_l.ts";

/** Scores that are measured only where a specification asks for them. */
const asked = { bleu, rougeL } as const;

/** The name of one of them. */
export type WrittenMetric = keyof typeof asked;

/** A list of them, each once; none by default. */
export const writtenMetrics: Option<readonly WrittenMetric[]> = orNotGiven(
  option((name, value): readonly WrittenMetric[] => {
    if (!Array.isArray(value)) {
      throw new TypeError(`${name} must be a list of metrics, found ${show(value)}.`);
    }
    value.forEach((each) => checkOneOf(name, each, Object.keys(asked)));
    if (new Set(value).size === value.length) return value;
    throw new RangeError(`${name} must hold each metric once, found ${show(value)}.`);
  }, []),
);

/**
 * How near what was written comes to the references.
 *
 * @param metrics Those that are asked for besides exact match, edit distance and chrF.
 */
export function writtenScores(
  written: readonly string[],
  references: readonly string[],
  metrics: readonly WrittenMetric[],
): PairScores {
  const distances = written.map((text, index) => editDistance(text, references[index]));
  const sum = (numbers: readonly number[]) => numbers.reduce((total, each) => total + each, 0);
  return {
    pairs: written.length,
    exactMatch: distances.filter((distance) => distance === 0).length / written.length,
    editDistance: sum(distances) / sum(references.map((text) => Array.from(text).length)),
    chrf: chrf(written, references),
    ...Object.fromEntries(metrics.map((metric) => [metric, asked[metric](written, references)])),
  };
}
