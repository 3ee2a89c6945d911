import { show, showLong } from "../core/check.ts";
import { canonicalJson } from "../core/json.ts";
import { randomStream } from "../core/random.ts";
import { isNotFound } from "../core/runtime/errors.ts";
import { statSync } from "../core/runtime/files.ts";
import { parameterCount } from "../records/parameter_count.ts";
import { readJournal, uniqueRuns } from "../records/read_runs.ts";
import type { RunRecord } from "../records/run_record.ts";
import type { StudyRecord } from "../records/study_record.ts";
import { type EnsembleResult, ensembleResults } from "../statistics/ensemble_result.ts";
import { counted } from "../statistics/format.ts";
import { digestRuns } from "../studies/digest.ts";
import {
  ownEnsembles,
  type PlannedEnsemble,
  plannedEnsembles,
  summaryOf,
} from "../studies/plan/ensembles.ts";
import type { StudyFolder } from "../studies/storage/folder.ts";
import type { Findings } from "./_findings.ts";
import { failedNotes, journalProblems } from "./_journal.ts";
import { bitsProblems } from "./_records.ts";
import { misspelledLines, wholeText } from "./_spelling.ts";
import { dueOf, type Retrainer } from "./_train_again.ts";

/**
 * Nats by which an ensemble of probabilities may lose more than its members do on average, relative to a
 * loss above 1: batches are summed in single precision.
 */
const rounding = 1e-5;

/**
 * Looks at `ensembles.jsonl`: ids that no members of the study give, records that contradict their members
 * or themselves, ensembles that are missing. Nothing is added where the study has none and no such file.
 *
 * @param runs Records of the study's runs.
 * @returns Records of the ensembles that the study asks for.
 */
export async function verifyEnsembles(
  { add }: Findings,
  folder: StudyFolder,
  study: StudyRecord,
  runs: readonly RunRecord[],
): Promise<readonly RunRecord[]> {
  const there = isThere(folder.ensembles);
  if (!there && study.ensembles === undefined) return [];
  try {
    const { lines, torn } = readJournal(folder.ensembles);
    const { problems, missing } = lineProblems(study, runs, lines);
    add(
      `ensembles.jsonl: ids and contradictions in ${counted(lines.length, "line")}`,
      [
        ...(study.ensembles === undefined ? ["study.json asks for no ensembles"] : []),
        ...problems,
        ...(missing === 0 ? [] : [`${missing} ensembles whose members completed are missing`]),
        ...journalProblems(lines),
        ...(torn === null ? [] : [`line ${torn.line} is torn`]),
        ...(there ? misspelledLines(await wholeText(folder.ensembles)) : []),
      ],
      failedNotes(uniqueRuns(lines)),
    );
    return ownEnsembles(study, runs, uniqueRuns(lines));
  } catch (error) {
    // What a damaged file throws is what is wrong with it.
    add("ensembles.jsonl", [(error as Error).message]);
    return [];
  }
}

/**
 * Trains the members of a sample of ensembles again and measures their means.
 *
 * @param found What the study has, how many are wanted, and the seed that chooses them.
 * @param means `isOwn`: whether the code of an ensemble's members is the project's own; that of others is
 * trained where it may write nothing, and weights have to be written.
 */
export async function measureSample(
  { study, runs, ensembles, sample, seed }: {
    readonly study: StudyRecord;
    readonly runs: readonly RunRecord[];
    readonly ensembles: readonly RunRecord[];
    readonly sample: number;
    readonly seed: number;
  },
  { retrainer, add, signal, isOwn }: Pick<Findings, "add"> & {
    readonly retrainer: Retrainer;
    readonly signal: AbortSignal | undefined;
    isOwn(plan: PlannedEnsemble): boolean;
  },
): Promise<void> {
  if (sample === 0 || ensembles.length === 0) return;
  const planned = new Map(plannedEnsembles(study, runs).map((each) => [each.id, each]));
  const able = ensembles.filter(({ id, status }) => {
    return status === "completed" && isOwn(planned.get(id)!);
  });
  const order = randomStream(seed, "ensembles to measure again").permutation(able.length);
  const drawn = [...order.subarray(0, sample)].map((index) => able[index]);
  const left = ensembles.length - drawn.length;
  add(
    `sample: ${counted(drawn.length, "ensemble")} of ${ensembles.length}, chosen by seed ${seed}`,
    [],
    left === 0 ? [] : [`nothing here shows that the records of the other ${left} are right`],
  );
  for (const recorded of drawn) {
    const what = `ensemble ${recorded.id.slice(0, 12)}, its members trained again and measured`;
    try {
      const again = await retrainer.measureAgain(planned.get(recorded.id)!, recorded);
      add(`${what} on ${again.engine}: ${dueOf(again)}`, again.problems);
    } catch (error) {
      signal?.throwIfAborted();
      add(what, [(error as Error).message]);
    }
  }
}

function isThere(path: string): boolean {
  try {
    statSync(path);
    return true;
  } catch (error) {
    if (isNotFound(error)) return false;
    throw error;
  }
}

