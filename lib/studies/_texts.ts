import { show } from "../core/check.ts";
import { type FoldTexts, foldTexts } from "../data/prepare.ts";
import { textsOfBytes } from "../data/prepare_bytes.ts";
import { openText } from "../data/text_source.ts";
import type { FoldIndex } from "../records/run_record.ts";
import type { StudyRecord } from "../records/study_record.ts";
import { isPairSpecification, validateSpecification } from "../training/specification.ts";

/** The texts of a fold of a study; all points share the corpus, and the tokenizer too or the bytes. */
export async function textsOfFold(study: StudyRecord, fold: FoldIndex): Promise<FoldTexts> {
  const found = [...study.folds, ...(study.finalFold ? [study.finalFold] : [])]
    .find(({ index }) => index === fold);
  if (found === undefined) {
    const folds = [...study.folds.map(({ index }) => index), ...(study.finalFold ? ["final"] : [])];
    throw new RangeError(
      `Study ${study.name} has no fold ${show(fold)}; its folds are ${folds.join(", ")}.`,
    );
  }
  const specification = validateSpecification(study.specifications[0]);
  if (isPairSpecification(specification)) {
    throw new RangeError(
      `Cannot give the texts of study ${study.name}: it is about pairs, which have no spans of text.`,
    );
  }
  const { corpus, tokenizer } = specification;
  if (found.unit === "bytes") return textsOfBytes(await openText(corpus), found);
  return await foldTexts({ corpus, tokenizer, fold: found });
}
