import type { syntheticRecords } from "./synthetic_study.ts";

/** The records of a study whose matrices are pulled towards their start, the more the larger λ. */
export function pulledToStart(source: ReturnType<typeof syntheticRecords>) {
  return {
    ...source,
    records: source.records.map((run) => ({
      ...run,
      parameters: run.parameters.map((parameter, index) => {
        const weights = parameter.shape.reduce((product, extent) => product * extent, 1);
        const share = Math.min(1, 0.1 + 2000 * Number(run.point.lambda) + 0.05 * index);
        return parameter.kind === "bias" ? parameter : {
          ...parameter,
          unchangedWeights: Math.round(weights * share) - 10 * (Number(run.fold) || 0),
        };
      }),
    })),
  };
}
