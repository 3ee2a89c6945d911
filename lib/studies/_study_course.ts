import { join } from "node:path";
import { show } from "../core/check.ts";
import { writeFileAtomically } from "../core/files.ts";
import { OutsideTrouble } from "../core/outside_trouble.ts";
import { canonicalJson, type JsonObject } from "../core/json.ts";
import { isNotFound } from "../core/runtime/errors.ts";
import { readFolderSync, remove, removeSync, rename } from "../core/runtime/files.ts";
import { notebookDisplay } from "../core/runtime/notebook.ts";
import { numericsVersion } from "../core/version.ts";
import { uniqueRuns } from "../records/read_runs.ts";
import { readStudyRecord } from "../records/read_study.ts";
import type { RunRecord } from "../records/run_record.ts";
import type { Provenance, SelectionRule, StudyRecord } from "../records/study_record.ts";
import { counted } from "../statistics/format.ts";
import { textWarnings } from "../statistics/text_warnings.ts";
import { defineStudy, filledInOf } from "./define_study.ts";
import {
  definitionHash,
  differences,
  type FilledIn,
  refuseOtherDefinition,
  type StudyDefinition,
  withStoredRefits,
} from "./same_definition.ts";
import { type StudyFolder, studyFolder } from "./storage/folder.ts";
import { interruptible, StudyInterrupted } from "./interrupt.ts";
import { openJournal } from "./storage/journal.ts";
import { openLedger } from "./storage/ledger.ts";
import { readReadable } from "./storage/mend_journal.ts";
import { takeLock } from "./storage/lock.ts";
import { notebookReporter } from "./notebook_reporter.ts";
import { checkStudyOptions, type StudyOptions, type StudySettings } from "./options.ts";
import type { StudyTrainings } from "./_trainings.ts";
import { collectProvenance } from "./storage/provenance.ts";
import { formatDuration, type StudyReporter, terminalReporter } from "./reporter.ts";
import { pointNeeds } from "./plan/needs.ts";
import { measureEnsembles } from "./_measure_ensembles.ts";
import { missingEnsembles, ownEnsembles } from "./plan/ensembles.ts";
import { askedPoints, expectedRuns, planOf } from "./plan/plan.ts";
import { missingRuns, type PlannedRun } from "./search/planned_run.ts";
import { strategyOf } from "./search/kinds.ts";
import { joinSpaces } from "./search/random_search.ts";
import { copyRuns, entered } from "./_shared_runs.ts";
import { completeSentence, progressOf, startSession } from "./_session.ts";
import { makeStudy, type Study } from "./study.ts";

/** `runStudy` with its trainings given: see there. */
export async function runStudyWith(parts: StudyTrainings, options: StudyOptions): Promise<Study> {
  const checked = checkStudyOptions(options);
  const folder = studyFolder(checked.name, checked.project);
  const { id: engine, name: engineName } = await parts.engine(checked.engine, {
    threads: checked.threads !== undefined,
  });
  const warnings = new Set<string>();
  const warn = (message: string) => void warnings.add(message);
  const { definition, filledIn } = await defineOver(folder, parts, checked, engine, warn);
  const reporter = checked.reporter ?? defaultReporter();
  const finish = ({ study, runs, ensembles, planned }: CompleteStudy) => {
    const progress = progressOf(study, planned, runs);
    const own = ownEnsembles(study, runs, ensembles);
    reporter.finish(progress, completeSentence(study, progress, own));
    return makeStudy(folder, study, { runs, ensembles }, parts.executor);
  };

  const complete = readComplete(folder, definition, filledIn, checked);
  if (complete !== null) return finish(complete);
  for (const warning of warnings) reporter.warn(warning);

  const lock = takeLock(folder.lock, `Study ${show(checked.name)}`);
  const interruption = interruptible(checked.signal);
  const settings = { ...checked, reporter, signal: interruption.signal };
  try {
    if (isReplaced(folder, definition, filledIn)) reporter.warn(await setAside(folder));
    let study = await writeDefinition(folder, definition, filledIn);
    const ledger = openLedger(folder.project);
    const journal = entered(
      openJournal(folder.journal, reporter.warn),
      ledger,
      study.name,
      settings,
    );
    removeCheckpoints(folder, journal.runs().filter(({ status }) => status !== "pruned"));
    const { executor, planMemory } = parts;
    for (const warning of textWarnings({ record: study })) reporter.warn(warning);
    const sessionOptions = { folder, journal, settings, executor, engineName, planMemory };
    const session = startSession({ ...sessionOptions, study });
    const open = openRuns(journal.runs(), checked.retryFailed);
    try {
      let planned: readonly PlannedRun[];
      for (;;) {
        const runs = open.without(journal.runs());
        const asked = askedPoints(study, runs);
        if (asked.length > 0) {
          const more = { ...checked, ...extended(study, asked) };
          const seen = new Set(warnings);
          const grown = await session.withPatience(() => defineStudy(parts, more, engine, warn));
          for (const warning of warnings.difference(seen)) reporter.warn(warning);
          study = await writeDefinition(folder, withStoredRefits(study, grown), filledIn);
          continue;
        }
        planned = planOf(study, runs);
        const missing = missingRuns(planned, runs);
        if (missing.length === 0) break;
        const left = await copyRuns(missing, { study, folder, journal, ledger, settings });
        if (left.length > 0) await session.train(expectedRuns(study, runs), left);
        open.done(missing);
        // Refits are all that comes after cross-validation, unless others need them.
        const last = missing.every(isRefit) && pointNeeds(study).flat().length === 0;
        if (study.strategy === undefined && last) break;
      }
      const ensembles = await measureEnsembles({ ...sessionOptions, study }, session);
      journal.keep();
      if (readStudyRecord(folder.definition) === null) await writeStudy(folder, study);
      // Those at rungs are not needed any more: what the strategy left stays pruned.
      removeCheckpoints(folder, journal.runs());
      return finish({ study, runs: journal.runs(), ensembles, planned });
    } catch (error) {
      const { aborted } = interruption.signal;
      if (!aborted && !(error instanceof OutsideTrouble)) throw error;
      const expected = expectedRuns(study, journal.runs());
      const { done, total } = progressOf(study, expected, journal.runs());
      if (aborted) throw new StudyInterrupted(study.name, done, total, folder.path);
      throw cannotGoOn(error as OutsideTrouble, {
        kept: `${done} of at least ${total} runs are finished and kept in ${folder.path}`,
        study: study.name,
        waited: settings.patienceSeconds,
      });
    } finally {
      await session.close();
      journal.close();
      // Does nothing when unfinished runs have a checkpoint in it.
      await remove(folder.checkpoints).catch(() => {});
    }
  } finally {
    interruption.end();
    lock.release();
  }
}

