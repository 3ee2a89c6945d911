import { canonicalJson, hashJson, type JsonObject } from "../../core/json.ts";
import { randomStream } from "../../core/random.ts";
import type { CurvePoint, RunRecord, RunStatus } from "../../records/run_record.ts";
import type { SpaceRecord, StudyRecord } from "../../records/study_record.ts";
import type { StudyRecords } from "../study_records.ts";
import { syntheticStudy } from "./synthetic_study.ts";

/** What is to be changed in the specification of a synthetic study, by path. */
export interface ShapedOptions {
  readonly name?: string;
  /** Any points; a point may lack an axis that another one has. */
  readonly points: readonly JsonObject[];
  readonly baseline?: JsonObject | null;
  /** What a point changes in the specification without penalties. */
  readonly specify: (point: JsonObject) => JsonObject;
  /** By how much a point's losses lie above those of no penalty, and its share of zeros. */
  readonly response: (point: JsonObject) => {
    readonly training: number;
    readonly heldOut: number;
    readonly zeros?: number;
  };
  readonly folds?: number;
  readonly seeds?: readonly number[];
  /** Size of the differences of single runs, nats; 0.01. */
  readonly noise?: number;
  readonly status?: (point: JsonObject, fold: number) => RunStatus;
  readonly change?: Partial<StudyRecord>;
  readonly space?: Partial<SpaceRecord>;
  /** Whether held-out losses fall to the last step; else they turn up. */
  readonly falling?: boolean;
}

/**
 * Records of a study of any shape, made from a formula with seeded noise, for tests only: nothing in them
 * was measured.
 */
export function shapedStudy(options: ShapedOptions): StudyRecords {
  const { points, noise = 0.01 } = options;
  const model = syntheticStudy({
    name: options.name ?? "shaped",
    axes: { index: [0] },
    folds: options.folds ?? 3,
    seeds: options.seeds ?? [1, 2],
  });
  const [{ penalties: _, ...plain }] = model.study.specifications;
  const baseline = options.baseline ?? null;
  const record: StudyRecord = {
    ...model.study,
    space: { kind: "points", points, ...options.space },
    specifications: points.map((point) =>
      merged({ ...plain, penalties: [] }, options.specify(point))
    ),
    baseline,
    select: { kind: "mean", metric: "validationLoss", axes: [] },
    ...options.change,
  };
  const records = points.flatMap((point) =>
    model.runs.map((run): RunRecord => {
      const status = options.status?.(point, run.fold as number) ?? "completed";
      const own = randomStream(run.seed, `fold ${run.fold}`, hashJson(point));
      const [level, heldOutLevel] = [noise * own.normal(), noise * own.normal()];
      const { training, heldOut, zeros = 0 } = options.response(point);
      const curve = run.curve.map((at): CurvePoint => {
        const grown = 1 - Math.exp(-at.step / 200);
        const trainingLoss = at.trainingLoss + grown * (training + level);
        const heldOutLoss = (options.falling ? at.trainingLoss + 0.2 : at.heldOutLoss) +
          grown * (heldOut + level + heldOutLevel);
        return {
          ...at,
          trainingLoss,
          heldOutLoss,
          generalizationGap: heldOutLoss - trainingLoss,
          exactZeros: Math.round(zeros * at.countedWeights),
          nearZeros: Math.round(zeros * at.countedWeights),
        };
      });
      const best = curve.reduce((a, b) => b.heldOutLoss < a.heldOutLoss ? b : a);
      return {
        ...run,
        id: hashJson({ point, fold: run.fold, seed: run.seed, name: record.name }),
        point,
        status,
        curve,
        final: status === "completed" ? curve.at(-1)! : null,
        best,
      };
    })
  );
  return { record, records };
}

/** The grid of some axes. */
export function gridPoints(axes: { readonly [axis: string]: readonly (number | string)[] }) {
  return Object.entries(axes).reduce<JsonObject[]>(
    (points, [axis, values]) =>
      points.flatMap((point) => values.map((value) => ({ ...point, [axis]: value }))),
    [{}],
  );
}

/** Points, each once. */
export function joined(...lists: readonly (readonly JsonObject[])[]): JsonObject[] {
  return [...new Map(lists.flat().map((point) => [canonicalJson(point), point])).values()];
}

/** Objects merged in depth; lists are replaced. */
function merged(base: JsonObject, change: JsonObject): JsonObject {
  const isObject = (value: unknown): value is JsonObject =>
    value !== null && typeof value === "object" && !Array.isArray(value);
  const result: { [key: string]: JsonObject[string] } = { ...base };
  for (const [key, value] of Object.entries(change)) {
    const own = base[key];
    result[key] = isObject(own) && isObject(value) ? merged(own, value) : value;
  }
  return result;
}
