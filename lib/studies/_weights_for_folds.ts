import { show, showLong } from "../core/check.ts";
import { canonicalJson } from "../core/json.ts";
import type { Excerpt } from "../data/excerpt.ts";
import { readStudyRecord } from "../records/read_study.ts";
import type { RunRecord } from "../records/run_record.ts";
import type { FoldRecord, StudyRecord } from "../records/study_record.ts";
import type {
  InitialWeights,
  RunForFold,
  WeightsOfRun,
} from "../training/initial_weights_options.ts";
import type { Specification } from "../training/specification.ts";
import { ownRuns } from "./plan/run_id.ts";
import { studyFolder, weightsNameOf } from "./storage/folder.ts";
import { readReadable } from "./storage/mend_journal.ts";

/**
 * The weights that a specification begins with, on each fold of its study; those of another study's runs
 * are looked up there.
 *
 * Where both studies read the same text, a fold begins with the weights of the run for the same fold, so that
 * nothing that it holds out has trained them. Where they read different texts, every fold begins with those
 * of the other study's refit, or of its first fold where there is none. What that study's own weights come
 * from, if they are another one's, is looked at likewise.
 *
 * @throws {RangeError} If there is no such run, it kept no weights, or its training text may hold what a
 * fold holds out.
 */
export function weightsForFolds(
  { initialWeights, corpus }: Specification,
  folds: readonly FoldRecord[],
  project: string,
): InitialWeights {
  if (!("from" in initialWeights!)) return initialWeights!;
  const { from: { study: name, point, seed } } = initialWeights;
  const folder = studyFolder(name, project);
  const study = readStudyRecord(folder.definition);
  const subject = `initialWeights.from: study ${show(name)}`;
  if (study === null) {
    throw new RangeError(`${subject} is not there: it must have been run, in ${folder.path}.`);
  }
  const place = placeOf(subject, study, initialWeights);
  const other = study.specifications[place] as unknown as Specification;
  const recorded = ownRuns(study, readReadable(folder.journal).lines).filter((run) =>
    run.seed === seed && canonicalJson(run.point) === canonicalJson(point)
  );
  const runFor = runForFold({ study, other, recorded, corpus, subject, project });
  const runs: Record<string, RunForFold> = {};
  for (const fold of folds) {
    const run = runFor(fold);
    if (run.weights === null || run.weightsSha256 === undefined) {
      throw new RangeError(
        `${subject}: its run of fold ${run.fold} kept no weights. Run that study again with ` +
          `keepWeights: "all".`,
      );
    }
    const file = weightsNameOf(folder, run.id);
    runs[fold.index] = { id: run.id, file, sha256: run.weightsSha256 };
  }
  return { from: initialWeights.from, runs };
}

function placeOf(subject: string, study: StudyRecord, { from }: WeightsOfRun): number {
  const { space: { points }, seeds } = study;
  const place = points.findIndex((point) => canonicalJson(point) === canonicalJson(from.point));
  if (place === -1) {
    const known = points.slice(0, 8).map((point) => showLong(point)).join(", ");
    const more = points.length > 8 ? ` and ${points.length - 8} more` : "";
    throw new RangeError(
      `${subject} must have the point ${showLong(from.point)}; its points are ${known}${more}.`,
    );
  }
  if (seeds.includes(from.seed)) return place;
  throw new RangeError(
    `${subject} must have the seed ${from.seed}; its seeds are ${seeds.join(", ")}.`,
  );
}

/** Finds the run for a fold. */
function runForFold(
  { study, other, recorded, corpus, subject, project }: {
    readonly study: StudyRecord;
    readonly other: Specification;
    readonly recorded: readonly RunRecord[];
    readonly corpus: Specification["corpus"];
    readonly subject: string;
    readonly project: string;
  },
): (fold: FoldRecord) => RunRecord {
  const completed = recorded.filter(({ status }) => status === "completed");
  const sameText = textOf(other.corpus) === textOf(corpus);
  if (!sameText && mayOverlap(other.corpus, corpus)) {
    throw new RangeError(
      `${subject} reads text that this one may hold out: both corpora are of the same file, and not the ` +
        `same part of it. Take the same corpus and folds, or parts that do not overlap.`,
    );
  }
  // On the same text a study's folds have been compared with those of its own weights.
  if (!sameText) refuseOrigins(subject, other, corpus, project);
  const theirs = study.finalFold === null ? study.folds : [...study.folds, study.finalFold];
  return (fold) => {
    const same = theirs.find(({ index }) => index === fold.index);
    if (sameText && (same === undefined || spansOf(same) !== spansOf(fold))) {
      throw new RangeError(
        `${subject} must have trained on fold ${fold.index} as it is here, since its text is the same and ` +
          `other folds train on what this one holds out; found ${
            same === undefined ? "no such fold" : "other spans"
          }.`,
      );
    }
    const run = sameText
      ? completed.find((run) => run.fold === fold.index)
      : completed.toSorted((a, b) => Number(b.fold === "final") - Number(a.fold === "final")).at(0);
    if (run !== undefined) return run;
    throw new RangeError(
      `${subject} has no completed run of that point and seed${
        sameText ? ` on fold ${fold.index}` : ""
      }.`,
    );
  };
}

/** Refuses weights of a study that began, at first or second hand, with those of one that read a corpus. */
function refuseOrigins(
  subject: string,
  { initialWeights }: Specification,
  corpus: Specification["corpus"],
  project: string,
): void {
  if (initialWeights === undefined || !("from" in initialWeights)) return;
  const name = initialWeights.from.study;
  const study = readStudyRecord(studyFolder(name, project).definition);
  if (study === null) {
    throw new RangeError(
      `${subject} began with weights of study ${
        show(name)
      }, which must be there to say what text it read.`,
    );
  }
  const place = placeOf(subject, study, initialWeights);
  const origin = study.specifications[place] as unknown as Specification;
  if (textOf(origin.corpus) === textOf(corpus) || mayOverlap(origin.corpus, corpus)) {
    throw new RangeError(
      `${subject} began with weights of study ${
        show(name)
      }, which reads text that this one may hold out. ` +
        `Take weights that come from other text.`,
    );
  }
  refuseOrigins(subject, origin, corpus, project);
}

function spansOf({ training, heldOut, choosing = [], unit }: FoldRecord): string {
  return canonicalJson({ training, heldOut, choosing, unit: unit ?? "tokens" });
}

/** What a corpus reads, whatever reports call it. */
function textOf({ name: _, licence: __, ...read }: Specification["corpus"]): string {
  return canonicalJson(read);
}

/** Whether two corpora may hold the same text: they name a file of the same content, and no part apart. */
function mayOverlap(one: Specification["corpus"], two: Specification["corpus"]): boolean {
  const hashes = hashesIn(one);
  if (![...hashesIn(two)].some((hash) => hashes.has(hash))) return false;
  const [first, second] = [one, two].map(({ excerpt }) => excerpt as Excerpt | null | undefined);
  if (!first || !second || one.kind !== two.kind) return true;
  return first.start < second.start + second.length && second.start < first.start + first.length;
}

function hashesIn(value: unknown): Set<string> {
  if (typeof value === "string") return new Set(/^[0-9a-f]{64}$/.test(value) ? [value] : []);
  if (value === null || typeof value !== "object") return new Set();
  return new Set(Object.values(value).flatMap((each) => [...hashesIn(each)]));
}
