import type { JsonObject } from "../../core/json.ts";
import { compareArms } from "../../statistics/compare_arms.ts";
import { mean } from "../../statistics/estimate.ts";
import type { PointEdge } from "../../statistics/edges.ts";
import {
  formatAxis,
  formatEstimate,
  formatNumber,
  formatPoint,
  formatPValue,
  formatSigned,
} from "../../statistics/format.ts";
import { significanceLevel } from "../../statistics/verdict.ts";
import type { LinearContrastResult } from "../../statistics/linear_contrasts.ts";
import type { StudyRecords } from "../../statistics/study_records.ts";
import { groupRuns, summarizeTrials } from "../../statistics/summarize.ts";
import { wholeCosts } from "../../statistics/whole_cost.ts";
import { quickEnding, renderOrigin } from "../reproductions/kept_study.ts";
import { markdownTable } from "../markdown_table.ts";
import { compareRemedies, withEnsembles } from "./comparison.ts";
import { tunedRemedies } from "./remedies.ts";
import type { RemedyStudy } from "./remedy_study.ts";
import { remediesSearch, selectedSettings, settingsAtEdges } from "./search.ts";

/** Name of the file in a study's folder. */
export const remediesDocumentName = "remedies.md";

const setting =
  "A Transformer language model of two blocks learns characters of a few pages of Moby-Dick by Adam; " +
  "each fold holds out two blocks of the text, one that chooses and one that scores, and neither is " +
  "trained on. Losses are nats per token without penalty.";

/** What the records of one of the studies say, as Markdown; the same records give the same bytes. */
export function renderRemedies(study: RemedyStudy, source: StudyRecords): string {
  return (study === remediesSearch ? renderSearch : renderComparison)(study.title, source);
}

/** What the search tried, and what it selected for each remedy. */
function renderSearch(title: string, source: StudyRecords): string {
  const { record, records } = source;
  const summaries = summarizeTrials(record, records);
  return page(source, title, [
    `Each remedy has the same number of points over its learning rate and its own settings, one seed ` +
    `each. Selected is the point with the lowest loss at the end of its training on the blocks that ` +
    `choose, in the mean over the folds; where a setting of it is the lowest or highest of those tried, ` +
    `or in the outer twentieth of its range, a better one may lie beyond that end. Scores of what one ` +
    `text selected are no verdict: \`remedies-comparison\` trains what is selected here on other pages.`,
    markdownTable([
      ["remedy", "what it is", "selected", "at an end"],
      ...tunedRemedies.map(({ name, what }) => [
        name,
        what,
        ...summaries.some(({ point, complete }) => point.arm === name && complete)
          ? [
            formatPoint(selectedSettings(source, name) as unknown as JsonObject),
            settingsAtEdges(source, name).map(edgeInWords).join("; ") || "none",
          ]
          : ["–", "–"],
      ]),
    ]),
    "## All points",
    markdownTable([
      ["point", "loss that chooses", "held-out loss", "training loss"],
      ...summaries.map(({ point, lastStep }) => [
        formatPoint(point),
        ...lastStep === null ? ["–", "–", "–"] : [
          lastStep.choosing === undefined ? "–" : formatEstimate(lastStep.choosing),
          formatEstimate(lastStep.estimates.validationLoss),
          formatEstimate(lastStep.estimates.trainingLoss),
        ],
      ]),
    ]),
    "## Fold by fold",
    `Point and step of each remedy chosen for each fold by its own choosing block, scored on the other: ` +
    `the same question asked of this text, with ${record.folds.length} folds and one seed.`,
    markdownTable([
      [
        "remedy",
        "held-out loss",
        "minus",
        "difference",
        "95 % interval",
        "p after Holm",
        "verdict",
      ],
      ...armRows(source),
    ]),
  ]);
}

function edgeInWords({ axis, end }: PointEdge): string {
  return `${formatAxis(axis)}, ${end}`;
}

function armRows(source: StudyRecords): string[][] {
  const { arms, verdicts } = compareArms(source);
  return arms.map(({ arm, loss }) => {
    const found = verdicts.find((each) => each.arm === arm.name);
    const { test = null, adjustedPValue = null } = found?.difference ?? {};
    return [
      arm.name,
      loss === null ? "–" : formatEstimate(loss),
      found?.parent ?? "–",
      test === null ? "–" : formatSigned(test.mean),
      interval(test?.interval),
      formatPValue(adjustedPValue),
      found === undefined ? "–" : armWords[found.verdict],
    ];
  });
}

