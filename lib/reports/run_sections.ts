import { canonicalJson } from "../core/json.ts";
import { bitsPerToken, perplexity } from "../core/perplexity.ts";
import type { RunRecord, SampleStatistics, TextSample } from "../records/run_record.ts";
import type { Findings } from "../statistics/findings.ts";
import { formatNumber, formatPoint, formatShare } from "../statistics/format.ts";
import { fragment, type Insertion, type Markup, table } from "./html.ts";
import { pointColumns, rolesOf, tags } from "./sections.ts";

/** Text samples, the selected points' open and the others' folded. */
export function samplesSection(findings: Findings, runs: readonly RunRecord[]): Markup {
  const withSamples = findings.summaries.flatMap((summary) => {
    const own = runs.filter((run) =>
      run.samples.length > 0 && canonicalJson(run.point) === summary.key
    );
    // A refit where there is one: it is the model that a user would take.
    const run = own.find(({ fold }) => fold === "final") ?? own[0];
    return run ? [{ summary, run, roles: rolesOf(findings, summary.key) }] : [];
  });
  if (withSamples.length === 0) return fragment`<p>No run has recorded a text sample.</p>`;
  const one = ({ fold, seed }: RunRecord) => (sample: TextSample) => {
    const { prompt, text, reference, temperature } = sample;
    return fragment`<p class="byline">Fold ${fold}, seed ${seed}, temperature ${temperature}; ${
      reference === undefined ? "the prompt is set apart" : "source and true target are set apart"
    }.</p>
<blockquote dir="auto"><span class="prompt">${prompt}</span>${
      reference === undefined
        ? text
        : fragment`<br>${text}<br><span class="prompt">${reference}</span>`
    }</blockquote>
${
      sample.statistics
        ? fragment`<p class="byline">${statisticsInWords(sample.statistics)}</p>\n`
        : null
    }`;
  };
  const show = ({ summary, run, roles }: typeof withSamples[number]) =>
    fragment`<div class="sample"><h3>${formatPoint(summary.point)} ${tags(roles)}</h3>
${run.samples.map(one(run))}</div>
`;
  const panel = (part: typeof withSamples) =>
    fragment`<div class="samples">
${part.map(show)}</div>
`;
  const chosen = withSamples.filter(({ roles }) => roles.length > 0);
  const others = withSamples.filter(({ roles }) => roles.length === 0);
  return fragment`${chosen.length === 0 ? null : panel(chosen)}${
    others.length === 0
      ? null
      : fragment`<details><summary>Samples of the other ${others.length} points</summary>
${panel(others)}</details>`
  }`;
}

/** How a sample repeats itself and what it copies, as one line of text. */
export function statisticsInWords(statistics: SampleStatistics): string {
  const { tokens, distinct, nGramLength: n, repetition, longestCopiedSpan } = statistics;
  const { trainingOverlap, heldOutOverlap, memorizedShare } = statistics;
  const shares = distinct.map((share, index) => `distinct-${index + 1} ${formatShare(share)}`);
  return `${tokens} tokens: ${shares.join(", ")}; repeated ${n}-grams ${
    formatShare(repetition)
  }; ` +
    `memorized share ${formatShare(memorizedShare)} (of its ${n}-grams ` +
    `${formatShare(trainingOverlap)} in a training excerpt as long as the held-out text, ` +
    `${formatShare(heldOutOverlap)} in the held-out text); longest span copied from the training ` +
    `text: ${longestCopiedSpan} tokens.`;
}

/** Every run, as recorded. */
export function runsSection(runs: readonly RunRecord[], axes: readonly string[]): Markup {
  const last = (read: (at: NonNullable<RunRecord["final"]>) => Insertion) => (run: RunRecord) =>
    run.final === null ? "–" : read(run.final);
  return fragment`<details><summary>All ${runs.length} runs</summary>
${
    table<RunRecord>(
      "Every run, as recorded. Losses in nats per token at the last evaluation; perplexity and bits, " +
        "per token also where tokens are words, are of the held-out loss.",
      [
        ...pointColumns<RunRecord>(axes, (run) => run.point),
        { title: "fold", cell: (run) => run.fold },
        { title: "seed", cell: (run) => run.seed },
        { title: "status", numeric: false, cell: (run) => run.status },
        { title: "step", cell: last((at) => at.step) },
        { title: "training", cell: last((at) => formatNumber(at.trainingLoss, 4)) },
        { title: "held-out", cell: last((at) => formatNumber(at.heldOutLoss, 4)) },
        { title: "gap", cell: last((at) => formatNumber(at.generalizationGap, 4)) },
        { title: "perplexity", cell: last((at) => formatNumber(perplexity(at.heldOutLoss), 3)) },
        { title: "bits", cell: last((at) => formatNumber(bitsPerToken(at.heldOutLoss), 3)) },
        { title: "weight norm", cell: last((at) => formatNumber(at.weightNorm, 2)) },
        ...(runs.some(({ tokenAccuracy }) => tokenAccuracy !== undefined) ? accuracyColumns : []),
        ...(runs.some(({ pairs }) => pairs !== undefined) ? pairColumns : []),
        { title: "exact zeros", cell: last((at) => at.exactZeros) },
        { title: "of", cell: last((at) => at.countedWeights) },
        {
          title: "id",
          numeric: false,
          cell: (run) => fragment`<code>${run.id.slice(0, 12)}</code>`,
        },
        { title: "what went wrong", numeric: false, cell: (run) => run.error },
      ],
      runs,
      (run) => run.status === "completed" ? "" : "incomplete",
    )
  }</details>`;
}

/** Which share of tokens had the highest score. */
const accuracyColumns = (["training", "heldOut"] as const).map((side) => ({
  title: side === "training" ? "training accuracy" : "held-out accuracy",
  cell: ({ tokenAccuracy }: RunRecord) => tokenAccuracy ? formatShare(tokenAccuracy[side]) : "–",
}));

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
