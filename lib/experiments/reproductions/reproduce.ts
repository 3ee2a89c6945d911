import { studyName } from "./all.ts";
import type { Study } from "../../studies/study.ts";
import { documentName, type JudgedClaim, judgedClaims, renderReproduction } from "./document.ts";
import { checkKeptStudyOptions, type KeptStudyOptions, runKeptStudy } from "./kept_study.ts";
import type { Reproduction } from "./reproduction.ts";

/**
 * Runs the study of a reproduction, or goes on with it, and writes its reports: `reproduction.md` and
 * `report.html`.
 *
 * @param reproduction What to reproduce.
 * @param options See {@link KeptStudyOptions}.
 * @returns The study and every claim with its verdict.
 * @throws {Error} If a corpus that it needs is not here; the message says how to get it.
 */
export async function reproduce(
  reproduction: Reproduction,
  options: KeptStudyOptions = {},
): Promise<{ study: Study; claims: JudgedClaim[] }> {
  checkKeptStudyOptions("reproduce", options);
  const { quick = false } = options;
  const study = await runKeptStudy({
    name: studyName(reproduction, quick),
    corpora: reproduction.corpora,
    study: reproduction.study(quick),
    documentName,
    render: (records) => renderReproduction(reproduction, records),
  }, options);
  return { study, claims: judgedClaims(reproduction, study) };
}
