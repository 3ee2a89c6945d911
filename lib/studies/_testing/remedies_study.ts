import { ema } from "../../averages/ema.ts";
import { lastEvaluations } from "../../averages/last_evaluations.ts";
import { swa } from "../../averages/swa.ts";
import { cyclicSchedule } from "../../core/schedule.ts";
import { adam } from "../../optimizers/adam.ts";
import { muon } from "../../optimizers/muon.ts";
import type { StudyOptions } from "../options.ts";
import { points } from "../search/space.ts";
import { smallStudy } from "./small_study.ts";

type Options = ReturnType<StudyOptions["specify"]>;
type Changes = {
  readonly optimizer?: Options["optimizer"];
  readonly training?: Partial<Options["training"]>;
};

const learningRate = 0.01;
const averages = [ema({ horizon: 40 }), lastEvaluations({ count: 2 })];
const cautiousMuon = muon({ learningRate, decay: 0.1, cautious: true });

/** What each point changes; their state is in checkpoints. */
const remedies: { readonly [remedy: string]: Changes } = {
  none: {},
  ema: { training: { averages, chosenAverage: 0 } },
  swa: {
    optimizer: adam({
      learningRate,
      schedule: cyclicSchedule({ after: 150, every: 10, lowest: 0.1 }),
    }),
    training: { averages: [swa({ start: 160, every: 10 })], snapshots: { start: 160, every: 10 } },
  },
  muon: { optimizer: cautiousMuon },
  epochs: { training: { sampling: "epochs" } },
  taught: { training: { teacher: { point: { remedy: "none" }, seeds: [1, 2], share: 0.5 } } },
  together: { optimizer: cautiousMuon, training: { averages, sampling: "epochs" } },
};

/** Options of a study of real, small trainings: a point for each remedy, and an ensemble of each. */
export function remediesStudy(
  project: string | undefined,
  changes: Partial<StudyOptions> = {},
  training: Parameters<typeof smallStudy>[2] = {},
): StudyOptions {
  const study = smallStudy(project, {}, training);
  return {
    ...study,
    space: points(Object.keys(remedies).map((remedy) => ({ remedy }))),
    specify({ remedy }) {
      const specification = study.specify({ lambda: 0, alpha: 0 });
      const { training, ...rest } = remedies[String(remedy)];
      return {
        ...specification,
        penalties: [],
        ...rest,
        training: { ...specification.training, ...training },
      } as Options;
    },
    seeds: [1, 2],
    ensembles: [{}, { snapshots: true }],
    ...changes,
  };
}
