import { reproductionOf } from "../reproductions/all.ts";
import { documentName, renderReproduction } from "../reproductions/document.ts";
import type { StudyRecords } from "../statistics/study_records.ts";
import { findingOf } from "./all.ts";
import { findingDocumentName, renderFinding } from "./document.ts";

/** A file beside a study's report that is computed from its records alone. */
export interface KeptDocument {
  /** Its name in the study's folder. */
  readonly name: string;
  render(study: StudyRecords): string;
}

/** What a study has beside its report: the document of a reproduction or of a finding. */
export function keptDocuments(study: string): KeptDocument[] {
  const reproduction = reproductionOf(study);
  if (reproduction !== null) {
    return [{ name: documentName, render: (records) => renderReproduction(reproduction, records) }];
  }
  const finding = findingOf(study);
  if (finding === null) return [];
  return [{ name: findingDocumentName, render: (records) => renderFinding(finding, records) }];
}
