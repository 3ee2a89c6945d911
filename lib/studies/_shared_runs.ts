import { show } from "../core/check.ts";
import { canonicalJson } from "../core/json.ts";
import { writeFileAtomically } from "../core/files.ts";
import { sha256 } from "../core/hash.ts";
import { readFileSync } from "../core/runtime/files.ts";
import { choosingLossOf } from "../records/choosing_loss.ts";
import { copiedRuns } from "../records/copied_runs.ts";
import { checkRunRecord } from "../records/check_record.ts";
import { reorderedRunKeys, unknownRunKeys } from "../records/record_keys.ts";
import type { ParameterSummary, RunRecord } from "../records/run_record.ts";
import type { StudyRecord } from "../records/study_record.ts";
import { counted, listInWords } from "../statistics/format.ts";
import { costAt } from "../training/cost.ts";
import { readKeptWeights } from "../training/kept_weights.ts";
import { validateSpecification } from "../training/specification.ts";
import { type StudyFolder, studyFolder, weightsNameOf, weightsPathOf } from "./storage/folder.ts";
import type { Journal } from "./storage/journal.ts";
import type { Ledger } from "./storage/ledger.ts";
import type { StudySettings } from "./options.ts";
import { keepsWeights } from "./_request.ts";
import { identityOf } from "./plan/run_id.ts";
import type { PlannedRun } from "./search/planned_run.ts";

/** What copying needs to know of a study. */
export interface Sharing {
  readonly study: StudyRecord;
  readonly folder: StudyFolder;
  /** As {@link entered} gives it. */
  readonly journal: Journal;
  readonly ledger: Ledger;
  readonly settings: StudySettings;
}

/** A journal of which the project's ledger learns what this project trained. */
export function entered(
  journal: Journal,
  ledger: Ledger,
  study: string,
  { trustedRuns }: StudySettings,
): Journal {
  return {
    ...journal,
    append(...runs) {
      journal.append(...runs);
      // What the user trusted in one study is not trained by this project, and not trusted in another.
      const trained = runs.filter(({ copiedFrom }) =>
        copiedFrom === undefined || !Object.hasOwn(trustedRuns, copiedFrom)
      );
      ledger.enter(study, trained);
    },
    close() {
      journal.close();
      ledger.close();
    },
  };
}

/** Records that are synced together, before the signal is looked at. */
const batchSize = 100;

/**
 * Copies runs that other studies of the project have into the journal of a study: those that this project
 * trained, as its ledger says, and those of journals that the user named by their SHA-256. A copy names
 * the study that trained it, and has the point and the weights file of its own study.
 *
 * @param missing Runs without a record.
 * @returns Those that are left to train.
 * @throws {Error} If a trusted journal is not there, or not the file that was named.
 */
export async function copyRuns(
  missing: readonly PlannedRun[],
  sharing: Sharing,
): Promise<readonly PlannedRun[]> {
  const { journal, settings: { shareRuns, signal, reporter } } = sharing;
  if (!shareRuns) return missing;
  const left = new Map(missing.map((run) => [run.id, run]));
  const copied: Pick<RunRecord, "copiedFrom">[] = [];
  for (const { study, records } of sourcesOf(left, sharing)) {
    const copies: RunRecord[] = [];
    const append = () => {
      journal.append(...copies.splice(0));
      signal?.throwIfAborted();
    };
    for (const record of records) {
      const run = left.get(record.id);
      const copy = run && await copyOf(run, record, study, sharing);
      if (!copy) continue;
      left.delete(record.id);
      copied.push({ copiedFrom: copy.copiedFrom });
      if (copies.push(copy) === batchSize) append();
    }
    if (copies.length > 0) append();
  }
  if (copied.length > 0) reporter?.note?.(copiedSentence(copiedRuns(copied), left.size));
  return [...left.values()];
}

function copiedSentence(copied: readonly [string, number][], left: number): string {
  const [[study, runs], ...others] = copied;
  const from = [
    `${counted(runs, "run")} ${runs === 1 ? "was" : "were"} copied from study ${study}`,
    ...others.map(([study, runs]) => `${runs} from study ${study}`),
  ];
  return `${listInWords(from)}; ${left === 0 ? "none is" : left === 1 ? "1 is" : `${left} are`} ` +
    `left to train.`;
}

/** Ids of runs, or a map from them. */
type Ids = { has(id: string): boolean };

/** Records of one study that may be copied. */
interface Source {
  readonly study: StudyFolder;
  readonly records: readonly RunRecord[];
}

/** Studies that have some of the runs, each read when it is its turn. */
function* sourcesOf(
  ids: Ids,
  { study: { name }, folder: { project }, ledger, settings: { trustedRuns } }: Sharing,
): Generator<Source, void> {
  for (const [trainer, hashes] of ledger.find(ids)) {
    // What is missing here was taken out here.
    if (trainer === name) continue;
    const source = sourceOf(trainer, project);
    if (source === null) continue;
    const { study, content } = source;
    yield { study, records: recordsIn(content, ids, (line) => hashes.has(sha256(line))) };
  }
  for (const [trusted, hash] of Object.entries(trustedRuns)) {
    const source = sourceOf(trusted, project);
    const found = source === null ? "no file that can be read" : sha256(source.content);
    if (source === null || found !== hash) {
      throw new Error(
        `Cannot copy runs of study ${show(trusted)}: trustedRuns says that the SHA-256 of its ` +
          `runs.jsonl is ${hash}, found ${found}. Nothing was copied from it.`,
      );
    }
    const records = recordsIn(source.content, ids, () => true).filter((record) =>
      unknownRunKeys(record).length + reorderedRunKeys(record).length === 0
    );
    // Whoever else trained them did so elsewhere.
    const named = records.map((record) => ({ ...record, copiedFrom: trusted }));
    yield { study: source.study, records: named };
  }
}

