import type { JsonObject } from "../core/json.ts";
import { perplexity } from "../core/perplexity.ts";
import { parameterCount } from "../records/parameter_count.ts";
import type { EnsembleSummary, FoldIndex, RunRecord, TextSample } from "../records/run_record.ts";
import { mean } from "./estimate.ts";
import { inStudyLoss } from "./study_loss.ts";
import type { StudyRecords } from "./study_records.ts";
import { sumOfCosts } from "./sum_of_costs.ts";
import { keptEvaluation } from "./summarize.ts";

/** What an ensemble came to; losses in the study's unit. */
export interface EnsembleResult {
  /** Point of its members. */
  readonly point: JsonObject;
  /** Fold that its members were trained and it is scored on. */
  readonly fold: FoldIndex;
  /** Seeds of its members. */
  readonly seeds: readonly number[];
  /** What is averaged at each token. */
  readonly mean: EnsembleSummary["mean"];
  /** Mean cross-entropy on held-out text, over the tokens that a run's evaluation reads. */
  readonly validationLoss: number;
  /** exp of the mean cross-entropy per token, whatever the study's unit. */
  readonly perplexity: number;
  /** Mean cross-entropy on training text. */
  readonly trainingLoss: number;
  /** The same on the fold's choosing spans. Absent where it has none. */
  readonly choosingLoss?: number;
  /** How many models it has where they are snapshots of its runs; absent where they are what those ended with. */
  readonly snapshots?: number;
  /** Mean of the runs' own held-out losses, of the weights that they ended with. */
  readonly memberLoss: number;
  /** The lowest of them. */
  readonly bestMemberLoss: number;
  /** Texts that it wrote. */
  readonly samples: readonly TextSample[];
  /** What it takes to keep and to use it. */
  readonly size: {
    readonly members: number;
    /** Weights of all members. */
    readonly weights: number;
    /** Bytes of these weights in single precision. */
    readonly bytes: number;
  };
  /** What its members' training took, summed. */
  readonly cost: {
    /** Optimizer steps. */
    readonly steps: number;
    /** Targets that their losses counted; null where a record is older than costs. */
    readonly tokens: number | null;
    /** Floating-point operations; null there too, and where shapes do not tell. */
    readonly flops: number | null;
  };
  /** Its record, as `ensembles.jsonl` has it. */
  readonly record: RunRecord;
}

/**
 * What the record of an ensemble says, beside its members.
 *
 * @param study The study with the records of the members.
 * @param record Of an ensemble.
 * @throws {RangeError} If it is no ensemble, or a member has no record in the study.
 */
export function ensembleResult(study: StudyRecords, record: RunRecord): EnsembleResult {
  return ensembleResults(study)(record);
}

/** {@link ensembleResult} of many ensembles of a study, whose members are looked up by one index. */
export function ensembleResults(study: StudyRecords): (record: RunRecord) => EnsembleResult {
  const runs = new Map(study.records.map((run) => [run.id, run]));
  return (record) => resultOf(study, record, runs);
}

function resultOf(
  study: StudyRecords,
  record: RunRecord,
  runs: ReadonlyMap<string, RunRecord>,
): EnsembleResult {
  const { ensemble, parameters } = record;
  const [{ final }] = inStudyLoss(study.record, [record]);
  if (ensemble === undefined || final === null) {
    throw new RangeError(`Record ${record.id} is of a run, not of an ensemble.`);
  }
  const members = ensemble.members.map((id) => memberOf(runs, record, id));
  const losses = members.map((run) => keptEvaluation(study, run)!.heldOutLoss);
  const weights = parameterCount(parameters);
  const cost = sumOfCosts(members.map(({ cost }) => cost));
  return {
    point: record.point,
    fold: record.fold,
    seeds: ensemble.seeds,
    mean: ensemble.mean,
    ...(ensemble.snapshots !== undefined && { snapshots: ensemble.snapshots }),
    validationLoss: final.heldOutLoss,
    perplexity: perplexity(record.final!.heldOutLoss),
    trainingLoss: final.trainingLoss,
    ...(final.choosingLoss !== undefined && { choosingLoss: final.choosingLoss }),
    memberLoss: mean(losses),
    bestMemberLoss: Math.min(...losses),
    samples: record.samples,
    size: { members: ensemble.snapshots ?? members.length, weights, bytes: 4 * weights },
    cost: {
      steps: members.reduce((sum, { final }) => sum + final!.step, 0),
      tokens: cost?.tokens ?? null,
      flops: cost?.flops ?? null,
    },
    record,
  };
}

function memberOf(
  runs: ReadonlyMap<string, RunRecord>,
  { id }: RunRecord,
  member: string,
): RunRecord {
  const run = runs.get(member);
  if (run !== undefined && run.status === "completed") return run;
  throw new RangeError(
    `Member ${member} of ensemble ${id} is no run of the study that completed.`,
  );
}
