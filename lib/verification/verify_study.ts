import { checkOptions, integer, passed } from "../core/options.ts";
import { mostRuns } from "../core/limits.ts";
import { projectFolder } from "../core/project.ts";
import { randomStream } from "../core/random.ts";
import { notFound } from "../core/runtime/errors.ts";
import { readJournal, uniqueRuns } from "../records/read_runs.ts";
import { readStudyRecord } from "../records/read_study.ts";
import type { RunRecord } from "../records/run_record.ts";
import type { StudyRecord } from "../records/study_record.ts";
import { counted } from "../statistics/format.ts";
import { studyFolder } from "../studies/storage/folder.ts";
import { ownRuns } from "../studies/plan/run_id.ts";
import { carriedFiles, verifyCarried } from "./_carried.ts";
import { measureSample, verifyEnsembles } from "./_ensembles.ts";
import { corpusRemarks, definitionProblems } from "./_definition.ts";
import {
  type DerivedDocument,
  documentProblems,
  missingDocuments,
  reportsOf,
} from "./_documents.ts";
import { comparisonsOf } from "./_comparisons.ts";
import { filesBelow, linksAmong, otherFiles } from "./_files.ts";
import { copyNotes, failedNotes, journalProblems, orderNotes } from "./_journal.ts";
import { plannedRuns, recordProblems } from "./_records.ts";
import { misspelled, misspelledLines, wholeText } from "./_spelling.ts";
import { judgeOwnCode, type Standing } from "./_own_code.ts";
import { dueOf, startRetrainer, type TrainedAgain } from "./_train_again.ts";
import { verifyWeights } from "./_weights.ts";

export type { DerivedDocument };

/** One thing that was looked at. */
export interface VerifiedPart {
  /** What, in words. */
  readonly what: string;
  /** What is wrong with it; nothing when all is well. */
  readonly problems: readonly string[];
  /** What a reader should know of it, and is not wrong. */
  readonly notes: readonly string[];
}

/** Options of {@link verifyStudy}. */
export interface VerifyOptions {
  /**
   * Finished runs that are trained again, chosen by `seed`.
   *
   * @default {0}
   */
  readonly sample?: number;
  /**
   * Chooses the runs.
   *
   * @default {1}
   */
  readonly seed?: number;
  /**
   * Command that runs the study, or how it follows from `study.json`: what its reports may show beside
   * the library's own commands. Any other is a problem.
   */
  readonly command?: string | ((study: StudyRecord) => string);
  /** Other files that are computed from the records. */
  readonly documents?: readonly DerivedDocument[];
  /** Told of each part when it has been looked at. */
  readonly onPart?: (part: VerifiedPart) => void;
  /**
   * SHA-256 of code that is not this project's own, such as a module that came with the study's folder, and
   * that you have read: with a sample it is trained, in a process that reads a copy of what it needs and
   * may do nothing else. None by default.
   */
  readonly trust?: readonly string[];
  /** Ends a training. */
  readonly signal?: AbortSignal;
  /** Project folder; the nearest one with a deno.json by default. */
  readonly project?: string;
}

const described = {
  sample: integer({ from: 0, to: mostRuns }, 0),
  seed: integer({}, 1),
  command: passed<VerifyOptions["command"]>(),
  documents: passed<readonly DerivedDocument[]>([]),
  onPart: passed<(part: VerifiedPart) => void>(() => {}),
  trust: passed<readonly string[]>([]),
  signal: passed<AbortSignal | undefined>(),
  project: passed<string | undefined>(),
};

/**
 * Checks a stored study without trusting it: computes its definition's hash, specifications, run ids
 * and corpus checksum again, looks for contradictions in its records, compares kept weights with their
 * SHA-256, makes its report again from the records and compares the bytes (the report carries a SHA-256
 * of all records), names files that nothing of the study names, and trains a sample of its runs again.
 *
 * Without a sample it cannot see records that were changed without a contradiction together with the
 * report and the hashes: docs/verification.md lists what it finds.
 *
 * A run trained again gives the same bits on the same engine and version of the numbers; on another its
 * losses may differ by 0.01 nats (by 1 % of a loss above 1).
 *
 * @param name Name of the study: its folder below `results/`.
 * @param options See {@link VerifyOptions}.
 * @returns What was looked at, with what is wrong.
 * @throws {Deno.errors.NotFound} If there is no such study.
 */
