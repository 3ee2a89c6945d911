import type { StudyRecord } from "../records/study_record.ts";
import { asObject } from "../reports/specification_words.ts";
import { excerptInWords, sizeInWords, tokensInWords } from "../reports/methods.ts";
import { licenceInWords } from "../statistics/corpus_words.ts";
import { initialWeightsOf } from "../statistics/describe_initial_weights.ts";
import { counted, formatShare } from "../statistics/format.ts";
import { escapeTex } from "./escape_tex.ts";

/** What is said of a text, or of weights that others trained, by headings. */
export interface DataStatement {
  readonly name: string;
  readonly entries: readonly (readonly [what: string, text: string])[];
}

/** Of what the records say nothing. */
const notRecorded = "not recorded";

/**
 * Where the texts of studies come from and what may be done with them: source, licence, checksum, size, the part
 * that was used, documents, and pretrained weights.
 *
 * @param studies The studies; a text that several read is said once.
 *
 * @example
 * ```ts
 * import { dataStatements } from "./data_statement.ts";
 * import { syntheticStudy } from "../statistics/testing/synthetic_study.ts";
 * import assert from "node:assert/strict";
 * const [{ entries }] = dataStatements([syntheticStudy().study]);
 * assert.deepEqual(entries.map(([what]) => what).slice(0, 3), ["source", "licence", "SHA-256"]);
 * ```
 */
export function dataStatements(studies: readonly StudyRecord[]): DataStatement[] {
  const texts = studies.map((study) => ({ name: study.corpus.name, entries: textEntries(study) }));
  const weights = studies.flatMap(initialWeightsOf).filter(({ pretrained }) => pretrained)
    .map(({ name, sha256 }) => ({
      name: `Pretrained weights: ${name}`,
      entries: [
        ["SHA-256", sha256 ?? notRecorded],
        ["licence", notRecorded],
        [
          "texts that they were trained on",
          `${notRecorded}; they may hold text that is held out here`,
        ],
      ] as const,
    }));
  const all = [...texts, ...weights].map((each) => [JSON.stringify(each), each] as const);
  return [...new Map(all).values()];
}

function textEntries(study: StudyRecord): DataStatement["entries"] {
  const { corpus, specifications, documents, repeated } = study;
  const excerpt = excerptInWords(asObject(specifications[0]?.corpus), documents !== undefined)
    .replace(/ of it, $/, "");
  return [
    ["source", corpus.source],
    ["licence", licenceInWords(corpus.licence)],
    ["SHA-256", corpus.sha256],
    [
      "used",
      `${excerpt === "" ? "all of it" : excerpt}: ${sizeInWords(study)}; ${tokensInWords(study)}`,
    ],
    ...(documents === undefined ? [] : [
      [
        "documents",
        `${counted(documents.count, "document")}${
          documents.groups === undefined ? "" : ` in ${counted(documents.groups, "group")}`
        }, held out by ${documents.by}`,
      ] as const,
    ]),
    ...(repeated === undefined ? [] : [
      [
        "held-out text that stands in the training text too",
        repeated.shares.map((share) => formatShare(share)).join(", ") + " of the folds" +
        (repeated.final === null ? "" : `, ${formatShare(repeated.final)} of the final block`),
      ] as const,
    ]),
    ["languages", notRecorded],
    ["people in the text, consent", notRecorded],
  ];
}

/**
 * `data.tex`: the data statement.
 *
 * @param statements What {@link dataStatements} gave.
 * @param prose A text of it as TeX.
 */
export function dataTex(
  statements: readonly DataStatement[],
  prose: (text: string) => string = escapeTex,
): string {
  return "% Texts and pretrained weights: where they come from, licences, checksums, what was used.\n" +
    statements.map(({ name, entries }) =>
      `\\paragraph{${escapeTex(name)}}\n\\begin{description}\n${
        entries.map(([what, text]) => `\\item[${escapeTex(what)}] ${prose(text)}\n`).join("")
      }\\end{description}\n`
    ).join("\n");
}