/** The journal of a study; null where it is gone or cannot be read. */
function sourceOf(
  name: string,
  project: string,
): { readonly study: StudyFolder; readonly content: Uint8Array } | null {
  try {
    const study = studyFolder(name, project);
    return { study, content: readFileSync(study.journal) };
  } catch {
    return null;
  }
}

const lineFeed = 10;

/** Every line of a journal begins so; the id of its run is next. */
const beginning = '{"schemaVersion":1,"id":"';

/** Records of some runs in a journal, those that ended first; other lines are not even parsed. */
function recordsIn(
  content: Uint8Array,
  ids: Ids,
  isTrusted: (line: Uint8Array) => boolean,
): RunRecord[] {
  const records: RunRecord[] = [];
  const decoder = new TextDecoder();
  let start = 0;
  for (let end; (end = content.indexOf(lineFeed, start)) !== -1; start = end + 1) {
    const line = content.subarray(start, end);
    const id = decoder.decode(line.subarray(beginning.length, beginning.length + 64));
    if (!ids.has(id) || !isTrusted(line)) continue;
    try {
      records.push(checkRunRecord(JSON.parse(decoder.decode(line))));
    } catch { /* not a line of this format: its run is trained */ }
  }
  const ended = ({ status }: RunRecord) => status === "completed" || status === "diverged";
  return records.sort((a, b) => Number(ended(b)) - Number(ended(a)));
}

/** A record as the study would have it of the same run, its weights copied; null where it cannot be. */
async function copyOf(
  run: PlannedRun,
  record: RunRecord,
  source: StudyFolder,
  { study, folder, settings: { keepWeights } }: Sharing,
): Promise<RunRecord | null> {
  const same = isOf(run, record, study) ? untilStop(run, record) : null;
  if (same === null) return null;
  const { weightsSha256, ...rest } = same;
  const { copiedFrom: trainer = source.name } = record;
  // A study whose journal was removed may get its own runs back.
  const copiedFrom = trainer === study.name ? source.name : trainer;
  const copy = { ...rest, point: run.point, weights: null };
  if (same.status !== "completed" || !keepsWeights(study, run, keepWeights)) {
    return { ...copy, copiedFrom };
  }
  // Those of older records cannot be checked.
  if (weightsSha256 === undefined) return null;
  const bytes = await readKeptWeights(weightsPathOf(source, run.id), same).catch(() => null);
  if (bytes === null) return null;
  await writeFileAtomically(weightsPathOf(folder, run.id), bytes);
  return { ...same, point: run.point, weights: weightsNameOf(folder, run.id), copiedFrom };
}

/** Whether a record says of itself what the id of a planned run stands for. */
function isOf(run: PlannedRun, record: RunRecord, study: StudyRecord): boolean {
  const needed = identityOf(run);
  return record.fold === run.fold.index && record.seed === run.seed &&
    record.engine === study.engine &&
    record.numericsVersion === study.provenance.numericsVersion &&
    canonicalJson([record.warmStartedFrom ?? null, record.teachers ?? []]) ===
      canonicalJson([needed.warmStartedFrom ?? null, needed.teachers ?? []]);
}

/**
 * The record that a run has when it ends or pauses where the plan has it: one that went further is cut off
 * at the rung, which leaves what the same training had recorded there.
 *
 * @returns Null where the record ends before.
 */
export function untilStop(run: PlannedRun, record: RunRecord): RunRecord | null {
  const { stopAt = Infinity, specification, fold } = run;
  const { status, curve } = record;
  const last = curve.at(-1)?.step ?? 0;
  if (status === "failed" || (status === "pruned" && last < stopAt)) return null;
  // Early stopping ends a run in its pause, a divergence behind its last evaluation comes after it.
  if (status === "diverged" ? last < stopAt : last <= stopAt) return record;
  const until = curve.filter(({ step }) => step <= stopAt);
  const final = until.at(-1);
  if (final?.step !== stopAt) return null;
  const { cost: whole, parameters, adapters, ...measured } = record;
  const { weightsSha256: _, pairs: __, tokenAccuracy: ___, infilling: ____, ...rest } = measured;
  // What teachers add is not known here.
  const cost = whole && record.teachers === undefined &&
    costAt(validateSpecification(specification), fold, record, stopAt);
  return {
    ...rest,
    ...(cost && { cost }),
    parameters: parameters.map(withoutCount),
    ...(adapters && { adapters: adapters.map(withoutCount) }),
    status: "pruned",
    curve: until,
    final,
    best: until.reduce((low, at) => choosingLossOf(at) < choosingLossOf(low) ? at : low),
    stoppedAtStep: null,
    samples: [],
    weights: null,
    error: null,
  };
}

/** A parameter without what was counted of it at the end. */
function withoutCount({ unchangedWeights: _, ...parameter }: ParameterSummary): ParameterSummary {
  return parameter;
}
