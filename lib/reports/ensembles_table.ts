import {
  ensembleInWords,
  type EnsembleKind,
  ensemblesByKind,
} from "../statistics/ensembles_by_kind.ts";
import { formatFlops } from "../statistics/describe_arms.ts";
import { formatNumber, formatPoint, thousands } from "../statistics/format.ts";
import type { StudyRecords } from "../statistics/study_records.ts";
import { fragment, type Markup, table } from "./html.ts";
import { pointColumns } from "./sections.ts";
import { lossUnit } from "../statistics/study_loss.ts";

/** What each mean is, in a sentence. */
const meanings: { readonly [Mean in EnsembleKind["mean"]]: Markup } = {
  probabilities:
    fragment`The mean of probabilities is p(x) = (1/M) Σ<sub>m</sub> p<sub>m</sub>(x), whose loss is at
most the mean of its members'. `,
  logits:
    fragment`The mean of logits is the softmax of their mean, the renormalized geometric mean of
probabilities. `,
};

/** What the ensembles of a study lose, as a table; nothing of a study without any. */
export function ensemblesTable(study: StudyRecords, axes: readonly string[]): Markup | null {
  const rows = ensemblesByKind(study);
  if (rows.length === 0) return null;
  const means = [...new Set(rows.map(({ mean }) => mean))];
  const lossOf = (read: (row: EnsembleKind) => number | null) => (row: EnsembleKind) => {
    const loss = read(row);
    return loss === null ? "–" : formatNumber(loss, 4);
  };
  return fragment`<h3>Ensembles</h3>
<p>${means.map((each) => meanings[each])}${
    rows.some(({ snapshots }) => snapshots)
      ? "Snapshots are weights of one training on its way; their members' loss is that of the run at its end. "
      : ""
  }An ensemble took all the training of its runs.</p>
${
    table<EnsembleKind>(
      `Ensembles of the runs of a point, on the tokens that each run is measured on: losses in ${
        lossUnit(study.record).words
      }, ` +
        "means over the folds; perplexity is of the mean loss per token. A single model of the same cost is a point of this " +
        "study whose training took as many operations, within a tenth; no point was chosen by its loss.",
      [
        ...pointColumns<EnsembleKind>(axes, ({ point }) => point),
        { title: "ensemble", numeric: false, cell: ensembleInWords },
        { title: "folds", cell: ({ folds }) => folds },
        { title: "held-out", cell: lossOf(({ validationLoss }) => validationLoss) },
        { title: "perplexity", cell: ({ perplexity }) => formatNumber(perplexity, 3) },
        { title: "its members", cell: lossOf(({ memberLoss }) => memberLoss) },
        { title: "final block", cell: lossOf(({ finalLoss }) => finalLoss) },
        { title: "models", cell: ({ size }) => size.members },
        { title: "weights", cell: ({ size }) => thousands(size.weights) },
        {
          title: "operations",
          cell: ({ cost }) => cost.flops === null ? "–" : formatFlops(cost.flops),
        },
        {
          title: "single model of that cost",
          numeric: false,
          cell: ({ single }) =>
            single === null
              ? "none in this study"
              : `${formatNumber(single.validationLoss, 4)} at ${formatPoint(single.point)}`,
        },
      ],
      rows,
    )
  }`;
}
