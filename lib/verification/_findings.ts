import type { RunRecord } from "../records/run_record.ts";
import type { StudyRecord } from "../records/study_record.ts";
import type { StudyFolder } from "../studies/storage/folder.ts";

/** One thing that was looked at. */
export interface VerifiedPart {
  /** What, in words. */
  readonly what: string;
  /** What is wrong with it; nothing when all is well. */
  readonly problems: readonly string[];
  /** What a reader should know of it, and is not wrong. */
  readonly notes: readonly string[];
}

/** What was found so far. */
export interface Findings {
  readonly parts: VerifiedPart[];
  add(what: string, problems: readonly string[], notes?: readonly string[]): void;
  /** Reads something; what a damaged file throws is what is wrong with it. */
  read<T>(what: string, from: () => T): T | undefined;
}

/** Nothing was found yet. */
export function noFindings(onPart: (part: VerifiedPart) => void): Findings {
  const parts: VerifiedPart[] = [];
  const add = (what: string, problems: readonly string[], notes: readonly string[] = []) => {
    parts.push({ what, problems, notes });
    onPart(parts.at(-1)!);
  };
  return {
    parts,
    add,
    read(what, from) {
      try {
        return from();
      } catch (error) {
        add(what, [(error as Error).message]);
      }
    },
  };
}

/** A study as it was read from its folder. */
export interface StoredStudy {
  readonly folder: StudyFolder;
  readonly study: StudyRecord;
  /** One record of each run. */
  readonly runs: readonly RunRecord[];
  /** Those of them that are the study's own. */
  readonly records: readonly RunRecord[];
  /** Records of the ensembles that it asks for. */
  readonly ensembles: readonly RunRecord[];
}
