import * as tf from "@tensorflow/tfjs";
import { arenaPointer, arenaTensor, arenaView, hasArena, kernels } from "../engine/kernels.ts";
import type { Moment, Move } from "./average.ts";
import { type AverageSpecification, kindOf } from "./kinds.ts";

/** Averages of the weights of one model, while it is trained. */
export interface Averages {
  /** Lets the averages take the weights after a step, or as they are evaluated. */
  take(moment: Omit<Moment, "taken">): void;
  /** Whether an average has begun. */
  exists(index: number): boolean;
  /** Calls a function while the parameters hold an average, once it has begun. */
  during<Result>(index: number, measure: () => Result): Result;
  /** Leaves an average in the parameters, once it has begun. */
  keep(index: number): void;
  /** What is needed to go on with the same bits; its values are those of now until the weights change. */
  view(): AveragesState;
  /**
   * Goes on from a state.
   *
   * @throws {RangeError} If the state is of other averages or parameters.
   */
  restore(state: AveragesState): void;
  /** Frees the copies; the parameters stay. */
  dispose(): void;
}

/** What averages remember, for checkpoints. */
export interface AveragesState {
  /** How often each average has taken the weights. */
  readonly taken: readonly number[];
  /** By average, number of the copy, and parameter: `average0/0/gru0/kernel`. */
  readonly values: { readonly [name: string]: Float32Array };
}

/** A parameter whose weights are averaged. */
export interface AveragedParameter {
  readonly description: { readonly name: string };
  /** Holds its weights. */
  readonly variable: tf.Variable;
}

/** Copies of one parameter. */
interface Copies {
  move(move: Move): void;
  /** The copy and the weights change places. */
  swap(copy: number): void;
  view(copy: number): Float32Array;
  write(copy: number, values: Float32Array): void;
  dispose(): void;
}

/**
 * Averages of the weights of a model. Those that have begun take the weights in place, in the engine's
 * memory where it has one.
 *
 * @param specifications From `ema`, `swa` and `lastEvaluations`.
 * @param parameters Parameters of one model, float32.
 */
export function createAverages(
  specifications: readonly AverageSpecification[],
  parameters: readonly AveragedParameter[],
): Averages {
  const averages = specifications.map((specification, index) => {
    const count = kindOf(specification).copies(specification);
    return {
      specification,
      taken: 0,
      parameters: parameters.map(({ variable }) => copiesOf(variable, count)),
      names: parameters.map(({ description: { name } }) =>
        Array.from({ length: count }, (_, copy) => `average${index}/${copy}/${name}`)
      ),
    };
  });
  const swap = (index: number) => averages[index].parameters.forEach((copies) => copies.swap(0));
  const exists = (index: number) => averages[index].taken > 0;
  return {
    exists,
    take(moment) {
      for (const average of averages) {
        const { specification, taken } = average;
        const moves = kindOf(specification).moves(specification, { ...moment, taken });
        if (moves.length === 0) continue;
        for (const copies of average.parameters) moves.forEach(copies.move);
        average.taken++;
      }
    },
    during(index, measure) {
      if (!exists(index)) return measure();
      swap(index);
      try {
        return measure();
      } finally {
        swap(index);
      }
    },
    keep(index) {
      if (exists(index)) swap(index);
    },
    view: () => ({
      taken: averages.map(({ taken }) => taken),
      values: Object.fromEntries(
        averages.flatMap(({ names, parameters }) =>
          names.flatMap((copies, index) =>
            copies.map((name, copy) => [name, parameters[index].view(copy)])
          )
        ),
      ),
    }),
    restore({ taken, values }) {
      const expected = averages.flatMap(({ names }) => names.flat());
      const found = Object.keys(values);
      if (taken.length !== averages.length || found.toSorted().join() !== expected.sort().join()) {
        throw new RangeError(
          `Averages.restore: the state must hold ${expected.join(", ") || "nothing"}, found ` +
            `${found.join(", ") || "nothing"}.`,
        );
      }
      averages.forEach((average, index) => {
        average.taken = taken[index];
        average.names.forEach((copies, parameter) =>
          copies.forEach((name, copy) => average.parameters[parameter].write(copy, values[name]))
        );
      });
    },
    dispose: () =>
      averages.forEach(({ parameters }) => parameters.forEach((copies) => copies.dispose())),
  };
}

function copiesOf(variable: tf.Variable, count: number): Copies {
  return hasArena() ? arenaCopies(variable, count) : plainCopies(variable, count);
}

/** On any tfjs backend. */
function plainCopies(variable: tf.Variable, count: number): Copies {
  const copies = Array.from({ length: count }, () => new Float32Array(variable.size));
  const weights = () => variable.dataSync() as Float32Array;
  return {
    move({ to, from, share }) {
      moveTowards(copies[to], from === "weights" ? weights() : copies[from], share);
    },
    swap(copy) {
      const values = Float32Array.from(weights());
      tf.tidy(() => variable.assign(tf.tensor(copies[copy], variable.shape)));
      copies[copy] = values;
    },
    view: (copy) => copies[copy],
    write: (copy, values) => copies[copy].set(values),
    dispose() {},
  };
}

/** In the engine's memory. */
function arenaCopies(variable: tf.Variable, count: number): Copies {
  const exports = kernels();
  const copies = Array.from({ length: count }, () => {
    const copy = tf.keep(arenaTensor(variable.shape));
    exports.fill(arenaPointer(copy), variable.size, 0);
    return copy;
  });
  const pointers = copies.map(arenaPointer);
  const view = (tensor: tf.Tensor) => arenaView(tensor) as Float32Array;
  return {
    move({ to, from, share }) {
      const source = from === "weights" ? variable : copies[from];
      if (share === 1) view(copies[to]).set(view(source));
      else exports.moveTowards(pointers[to], arenaPointer(source), variable.size, share);
    },
    swap(copy) {
      const [average, weights] = [view(copies[copy]), view(variable)];
      const values = Float32Array.from(weights);
      weights.set(average);
      average.set(values);
    },
    view: (copy) => view(copies[copy]),
    write: (copy, values) => view(copies[copy]).set(values),
    dispose: () => tf.dispose(copies),
  };
}

const { fround } = Math;

/** The same to the bit as the kernel. */
function moveTowards(to: Float32Array, from: Float32Array, share: number): void {
  if (share === 1) return to.set(from);
  const part = fround(share);
  for (let i = 0; i < to.length; i++) {
    to[i] = fround(to[i] + fround(part * fround(from[i] - to[i])));
  }
}
