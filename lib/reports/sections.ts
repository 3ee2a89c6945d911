import { canonicalJson, type Json } from "../core/json.ts";
import type { RunRecord, TextSample } from "../records/run_record.ts";
import type { FinalResult, FinalScore } from "../statistics/final_block.ts";
import type { Findings } from "../statistics/findings.ts";
import { describeFindings, type Statement } from "../statistics/describe.ts";
import {
  formatAxis,
  formatEstimate,
  formatNumber,
  formatPoint,
  formatPValue,
  formatSetting,
  formatShare,
} from "../statistics/format.ts";
import type { PointSummary, View } from "../statistics/summarize.ts";
import { type Column, fragment, type Insertion, type Markup, table } from "./html.ts";

/** Roles of a point in a study, such as `baseline` or `lowest mean, last step`. */
export function rolesOf(findings: Findings, key: string): string[] {
  const roles: string[] = findings.baseline?.key === key ? ["no penalty"] : [];
  for (const view of ["lastStep", "bestStep"] as const) {
    const where = view === "lastStep" ? "last step" : "best step";
    const { mean, oneStandardError } = findings.selections[view];
    if (mean.selected?.key === key) roles.push(`lowest mean, ${where}`);
    if (oneStandardError.selected?.key === key) roles.push(`one standard error, ${where}`);
  }
  return roles;
}

function tags(roles: readonly string[]): Insertion {
  return roles.map((role) => fragment`<span class="tag">${role}</span>`);
}

function pointColumns<Row>(
  axes: readonly string[],
  pointOf: (row: Row) => { [axis: string]: Json },
) {
  return axes.map((axis): Column<Row> => ({
    title: formatAxis(axis),
    cell: (row) => axis in pointOf(row) ? formatSetting(pointOf(row)[axis]) : "–",
  }));
}

/** The numbers that no selection has seen. */
export function finalSection(findings: Findings, axes: readonly string[]): Markup {
  const { final, study } = findings;
  const words = textOf(findings, "finalBlock");
  if (words === null) {
    return fragment`<p class="notice">This study has no final block: every number below comes from text that
selection has read, and those of selected points are optimistic.</p>`;
  }
  const incomplete = final.filter((each) => each.completed < each.expected);
  const score = (
    title: string,
    read: (score: FinalScore) => Insertion,
    view: "lastStep" | "chosenStep",
  ) => ({
    title,
    cell: (row: FinalResult) => row[view] === null ? "–" : read(row[view]),
  });
  const loss = ({ loss, standardDeviation }: FinalScore) =>
    formatEstimate({ mean: loss, standardError: standardDeviation, foldMeans: [] });
  const span = study.finalFold?.heldOut.map(({ start, end }) => end - start)
    .reduce((sum, each) => sum + each, 0);
  return fragment`<p class="lead">${tight(words)}</p>
${
    final.length === 0 ? null : table<FinalResult>(
      `Cross-entropy on the final block (${span} tokens), nats per token: mean ± standard deviation ` +
        `over ${study.seeds.length} seeds, each trained on all text outside the block.`,
      [
        ...pointColumns<FinalResult>(axes, (row) => row.point),
        {
          title: "why it was refit",
          numeric: false,
          cell: (row) => tags(rolesOf(findings, row.key)),
        },
        score("loss, last step", loss, "lastStep"),
        score("gap, last step", (each) => formatNumber(each.generalizationGap), "lastStep"),
        score("exact zeros", (each) => formatShare(each.exactZeroShare), "lastStep"),
        score("loss, step chosen on the folds", loss, "chosenStep"),
        score("that step", (each) => each.step, "chosenStep"),
      ],
      final,
      (row) => row.isBaseline ? "baseline" : "marked",
    )
  }${
    incomplete.length === 0
      ? null
      : fragment`<p class="notice">Refits are missing: ${
        incomplete.map((each) =>
          `${formatPoint(each.point)} has ${each.completed} of ${each.expected}`
        ).join("; ")
      }.</p>`
  }`;
}

function textOf(findings: Findings, topic: Statement["topic"]): string | null {
  return describeFindings(findings).find((each) => each.topic === topic)?.text ?? null;
}

