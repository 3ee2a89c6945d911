import { loadStudy, type Study } from "../../studies/study.ts";
import {
  checkKeptStudyOptions,
  type KeptStudyOptions,
  runKeptStudy,
} from "../reproductions/kept_study.ts";
import { remedyStudyName } from "./all.ts";
import { remediesDocumentName, renderRemedies } from "./document.ts";
import type { RemedyStudy } from "./remedy_study.ts";

/**
 * Runs a study of the remedies, or goes on with it, and writes `remedies.md` and `report.html`.
 *
 * @param remedies Which study.
 * @param options See {@link KeptStudyOptions}.
 * @throws {Error} If a corpus that it needs is not here, or the study that it comes after has not been run;
 * the message says what to do.
 */
export async function runRemedies(
  remedies: RemedyStudy,
  options: KeptStudyOptions = {},
): Promise<Study> {
  checkKeptStudyOptions("runRemedies", options);
  const { quick = false, project } = options;
  const { after } = remedies;
  const before = after && loadStudy(remedyStudyName(after, quick), project ? { project } : {});
  return await runKeptStudy({
    name: remedyStudyName(remedies, quick),
    corpora: remedies.corpora,
    study: remedies.study(quick, before),
    documentName: remediesDocumentName,
    render: (records) => renderRemedies(remedies, records),
  }, options);
}