function cannotGoOn(
  trouble: OutsideTrouble,
  { study, kept, waited }: { study: string; kept: string; waited: number },
): OutsideTrouble {
  const duration = trouble.waited ? ` It stayed so for ${formatDuration(waited)}.` : "";
  return new OutsideTrouble(
    `Study ${study} cannot go on: ${trouble.message}${duration} ${kept}, and none has failed by ` +
      `this. Once it is as it must be, run the same call or command again to do the others.`,
    { cause: trouble },
  );
}

function defaultReporter(): StudyReporter {
  const notebook = notebookDisplay();
  return notebook === null ? terminalReporter() : notebookReporter(notebook);
}

/** A definition, and what of it follows from its points, over what the folder holds. */
interface DefinedOver {
  readonly definition: StudyDefinition;
  readonly filledIn: FilledIn;
}

/** The definition as it is to be: a larger one of the stored study, or one in place of it. */
async function defineOver(
  folder: StudyFolder,
  parts: StudyTrainings,
  settings: StudySettings,
  engine: string,
  warn: (message: string) => void,
): Promise<DefinedOver> {
  const stored = readStudyRecord(folder.definition);
  const definition = await defineOn(stored, parts, settings, engine, warn);
  const filledIn = filledInOf(parts, settings, stored);
  return stored !== null && isReplaced(folder, definition, filledIn)
    ? { definition: await defineOn(null, parts, settings, engine, warn), filledIn }
    : { definition, filledIn };
}

/** A definition with the points that a strategy has asked for before, in their order. */
async function defineOn(
  stored: StudyRecord | null,
  parts: StudyTrainings,
  settings: StudySettings,
  engine: string,
  warn: (message: string) => void,
): Promise<StudyDefinition> {
  const definition = withStoredRefits(stored, await defineStudy(parts, settings, engine, warn));
  if (stored === null || strategyOf(settings.strategy).ask === null) return definition;
  const { points } = joinSpaces(stored.space, definition.space);
  if (points.length === definition.space.points.length) return definition;
  const more = {
    ...settings,
    ...extended({ ...definition, space: { kind: "points", points: [] } }, points),
  };
  return withStoredRefits(stored, await defineStudy(parts, more, engine, warn));
}

/** A larger space; rule and baseline stay those of the points at the beginning. */
function extended(
  { space, select, baseline }: StudyDefinition,
  points: readonly JsonObject[],
): Pick<StudySettings, "space" | "baseline"> & { readonly rule: SelectionRule } {
  return {
    space: { kind: "points", points: [...space.points, ...points] },
    rule: select,
    baseline,
  };
}

const isRefit = ({ fold }: PlannedRun) => fold.index === "final";

/** Failed runs that are to be done again count as missing until they were. */
function openRuns(recorded: readonly RunRecord[], retryFailed: boolean) {
  const open = new Set(
    recorded.filter(({ status }) => retryFailed && status === "failed").map(({ id }) => id),
  );
  return {
    without: (runs: readonly RunRecord[]) => runs.filter(({ id }) => !open.has(id)),
    done(missing: readonly PlannedRun[]) {
      for (const { id } of missing) open.delete(id);
    },
  };
}

/** A study with all that it asks for. */
interface CompleteStudy {
  readonly study: StudyRecord;
  readonly runs: readonly RunRecord[];
  readonly ensembles: readonly RunRecord[];
  readonly planned: readonly PlannedRun[];
}

