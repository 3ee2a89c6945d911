import { sha256 } from "../core/hash.ts";
import { canonicalJson } from "../core/json.ts";
import type { CurvePoint, RunRecord } from "../records/run_record.ts";
import { uniqueRuns } from "../records/read_runs.ts";

/**
 * One SHA-256 that says whether two sets of runs are the same: the records as canonical JSON, one a
 * line, sorted by id, without what may differ between two machines that agree on every number:
 * `attempts`, `durationSeconds`, `finishedAt`, `host`, `arenaMaximumBytes`, `copiedFrom`, `cost`, `weights`
 * and `weightsSha256` (where a file lies, and its hash), and the `error` of a `failed` run (words of the operating system). What only describes a run
 * and came later is left out as well, so that a run of today equals its older record: each evaluation's
 * `knownHeldOutLoss`, `bitsPerByte` and `bitsPerCharacter`, `tokens.trainingUnknownShare` and `tokens.textLost`.
 *
 * @param runs Records in any order; of several with one id, the one that counts is taken.
 * @returns 64 lowercase hexadecimal digits.
 *
 * @example
 * ```ts
 * import { digestRuns } from "./digest.ts";
 * import { sha256 } from "../core/hash.ts";
 * import assert from "node:assert/strict";
 * assert.equal(digestRuns([]), sha256(""));
 * ```
 */
export function digestRuns(runs: readonly RunRecord[]): string {
  const sorted = uniqueRuns(runs).sort((a, b) => (a.id < b.id ? -1 : 1));
  return sha256(sorted.map((run) => `${canonicalJson(comparable(run))}\n`).join(""));
}

/** A record without what may differ between two machines that agree on every number. */
export function comparable(run: RunRecord): Partial<RunRecord> {
  const {
    attempts: _,
    durationSeconds: __,
    finishedAt: ___,
    host: ____,
    weights: _____,
    arenaMaximumBytes: ______,
    weightsSha256: _______,
    copiedFrom: ________,
    cost: _________,
    ...rest
  } = run;
  return {
    ...rest,
    curve: rest.curve.map(withoutDescriptions),
    final: rest.final && withoutDescriptions(rest.final),
    best: rest.best && withoutDescriptions(rest.best),
    tokens: tokensOf(rest),
    ...(rest.status === "failed" && { error: null }),
  };
}

function tokensOf({ tokens }: Pick<RunRecord, "tokens">): RunRecord["tokens"] {
  const { trainingUnknownShare: _, textLost: __, ...rest } = tokens;
  return rest;
}

function withoutDescriptions(at: CurvePoint): CurvePoint {
  const { knownHeldOutLoss: _, bitsPerByte: __, bitsPerCharacter: ___, ...rest } = at;
  return rest;
}
