import type { Json, JsonObject } from "../../core/json.ts";
import { blockedFolds } from "../../data/folds.ts";
import { arms } from "../../studies/search/arms.ts";
import { type Dimension, linearRange, logRange } from "../../studies/search/dimensions.ts";
import { edgeOf, type PointEdge } from "../../statistics/edges.ts";
import { select } from "../../statistics/select.ts";
import type { RangeRecord } from "../../statistics/share_of_range.ts";
import type { StudyRecords } from "../../statistics/study_records.ts";
import { summarizeTrials } from "../../statistics/summarize.ts";
import { type Settings, settingsOf, sizesOf, transformer } from "./_transformer.ts";
import { type Remedy, tunedRemedies } from "./remedies.ts";
import type { RemedyStudy } from "./remedy_study.ts";

/** Learning rates among which every arm has its own. */
const learningRate = logRange(1e-3, 8e-2);

const ranges: { readonly [setting in Remedy["settings"][number]]: Dimension } = {
  alpha: logRange(0.05, 3),
  dropout: linearRange(0.02, 0.3),
  horizon: logRange(5, 500),
  stochasticDepth: linearRange(0.05, 0.65),
  share: linearRange(0.1, 0.95),
};

/** First character of its pages in the book; those of the comparison begin elsewhere. */
const start = 100_000;

/** Tunes every remedy, with its own learning rate, on pages that the comparison does not read. */
export const remediesSearch: RemedyStudy = {
  name: "remedies-search",
  title: "The remedies, each tuned",
  corpora: ["moby-dick"],
  after: null,
  study: (quick) => {
    const sizes = sizesOf(quick);
    const length = 3 * sizes.trainingLength;
    return {
      space: arms(
        Object.fromEntries(tunedRemedies.map(({ name, parent, settings }) => [name, {
          ...(parent !== undefined && { parent }),
          dimensions: {
            learningRate,
            ...Object.fromEntries(settings.map((setting) => [setting, ranges[setting]])),
          },
        }])),
        { count: sizes.pointsPerArm, seed: 1 },
      ),
      specify: (point: JsonObject) => {
        const { training, settings } = tunedRemedies.find(({ name }) => name === point.arm)!;
        const { learningRate } = settingsOf(point);
        // Axes that arms share have the same values, so that this is one of its points.
        const teacher = settings.includes("share")
          ? { point: { arm: "none", learningRate } }
          : undefined;
        return transformer(sizes, settingsOf(point), {
          ...training,
          excerpt: { start, length },
          teacher,
        });
      },
      folds: blockedFolds({ count: 3, finalShare: 0, choosing: true }),
      seeds: [1],
    };
  },
};

/**
 * What the search selected for a remedy: the point with the lowest loss at the end of its training on the
 * blocks that choose, in the mean over the folds.
 *
 * @throws {Error} If no point of the remedy is complete.
 */
export function selectedSettings({ record, records }: StudyRecords, remedy: string): Settings {
  const own = summarizeTrials(record, records).filter(({ point }) => point.arm === remedy);
  const rule = { kind: "mean", metric: "validationLoss", axes: [] } as const;
  const { selected } = select(own, rule, "lastStep");
  if (selected !== null) return settingsOf(selected.point);
  throw new Error(
    `Study ${record.name} has selected nothing for ${remedy}: no point of it is complete. Go on with ` +
      `it by deno task reproduce ${remediesSearch.name}.`,
  );
}

/** Settings of {@link selectedSettings} that lie at an end of what was tried: a better one may lie beyond. */
export function settingsAtEdges(source: StudyRecords, remedy: string): PointEdge[] {
  const { points, arms } = source.record.space;
  const { dimensions } = arms!.find(({ name }) => name === remedy)!;
  const own = points.filter(({ arm }) => arm === remedy);
  return Object.entries(selectedSettings(source, remedy)).flatMap(([axis, value]): PointEdge[] => {
    const tried = own.map((point) => point[axis] as number);
    const end = edgeOf(value, tried, dimensions[axis] as RangeRecord);
    return end === null ? [] : [{ axis, end, value }];
  });
}

/** A remedy at its settings, as a point. */
export function pointOf(remedy: string, settings: Settings): JsonObject {
  return { remedy, ...settings as unknown as { readonly [setting: string]: Json } };
}
