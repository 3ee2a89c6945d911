import { notFound } from "../core/runtime/errors.ts";
import { readJournal, uniqueRuns } from "../records/read_runs.ts";
import { readStudyRecord } from "../records/read_study.ts";
import type { RunRecord } from "../records/run_record.ts";
import type { StudyRecord } from "../records/study_record.ts";
import { counted } from "../statistics/format.ts";
import { pointNeeds } from "../studies/plan/needs.ts";
import type { StudyFolder } from "../studies/storage/folder.ts";
import { verifyCarried } from "./_carried.ts";
import { corpusRemarks, definitionProblems } from "./_definition.ts";
import type { Findings } from "./_findings.ts";
import { verifyInitialWeights } from "./_initial_weights.ts";
import { copyNotes, failedNotes, journalProblems, orderNotes } from "./_journal.ts";
import { foldsRemarks, textProblems } from "./_data.ts";
import { plannedRuns, recordProblems } from "./_records.ts";
import { misspelled, misspelledLines, wholeText } from "./_spelling.ts";
import { verifyWeights } from "./_weights.ts";

/**
 * Looks at `study.json`, the corpus and what came along; gives the study, if it can be read.
 *
 * @throws {Deno.errors.NotFound} If there is no such study.
 */
export async function verifyDefinition(
  { add, read }: Findings,
  folder: StudyFolder,
  name: string,
): Promise<StudyRecord | undefined> {
  const study = read("study.json", () => readStudyRecord(folder.definition));
  if (study === undefined) return;
  if (study === null) {
    throw notFound(`There is no study ${name}: ${folder.definition} is missing.`);
  }
  const spelling = misspelled(await wholeText(folder.definition), 2);
  add(`study.json: hash and ${counted(study.specifications.length, "specification")}`, [
    ...definitionProblems(study, name),
    ...(spelling === null ? [] : [`it is not as the library writes it: ${spelling}`]),
  ]);
  // Nothing can be planned where runs need each other in a circle.
  if (read("study.json: runs that need others", () => pointNeeds(study)) === undefined) return;
  const corpus = await corpusRemarks(study);
  add(`corpus ${study.corpus.name}: checksum and size`, corpus.problems, corpus.notes);
  if (corpus.problems.length === 0) {
    const what = `study.json: what is repeated in its folds${
      study.documents === undefined ? "" : ", and their documents"
    }, looked for again`;
    const found = await foldsRemarks(study).catch((error: Error) => ({
      problems: [error.message],
      notes: [],
    }));
    add(what, found.problems, found.notes);
  }
  const given = verifyInitialWeights(study, folder.project);
  if (given !== null) {
    add(
      `initial weights: ${given.compared} compared with their SHA-256`,
      given.problems,
      given.notes,
    );
  }
  const carried = await verifyCarried(folder.path, study);
  if (carried !== null) {
    add(
      `text and modules that came along: SHA-256 of ${counted(carried.compared, "file")}`,
      carried.problems,
    );
  }
  return study;
}

/** Looks at `runs.jsonl` and the weights that runs kept; gives the runs, if they can be read. */
export async function verifyRuns(
  { add, read }: Findings,
  folder: StudyFolder,
  study: StudyRecord,
): Promise<RunRecord[] | undefined> {
  const journal = read("runs.jsonl", () => readJournal(folder.journal));
  if (journal === undefined) return;
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
  if (checked !== undefined) await verifyTexts(add, study, runs);
  const weights = await verifyWeights(folder, runs);
  if (weights !== null) {
    add(
      `weights: SHA-256 of ${counted(weights.compared, "file")}`,
      weights.problems,
      weights.notes,
    );
  }
  return runs;
}

/** Counts the text of runs again; where it cannot be read, the corpus has a problem of its own. */
async function verifyTexts(
  add: Findings["add"],
  study: StudyRecord,
  runs: readonly RunRecord[],
): Promise<void> {
  const what = (compared: number) =>
    `text of ${
      counted(compared, "run")
    }: tokens, entropy, sizes and counted targets, from the corpus again`;
  try {
    const { problems, compared } = await textProblems(plannedRuns(study, runs), runs);
    if (compared > 0) add(what(compared), problems);
  } catch (error) {
    add(what(0), [], [(error as Error).message]);
  }
}
