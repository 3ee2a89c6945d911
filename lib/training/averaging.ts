import { type AveragedParameter, type Averages, createAverages } from "../averages/averages.ts";
import { averageName, type AverageSpecification } from "../averages/kinds.ts";
import {
  copyOfState,
  type Optimizer,
  type OptimizerSpecification,
  someValues,
} from "../optimizers/optimizer.ts";
import type { CurvePoint, WeightsLoss } from "../records/run_record.ts";

/** Which weights are evaluated, sampled and kept: an average by its place in the list, or those trained. */
export type ChosenAverage = number | "trained";

/** What of a training says how weights are averaged. */
interface AveragingOptions {
  readonly averages: readonly AverageSpecification[];
  readonly chosenAverage: ChosenAverage;
}

/**
 * Refuses averages that contradict the optimizer, and a choice that is none of them.
 *
 * @throws {RangeError} With what contradicts what.
 */
export function checkAveraging(
  { averages, chosenAverage }: AveragingOptions,
  { kind }: OptimizerSpecification,
): void {
  if (averages.length > 0 && kind === "asgd") {
    throw new RangeError(
      `Cannot combine ${
        averages[0].kind
      } and asgd: asgd averages the weights itself, and its mean is ` +
        `what is evaluated and kept. Take sgd with averages, or asgd without.`,
    );
  }
  if (averages.length === 0 ? chosenAverage === 0 : chosenAverage === "trained") return;
  if (typeof chosenAverage === "number" && chosenAverage < averages.length) return;
  throw new RangeError(
    `training.chosenAverage must be ` +
      (averages.length === 0
        ? "left out where there are no averages"
        : averages.length === 1
        ? `"trained" or 0, the place of the only average`
        : `"trained" or a whole number from 0 to ${
          averages.length - 1
        }, the place of one of the averages`) +
      `, found ${JSON.stringify(chosenAverage)}.`,
  );
}

/** What averages do in a run. */
export interface Averaging {
  /** The optimizer, with averages that take its weights after each step and are part of its state. */
  follow(optimizer: Optimizer): Optimizer;
  /**
   * Measures all weights but the chosen ones, at an evaluation.
   *
   * @param read Losses of the weights that the parameters hold.
   * @returns What the evaluation holds of the averages, given the losses of the chosen weights.
   */
  measure(
    step: number,
    read: () => Omit<WeightsLoss, "weights">,
  ): (chosen: Omit<WeightsLoss, "weights">) => Pick<CurvePoint, "averages">;
}

/** Averages of the weights that a run trains; without any, nothing changes. */
export function createAveraging(
  { averages: specifications, chosenAverage }: AveragingOptions,
  parameters: readonly AveragedParameter[],
): Averaging {
  if (specifications.length === 0) {
    return { follow: (optimizer) => optimizer, measure: () => () => ({}) };
  }
  const averages = createAverages(specifications, parameters);
  const chosen = () =>
    chosenAverage !== "trained" && averages.exists(chosenAverage) ? chosenAverage : "trained";
  return {
    follow: (optimizer) => following(optimizer, averages, chosenAverage),
    measure(step, read) {
      averages.take({ step, evaluated: true });
      const all: readonly ChosenAverage[] = [
        "trained",
        ...specifications.keys().filter((index) => averages.exists(index)),
      ];
      const others = new Map(
        all.filter((each) => each !== chosen()).map((each) => [
          each,
          each === "trained" ? read() : averages.during(each, read),
        ]),
      );
      return (chosen) => ({
        averages: all.map((each) => {
          const { heldOutLoss, choosingLoss } = others.get(each) ?? chosen;
          return {
            weights: each === "trained" ? each : averageName(specifications[each]),
            heldOutLoss,
            ...(choosingLoss !== undefined && { choosingLoss }),
          };
        }),
      });
    },
  };
}

function following(
  optimizer: Optimizer,
  averages: Averages,
  chosen: ChosenAverage,
): Optimizer {
  let step = 0;
  const view = () => {
    const { values, ...state } = optimizer.view();
    const { taken, values: copies } = averages.view();
    return { ...state, values: { ...values, ...copies }, averagesTaken: taken };
  };
  return {
    ...optimizer,
    step(gradients, learningRate, updates) {
      const result = optimizer.step(gradients, learningRate, updates);
      averages.take({ step: ++step, evaluated: false });
      return result;
    },
    withEvaluationWeights: (measure) =>
      chosen === "trained" ? measure() : averages.during(chosen, measure),
    keepEvaluationWeights() {
      if (chosen !== "trained") averages.keep(chosen);
    },
    state: () => copyOfState(view()),
    view,
    restore({ averagesTaken = [], values, ...state }) {
      const isCopy = (name: string) => /^average\d+\//.test(name);
      averages.restore({ taken: averagesTaken, values: someValues(values, isCopy) });
      optimizer.restore({ ...state, values: someValues(values, (name) => !isCopy(name)) });
      step = state.steps;
    },
    dispose() {
      averages.dispose();
      optimizer.dispose();
    },
  };
}
