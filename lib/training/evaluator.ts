import { valuesNow } from "../engine/kernels.ts";
import { decayShare, learningRateOf, type Optimizer, rulesOf } from "../optimizers/optimizer.ts";
import { lossTermsOf } from "../penalties/activations.ts";
import { type StartOf, sumOfSquares } from "../penalties/penalty.ts";
import type { PenaltySpecification } from "../penalties/kinds.ts";
import { effectsByStep, penaltyValue } from "../penalties/targets.ts";
import { type UnchangedWeights, unchangedWeights } from "../penalties/unchanged.ts";
import { countZeros } from "../penalties/zeros.ts";
import { choosingLossOf } from "../records/choosing_loss.ts";
import type { CurvePoint } from "../records/run_record.ts";
import type { Averaging } from "./averaging.ts";
import { heldOutLosses, meanCrossEntropy, meanLossTerms, someUnknown } from "./evaluation.ts";
import type { OwnPenalties } from "./own_parts.ts";
import type { Specification } from "./specification.ts";
import type { Task } from "./task.ts";
import type { Tuning } from "./tuning.ts";
import type { StepReport } from "./train.ts";

/**
 * Measures the model now, and hands over what it found, null when a loss is NaN or infinite, while the
 * parameters hold the weights that were measured.
 */
export function evaluator(
  { model, evaluation, tokensPerBatch }: Task,
  specification: Specification,
  { penalties, startOf, own, optimizer, averaging, tuning }: {
    readonly penalties: readonly PenaltySpecification[];
    readonly startOf: StartOf;
    readonly own: OwnPenalties;
    readonly optimizer: Optimizer;
    readonly averaging: Averaging;
    readonly tuning: Tuning;
  },
): <Result>(report: StepReport | null, use: (point: CurvePoint | null) => Result) => Result {
  const { training, heldOut } = evaluation;
  const unknownId = someUnknown(heldOut, evaluation.unknownId) ? evaluation.unknownId : null;
  const descriptions = model.parameters.map(({ description }) => description);
  const { parameters } = tuning.trained;
  const trained = parameters.map(({ description }) => description);
  const effectsAt = effectsByStep(penalties, trained);
  const rules = rulesOf(
    ...[specification.optimizer, trained, undefined] as const,
    parameters.map(({ rateFactor }) => rateFactor),
  );
  const lossesNow = () => {
    tuning.merge();
    return heldOutLosses(model, evaluation, unknownId);
  };
  const measure = (
    report: StepReport | null,
    ofAverages: ReturnType<Averaging["measure"]>,
  ): CurvePoint | null => {
    // Of the untrained model: what the first step will use.
    const step = Math.max(1, report?.step ?? 0);
    const trainingLoss = meanCrossEntropy(model, training);
    const losses = lossesNow();
    const averages = ofAverages(losses);
    const weights = model.parameters.map(({ variable }) => valuesNow(variable));
    const penalized = parameters.map(({ variable }) => valuesNow(variable));
    const penalty = penaltyValue(penalties, trained, penalized, step, startOf) +
      own.value(step) +
      meanLossTerms(model, training, lossTermsOf(penalties, step), tokensPerBatch);
    const weightNorm = Math.sqrt(
      weights.reduce((sum, values) => sum + sumOfSquares(values), 0),
    );
    const measured = [
      trainingLoss,
      ...Object.values(losses),
      ...(averages.averages ?? []).map(({ heldOutLoss }) => heldOutLoss),
      penalty,
      weightNorm,
    ];
    if (!measured.every(Number.isFinite)) return null;
    const learningRate = learningRateOf(specification.optimizer, step);
    const decays = effectsAt(step).map((effect, index) =>
      decayShare(specification.optimizer, effect, learningRate, rules[index].rateFactor)
    );
    optimizer.observe(choosingLossOf(losses));
    return {
      step: report?.step ?? 0,
      trainingLoss,
      ...losses,
      generalizationGap: losses.heldOutLoss - trainingLoss,
      penalty,
      weightNorm,
      ...countZeros(penalties, descriptions, weights),
      ...unchangedOf(unchangedWeights(penalties, trained, penalized, startOf)),
      learningRate,
      learningRateTimesDecay: Math.max(0, ...decays),
      gradientNorm: report?.gradientNorm ?? null,
      ...averages,
    };
  };
  return (report, use) => {
    const ofAverages = averaging.measure(report?.step ?? 0, lossesNow);
    return optimizer.withEvaluationWeights(() => use(measure(report, ofAverages)));
  };
}

/** Weights that did not change, of all parameters together; nothing where none is pulled back. */
function unchangedOf(
  counts: readonly (UnchangedWeights | null)[],
): Pick<CurvePoint, "unchangedWeights" | "comparedWeights"> {
  const found = counts.filter((each) => each !== null);
  if (found.length === 0) return {};
  return {
    unchangedWeights: found.reduce((sum, { unchanged }) => sum + unchanged, 0),
    comparedWeights: found.reduce((sum, { of }) => sum + of, 0),
  };
}