function lineProblems(
  study: StudyRecord,
  runs: readonly RunRecord[],
  lines: readonly RunRecord[],
): { problems: string[]; missing: number } {
  const planned = new Map(plannedEnsembles(study, runs).map((each) => [each.id, each]));
  const known = new Map(runs.map((run) => [run.id, run]));
  const resultOf = ensembleResults({ record: study, records: runs });
  const digests = new Map<string, string>();
  const problems = lines.flatMap((record, index) => {
    const plan = planned.get(record.id);
    const found = plan === undefined
      ? strangeProblems(study, record, known)
      : [...identityProblems(study, plan, record), ...contradictions(record, known, resultOf)];
    const digest = digestRuns([record]);
    if (record.status === "completed") {
      if ((digests.get(record.id) ?? digest) !== digest) {
        found.push("it disagrees with an earlier line of the same ensemble");
      }
      digests.set(record.id, digest);
    }
    return found.map((problem) => `line ${index + 1}: ${problem}`);
  });
  const ids = new Set(lines.map(({ id }) => id));
  return { problems, missing: [...planned.keys()].filter((id) => !ids.has(id)).length };
}

/** Of a record that the study does not ask for: well where its members are of other runs than it has now. */
function strangeProblems(
  study: StudyRecord,
  { fold, engine, numericsVersion, ensemble }: RunRecord,
  known: ReadonlyMap<string, RunRecord>,
): string[] {
  if (ensemble === undefined) return ["it is no ensemble"];
  const other = engine !== study.engine || numericsVersion !== study.provenance.numericsVersion ||
    // Before seeds were added, an ensemble of all of them had others.
    ensemble.seeds.length < study.seeds.length ||
    // Another step was chosen for its members before the study grew.
    (fold === "final" && study.refits !== undefined) ||
    ensemble.members.some((id) => !known.has(id));
  return other ? [] : ["no members and mean of the study's ensembles give its id"];
}

function identityProblems(
  study: StudyRecord,
  plan: PlannedEnsemble,
  record: RunRecord,
): string[] {
  const due = {
    point: plan.point,
    fold: plan.fold.index,
    seed: plan.members[0].seed,
    ensemble: {
      ...summaryOf(plan),
      // How many a run has taken is not planned, and not said of one that failed.
      ...(plan.snapshots && record.ensemble?.snapshots !== undefined &&
        { snapshots: record.ensemble.snapshots }),
    },
    engine: study.engine,
    numericsVersion: study.provenance.numericsVersion,
  };
  return (Object.keys(due) as (keyof typeof due)[])
    .filter((key) => canonicalJson(record[key] ?? null) !== canonicalJson(due[key]))
    .map((key) => `${key} is ${showLong(record[key])}, its id is of ${showLong(due[key])}`);
}

/** Numbers of a record that follow from others of it or of its members, and do not. */
function contradictions(
  record: RunRecord,
  runs: ReadonlyMap<string, RunRecord>,
  resultOf: (record: RunRecord) => EnsembleResult,
): string[] {
  const { status, curve, final, best, ensemble, parameters } = record;
  if (status === "failed") return [];
  const found: string[] = [];
  if (status !== "completed") found.push(`it is ${status}, which no ensemble can be`);
  if (curve.length !== 1 || final === null) return [...found, "it has not one evaluation"];
  const [at] = curve;
  if (canonicalJson(final) !== canonicalJson(at) || canonicalJson(best) !== canonicalJson(at)) {
    found.push("final and best are not its evaluation");
  }
  if (at.step !== 0) found.push(`its evaluation is at step ${at.step}, though it trains nothing`);
  if (at.generalizationGap !== at.heldOutLoss - at.trainingLoss) {
    found.push("the gap is not held-out minus training loss");
  }
  found.push(...bitsProblems(record));
  const members = ensemble!.members.flatMap((id) => runs.get(id) ?? []);
  const { snapshots } = ensemble!;
  const weights = snapshots === undefined
    ? members.reduce((sum, run) => sum + parameterCount(run.parameters), 0)
    : snapshots * parameterCount(members[0].parameters);
  if (parameterCount(parameters) !== weights) {
    found.push(`it counts ${parameterCount(parameters)} weights, its members have ${weights}`);
  }
  const other = members.find(({ tokens }) =>
    canonicalJson(tokens) !== canonicalJson(record.tokens)
  );
  if (other !== undefined) found.push(`it was not measured on the tokens of member ${other.id}`);
  const { validationLoss, memberLoss } = resultOf(record);
  const most = memberLoss + rounding * Math.max(1, memberLoss);
  // What snapshots lose by themselves is not recorded.
  const isBounded = ensemble!.mean === "probabilities" && snapshots === undefined;
  if (isBounded && !(validationLoss <= most)) {
    found.push(
      `it loses ${
        show(validationLoss)
      }, more than its members on average, ${memberLoss}, which no ` +
        `mean of probabilities can`,
    );
  }
  return found;
}
