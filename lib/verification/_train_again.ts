import { engineNameOf } from "../core/engine_name.ts";
import { canonicalJson } from "../core/json.ts";
import { numericsVersion } from "../core/version.ts";
import { useEngine } from "../engine/engine.ts";
import type { CurvePoint, RunRecord } from "../records/run_record.ts";
import { comparable, digestRuns } from "../studies/digest.ts";
import type { PlannedRun } from "../studies/run_id.ts";
import { executeRun } from "../training/run.ts";

/**
 * Nats by which a loss may differ when a run is trained again on another engine, or by another version
 * of the numbers, relative to a loss above 1: both round otherwise, and training amplifies that.
 * Measured for a GRU of 32 over 1,500 steps of Adam, wasm against OpenBLAS: less than 1e-6.
 */
export const lossTolerance = 0.01;

/** What training a run again came to. */
export interface TrainedAgain {
  /** Whether the same bits are due: same engine, same version of the numbers. */
  readonly exact: boolean;
  /** Engine that trained it now. */
  readonly engine: string;
  readonly problems: readonly string[];
}

/**
 * Trains a recorded run again and compares.
 *
 * @param plan What its id stands for.
 * @param recorded Its record.
 * @param isCancelled Asked about ten times a second.
 */
export async function trainAgain(
  plan: PlannedRun,
  recorded: RunRecord,
  isCancelled: () => boolean,
): Promise<TrainedAgain> {
  const name = engineNameOf(recorded.engine);
  const { id, point, specification, fold, seed } = plan;
  // Falls back to wasm where the record's engine is not to be had.
  const { name: engine } = await useEngine(name);
  const hashWeights = recorded.weightsSha256 !== undefined;
  const record = await executeRun(
    { id, point, specification, fold, seed, engine, weightsPath: null, hashWeights },
    { isCancelled },
  );
  const exact = record.engine === recorded.engine && recorded.numericsVersion === numericsVersion;
  if (exact) {
    const same = digestRuns([record]) === digestRuns([recorded]);
    const problems = same ? [] : differences(recorded, record);
    if (recorded.weightsSha256 !== record.weightsSha256) {
      problems.push("its kept weights have another SHA-256 than those of the training");
    }
    return { exact, engine: record.engine, problems };
  }
  return { exact, engine: record.engine, problems: outsideTolerance(recorded, record) };
}

/** Where two records of one run differ, but for what is no part of the digest; the first few. */
export function differences(recorded: RunRecord, now: RunRecord): string[] {
  const found: string[] = [];
  const visit = (path: string, a: unknown, b: unknown) => {
    if (found.length >= 5 || canonical(a) === canonical(b)) return;
    if (a !== null && b !== null && typeof a === "object" && typeof b === "object") {
      const keys = new Set([...Object.keys(a), ...Object.keys(b)]);
      for (const key of keys) {
        visit(`${path}.${key}`, (a as Fields)[key], (b as Fields)[key]);
      }
      return;
    }
    found.push(`${path.slice(1)} is ${canonical(a)} in the records, ${canonical(b)} when trained`);
  };
  const [before, after] = [comparable(recorded), comparable(now)];
  for (const key of compared) visit(`.${key}`, before[key], after[key]);
  return found;
}

type Fields = { readonly [key: string]: unknown };

function canonical(value: unknown): string {
  return value === undefined ? "absent" : canonicalJson(value);
}

const compared = [
  "status",
  "curve",
  "final",
  "best",
  "stoppedAtStep",
  "tokens",
  "pairs",
  "parameters",
  "samples",
  "error",
] as const;

/** Losses that two engines do not agree on. */
export function outsideTolerance(recorded: RunRecord, now: RunRecord): string[] {
  if (recorded.status !== now.status) {
    return [`status is ${recorded.status} in the records, ${now.status} when trained`];
  }
  const steps = (run: RunRecord) => run.curve.map(({ step }) => step).join();
  // Early stopping may come an evaluation earlier or later; what both have is compared.
  if (recorded.stoppedAtStep === null && steps(recorded) !== steps(now)) {
    return ["it was evaluated at other steps"];
  }
  return recorded.curve.flatMap((at) => {
    const other = now.curve.find(({ step }) => step === at.step);
    return other === undefined ? [] : [
      ...compareLoss("trainingLoss", at, other),
      ...compareLoss("heldOutLoss", at, other),
    ];
  }).slice(0, 5);
}

function compareLoss(key: "trainingLoss" | "heldOutLoss", a: CurvePoint, b: CurvePoint): string[] {
  const allowed = lossTolerance * Math.max(1, Math.abs(a[key]));
  // Written so that NaN is outside.
  if (Math.abs(a[key] - b[key]) <= allowed) return [];
  return [
    `${key} at step ${a.step} is ${a[key]} in the records, ${b[key]} when trained: more than ` +
    `${allowed.toFixed(3)} apart`,
  ];
}