const topics: readonly (readonly [Statement["topic"], string])[] = [
  ["overfitting", "Is there a gap to close?"],
  ["gap", "What closes it?"],
  ["selection", "What is selected?"],
  ["earlyStopping", "Does early stopping do as well?"],
  ["sparsity", "How sparse do the weights become?"],
];

/** A text that is not broken into lines. */
function keep(text: string): Markup {
  return fragment`<span class="nowrap">${text}</span>`;
}

const equation = /([^\s(;:]+ [=<±] [^\s,;:)]*[^\s,;:.)]|\d+(?:\.\d+)? %)/;

/** A sentence whose equations and intervals are not broken into lines. */
function tight(text: string): Insertion {
  return text.split(equation).map((part, index) =>
    index % 2 === 0 ? part : fragment`<span class="equation">${part}</span>`
  );
}

/** What the records show, in words. */
export function wordsSection(findings: Findings): Markup {
  return fragment`${
    topics.map(([topic, question]) => {
      const text = textOf(findings, topic);
      return text === null ? null : fragment`<h3>${question}</h3>
<p>${tight(text)}</p>
`;
    })
  }`;
}

/** Every point in both views. */
export function pointsSection(findings: Findings, axes: readonly string[]): Markup {
  const { summaries, baseline } = findings;
  const estimate =
    (view: View, quantity: "validationLoss" | "trainingLoss" | "generalizationGap") =>
    (row: PointSummary) => {
      const each = row[view]?.estimates[quantity];
      return each ? formatEstimate(each) : "–";
    };
  const classOf = (row: PointSummary) =>
    !row.complete
      ? "incomplete"
      : row.key === baseline?.key
      ? "baseline"
      : rolesOf(findings, row.key).length > 0
      ? "marked"
      : "";
  const notes = (row: PointSummary): Insertion => [
    tags(rolesOf(findings, row.key)),
    Object.entries(row.counts).filter(([status, count]) => status !== "completed" && count > 0)
      .map(([status, count]) => fragment`<span class="tag warn">${count} ${status}</span>`),
    row.complete && row.lastStep?.learned === false
      ? fragment`<span class="tag warn">little learned</span>`
      : null,
  ];
  const difference = (view: View) => (row: PointSummary) => {
    const comparison = view === "lastStep" ? findings.lossAtLastStep : findings.lossAtBestStep;
    const test = comparison?.points.find(({ key }) => key === row.key)?.test;
    if (!test) return "–";
    const interval = test.interval
      ? ` [${formatNumber(test.interval[0])}, ${formatNumber(test.interval[1])}]`
      : ` (${
        {
          identical: "identical",
          constant: "constant",
          tooFewFolds: "one fold",
          tested: "",
        }[test.state]
      })`;
    return `${formatNumber(test.mean)}${interval}`;
  };
  const adjusted = (view: View) => (row: PointSummary) => {
    const comparison = view === "lastStep" ? findings.lossAtLastStep : findings.lossAtBestStep;
    return formatPValue(
      comparison?.points.find(({ key }) => key === row.key)?.adjustedPValue ?? null,
    );
  };
  const folds =
    `mean ± standard error over ${findings.study.folds.length} folds, seeds averaged in each`;
  return fragment`<h3>(a) At the last step</h3>
${
    table<PointSummary>(
      `Cross-entropy in nats per token: ${folds}. Difference: validation loss minus that without ` +
        `penalty, paired, with the 95 % interval of the corrected resampled t-test; p after Holm.`,
      [
        ...pointColumns<PointSummary>(axes, (row) => row.point),
        { title: "validation loss", cell: estimate("lastStep", "validationLoss") },
        { title: "training loss", cell: estimate("lastStep", "trainingLoss") },
        { title: "gap", cell: estimate("lastStep", "generalizationGap") },
        {
          title: "exact zeros",
          cell: (row) =>
            row.lastStep ? formatShare(row.lastStep.estimates.exactZeroShare.mean) : "–",
        },
        { title: "difference", cell: difference("lastStep") },
        { title: "p", cell: adjusted("lastStep") },
        { title: "", numeric: false, cell: notes },
      ],
      summaries,
      classOf,
    )
  }
<h3>(b) At one step per point, chosen on the fold mean</h3>
${
    table<PointSummary>(
      `As above; the difference is to early stopping of the unpenalized model at its own best step.`,
      [
        ...pointColumns<PointSummary>(axes, (row) => row.point),
        { title: "step", cell: (row) => row.bestStep?.step ?? "–" },
        { title: "validation loss", cell: estimate("bestStep", "validationLoss") },
        { title: "training loss", cell: estimate("bestStep", "trainingLoss") },
        { title: "gap", cell: estimate("bestStep", "generalizationGap") },
        {
          title: "exact zeros",
          cell: (row) =>
            row.bestStep ? formatShare(row.bestStep.estimates.exactZeroShare.mean) : "–",
        },
        { title: "difference", cell: difference("bestStep") },
        { title: "p", cell: adjusted("bestStep") },
      ],
      summaries,
      classOf,
    )
  }`;
}

