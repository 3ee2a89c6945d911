import type { JsonObject } from "../../core/json.ts";
import { blockedFolds } from "../../data/folds.ts";
import { contrast } from "../../statistics/contrast.ts";
import { ensemblesAsPoints } from "../../statistics/ensembles_as_points.ts";
import {
  type LinearContrast,
  type LinearContrastResults,
  linearContrasts,
} from "../../statistics/linear_contrasts.ts";
import type { StudyRecords } from "../../statistics/study_records.ts";
import { points } from "../../studies/search/space.ts";
import { settingsOf, sizesOf, type Training, transformer } from "./_transformer.ts";
import { tunedRemedies } from "./remedies.ts";
import type { RemedyStudy } from "./remedy_study.ts";
import { pointOf, remediesSearch, selectedSettings } from "./search.ts";

/** First character of its pages in the book. */
const start = 40_000;

/** Remedies that are made of others, trained beside those that were tuned. */
const made: readonly { readonly name: string; readonly settingsOf: string }[] = [
  { name: "longer", settingsOf: "none" },
  { name: "distilled", settingsOf: "self-distilled" },
];

/** Compares the tuned remedies, and what is made of them, on other pages. */
export const remediesComparison: RemedyStudy = {
  name: "remedies-comparison",
  title: "The remedies, compared on other pages",
  corpora: ["moby-dick"],
  after: remediesSearch,
  study: (quick, before) => {
    const sizes = sizesOf(quick);
    const { trainingLength, comparisonFolds: count, members } = sizes;
    const seeds = Array.from({ length: members }, (_, index) => index + 1);
    // Two of the blocks are held out.
    const excerpt = { start, length: Math.round(trainingLength * count / (count - 2)) };
    const all = [
      ...tunedRemedies.map(({ name }) => pointOf(name, selectedSettings(before!, name))),
      ...made.map(({ name, settingsOf }) => pointOf(name, selectedSettings(before!, settingsOf))),
    ];
    const [none] = all;
    return {
      space: points(all),
      specify: (point: JsonObject) =>
        transformer(sizes, settingsOf(point), {
          ...trainingOf(point.remedy as string, none, seeds),
          excerpt,
        }),
      folds: blockedFolds({ count, finalShare: 0, choosing: true }),
      seeds,
      baseline: none,
      ensembles: membersOf(all).map((point) => ({ point })),
    };
  },
};

/** How a remedy of the comparison trains. */
function trainingOf(
  remedy: string,
  none: JsonObject,
  seeds: readonly number[],
): Omit<Training, "excerpt"> {
  const tuned = tunedRemedies.find(({ name }) => name === remedy);
  if (remedy === "longer") return { falls: true, times: seeds.length };
  if (remedy === "distilled") return { falls: true, teacher: { point: none, seeds } };
  return {
    ...tuned!.training,
    ...(tuned!.settings.includes("share") && { teacher: { point: none } }),
  };
}

/** Points of which there are ensembles: without a remedy, and with several. */
function membersOf(all: readonly JsonObject[]): JsonObject[] {
  return all.filter(({ remedy }) => remedy === "none" || remedy === "several");
}

/** How an ensemble of a remedy is called. */
function ensembleOf(remedy: string, { seeds }: StudyRecords["record"]): string {
  return `${seeds.length} × ${remedy}`;
}

/** The records of the comparison with its ensembles among the points. */
export function withEnsembles(source: StudyRecords): StudyRecords {
  return ensemblesAsPoints(
    source,
    membersOf(source.record.space.points).map((members) => ({
      members,
      as: { remedy: ensembleOf(members.remedy as string, source.record) },
    })),
  );
}

/** Declared comparisons: a remedy, and what it is judged against. */
export function declaredPairs(study: StudyRecords["record"]): [remedy: string, parent: string][] {
  return [
    ...tunedRemedies.flatMap(({ name, parent }): [string, string][] =>
      parent === undefined ? [] : [[name, parent]]
    ),
    ["longer", "none"],
    [ensembleOf("none", study), "none"],
    [ensembleOf("none", study), "longer"],
    [ensembleOf("several", study), "several"],
    ["distilled", "self-distilled"],
  ];
}

/** What the records say to the declared comparisons, adjusted together by Holm. */
export function compareRemedies(source: StudyRecords): LinearContrastResults {
  const all = withEnsembles(source);
  const point = (remedy: string) => all.record.space.points.find((each) => each.remedy === remedy)!;
  const contrasts = declaredPairs(source.record).map(([remedy, parent]): LinearContrast => {
    const { terms } = contrast(point(remedy)).minus(point(parent));
    return { name: remedy, group: `minus ${parent}`, terms };
  });
  return linearContrasts(all, contrasts);
}
