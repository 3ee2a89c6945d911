import type { Study } from "../../studies/study.ts";
import {
  checkKeptStudyOptions,
  type KeptStudyOptions,
  runKeptStudy,
} from "../reproductions/kept_study.ts";
import { renderVerses, versesDocumentName } from "./document.ts";
import { type VerseStudy, verseStudyName } from "./verses.ts";

/**
 * Runs a study of verses, or goes on with it, and writes `verses.md` and `report.html`.
 *
 * @param verses Which study.
 * @param options See {@link KeptStudyOptions}.
 */
export async function runVerses(
  verses: VerseStudy,
  options: KeptStudyOptions = {},
): Promise<Study> {
  checkKeptStudyOptions("runVerses", options);
  const { quick = false } = options;
  return await runKeptStudy({
    name: verseStudyName(verses, quick),
    corpora: verses.corpora,
    study: verses.study(quick),
    documentName: versesDocumentName,
    render: (records) => renderVerses(verses, records),
  }, options);
}
