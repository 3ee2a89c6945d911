import type { JsonObject } from "../../core/json.ts";
import type { RunStatus } from "../../records/run_record.ts";
import type { DimensionRecord } from "../../records/dimension_record.ts";
import type { ArmRecord } from "../../records/study_record.ts";
import { armAxis } from "../arms_study.ts";
import type { StudyRecords } from "../study_records.ts";
import { handStudy } from "./hand_study.ts";

/** An arm as a hand-worked table gives it. */
export interface HandArm {
  /** The first arm is the root, and the parent of those that name none. */
  readonly parent?: string;
  readonly dimensions?: ArmRecord["dimensions"];
  readonly draw?: ArmRecord["draw"];
  /** Points without the name of the arm. */
  readonly points: readonly JsonObject[];
  /** losses[point][fold]: the choosing and the held-out loss at each evaluation, or at the only one. */
  readonly losses: readonly (readonly (HandLoss | readonly HandLoss[])[])[];
  /** How a run ended; completed by default. */
  readonly status?: (point: number, fold: number) => RunStatus;
}

/** Choosing and held-out loss. */
export type HandLoss = readonly [number, number];

/** What is evaluated at step 0. */
const untrained: HandLoss = [99, 99];

const isList = (loss: HandLoss | readonly HandLoss[]): loss is readonly HandLoss[] =>
  Array.isArray(loss[0]);

/**
 * Makes the records of a study of arms from losses written down by hand: one seed, evaluations every 10
 * steps, held-out and choosing blocks. The learning rate falls, so that a last step is no edge, unless
 * `constantRate` is true. A specification holds the point's values as strengths of decay.
 */
export function armsHandStudy(
  arms: { readonly [name: string]: HandArm },
  options: {
    readonly constantRate?: boolean;
    readonly choosing?: boolean;
    readonly specify?: (point: JsonObject) => JsonObject;
  } = {},
): StudyRecords {
  const { constantRate = false, choosing = true, specify } = options;
  const names = Object.keys(arms);
  const entries = Object.entries(arms).flatMap(([name, { points, losses, status }]) =>
    points.map((point, index) => ({
      point: { [armAxis]: name, ...point },
      folds: losses[index].map((loss) => [untrained, ...(isList(loss) ? loss : [loss])]),
      status: (fold: number) => status?.(index, fold) ?? "completed" as const,
    }))
  );
  const cells = entries.flatMap(({ point, folds, status }) =>
    folds.map((losses, fold) => ({ point, fold, losses, status: status(fold) }))
  );
  const { study, runs } = handStudy({
    points: entries.map(({ point }) => point),
    folds: entries[0].folds.length,
    seeds: [1],
    runs: cells.map(({ point, fold, losses, status }) => ({
      point,
      fold,
      seed: 1,
      status,
      curve: losses.map(([, heldOut], at) => [10 * at, 1, heldOut] as const),
    })),
  });
  const records = runs.map((run, index) => {
    const curve = run.curve.map((at, place) => ({
      ...at,
      ...(choosing ? { choosingLoss: cells[index].losses[place][0] } : {}),
      learningRate: constantRate ? 0.01 : 0.01 / (place + 1),
    }));
    return { ...run, curve, final: curve.at(-1)! };
  });
  const x: DimensionRecord = { kind: "choice", values: [1, 2] };
  const record = {
    ...study,
    select: { kind: "mean", metric: "validationLoss", axes: [] } as const,
    specifications: entries.map(({ point }) => specify?.(point) ?? { point }),
    folds: study.folds.map((fold) =>
      choosing ? { ...fold, choosing: [{ start: 0, end: 1 }] } : fold
    ),
    space: {
      kind: "arms",
      points: study.space.points,
      arms: names.map((name): ArmRecord => ({
        name,
        parent: name === names[0] ? null : arms[name].parent ?? names[0],
        dimensions: arms[name].dimensions ?? { x },
        count: arms[name].points.length,
        draw: arms[name].draw ?? "sobol",
        seed: 1,
      })),
    },
  };
  return { record, records };
}
