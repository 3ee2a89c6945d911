import type { JsonObject } from "../core/json.ts";
import type { PairScores, RunRecord } from "../records/run_record.ts";
import type { StudyRecord } from "../records/study_record.ts";
import { sidesInWords } from "../statistics/corpus_words.ts";
import { mean } from "../statistics/estimate.ts";
import { formatNumber, formatShare } from "../statistics/format.ts";
import { groupRuns } from "../statistics/summarize.ts";
import { fragment, type Markup, table } from "./html.ts";
import { pointColumns } from "./sections.ts";

/** Scores of what models wrote for held-out sources at one point: means of the fold means. */
export type WrittenMeans = { readonly point: JsonObject } & Omit<PairScores, "pairs">;

/** Scores of points all of whose folds have them. */
export function writtenMeans(study: StudyRecord, runs: readonly RunRecord[]): WrittenMeans[] {
  return groupRuns(study, runs).flatMap(({ point, folds }): WrittenMeans[] => {
    const written = folds.map((runs) => runs.flatMap(({ pairs }) => pairs?.written ?? []));
    if (written.some((fold) => fold.length === 0)) return [];
    const over = (read: (scores: PairScores) => number | undefined) => {
      const values = written.map((fold) => fold.flatMap((scores) => read(scores) ?? []));
      return values.some((fold) => fold.length === 0) ? undefined : mean(values.map(mean));
    };
    return [{
      point,
      exactMatch: over(({ exactMatch }) => exactMatch)!,
      editDistance: over(({ editDistance }) => editDistance)!,
      chrf: over(({ chrf }) => chrf)!,
      bleu: over(({ bleu }) => bleu),
      rougeL: over(({ rougeL }) => rougeL),
    }];
  });
}

/** How what was written compares with the true targets; nothing where no more scores were asked for. */
export function writtenTable(
  study: StudyRecord,
  runs: readonly RunRecord[],
  axes: readonly string[],
): Markup | null {
  const rows = writtenMeans(study, runs);
  const has = (metric: "bleu" | "rougeL") => rows.some((row) => row[metric] !== undefined);
  if (!has("bleu") && !has("rougeL")) return null;
  const { source, target } = sidesInWords(study);
  const number = (value: number | undefined, digits: number) => formatNumber(value ?? null, digits);
  return fragment`<h3>What was written</h3>
${
    table<WrittenMeans>(
      `What models write greedily for held-out ${source}s, compared with the true ${target}s: means over folds of ` +
        `means over seeds. Edit distance is per character of the ${target}s; ` +
        "chrF (chrF2) and BLEU (13a, exp) " +
        "are of all pairs together, 0 to 100, as sacrebleu's; ROUGE-L is the mean F1 of a pair, 0 to 1, as " +
        "rouge-score's. None was selected by them.",
      [
        ...pointColumns<WrittenMeans>(axes, ({ point }) => point),
        { title: "exact match", cell: ({ exactMatch }) => formatShare(exactMatch) },
        { title: "edit distance", cell: ({ editDistance }) => number(editDistance, 3) },
        { title: "chrF", cell: ({ chrf }) => number(chrf, 1) },
        ...(has("bleu")
          ? [{ title: "BLEU", cell: ({ bleu }: WrittenMeans) => number(bleu, 1) }]
          : []),
        ...(has("rougeL")
          ? [{ title: "ROUGE-L", cell: ({ rougeL }: WrittenMeans) => number(rougeL, 3) }]
          : []),
      ],
      rows,
    )
  }`;
}
