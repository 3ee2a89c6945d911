import type { JsonObject } from "../../core/json.ts";
import type { CurvePoint, RunRecord } from "../../records/run_record.ts";
import type { SpaceRecord } from "../../records/study_record.ts";
import type { StudyOptions } from "../../studies/options.ts";

/** A number that somebody published, and how ours is read off a run. */
export interface Claim {
  /** What it is, with its unit. */
  readonly what: string;
  /** The number; null where a study is to be run but nothing was published. */
  readonly published: number | null;
  /** Runs whose mean it is; one when left out. */
  readonly publishedSeeds?: number;
  /** Decimals in which it is shown. */
  readonly decimals: number;
  /** Point of the study's space. */
  readonly point: JsonObject;
  /** Ours of one run; null of a run that did not come so far. */
  read(run: RunRecord): number | null;
}

/** A published result as a study that can be run. */
export interface Reproduction {
  /** Its name, and folder below `results/published/`. */
  readonly name: string;
  readonly title: string;
  /** Where the numbers were published. */
  readonly source: string;
  /** Corpora of the catalogue that it reads. */
  readonly corpora: readonly string[];
  /** Settings in which ours differ from the published ones, a sentence each. */
  readonly differences: readonly string[];
  readonly claims: readonly Claim[];
  /**
   * The study.
   *
   * @param quick A few steps of a smaller model, to see that everything is in place.
   */
  study(
    quick: boolean,
  ): Pick<StudyOptions, "specify" | "folds" | "seeds" | "baseline"> & {
    readonly space: SpaceRecord;
  };
}

/** The evaluation of a run at a step. */
export function evaluationAt(run: RunRecord, step: number): CurvePoint | null {
  return run.curve.find((at) => at.step === step) ?? null;
}

/** Held-out loss at a step, nats per token. */
export function heldOutLossAt(step: number): Claim["read"] {
  return (run) => evaluationAt(run, step)?.heldOutLoss ?? null;
}

/** Perplexity at a step: e to the loss. */
export function perplexityAt(
  step: number,
  loss: "trainingLoss" | "heldOutLoss",
): Claim["read"] {
  return (run) => {
    const at = evaluationAt(run, step);
    return at === null ? null : Math.exp(at[loss]);
  };
}
