import { modelKindOf } from "../models/kinds.ts";
import { parameterCount } from "../records/parameter_count.ts";
import type { ParameterDescription } from "../penalties/penalty.ts";
import { isPairSpecification, type Specification } from "./specification.ts";

/** What WebAssembly's addresses reach, and so all that an engine can hold at once. */
const memoryBytes = 2 ** 32;

/** Of a position of a batch: the token that is read, the one that is predicted, and whether it counts. */
const batchBytes = 12;

/**
 * Refuses a training that cannot fit into any engine's memory, before anything is taken.
 *
 * What is counted is the least that every training holds: weights and their gradients, the slots of an
 * own optimizer, a batch, and the outputs of each layer at each of its positions, which the way back reads. A training that passes may
 * still find too little; the engine then says so.
 *
 * @param specification As `validateSpecification` gives it.
 * @param parameters Of its model, with any vocabulary; none for a model of the user's own.
 * @throws {RangeError} With what it needs and the largest batch, or count of weights, that fits.
 */
export function checkMemory(
  specification: Specification,
  parameters: readonly Pick<ParameterDescription, "shape">[],
): void {
  const weights = parameterCount(parameters);
  const slots = ownSlots(specification);
  const bytesEach = (2 + slots) * 4;
  const weightBytes = bytesEach * weights;
  if (weightBytes > memoryBytes) {
    const kept = slots === 0 ? "" : ` and ${slots} slots of ownOptimizer`;
    throw new RangeError(
      `model: at most ${
        Math.floor(memoryBytes / bytesEach)
      } weights fit into an engine's memory of ${
        inBytes(memoryBytes)
      } with their gradients${kept}, found ${weights}, which need ${
        inBytes(weightBytes)
      }. Use smaller ` +
        `sizes or fewer layers.`,
    );
  }
  const { model, training: { batchSize } } = specification;
  // A source has a token at least, and a target its end.
  const [positions, row] = isPairSpecification(specification)
    ? [2, "pairs"] as const
    : [specification.training.windowLength, "windows"] as const;
  const rowBytes = positions * (batchBytes + 4 * modelKindOf(model).outputs(model));
  const needed = weightBytes + batchSize * rowBytes;
  if (needed <= memoryBytes) return;
  const free = memoryBytes - weightBytes;
  const most = Math.floor(free / rowBytes);
  const fits = most > 0
    ? `batchSize must be at most ${most}, found ${batchSize}`
    : `windowLength must be at most ${
      Math.floor(free * positions / rowBytes / batchSize)
    }, found ${positions}`;
  throw new RangeError(
    `training: a batch of ${batchSize} ${row} of ${positions} tokens needs at least ` +
      `${inBytes(needed)} with the model's weights, and an engine has at most ` +
      `${inBytes(memoryBytes)}: ${fits}.`,
  );
}

/** Numbers that an optimizer of the user's own remembers of each weight. */
function ownSlots({ optimizer }: Specification): number {
  return optimizer.kind === "ownOptimizer" ? optimizer.slots?.length ?? 0 : 0;
}

const units = ["bytes", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];

/** A size in words, such as `2.3 TiB`. */
function inBytes(bytes: number): string {
  const unit = Math.min(units.length - 1, Math.floor(Math.log2(bytes) / 10));
  return `${Number((bytes / 1024 ** unit).toPrecision(3))} ${units[unit]}`;
}

/**
 * Refuses evaluations whose windows, padded to their length, cannot be held.
 *
 * @param windows How many windows an evaluation reads.
 * @param windowLength Tokens of each.
 */
export function checkEvaluationMemory(windows: number, windowLength: number): void {
  const bytes = windows * windowLength * batchBytes;
  if (bytes <= memoryBytes) return;
  throw new RangeError(
    `training: an evaluation of ${windows} windows of ${windowLength} tokens needs ${
      inBytes(bytes)
    }; at most ${inBytes(memoryBytes)} can be held: windowLength must be at most ${
      Math.floor(memoryBytes / batchBytes / windows)
    }, found ${windowLength}, or evaluationTokens smaller.`,
  );
}
