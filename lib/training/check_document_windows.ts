import type { CorpusSpecification } from "../data/corpora.ts";
import { isDocuments } from "../data/documents/kinds.ts";
import type { TrainingSpecification } from "./training_options.ts";

/**
 * Refuses windows inside documents where there are none, or where a state goes over their ends.
 *
 * @throws {RangeError} With what to leave out.
 */
export function checkDocumentWindows({ corpus, training: { documentWindows, carriedState } }: {
  readonly corpus: CorpusSpecification;
  readonly training: Pick<TrainingSpecification, "documentWindows" | "carriedState">;
}): void {
  if (documentWindows === "across") return;
  if (!isDocuments(corpus)) {
    throw new RangeError(
      `Cannot combine training.documentWindows "inside" and a corpus of kind ${corpus.kind}, which is one ` +
        `text: give documents, such as documentFolder(…), or leave documentWindows out.`,
    );
  }
  if (!carriedState) return;
  throw new RangeError(
    `Cannot combine training.carriedState and documentWindows "inside": the state would be carried over the ` +
      `ends that no window may cross. Leave one of them out.`,
  );
}
