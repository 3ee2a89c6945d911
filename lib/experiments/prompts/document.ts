import { canonicalJson } from "../../core/json.ts";
import { writtenMeans } from "../../reports/written_table.ts";
import {
  formatEstimate,
  formatNumber,
  formatSetting,
  formatShare,
} from "../../statistics/format.ts";
import type { StudyRecords } from "../../statistics/study_records.ts";
import { summarizeTrials } from "../../statistics/summarize.ts";
import { markdownTable } from "../markdown_table.ts";
import { renderOrigin } from "../reproductions/kept_study.ts";
import type { VerseStudy } from "./verses.ts";

/** Name of the file in a study's folder. */
export const versesDocumentName = "verses.md";

/** What the records of one of the studies say, as Markdown; the same records give the same bytes. */
export function renderVerses(study: VerseStudy, source: StudyRecords): string {
  const samples = source.records.find(({ fold }) => fold === 0)?.samples ?? [];
  return [
    `# ${study.title}`,
    `Verses of the King James Version with at most 16 words are completed by those of the American ` +
    `Standard Version. All points are here; none was selected. Losses are nats per target token, its end ` +
    `included, as means over folds; scores compare what is written greedily with the true verses.`,
    versesTable([{ study, source }]),
    "What the first run wrote:",
    markdownTable([
      ["verse of 1611", "written", "verse of 1901"],
      ...samples.map(({ prompt, text, reference = "" }) =>
        [prompt, text, reference].map((each) => each.replaceAll("|", "\\|").replaceAll("<", "&lt;"))
      ),
    ]),
    renderOrigin(source),
  ].map((part) => `${part.trimEnd()}\n`).join("\n");
}

/** A row for each point of the studies: losses and scores, means over folds. */
export function versesTable(
  studies: readonly { readonly study: VerseStudy; readonly source: StudyRecords }[],
): string {
  return markdownTable([
    [
      ...["model", "learning rate", "weights", "held-out loss", "exact match"],
      ...["chrF", "BLEU", "ROUGE-L"],
    ],
    ...studies.flatMap(({ study, source: { record, records } }) => {
      const written = writtenMeans(record, records);
      return summarizeTrials(record, records).map(({ point, key, lastStep }) => {
        const scores = written.find((each) => canonicalJson(each.point) === key);
        const cost = records.find((each) => canonicalJson(each.point) === key)?.cost;
        return [
          study.model,
          formatSetting(point.learningRate),
          String(cost?.weights ?? "–"),
          lastStep === null ? "–" : formatEstimate(lastStep.estimates.validationLoss),
          scores === undefined ? "–" : formatShare(scores.exactMatch),
          formatNumber(scores?.chrf ?? null, 1),
          formatNumber(scores?.bleu ?? null, 1),
          formatNumber(scores?.rougeL ?? null, 3),
        ];
      });
    }),
  ]);
}
