import { modelKindOf } from "../models/kinds.ts";
import { parameterCount } from "../records/parameter_count.ts";
import type { ParameterDescription } from "../penalties/penalty.ts";
import { heldBeside, inBytes, putAside, rowsAtOnce, trainedWeights } from "./memory_plan.ts";
import { passesOf } from "./passes.ts";
import { isPairSpecification, type Specification } from "./specification.ts";

/** What WebAssembly's addresses reach, and so all that an engine can hold at once. */
const memoryBytes = 2 ** 32;

/** Of a position of a batch: the token that is read, the one that is predicted, and whether it counts. */
const batchBytes = 12;

/**
 * Refuses a training that cannot fit into any engine's memory, before anything is taken.
 *
 * What is counted is the least that every training holds: weights, gradients of those that are trained, what
 * the optimizer remembers of each of these, the weights that `weightDropout` and `sharpnessRadius` put aside, the copies that
 * averages of the weights keep, and, one after the other, a batch with the outputs of each layer at each of
 * its positions, which the way back reads (twice under R-Drop), and what a step of the optimizer needs for
 * itself. Masks of dropout are made again on the way back, and take nothing; tokens are not in an engine's
 * memory, and those of a large text in none. A training that passes may still find too little; the engine
 * then says so.
 *
 * @param specification As `validateSpecification` gives it.
 * @param parameters Of its model, with any vocabulary; none for a model of the user's own.
 * @throws {RangeError} With what it needs and the largest batch, or count of weights, that fits.
 */
export function checkMemory(
  specification: Specification,
  parameters: readonly ParameterDescription[],
): void {
  const { training } = specification;
  const { weights, gradients, trained } = trainedWeights(training, parameters);
  const aside = putAside(specification, parameters, trained);
  const rows = rowsAtOnce(specification);
  // Gradients of parts are added to some that are there.
  const inParts = rows < training.batchSize;
  const weightBytes = 4 * (weights + (inParts ? 2 : 1) * gradients + aside);
  if (weightBytes > memoryBytes) {
    const most = Math.floor(memoryBytes / (weightBytes / weights));
    const by = [
      ...training.weightDropout !== null && aside > 0 ? ["training.weightDropout puts aside"] : [],
      ...training.sharpnessRadius > 0 ? ["training.sharpnessRadius puts aside"] : [],
      ...inParts ? ["training.microBatchSize adds them to"] : [],
    ];
    const beside = by.map((what) => ` and what ${what}`).join("");
    throw new RangeError(
      `model: at most ${most} weights fit into an engine's memory of ${
        inBytes(memoryBytes)
      } with their gradients${beside}, found ${weights}, which need ${inBytes(weightBytes)}. Use ` +
        `smaller sizes or fewer layers.`,
    );
  }
  const held = weightBytes + checkHeld(specification, trained, weightBytes);
  const { batchSize } = training;
  // A source has a token at least, and a target its end.
  const [positions, row] = isPairSpecification(specification)
    ? [2, "pairs"] as const
    : [specification.training.windowLength, "windows"] as const;
  const outputs = passesHeld(specification) * outputsHeld(specification, positions);
  const rowBytes = positions * (batchBytes + 4 * outputs);
  const needed = held + rows * rowBytes;
  if (needed <= memoryBytes) return;
  const free = memoryBytes - held;
  const most = Math.floor(free / rowBytes);
  const fits = most > 0
    ? `${rows < batchSize ? "microBatchSize" : "batchSize"} must be at most ${most}, found ${rows}${
      waysToFit(specification, most)
    }`
    : `windowLength must be at most ${
      Math.floor(free * positions / rowBytes / rows)
    }, found ${positions}`;
  throw new RangeError(
    `training: ${
      rows < batchSize ? "a part" : "a batch"
    } of ${rows} ${row} of ${positions} tokens needs at least ` +
      `${inBytes(needed)} with the model's weights, and an engine has at most ` +
      `${inBytes(memoryBytes)}: ${fits}.`,
  );
}

/**
 * Bytes that a training holds of each weight besides itself and its gradient; refuses those for which there
 * is no room, with what a step of the optimizer needs for itself.
 */
function checkHeld(
  specification: Specification,
  parameters: readonly ParameterDescription[],
  weightBytes: number,
): number {
  // What is not known of a model of the user's own is not refused.
  if (parameters.length === 0) return 0;
  const { copies, ...numbers } = heldBeside(specification, parameters);
  const [remembered, scratch] = [4 * numbers.remembered, 4 * numbers.scratch];
  const copied = 4 * copies * parameterCount(parameters);
  const needed = weightBytes + remembered + copied + scratch;
  if (needed <= memoryBytes) return remembered + copied;
  const parts = [
    `${inBytes(weightBytes)} of weights with their gradients`,
    ...(remembered === 0
      ? []
      : [`${inBytes(remembered + scratch)} that ${specification.optimizer.kind} needs`]),
    ...(copies === 0 ? [] : [`${inBytes(copied)} of ${copies} copies for averages`]),
  ];
  throw new RangeError(
    `training: an engine's memory holds at most ${inBytes(memoryBytes)}, and this training needs ` +
      `${inBytes(needed)}: ${parts.join(", ")}. Use smaller sizes${
        copies === 0 ? "" : ", fewer averages"
      } or fewer layers.`,
  );
}

/** Outputs of a position that the way back reads; of blocks that it computes again their inputs alone. */
function outputsHeld(specification: Specification, windowLength: number): number {
  const { model, training: { recomputeBlocks } } = specification;
  const { activations, outputs } = modelKindOf(model);
  if (!recomputeBlocks || activations === undefined) return outputs(model);
  const { layers, kept } = activations(model, { windowLength, windows: rowsAtOnce(specification) });
  return layers * kept;
}

/** What else than smaller batches makes a training fit. */
function waysToFit({ model, training }: Specification, most: number): string {
  const carried = "carriedState" in training && training.carriedState;
  const ways = [
    ...training.microBatchSize === null && !carried
      ? [`training.microBatchSize at most ${most}`]
      : [],
    ...modelKindOf(model).recomputesBlocks && !training.recomputeBlocks
      ? ["training.recomputeBlocks true"]
      : [],
  ];
  return ways.map((way) => `, or ${way}`).join("");
}

/** Passes over a batch whose outputs are held at once: both of R-Drop's. */
function passesHeld({ penalties }: Specification): number {
  return passesOf({ penalties }).forward;
}

/**
 * Refuses evaluations a batch of which, its windows padded to their length, cannot be held.
 *
 * @param windows How many windows an evaluation reads side by side.
 * @param windowLength Tokens of each.
 */
export function checkEvaluationMemory(windows: number, windowLength: number): void {
  const bytes = windows * windowLength * batchBytes;
  if (bytes <= memoryBytes) return;
  throw new RangeError(
    `training: an evaluation of ${windows} windows of ${windowLength} tokens side by side needs ${
      inBytes(bytes)
    }; at most ${inBytes(memoryBytes)} can be held: windowLength must be at most ${
      Math.floor(memoryBytes / batchBytes / windows)
    }, found ${windowLength}, or evaluationTokens smaller.`,
  );
}
