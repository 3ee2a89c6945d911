import { bitsPerToken, perplexity } from "../core/perplexity.ts";
import type { CurvePoint, RunRecord } from "../records/run_record.ts";
import type { StudyRecord } from "../records/study_record.ts";
import { counted, formatNumber, formatShare } from "../statistics/format.ts";
import { lossUnit, natsPerToken } from "../statistics/study_loss.ts";
import { keptEvaluation, stopsEarly } from "../statistics/summarize.ts";
import { fragment, type Insertion, type Markup, table } from "./html.ts";
import { averagesTable } from "./averages_table.ts";
import { costsTable } from "./costs_table.ts";
import { pointColumns } from "./sections.ts";
import { writtenTable } from "./written_table.ts";

/** Every run, as recorded. */
export function runsSection(
  study: StudyRecord,
  runs: readonly RunRecord[],
  axes: readonly string[],
): Markup {
  const last = (read: (at: CurvePoint) => Insertion) => (run: RunRecord) => {
    const at = keptEvaluation({ record: study }, run);
    return at === null ? "–" : read(at);
  };
  const unit = lossUnit(study);
  const perToken = unit === natsPerToken;
  const refits = runs.filter(({ fold }) => fold === "final").length;
  const summary = refits === 0
    ? `All ${counted(runs.length, "run")}`
    : `All ${runs.length} runs: ${runs.length - refits} on the folds, ${
      counted(refits, "refit")
    } on all but the final block`;
  return fragment`${averagesTable(study, runs, axes)}${writtenTable(study, runs, axes)}${
    costsTable(study, runs, axes)
  }<details><summary>${summary}</summary>
${
    table<RunRecord>(
      `Every run, as recorded. Losses in ${unit.words} at the last evaluation${
        study.specifications.some(stopsEarly)
          ? " or, where a run stops early, at the one whose weights it kept"
          : ""
      }${
        perToken
          ? "; perplexity and bits, per token also where tokens are words, are of the held-out loss"
          : ""
      }.`,
      [
        ...pointColumns<RunRecord>(axes, (run) => run.point),
        { title: "fold", cell: (run) => run.fold },
        { title: "seed", cell: (run) => run.seed },
        { title: "status", numeric: false, cell: (run) => run.status },
        { title: "step", cell: last((at) => at.step) },
        { title: "training", cell: last((at) => formatNumber(at.trainingLoss, 4)) },
        { title: "held-out", cell: last((at) => formatNumber(at.heldOutLoss, 4)) },
        { title: "gap", cell: last((at) => formatNumber(at.generalizationGap, 4)) },
        ...(perToken ? perTokenColumns(last) : []),
        ...(runs.some(({ final }) => final?.bitsPerByte !== undefined) ? bitsColumns(last) : []),
        { title: "weight norm", cell: last((at) => formatNumber(at.weightNorm, 2)) },
        ...(runs.some(({ tokenAccuracy }) => tokenAccuracy !== undefined) ? accuracyColumns : []),
        ...(runs.some(({ infilling }) => infilling !== undefined) ? infillingColumns : []),
        ...(runs.some(({ pairs }) => pairs !== undefined) ? pairColumns : []),
        { title: "exact zeros", cell: last((at) => at.exactZeros) },
        { title: "of", cell: last((at) => at.countedWeights) },
        {
          title: "id",
          numeric: false,
          cell: (run) => fragment`<code>${run.id.slice(0, 12)}</code>`,
        },
        ...(runs.some(({ error }) => error !== null)
          ? [{ title: "what went wrong", numeric: false, cell: (run: RunRecord) => run.error }]
          : []),
      ],
      runs,
      (run) => run.status === "completed" ? "" : "incomplete",
    )
  }</details>`;
}

/** The held-out loss in other words, where it is one per token. */
function perTokenColumns(
  last: (read: (at: CurvePoint) => string) => (run: RunRecord) => Insertion,
) {
  return [
    { title: "perplexity", cell: last((at) => formatNumber(perplexity(at.heldOutLoss), 3)) },
    { title: "bits", cell: last((at) => formatNumber(bitsPerToken(at.heldOutLoss), 3)) },
  ];
}

/** Losses per byte and character of the text, of evaluations that have them. */
function bitsColumns(last: (read: (at: CurvePoint) => string) => (run: RunRecord) => Insertion) {
  return [
    { title: "bits per byte", cell: last((at) => formatNumber(at.bitsPerByte ?? null, 3)) },
    { title: "per character", cell: last((at) => formatNumber(at.bitsPerCharacter ?? null, 3)) },
  ];
}

/** Which share of tokens had the highest score. */
const accuracyColumns = (["training", "heldOut"] as const).map((side) => ({
  title: side === "training" ? "training accuracy" : "held-out accuracy",
  cell: ({ tokenAccuracy }: RunRecord) => tokenAccuracy ? formatShare(tokenAccuracy[side]) : "–",
}));

/** How well a model fills in the middle of held-out texts. */
const infillingColumns = [
  {
    title: "infilling",
    cell: ({ infilling }: RunRecord) => infilling ? formatNumber(infilling.loss, 4) : "–",
  },
  {
    title: "by the prefix alone",
    cell: ({ infilling }: RunRecord) => infilling ? formatNumber(infilling.prefixLoss, 4) : "–",
  },
  {
    title: "filled in exactly",
    cell: ({ infilling }: RunRecord) => infilling ? formatShare(infilling.exactMatch) : "–",
  },
];

/** How the targets that a model wrote greedily compare with the true ones. */
const pairColumns = [
  {
    title: "token accuracy",
    cell: ({ pairs }: RunRecord) => pairs ? formatShare(pairs.tokenAccuracy) : "–",
  },
  {
    title: "exact match",
    cell: ({ pairs }: RunRecord) => pairs?.written ? formatShare(pairs.written.exactMatch) : "–",
  },
  {
    title: "edit distance",
    cell: ({ pairs }: RunRecord) => pairs?.written ? formatNumber(pairs.written.editDistance) : "–",
  },
  {
    title: "chrF",
    cell: ({ pairs }: RunRecord) => pairs?.written ? formatNumber(pairs.written.chrf, 1) : "–",
  },
];