/** The study when nothing is to be done: then nothing is written either, not even a lock. */
function readComplete(
  folder: StudyFolder,
  definition: StudyDefinition,
  filledIn: FilledIn,
  { retryFailed }: StudySettings,
): CompleteStudy | null {
  const study = readStudyRecord(folder.definition);
  if (study === null || isReplaced(folder, definition, filledIn)) return null;
  refuseOtherDefinition(study, definition, folder.path, filledIn);
  const same = study.definitionHash === definitionHash(definition) &&
    study.provenance.numericsVersion === numericsVersion;
  if (!same) return null;
  const journals = [folder.journal, folder.ensembles].map(readReadable);
  if (journals.some(({ damaged }) => damaged.length > 0)) return null;
  const [runs, ensembles] = journals.map(({ lines }) => uniqueRuns(lines));
  const counted = openRuns(runs, retryFailed).without(runs);
  const planned = planOf(study, counted);
  const complete = missingRuns(planned, counted).length === 0 &&
    askedPoints(study, counted).length === 0 &&
    missingEnsembles(study, counted, openRuns(ensembles, retryFailed).without(ensembles))
        .length === 0;
  return complete ? { study, runs, ensembles, planned } : null;
}

/** Whether the folder holds another definition of whose runs none came to an end of its own. */
function isReplaced(
  folder: StudyFolder,
  definition: StudyDefinition,
  filledIn: FilledIn,
): boolean {
  const stored = readStudyRecord(folder.definition);
  if (stored === null || differences(stored, definition, filledIn).length === 0) return false;
  return uniqueRuns(readReadable(folder.journal).lines).every(({ status }) =>
    status === "diverged" || status === "failed"
  );
}

/**
 * Moves a definition without completed runs, and its records, out of the way.
 *
 * @returns What was done, in one sentence.
 */
async function setAside(folder: StudyFolder): Promise<string> {
  const { length } = uniqueRuns(readReadable(folder.journal).lines);
  if (length > 0) await rename(folder.journal, folder.replacedJournal);
  await remove(folder.checkpoints, { recursive: true }).catch(() => {});
  // Last: until then the next call finds the study as it was.
  await rename(folder.definition, folder.replacedDefinition);
  return `Study ${show(folder.name)} is defined anew, because no run of its other definition ` +
    `completed. That one is kept in ${folder.replacedDefinition}${
      length === 0
        ? ""
        : `, its ${
          counted(length, "record")
        } of diverged or failed runs in ${folder.replacedJournal}`
    }.`;
}

/** Writes `study.json`, or what is new in it: a grown definition, another provenance. */
async function writeDefinition(
  folder: StudyFolder,
  definition: StudyDefinition,
  filledIn: FilledIn,
): Promise<StudyRecord> {
  const stored = readStudyRecord(folder.definition);
  if (stored !== null) refuseOtherDefinition(stored, definition, folder.path, filledIn);
  const provenance = await collectProvenance(folder.project, definition.engine);
  const study: StudyRecord = {
    schemaVersion: 1,
    ...definition,
    definitionHash: definitionHash(definition),
    createdAt: stored?.createdAt ?? new Date().toISOString(),
    ...provenances(stored, provenance),
  };
  if (stored === null || canonicalJson(stored) !== canonicalJson(study)) {
    try {
      await writeStudy(folder, study);
    } catch (error) {
      throw new OutsideTrouble(`${(error as Error).message} No run was started.`, { cause: error });
    }
  }
  return study;
}

function writeStudy({ definition }: StudyFolder, study: StudyRecord): Promise<void> {
  return writeFileAtomically(definition, `${JSON.stringify(study, null, 2)}\n`);
}

function provenances(
  stored: StudyRecord | null,
  now: Provenance,
): Pick<StudyRecord, "provenance" | "resumedWith"> {
  if (stored === null) return { provenance: now };
  const known = [stored.provenance, ...(stored.resumedWith ?? [])];
  // Runs of another numerics version are done again, so this process begins the study anew.
  const first = stored.provenance.numericsVersion === now.numericsVersion ? stored.provenance : now;
  const others = [...known, now].filter((each, index, all) =>
    canonicalJson(each) !== canonicalJson(first) &&
    all.findIndex((other) => canonicalJson(other) === canonicalJson(each)) === index
  );
  return { provenance: first, ...(others.length > 0 ? { resumedWith: others } : {}) };
}

/** Removes parts of files that a killed process left, and the checkpoints of some runs. */
function removeCheckpoints(folder: StudyFolder, runs: readonly RunRecord[]): void {
  const recorded = new Set(runs.map(({ id }) => id));
  const clear = (path: string, isLeftover: (name: string) => boolean) => {
    try {
      for (const { name } of readFolderSync(path)) {
        if (name.endsWith(".tmp") || isLeftover(name)) removeSync(join(path, name));
      }
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  };
  clear(folder.weights, () => false);
  clear(folder.checkpoints, (name) => recorded.has(name.slice(0, name.indexOf("."))));
}
