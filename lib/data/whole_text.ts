import { show } from "../core/check.ts";
import type { CorpusSpecification } from "./corpora.ts";
import { isDocuments } from "./documents/kinds.ts";
import { wholeDocuments } from "./documents/open_documents.ts";
import { isPairCorpus, type PairCorpusSpecification, textSource } from "./pairs.ts";
import { archivesFolder, carriedTextName } from "./_carried_text.ts";
import { readVerified } from "./_sources.ts";

export { archivesFolder, carriedTextName };

/**
 * The whole text of a corpus as it is stored, verified: to be given away beside a study.
 *
 * @throws {Error} If it has another SHA-256 than the specification, or is not here.
 */
export async function wholeText(
  corpus: CorpusSpecification | PairCorpusSpecification,
): Promise<string | Uint8Array> {
  if (isDocuments(corpus)) return await wholeDocuments(corpus);
  const source = isPairCorpus(corpus) ? textSource(corpus) : corpus;
  return await readVerified(`Corpus ${show(corpus.name)}`, source, corpus.sha256);
}