/** What each rule selected, with the whole band. */
export function selectionSection(findings: Findings): Markup {
  const rows = (["lastStep", "bestStep"] as const).flatMap((view) =>
    (["mean", "oneStandardError"] as const).map((kind) => findings.selections[view][kind])
  );
  const point = (summary: PointSummary | null) => summary ? formatPoint(summary.point) : "none";
  const { kind, axes } = findings.study.select;
  return fragment`${
    table(
      "What is selected, from points with all their runs only.",
      [
        {
          title: "view",
          numeric: false,
          cell: (row) => row.view === "lastStep" ? "last step" : "best step of each point",
        },
        {
          title: "rule",
          numeric: false,
          cell: (row) => keep(row.rule.kind === "mean" ? "lowest mean" : "one standard error"),
        },
        { title: "selected", numeric: false, cell: (row) => keep(point(row.selected)) },
        { title: "mean at most", cell: (row) => formatNumber(row.threshold) },
        {
          title: "band",
          numeric: false,
          cell: (row) =>
            row.rule.kind === "mean" ? "" : row.band.map((each) => keep(formatPoint(each.point))),
        },
      ],
      rows,
      (row) => row.rule.kind === kind && row.view === "lastStep" ? "marked" : "",
    )
  }<p>One standard error: of the points whose mean validation loss is at most that of the best point plus
its standard error, those remain that have no other at least as strong on every axis; of these the largest
${axes.map(formatAxis).join(", then ")} is taken. The marked row is the study's own rule.</p>`;
}

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
  const one = ({ fold, seed }: RunRecord) => ({ prompt, text, temperature }: TextSample) =>
    fragment`<p class="byline">Fold ${fold}, seed ${seed}, temperature ${temperature}; the prompt in
grey.</p>
<blockquote dir="auto"><span class="prompt">${prompt}</span>${text}</blockquote>
`;
  const show = ({ summary, run, roles }: typeof withSamples[number]) =>
    fragment`<h3>${formatPoint(summary.point)} ${tags(roles)}</h3>
${run.samples.map(one(run))}`;
  const chosen = withSamples.filter(({ roles }) => roles.length > 0);
  const others = withSamples.filter(({ roles }) => roles.length === 0);
  return fragment`${chosen.map(show)}${
    others.length === 0
      ? null
      : fragment`<details><summary>Samples of the other ${others.length} points</summary>
${others.map(show)}</details>`
  }`;
}

/** Every run, as recorded. */
export function runsSection(runs: readonly RunRecord[], axes: readonly string[]): Markup {
  const last = (read: (at: NonNullable<RunRecord["final"]>) => Insertion) => (run: RunRecord) =>
    run.final === null ? "–" : read(run.final);
  return fragment`<details><summary>All ${runs.length} runs</summary>
${
    table<RunRecord>(
      "Every run, as recorded. Losses in nats per token at the last evaluation.",
      [
        ...pointColumns<RunRecord>(axes, (run) => run.point),
        { title: "fold", cell: (run) => run.fold },
        { title: "seed", cell: (run) => run.seed },
        { title: "status", numeric: false, cell: (run) => run.status },
        { title: "step", cell: last((at) => at.step) },
        { title: "training", cell: last((at) => formatNumber(at.trainingLoss, 4)) },
        { title: "held-out", cell: last((at) => formatNumber(at.heldOutLoss, 4)) },
        { title: "gap", cell: last((at) => formatNumber(at.generalizationGap, 4)) },
        { title: "weight norm", cell: last((at) => formatNumber(at.weightNorm, 2)) },
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
