import { show, showLong } from "../core/check.ts";
import { canonicalJson, type Json, type JsonObject } from "../core/json.ts";
import type { StudyRecord } from "../records/study_record.ts";
import { counted } from "./format.ts";

/** Weights that specifications of a study begin with, as their JSON has them. */
export interface DescribedWeights {
  /** Where they are, in words. */
  readonly name: string;
  /** SHA-256 of what is there; null of another study's runs, each of which has its own. */
  readonly sha256: string | null;
  /** Whether they are a model that others trained, on text that is not known here. */
  readonly pretrained: boolean;
  /** Points that begin with them. */
  readonly points: number;
}

/** Weights that points of a study begin with in place of drawn ones, each once; none where all are drawn. */
export function initialWeightsOf({ specifications }: StudyRecord): DescribedWeights[] {
  const given = specifications.map(({ initialWeights }) => initialWeights)
    .filter((each) => each !== undefined && each !== null) as JsonObject[];
  return [...Map.groupBy(given, (each) => canonicalJson(each)).values()].map((alike) => {
    const { file, folder, from, sha256 = null } = alike[0];
    const points = alike.length;
    if (from !== undefined) {
      return { name: ofRun(from as JsonObject), sha256: null, pretrained: false, points };
    }
    const name = folder === undefined ? `the file ${show(file)}` : `the folder ${show(folder)}`;
    return { name, sha256: sha256 as string, pretrained: folder !== undefined, points };
  });
}

function ofRun({ study, point, seed }: { readonly [name: string]: Json }): string {
  return `the runs of study ${show(study)} at ${
    showLong(point)
  }, seed ${seed}, each fold with the one that ` +
    "trained on none of its held-out text";
}

/** What the weights are that a study begins with, and what follows, in sentences; none where all are drawn. */
export function describeInitialWeights(study: StudyRecord): string[] {
  const all = initialWeightsOf(study);
  const count = study.specifications.length;
  return [
    ...all.map(({ name, sha256, points }) =>
      `${
        points === count
          ? "Training begins"
          : `At ${points} of ${counted(count, "point")} training begins`
      } with the weights of ${name}${sha256 === null ? "" : ` (SHA-256 ${sha256})`}.`
    ),
    ...(all.some(({ pretrained }) => pretrained) ? [mayHaveRead] : []),
  ];
}

/** What a pretrained model's losses do not say. */
export const mayHaveRead =
  "A pretrained model may have read the text that is held out here: differences between points that begin " +
  "with it are fair, its losses are no measure of text that it has not read.";
