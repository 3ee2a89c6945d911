import {
  checkKeptStudyOptions,
  type KeptStudyOptions,
  runKeptStudy,
} from "../reproductions/kept_study.ts";
import type { Study } from "../../studies/study.ts";
import { findingStudyName } from "./all.ts";
import { findingDocumentName, renderFinding } from "./document.ts";
import type { Finding } from "./finding.ts";

/**
 * Runs the study of a finding, or goes on with it, and writes `finding.md` and `report.html`.
 *
 * @param finding What to run.
 * @param options See {@link KeptStudyOptions}.
 * @throws {Error} If a corpus that it needs is not here; the message says how to get it.
 */
export async function runFinding(finding: Finding, options: KeptStudyOptions = {}): Promise<Study> {
  checkKeptStudyOptions("runFinding", options);
  const { quick = false } = options;
  return await runKeptStudy({
    name: findingStudyName(finding, quick),
    corpora: finding.corpora,
    study: finding.study(quick),
    documentName: findingDocumentName,
    render: (records) => renderFinding(finding, records),
  }, options);
}
