import type { StudyRecord } from "../records/study_record.ts";
import { carriedFiles } from "./_carried.ts";
import { type Comparisons, comparisonsOf } from "./_comparisons.ts";
import {
  type DerivedDocument,
  documentProblems,
  missingDocuments,
  reportsOf,
} from "./_documents.ts";
import { linksAmong, otherFiles } from "./_files.ts";
import type { PaperAdditions } from "./_paper.ts";
import type { Findings, StoredStudy } from "./_findings.ts";

/** What is computed from the records of a study. */
export interface DocumentsOptions {
  /** Command that runs the study, as its reports may show it. */
  readonly command?: string | ((study: StudyRecord) => string | null);
  /** Other files that are computed from the records. */
  readonly documents: readonly DerivedDocument[];
  /** What the paper of the study has beside. */
  readonly addition?: PaperAdditions;
}

/** Makes reports and other documents again and compares; gives all that the study may have. */
export async function verifyDocuments(
  { add, read }: Findings,
  { folder, study, records, ensembles }: StoredStudy,
  { command, documents }: DocumentsOptions,
): Promise<DerivedDocument[]> {
  const source = { record: study, records, ensembles };
  // Records that contradict their study may be such that no report can be made of them.
  const reports = read(
    "reports: made of the records again",
    () => reportsOf(source, (typeof command === "function" ? command(study) : command) ?? null),
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
  return [...reports, ...documents];
}

/** Makes the comparisons with other studies again and compares; gives them. */
export async function verifyComparisons(
  { add }: Findings,
  { folder, study, runs, records, ensembles }: StoredStudy,
  paths: readonly string[],
): Promise<Comparisons[]> {
  const source = { record: study, records, ensembles };
  const comparisons = comparisonsOf({ record: study, records: runs }, paths, folder.project);
  for (const { other, documents } of comparisons) {
    const there = documents.filter(({ name }) => paths.includes(name));
    for (const document of there) {
      const remarks = await documentProblems(folder.path, document, source);
      add(
        `${document.name}: every number and text, computed from the records of ${
          documents.some(({ name }) => name.endsWith(".json")) ? "all" : "both"
        } studies again`,
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
  return comparisons;
}

/** Names the files that nothing of a study names, and the links. */
export function verifyOtherFiles(
  { add }: Findings,
  { folder, study, runs }: StoredStudy,
  paths: readonly string[],
  { documents, comparisons, papers }: {
    readonly documents: readonly DerivedDocument[];
    readonly comparisons: readonly Comparisons[];
    /** Paths of what papers have. */
    readonly papers: readonly string[];
  },
): void {
  const named = [...documents, ...comparisons.flatMap(({ documents }) => documents)];
  const { unnamed, notLookedAt } = otherFiles(paths, runs, [
    ...named.map(({ name }) => name),
    ...papers,
    ...carriedFiles(study),
  ]);
  const reasonOf = (path: string) =>
    path.endsWith(".tar")
      ? "an archive is verified by its path"
      : comparisons.find(({ other, reason }) =>
        reason !== null && path.includes(`compare-with-${other}`)
      )?.reason;
  const count = unnamed.length + notLookedAt.length;
  if (count > 0) {
    add(`other files in the folder: ${count}`, [], [
      ...unnamed.map((path) => `${path}: nothing of the study names it`),
      ...notLookedAt.map((path) => {
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
}
