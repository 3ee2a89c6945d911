import type { JsonObject } from "../../core/json.ts";
import { randomStream } from "../../core/random.ts";
import { type PowerLaw, powerLawAt } from "../power_law.ts";
import type { StudyRecords } from "../study_records.ts";
import { handStudy } from "./hand_study.ts";
import { specificationOf } from "./synthetic_study.ts";

/** What a made-up study of amounts of text is made of. */
export interface TextStudyOptions {
  /** Training tokens, an axis of that name. */
  readonly amounts?: readonly number[];
  /** The axis `alpha`, 0 for the model without remedy. */
  readonly strengths?: readonly number[];
  /** Loss without remedy at its best step. */
  readonly law?: PowerLaw;
  /** To how much text, times its own, the best strength comes; 1.5. */
  readonly factor?: number;
  /** How the best strength moves: α* = scale · n^exponent. */
  readonly best?: { readonly scale: number; readonly exponent: number };
  readonly folds?: number;
  readonly seeds?: readonly number[];
  /** Standard deviation of what single points have in a fold, nats; 0.003. */
  readonly noise?: number;
  /** Values of one more axis, which changes nothing. */
  readonly hiddenSizes?: readonly number[];
}

/**
 * Records made from a power law in the training tokens: without remedy the loss is lowest at step 50 and rises
 * after it; a decay of strength α brings it down by as much as `factor` times the text would, less the further
 * log α lies from its best value. Nothing in them was measured.
 */
export function textStudy(options: TextStudyOptions = {}): StudyRecords {
  const {
    amounts = [1000, 2000, 4000, 8000, 16_000],
    strengths = [0, 0.3, 1, 3],
    law = { asymptote: 1.8, scale: 50, exponent: 0.5 },
    factor = 1.5,
    best = { scale: 1, exponent: 0 },
    noise = 0.003,
    hiddenSizes,
  } = options;
  const points: JsonObject[] = (hiddenSizes ?? [null]).flatMap((hiddenSize) =>
    amounts.flatMap((tokens) =>
      strengths.map((alpha) => ({ tokens, alpha, ...(hiddenSize !== null && { hiddenSize }) }))
    )
  );
  const { study, runs } = handStudy({
    points,
    folds: options.folds ?? 3,
    seeds: options.seeds ?? [1],
    baseline: null,
    runs: (index, fold, seed) => {
      const { tokens, alpha } = points[index] as { tokens: number; alpha: number };
      const level = 0.05 * randomStream(1, "level", fold).normal();
      const own = noise * randomStream(seed, "own", index, fold).normal();
      const away = alpha === 0 ? 0 : Math.log(alpha / (best.scale * tokens ** best.exponent));
      const loss = alpha === 0
        ? powerLawAt(law, tokens)
        : powerLawAt(law, tokens * factor) + 0.02 * away ** 2;
      const lowest = loss + level + own;
      const end = lowest + (alpha === 0 ? 0.3 : 0);
      return [[0, 4, 4], [50, lowest - 0.1, lowest], [100, lowest - 0.5, end]];
    },
  });
  const specifications = points.map(({ tokens, ...others }) => {
    const specification = specificationOf(others);
    return {
      ...specification,
      training: { ...specification.training as JsonObject, trainingTokens: tokens },
    };
  });
  return { record: { ...study, specifications }, records: runs };
}
