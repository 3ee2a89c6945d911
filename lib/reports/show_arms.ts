import type { ArmOverTexts, ArmsOverTexts } from "../statistics/compare_arms_over_texts.ts";
import { describeArmsOverTexts } from "../statistics/describe_arms_over_texts.ts";
import { formatPValue, formatSigned } from "../statistics/format.ts";
import { equivalenceColumns, equivalenceNote } from "./equivalence_columns.ts";
import { type Column, fragment, table } from "./html.ts";
import { type Shown, shown } from "./show.ts";
import { natsPerToken } from "../statistics/study_loss.ts";

/**
 * Says in words what arms show over several texts, and shows the difference on each, for a cell of a
 * notebook.
 *
 * @param comparison What `compareArmsOverTexts` returned.
 * @returns What a cell shows as a list and a table, and `String()` as lines.
 *
 * @example
 * ```ts
 * import { compareArmsOverTexts } from "../statistics/compare_arms_over_texts.ts";
 * import { armsHandStudy } from "../statistics/testing/arms_hand_study.ts";
 * import { showArmsOverTexts } from "./show_arms.ts";
 * import assert from "node:assert/strict";
 * const studies = [0.1, 0.2].map((gain, text) => {
 *   const { record, records } = armsHandStudy({
 *     none: { points: [{}], dimensions: {}, losses: [[[1, 2], [1, 2]]] },
 *     decay: { points: [{ x: 1 }], losses: [[[1, 2 - gain], [1, 2 - gain]]] },
 *   });
 *   const corpus = { ...record.corpus, name: `text ${text}`, sha256: String(text) };
 *   return { record: { ...record, corpus }, records };
 * });
 * assert.match(String(showArmsOverTexts(compareArmsOverTexts(studies))), /^- On these 2 texts decay/);
 * ```
 */
export function showArmsOverTexts(comparison: ArmsOverTexts): Shown {
  const { texts, verdicts, unit = natsPerToken } = comparison;
  const statements = describeArmsOverTexts(comparison);
  const columns: Column<ArmOverTexts>[] = [
    { title: "arm − parent", numeric: false, cell: ({ arm, from }) => `${arm} − ${from}` },
    ...texts.map((text, index): Column<ArmOverTexts> => ({
      title: text,
      cell: ({ differences }) => differences.length === 0 ? "–" : formatSigned(differences[index]),
    })),
    {
      title: "mean",
      cell: ({ differences, interval }) =>
        differences.length === 0 ? "–" : formatSigned(interval.mean),
    },
    { title: "p, Holm", cell: ({ adjustedPValue }) => formatPValue(adjustedPValue) },
    ...equivalenceColumns(verdicts, (verdict) => verdict),
  ];
  return shown(
    fragment`<ul>${statements.map((text) => fragment`<li>${text}</li>`)}</ul>
${
      table<ArmOverTexts>(
        `Validation loss, tuned against tuned: the mean difference on each text, ${unit.words}.${
          equivalenceNote(verdicts)
        }`,
        columns,
        verdicts,
      )
    }`,
    statements.map((text) => `- ${text}`).join("\n"),
  );
}
