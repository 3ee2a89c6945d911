import { bitsOfText } from "../core/perplexity.ts";
import type { CurvePoint, EvaluatedText, RunRecord, WeightsLoss } from "../records/run_record.ts";
import type { StudyRecord } from "../records/study_record.ts";

/** In what the losses of a study are compared, and what counts as little there. */
export interface LossUnit {
  /** In full: `nats per token`. */
  readonly words: "nats per token" | "bits per byte" | "bits per character";
  /** Without what it is per. */
  readonly short: "nats" | "bits";
  /** How far below the unigram entropy a training loss must be to count as learned. */
  readonly learnedMargin: number;
  /** A gap whose 95 % interval ends below this is not worth closing: 0.05 nats are 5 % in perplexity. */
  readonly negligibleGap: number;
}

/** What losses are in where nothing else is said. */
export const natsPerToken: LossUnit = {
  words: "nats per token",
  short: "nats",
  learnedMargin: 0.5,
  negligibleGap: 0.05,
};

const units: { readonly [metric in StudyRecord["select"]["metric"]]: LossUnit } = {
  validationLoss: natsPerToken,
  // 0.05 nats are 0.07 bits. Large tokens leave little between counts and a trained model: margins are
  // those that a model of a thousand subwords clears as one of characters does.
  bitsPerByte: { words: "bits per byte", short: "bits", learnedMargin: 0.2, negligibleGap: 0.07 },
  bitsPerCharacter: {
    words: "bits per character",
    short: "bits",
    learnedMargin: 0.2,
    negligibleGap: 0.07,
  },
};

/** The unit of all losses that a study's statistics, figures and reports show: that of its rule. */
export function lossUnit({ select }: Pick<StudyRecord, "select">): LossUnit {
  return units[select.metric];
}

/**
 * Runs with their losses in the unit of their study ({@link lossUnit}): as they are where that is nats per
 * token, else as bits per byte (or character) of the text that each evaluation read,
 * (loss · tokens + nats that write unknown tokens out) / (bytes · ln 2), the unigram entropy too.
 *
 * Everything that compares runs of a study reads them through this. It may be done twice.
 *
 * @param study The study.
 * @param runs Some of its runs.
 * @returns The same runs in the same order; the same objects whenever it is asked.
 */
export function inStudyLoss(
  { select: { metric } }: Pick<StudyRecord, "select">,
  runs: readonly RunRecord[],
): RunRecord[] {
  if (metric === "validationLoss") return [...runs];
  return runs.map((run) => {
    if (converted[metric].has(run)) return converted[metric].get(run)!;
    const own = convert(run, metric);
    converted[metric].set(run, own).set(own, own);
    return own;
  });
}

type TextMetric = Exclude<StudyRecord["select"]["metric"], "validationLoss">;

/** Asked for figure after figure; a run that is converted already is its own. */
const converted: { readonly [metric in TextMetric]: WeakMap<RunRecord, RunRecord> } = {
  bitsPerByte: new WeakMap(),
  bitsPerCharacter: new WeakMap(),
};

function convert(run: RunRecord, metric: TextMetric): RunRecord {
  const { text, unigramEntropy } = run.tokens;
  // A run that failed has read nothing.
  if (text === undefined) return run;
  const bits = (nats: number, of: EvaluatedText) => bitsOfText(nats, of)[metric];
  const choosing = text.choosing ?? text.heldOut;
  const at = (point: CurvePoint): CurvePoint => {
    // Known targets alone are no text.
    const { knownHeldOutLoss: _, ...rest } = point;
    const trainingLoss = bits(point.trainingLoss, text.training);
    const heldOutLoss = bits(point.heldOutLoss, text.heldOut);
    return {
      ...rest,
      trainingLoss,
      heldOutLoss,
      generalizationGap: heldOutLoss - trainingLoss,
      ...(point.choosingLoss !== undefined &&
        { choosingLoss: bits(point.choosingLoss, choosing) }),
      ...(point.averages && { averages: point.averages.map(average) }),
    };
  };
  const average = ({ heldOutLoss, choosingLoss, ...rest }: WeightsLoss): WeightsLoss => ({
    ...rest,
    heldOutLoss: bits(heldOutLoss, text.heldOut),
    ...(choosingLoss !== undefined && { choosingLoss: bits(choosingLoss, choosing) }),
  });
  return {
    ...run,
    curve: run.curve.map(at),
    final: run.final && at(run.final),
    best: run.best && at(run.best),
    tokens: { ...run.tokens, unigramEntropy: bits(unigramEntropy, text.training) },
  };
}
