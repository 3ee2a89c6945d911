import { join } from "node:path";
import { writeFileAtomically } from "../../core/files.ts";
import { projectFolder } from "../../core/project.ts";
import { readTextFile } from "../../core/runtime/files.ts";
import { reproductionOf } from "../reproductions/all.ts";
import { documentName, renderReproduction } from "../reproductions/document.ts";
import type { StudyRecords } from "../../statistics/study_records.ts";
import { listStudies } from "../../studies/storage/folder.ts";
import { loadStudy } from "../../studies/study.ts";
import { renderVerses, versesDocumentName } from "../prompts/document.ts";
import { verseStudyOf } from "../prompts/verses.ts";
import { remedyStudyOf } from "../remedies/all.ts";
import { remediesDocumentName, renderRemedies } from "../remedies/document.ts";
import { findingOf } from "./all.ts";
import { findingDocumentName, renderFinding } from "./document.ts";

/** A file beside a study's report that is computed from its records alone. */
export interface KeptDocument {
  /** Its name in the study's folder. */
  readonly name: string;
  render(study: StudyRecords): string;
}

/** What a study has beside its report: the document of a reproduction, a finding, the remedies or prompts. */
export function keptDocuments(study: string): KeptDocument[] {
  const reproduction = reproductionOf(study);
  if (reproduction !== null) {
    return [{ name: documentName, render: (records) => renderReproduction(reproduction, records) }];
  }
  const remedies = remedyStudyOf(study);
  if (remedies !== null) {
    return [{
      name: remediesDocumentName,
      render: (records) => renderRemedies(remedies, records),
    }];
  }
  const verses = verseStudyOf(study);
  if (verses !== null) {
    return [{ name: versesDocumentName, render: (records) => renderVerses(verses, records) }];
  }
  const finding = findingOf(study);
  if (finding === null) return [];
  return [{ name: findingDocumentName, render: (records) => renderFinding(finding, records) }];
}

/** A kept document as it is and as the records give it. */
export interface KeptDocumentState {
  /** Project-relative. */
  readonly path: string;
  /** What is wrong with the file, or null. */
  readonly problem: string | null;
}

/** Names of the studies that the repository keeps; quick ones are aside. */
export function keptStudies(project: string = projectFolder()): string[] {
  return listStudies(project).filter((name) =>
    keptDocuments(name).length > 0 && !name.endsWith("-quick")
  );
}

/**
 * Makes the documents of all kept studies again from their records, and compares them with the files, or
 * writes them.
 *
 * @param options `project`: project folder. `write`: writes those that differ; false by default.
 */
export async function checkKeptDocuments(
  options: { readonly project?: string; readonly write?: boolean } = {},
): Promise<KeptDocumentState[]> {
  const { project = projectFolder(), write = false } = options;
  const found: KeptDocumentState[] = [];
  for (const name of keptStudies(project)) {
    for (const document of keptDocuments(name)) {
      const path = `results/${name}/${document.name}`;
      const due = document.render(loadStudy(name, { project }));
      const stored = await readTextFile(join(project, path)).catch(() => null);
      const same = stored === due;
      if (!same && write) await writeFileAtomically(join(project, path), due);
      const problem = stored === null ? "it is not there" : "it is not what the records give";
      found.push({ path, problem: same || write ? null : problem });
    }
  }
  return found;
}
