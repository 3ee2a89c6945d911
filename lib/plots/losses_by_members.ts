import { canonicalJson, type JsonObject } from "../core/json.ts";
import { counted, formatNumber, formatPoint } from "../statistics/format.ts";
import { type EnsembleKind, ensemblesByKind } from "../statistics/ensembles_by_kind.ts";
import { type LossUnit, lossUnit, natsPerToken } from "../statistics/study_loss.ts";
import type { StudyRecords } from "../statistics/study_records.ts";
import { valueRange } from "./axes.ts";
import type { Chart, Layer } from "./chart.ts";
import { type Figure, figureOf } from "./figure.ts";
import { categoricalColors } from "./theme.ts";

/** Ensembles of one point and mean, by how many models they have. */
export interface LossesByMembers {
  readonly point: JsonObject;
  /** What is averaged at each token. */
  readonly mean: EnsembleKind["mean"];
  /** Whether the models are snapshots of trainings. */
  readonly snapshots: boolean;
  /** Ascending by models; mean over the folds. */
  readonly sizes: readonly {
    readonly members: number;
    readonly validationLoss: number;
    readonly memberLoss: number;
  }[];
}

/** The ensembles of a study by point, mean and number of models. */
export function lossesByMembers(study: StudyRecords): LossesByMembers[] {
  const lines = new Map<string, EnsembleKind[]>();
  for (const each of ensemblesByKind(study)) {
    const { point, mean, snapshots } = each;
    const key = canonicalJson({ point, mean, snapshots });
    lines.set(key, [...lines.get(key) ?? [], each]);
  }
  return [...lines.values()].map(([first, ...others]) => ({
    point: first.point,
    mean: first.mean,
    snapshots: first.snapshots,
    sizes: [first, ...others].map(({ size, validationLoss, memberLoss }) => ({
      members: size.members,
      validationLoss,
      memberLoss,
    })).sort((a, b) => a.members - b.members),
  }));
}

/** Draws the losses of ensembles, in a unit, against how many models they have. */
export function lossesByMembersChart(
  lines: readonly LossesByMembers[],
  unit: LossUnit = natsPerToken,
): Chart {
  const all = lines.flatMap((line) => line.sizes.map((size) => ({ ...size, line })));
  const best = all.reduce((low, each) => each.validationLoss < low.validationLoss ? each : low);
  const most = Math.max(...all.map(({ members }) => members));
  const layers = lines.flatMap((line, index): Layer[] => {
    const color = categoricalColors[index % categoricalColors.length];
    const name = nameOf(line);
    const x = line.sizes.map(({ members }) => members);
    return [{
      kind: "line",
      name,
      color,
      x,
      y: line.sizes.map(({ validationLoss }) => validationLoss),
      marks: true,
      hover: line.sizes.map(({ members, validationLoss }) =>
        `${name}: ${counted(members, "model")}, ${formatNumber(validationLoss, 4)}`
      ),
      legend: true,
    }, {
      kind: "line",
      name: `runs of ${name}`,
      color,
      x,
      y: line.sizes.map(({ memberLoss }) => memberLoss),
      dash: true,
      marks: true,
      hollow: x.map(() => true),
      hover: line.sizes.map(({ memberLoss }) =>
        `${name}: its runs by themselves, mean ${formatNumber(memberLoss, 4)}`
      ),
      legend: false,
    }];
  });
  return {
    title:
      `${capitalModels(best.members)} together lose ${formatNumber(best.validationLoss)}, their ` +
      `runs by themselves ${formatNumber(best.memberLoss)} on average`,
    subtitle:
      "Validation loss of ensembles (filled) and the mean loss of their runs (hollow, dashed), mean over " +
      "the folds, against the number of models. An ensemble of M runs took M trainings.",
    alt: `Validation loss against the number of models of an ensemble. ${
      lines.map((line) =>
        `${nameOf(line)}: ${
          line.sizes.map(({ members, validationLoss, memberLoss }) =>
            `${formatNumber(validationLoss, 4)} with ${
              counted(members, "model")
            }, whose runs lose ` + `${formatNumber(memberLoss, 4)}`
          ).join("; ")
        }`
      ).join(". ")
    }.`,
    panels: [{
      x: {
        title: "models",
        range: [0.5, most + 0.5],
        ticks: [...new Set(all.map(({ members }) => members))].sort((a, b) => a - b)
          .map((members) => ({ position: members, label: String(members) })),
      },
      y: {
        title: `validation loss (${unit.words})`,
        range: valueRange(all.flatMap(({ validationLoss, memberLoss }) => [
          validationLoss,
          memberLoss,
        ])),
      },
      layers,
    }],
    width: 760,
    height: 430,
    legend: "bottom",
  };
}

function nameOf({ point, mean, snapshots }: LossesByMembers): string {
  return `${formatPoint(point)}, ${mean}${snapshots ? " of snapshots" : ""}`;
}

function capitalModels(count: number): string {
  return count === 1 ? "One model" : `${count} models`;
}

/**
 * Draws the validation loss of a study's ensembles against how many models they have, a line for each point
 * and mean, beside the mean loss of their runs.
 *
 * @param study A study with ensembles, or its records.
 * @returns A figure that a notebook shows.
 * @throws {RangeError} If the study has no ensemble on a fold.
 */
export function plotEnsembles(study: StudyRecords): Figure {
  const lines = lossesByMembers(study);
  if (lines.length === 0) {
    throw new RangeError(
      "plotEnsembles: the study has no ensembles that were measured; runStudy makes them with `ensembles`.",
    );
  }
  return figureOf(lossesByMembersChart(lines, lossUnit(study.record)));
}