const armWords = {
  lower: "lower",
  higher: "higher",
  equivalent: "equivalent",
  notShown: "no difference shown",
  withheld: "withheld",
  none: "not tested",
};

/** What the remedies came to on the other pages: losses, costs, and the declared comparisons. */
function renderComparison(title: string, source: StudyRecords): string {
  const all = withEnsembles(source);
  const { contrasts } = compareRemedies(source);
  const tested = contrasts.filter(({ adjustedPValue }) => adjustedPValue !== null).length;
  const groups = groupRuns(all.record, all.records);
  return page(source, title, [
    `What \`remedies-search\` selected on other pages, trained here to the last step (\`stopped\`: to where ` +
    `the choosing block stopped it) over ${source.record.seeds.length} seeds. \`longer\` is no remedy at ` +
    `the rate of \`none\`, trained as long as the members of an ensemble together; \`5 × none\` is the ` +
    `mean of the probabilities of the models of all seeds; \`distilled\` is taught by that ensemble with ` +
    `the settings of \`self-distilled\`. Nothing on these pages selected anything but the step of ` +
    `\`stopped\`.`,
    markdownTable([
      [
        "remedy",
        "held-out loss",
        "training loss",
        "gap",
        "FLOPs of all its training",
        "times none's",
      ],
      ...summarizeTrials(all.record, all.records).map(({ point, lastStep }, index) => {
        const flops = flopsOf(all, groups[index].folds.flat());
        const least = flopsOf(all, groups[0].folds.flat());
        return [
          point.remedy as string,
          ...lastStep === null ? ["–", "–", "–"] : [
            formatEstimate(lastStep.estimates.validationLoss),
            formatEstimate(lastStep.estimates.trainingLoss),
            formatEstimate(lastStep.estimates.generalizationGap),
          ],
          flops === null ? "–" : flops.toExponential(2),
          flops === null || least === null ? "–" : formatNumber(flops / least, 2),
        ];
      }),
    ]),
    "## Declared comparisons",
    `Held-out loss, paired by fold, seeds averaged, by the corrected resampled t-test (Nadeau and Bengio); ` +
    `p-values adjusted by Holm over ${
      tested === contrasts.length
        ? `all ${tested}`
        : `the ${tested} of ${contrasts.length} that have a test`
    }, intervals not adjusted. The last column is ` +
    `the smallest difference that 80 % of such studies would show.`,
    markdownTable([
      [
        "remedy",
        "minus",
        "difference",
        "95 % interval",
        "p",
        "p after Holm",
        "verdict",
        "would be shown",
      ],
      ...contrasts.map(contrastRow),
    ]),
  ]);
}

function contrastRow(result: LinearContrastResult): string[] {
  const { name, group, test, adjustedPValue } = result;
  return [
    name,
    group.replace(/^minus /, ""),
    test === null ? "–" : formatSigned(test.mean),
    interval(test?.interval),
    formatPValue(test?.pValue ?? null),
    formatPValue(adjustedPValue),
    adjustedPValue === null
      ? "not tested"
      : adjustedPValue >= significanceLevel
      ? "no difference shown"
      : test!.mean < 0
      ? "lower"
      : "higher",
    result.detectable === null ? "–" : `±${formatNumber(result.detectable)}`,
  ];
}

/** Operations of all that a remedy took, its teachers or members with it, in the mean; null where unknown. */
function flopsOf(source: StudyRecords, runs: StudyRecords["records"]): number | null {
  const wholeCost = wholeCosts(source);
  const all = runs.map((run) => wholeCost(run)?.flops ?? null);
  return all.length === 0 || all.includes(null) ? null : mean(all as number[]);
}

function interval(ends: readonly [number, number] | null | undefined): string {
  return ends ? ends.map((end) => formatSigned(end)).join(" to ") : "–";
}

function page(source: StudyRecords, title: string, parts: readonly string[]): string {
  const quick = source.record.name.endsWith(quickEnding)
    ? ["**A quick run, to see that everything is in place: its numbers say nothing.**"]
    : [];
  return [
    `# ${title}`,
    ...quick,
    setting,
    ...parts.map((part) => part.trimEnd()),
    renderOrigin(source),
  ].join("\n\n");
}