export async function verifyStudy(
  name: string,
  options: VerifyOptions = {},
): Promise<VerifiedPart[]> {
  const { sample, seed, documents, onPart, trust, signal } = checkOptions(
    "verifyStudy",
    options,
    described,
  );
  const folder = studyFolder(name, options.project ?? projectFolder());
  const parts: VerifiedPart[] = [];
  const add = (what: string, problems: readonly string[], notes: readonly string[] = []) => {
    parts.push({ what, problems, notes });
    onPart(parts.at(-1)!);
  };
  /** What a damaged file throws is what is wrong with it. */
  const read = <T>(what: string, from: () => T): T | undefined => {
    try {
      return from();
    } catch (error) {
      add(what, [(error as Error).message]);
    }
  };

  const study = read("study.json", () => readStudyRecord(folder.definition));
  if (study === undefined) return parts;
  if (study === null) {
    throw notFound(`There is no study ${name}: ${folder.definition} is missing.`);
  }
  const spelling = misspelled(await wholeText(folder.definition), 2);
  add(`study.json: hash and ${study.specifications.length} specifications`, [
    ...definitionProblems(study, name),
    ...(spelling === null ? [] : [`it is not as the library writes it: ${spelling}`]),
  ]);
  const corpus = await corpusRemarks(study);
  add(`corpus ${study.corpus.name}: checksum and size`, corpus.problems, corpus.notes);
  const carried = await verifyCarried(folder.path, study);
  if (carried !== null) {
    add(
      `text and modules that came along: SHA-256 of ${counted(carried.compared, "file")}`,
      carried.problems,
    );
  }
  const journal = read("runs.jsonl", () => readJournal(folder.journal));
  if (journal === undefined) return parts;
  const { lines, torn } = journal;
  const runs = uniqueRuns(lines);
  const checked = read("runs.jsonl: ids", () => recordProblems(study, lines));
  const { problems, stale } = checked ?? { problems: [], stale: 0 };
  problems.push(...journalProblems(lines));
  if (torn !== null) problems.push(`line ${torn.line} is torn`);
  if (lines.length > 0) problems.push(...misspelledLines(await wholeText(folder.journal)));
  add(
    `runs.jsonl: ids and contradictions in ${lines.length} lines` +
      (stale > 0
        ? ` (${stale} of other engines or versions, or refits to another step, not looked at)`
        : ""),
    problems,
    [...orderNotes(lines), ...copyNotes(runs), ...failedNotes(runs)],
  );
  const records = ownRuns(study, runs);
  const weights = await verifyWeights(folder, runs);
  if (weights !== null) {
    add(
      `weights: SHA-256 of ${counted(weights.compared, "file")}`,
      weights.problems,
      weights.notes,
    );
  }
  const ensembles = await verifyEnsembles(folder, study, runs, add);
  const source = { record: study, records, ensembles };
  const { command = null } = options;
  // Records that contradict their study may be such that no report can be made of them.
  const reports = read(
    "reports: made of the records again",
    () => reportsOf(source, typeof command === "function" ? command(study) : command),
  ) ?? [];
  const found = new Set<string>();
  for (const document of [...reports, ...documents]) {
    const remarks = await documentProblems(folder.path, document, source);
    if (remarks === null) continue;
    found.add(document.name);
    add(
      `${document.name}: every number and text, computed from the records again`,
      remarks.problems,
      remarks.notes,
    );
  }
  if (found.size === 0) add("no report: there is none to compare (deno task report writes it)", []);
  const [absent, notThere] = missingDocuments(reports, documents, found);
  if (absent.length + notThere.length > 0) {
    add(`documents: ${found.size} are there`, absent, notThere);
  }
  const paths = await filesBelow(folder.path);
  const comparisons = comparisonsOf({ record: study, records: runs }, paths, folder.project);
  for (const { other, documents } of comparisons) {
    const there = documents.filter(({ name }) => paths.includes(name));
    for (const document of there) {
      const remarks = await documentProblems(folder.path, document, source);
      add(
        `${document.name}: every number and text, computed from the records of both studies again`,
        remarks?.problems ?? [],
      );
    }
    if (!paths.includes(`compare-with-${other}.md`)) continue;
    const absent = documents.filter(({ name }) => name.endsWith(".png") && !paths.includes(name));
    if (absent.length === 0) continue;
    add(
      `compare-with-${other}.md: its pictures`,
      absent.map(({ name }) => `${name} is not there, though it was written together with what is`),
    );
  }
  const named = [...reports, ...documents, ...comparisons.flatMap(({ documents }) => documents)];
  const others = otherFiles(paths, runs, [
    ...named.map(({ name }) => name),
    ...carriedFiles(study),
  ]);
  const reasonOf = (path: string) =>
    comparisons.find(({ other, reason }) =>
      reason !== null && path.includes(`compare-with-${other}`)
    )?.reason;
  if (others.unnamed.length + others.notLookedAt.length > 0) {
    const all = others.unnamed.length + others.notLookedAt.length;
    add(`other files in the folder: ${all}`, [], [
      ...others.unnamed.map((path) => `${path}: nothing of the study names it`),
      ...others.notLookedAt.map((path) => {
        const reason = reasonOf(path);
        return `${path}: not looked at${reason === undefined ? "" : `, because ${reason}`}`;
      }),
    ]);
  }
  const links = linksAmong(folder.path, paths);
  if (links.length > 0) {
    add(
      `links in the folder: ${links.length}`,
      [],
      links.map((path) => `${path} is a link, to what may lie anywhere`),
    );
  }
  const code = await judgeOwnCode(study, folder.project, trust, paths);
  const planned = plannedRuns(study, runs);
  const standingOf = ({ id }: RunRecord): Standing => {
    const plan = planned.get(id);
    return plan === undefined ? "refused" : code.standing(plan.specification);
  };
  // A run that began with the weights of another cannot be trained again alone.
  const all = records.filter(({ status, warmStartedFrom }) =>
    (status === "completed" || status === "diverged") && warmStartedFrom === undefined
  );
  const finished = all.filter((run) => standingOf(run) !== "refused");
  if (code.count + code.refusals.length > 0) {
    const left = all.length - finished.length;
    const unseen = left === 0 ? [] : [`${counted(left, "run")} cannot be trained again here`];
    const refusals = [...code.refusals, ...unseen];
    const what = `own code: ${counted(code.count, "module")}, of which none is run by this process`;
    // Without a sample nothing is to be trained, so what may not run is no problem.
    if (sample > 0) add(what, refusals, code.notes);
    else add(what, [], [...refusals, ...code.notes]);
  }
  const order = randomStream(seed, "runs to train again").permutation(finished.length);
  if (sample > 0) {
    const left = Math.max(0, finished.length - sample);
    add(
      `sample: ${
        counted(finished.length - left, "run")
      } of ${finished.length}, chosen by seed ${seed}`,
      [],
      left === 0 ? [] : [`nothing here shows that the records of the other ${left} are right`],
    );
  }
  const retrainer = startRetrainer(folder.project, trust, signal);
  try {
    for (const index of order.subarray(0, sample)) {
      const recorded = finished[index];
      const what = `run ${recorded.id.slice(0, 12)} trained again`;
      let again: TrainedAgain;
      try {
        again = await retrainer.trainAgain(
          planned.get(recorded.id)!,
          recorded,
          standingOf(recorded) === "trusted" ? "trusted" : "own",
        );
      } catch (error) {
        signal?.throwIfAborted();
        // Such as a text that is not here.
        add(what, [(error as Error).message]);
        continue;
      }
      add(`${what} on ${again.engine}: ${dueOf(again)}`, again.problems);
    }
    await measureSample({ study, runs, ensembles, seed, sample }, {
      retrainer,
      add,
      signal,
      isOwn: ({ specification }) => code.standing(specification) === "own",
    });
  } finally {
    await retrainer.close();
  }
  return parts;
}
