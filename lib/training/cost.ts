import type { JsonObject } from "../core/json.ts";
import { carriedTargetsOfEpoch } from "../data/carried_batches.ts";
import { windowsOfEpoch, windowsRead } from "../data/epochs.ts";
import { withFirstTokens } from "../data/first_tokens.ts";
import { describeParameters } from "../models/describe_parameters.ts";
import { forwardFlopsPerToken } from "../models/forward_flops.ts";
import { rulesOf } from "../optimizers/optimizer.ts";
import type { ParameterDescription, ParameterKind } from "../penalties/penalty.ts";
import { parameterCount } from "../records/parameter_count.ts";
import type { RunRecord, TrainingCost } from "../records/run_record.ts";
import type { FoldRecord } from "../records/study_record.ts";
import { meanPasses } from "./passes.ts";
import { isPairSpecification, type Specification } from "./specification.ts";
import { trainsAll } from "./tuning_options.ts";
import type { TeacherShape } from "./task.ts";

/** What a training has done. */
interface Done {
  /** Steps. */
  readonly steps: number;
  /** Targets that the losses of these steps counted. */
  readonly tokens: number;
}

/**
 * What a training took, counted from shapes: see {@link TrainingCost}.
 *
 * FLOPs are 3 times those of the forward pass (`forwardFlopsPerToken`; the gradient of a product is two
 * products of its size) for each token and each time that a step reads it (`passesOf`), and the products of
 * matrices that the optimizer does in a step (Muon's, five times 4 s² l + 2 s³ for a matrix of sides s ≤ l);
 * with `recomputeBlocks` 4 times, but for the output layer.
 *
 * @param specification As `validateSpecification` gives it.
 * @param parameters All of the model.
 */
export function trainingCost(
  specification: Specification,
  parameters: readonly ParameterDescription[],
  { steps, tokens }: Done,
): TrainingCost {
  // Which products of the way back are spared, shapes do not tell.
  const forward = trainsAll(specification.training)
    ? forwardFlops(specification, parameters)
    : null;
  const passes = meanPasses(specification, steps);
  const { training: { recomputeBlocks } } = specification;
  const again = recomputeBlocks && forward !== null ? forward - flopsOfOutput(parameters) : 0;
  return {
    flops: forward === null
      ? null
      : tokens * ((passes.forward + 2 * passes.backward) * forward + again * passes.backward) +
        steps * productsOfStep(specification, parameters),
    tokens,
    ...sizeOf(parameters),
  };
}

/** Operations of the output layer a token; with tied weights its kernel is the table. */
function flopsOfOutput(parameters: readonly ParameterDescription[]): number {
  const named = (wanted: string) => parameters.filter(({ name }) => name === wanted);
  const kernel = named("output/kernel");
  return 2 * parameterCount(kernel.length > 0 ? kernel : named("embedding/table"));
}

/** The cost of a training with the forward passes of its teachers over each token. */
export function withTeachers(
  cost: TrainingCost,
  specification: Specification,
  teachers: readonly TeacherShape[] = [],
): TrainingCost {
  const forward = teachers.map(({ model, parameters }) =>
    forwardFlops({ ...specification, model } as Specification, parameters)
  );
  const flops = [cost.flops, ...forward.map((each) => each && each * cost.tokens)];
  return {
    ...cost,
    flops: flops.reduce((sum, each) => sum === null || each === null ? null : sum + each, 0),
  };
}

/** Operations a token; null of pairs, where more is read than the tokens that count, by unequal lengths. */
function forwardFlops(
  specification: Specification,
  parameters: TeacherShape["parameters"],
): number | null {
  return isPairSpecification(specification)
    ? null
    : forwardFlopsPerToken(specification as unknown as JsonObject, parameters);
}

/** Weights of a model, and their bytes in single precision. */
export function sizeOf(
  parameters: readonly Pick<ParameterDescription, "shape">[],
): Pick<TrainingCost, "weights" | "bytes"> {
  const weights = parameterCount(parameters);
  return { weights, bytes: 4 * weights };
}

/** Operations of the products of matrices that the optimizer does in a step. */
function productsOfStep(
  { optimizer }: Specification,
  parameters: readonly ParameterDescription[],
): number {
  return rulesOf(optimizer, parameters).reduce((sum, { products = 0 }) => sum + products, 0);
}

/**
 * Targets that the first steps of a training count, as its specification and fold give them.
 *
 * @returns Null where only the training itself can say it: of pairs, whose targets have lengths of their own,
 * of windows inside documents, some of which are shorter, of rearranged ones, whose marks do not count, and of folds in bytes that are read in epochs or in
 * their order, whose spans have as many tokens as the training part's vocabulary gives them.
 */
export function tokensOfSteps(
  specification: Specification,
  fold: FoldRecord,
  steps: number,
): number | null {
  if (isPairSpecification(specification)) return null;
  const { windowLength, batchSize, trainingTokens, carriedState, sampling, ...training } =
    specification.training;
  if (training.documentWindows === "inside" || training.fillInTheMiddle !== null) return null;
  if (sampling === "draws" && !carriedState) return steps * batchSize * windowLength;
  if (fold.unit !== undefined) return null;
  const lengths = withFirstTokens(fold, trainingTokens).training
    .map(({ start, end }) => end - start);
  if (carriedState) {
    const epoch = carriedTargetsOfEpoch(lengths, { windowLength, batchSize });
    const sum = (counts: readonly number[]) => counts.reduce((total, count) => total + count, 0);
    return Math.floor(steps / epoch.length) * sum(epoch) +
      sum(epoch.slice(0, steps % epoch.length));
  }
  return windowLength * windowsRead(windowsOfEpoch(lengths, windowLength), batchSize, steps);
}

/**
 * The cost that a record's training has when it ends at a step, from specification and fold; null where
 * only the training itself can say it (see {@link tokensOfSteps}).
 *
 * @param run Its record, for the sizes of its vocabulary and the parameters of a model of the user's own.
 * @param teacher Specification of the runs that teach it; null for none.
 * @param counted Targets that its steps counted, where they are known from elsewhere; null for not.
 */
export function costAt(
  specification: Specification,
  fold: FoldRecord,
  run: Pick<RunRecord, "parameters" | "tokens" | "teachers">,
  steps: number,
  teacher: Specification | null = null,
  counted: number | null = null,
): TrainingCost | null {
  const tokens = tokensOfSteps(specification, fold, steps) ??
    (isPairSpecification(specification) ? null : counted);
  if (tokens === null) return null;
  const parametersOf = ({ model }: Specification) =>
    model.kind === "ownModel"
      ? run.parameters.map(({ name, kind, shape }) => ({
        ...{ name, shape, layer: name, kind: kind as ParameterKind },
      }))
      : describeParameters(model, { vocabularySize: run.tokens.vocabulary });
  const cost = trainingCost(specification, parametersOf(specification), { steps, tokens });
  if (teacher === null) return cost;
  const shape = { model: teacher.model, parameters: parametersOf(teacher) };
  return withTeachers(cost, specification, (run.teachers ?? []).map(() => shape));
}
