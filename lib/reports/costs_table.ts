import type { RunRecord } from "../records/run_record.ts";
import type { StudyRecord } from "../records/study_record.ts";
import { costsByPoint, type PointCost } from "../statistics/costs_by_point.ts";
import { formatFlops } from "../statistics/describe_arms.ts";
import { formatNumber, thousands } from "../statistics/format.ts";
import { madeFrom } from "../statistics/whole_cost.ts";
import { fragment, type Markup, table } from "./html.ts";
import { pointColumns } from "./sections.ts";

/** What the training of a run took at each point, as a table; nothing of a study of older records. */
export function costsTable(
  study: StudyRecord,
  runs: readonly RunRecord[],
  axes: readonly string[],
): Markup | null {
  const rows = costsByPoint({ record: study, records: runs });
  if (rows.length === 0) return null;
  const whole = (read: (row: PointCost) => number) => (row: PointCost) =>
    thousands(Math.round(read(row)));
  const inBytes = rows.some(({ readBytes }) => readBytes !== null);
  const untold = rows.some(({ flops }) => flops === null);
  return fragment`<details><summary>What a run took</summary>
${
    table<PointCost>(
      "What the training of a run took: means over the completed runs on the folds. Operations are those of " +
        "products of matrices, forward, back and in the optimizer, counted from shapes, without evaluations" +
        (untold
          ? study.corpus.pairs === undefined
            ? " (– where shapes do not tell them, as of a model of one's own, or where not all is trained)"
            : " (– as pairs have unequal lengths, which records do not hold)"
          : "") +
        "; tokens are targets that its losses counted, as often as they were read" +
        (inBytes ? ", bytes the text that these stand for" : "") +
        "; seconds are those of the machines that trained.",
      [
        ...pointColumns<PointCost>(axes, ({ point }) => point),
        { title: "runs", cell: ({ runs }) => runs },
        { title: "steps", cell: whole(({ steps }) => steps) },
        { title: "tokens", cell: whole(({ tokens }) => tokens) },
        ...(inBytes
          ? [{
            title: "bytes",
            cell: ({ readBytes }: PointCost) =>
              readBytes === null ? "–" : thousands(Math.round(readBytes)),
          }]
          : []),
        {
          title: "operations",
          cell: ({ flops }) => flops === null ? "–" : formatFlops(flops),
        },
        ...(runs.some((run) => madeFrom(run).length > 0)
          ? [{
            title: "with those it was made from",
            cell: ({ wholeFlops }: PointCost) =>
              wholeFlops === null ? "–" : formatFlops(wholeFlops),
          }]
          : []),
        { title: "weights", cell: whole(({ weights }) => weights) },
        { title: "their kB", cell: ({ bytes }) => formatNumber(bytes / 1000, 1) },
        { title: "seconds", cell: ({ seconds }) => formatNumber(seconds, 1) },
      ],
      rows,
    )
  }</details>
`;
}
