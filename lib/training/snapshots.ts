import { mostSteps } from "../core/limits.ts";
import { integer, nested, orNull } from "../core/options.ts";
import { valuesNow } from "../engine/kernels.ts";
import type { ModelParameter } from "../models/model.ts";
import type { StoredTensor } from "../models/safetensors.ts";
import { copyOfState, type Optimizer, someValues } from "../optimizers/optimizer.ts";
import type { Tensors } from "./model_weights.ts";

/** Which trained weights of a run are kept on the way, for an ensemble of them. */
export interface SnapshotSpecification {
  /** First step whose weights are kept, from 1: the end of the first cycle of the learning rate. */
  readonly start: number;
  /** Steps from one to the next, from 1: those of a cycle. */
  readonly every: number;
}

const steps = integer({ from: 1, to: mostSteps });

/** `training.snapshots`. */
export const snapshotsOption = orNull(nested({ start: steps, every: steps }));

/** Snapshots of the weights that a run trains. */
export interface Snapshots {
  /** The optimizer, with snapshots that are taken after its steps and are part of its state. */
  follow(optimizer: Optimizer): Optimizer;
  /** Those that were taken, as a weights file has them: `snapshot0/gru0/kernel`. */
  tensors(): [string, StoredTensor][];
}

const prefix = /^snapshot(\d+)\//;

/** Takes snapshots of the weights after the steps `start`, `start` + `every` and so on; null takes none. */
export function createSnapshots(
  specification: SnapshotSpecification | null,
  parameters: readonly ModelParameter[],
): Snapshots {
  if (specification === null) return { follow: (optimizer) => optimizer, tensors: () => [] };
  const { start, every } = specification;
  let taken: { readonly [name: string]: Float32Array }[] = [];
  let done = 0;
  const values = () =>
    Object.fromEntries(
      taken.flatMap((weights, index) =>
        Object.entries(weights).map(([name, values]) => [`snapshot${index}/${name}`, values])
      ),
    );
  const view = (optimizer: Optimizer) => {
    const state = optimizer.view();
    return { ...state, values: { ...state.values, ...values() } };
  };
  return {
    follow: (optimizer) => ({
      ...optimizer,
      step(gradients, learningRate) {
        const result = optimizer.step(gradients, learningRate);
        done++;
        if (done >= start && (done - start) % every === 0) taken.push(copyOf(parameters));
        return result;
      },
      state: () => copyOfState(view(optimizer)),
      view: () => view(optimizer),
      restore({ values, ...state }) {
        const own = someValues(values, (name) => prefix.test(name));
        taken = bySnapshot(Object.keys(own).map((name) => [name, own[name].slice()] as const));
        done = state.steps;
        optimizer.restore({ ...state, values: someValues(values, (name) => !prefix.test(name)) });
      },
    }),
    tensors: () => {
      const shapes = new Map(parameters.map(({ description: { name, shape } }) => [name, shape]));
      return Object.entries(values()).map(([name, values]) => [
        name,
        { shape: shapes.get(name.replace(prefix, ""))!, values },
      ]);
    },
  };
}

/** The snapshots in a weights file, in the order in which they were taken. */
export function snapshotsIn(tensors: Tensors): readonly Tensors[] {
  return bySnapshot([...tensors].filter(([name]) => prefix.test(name)))
    .map((weights) => new Map(Object.entries(weights)));
}

function bySnapshot<T>(entries: readonly (readonly [string, T])[]): { [name: string]: T }[] {
  const found: { [name: string]: T }[] = [];
  for (const [name, value] of entries) {
    const index = Number(name.match(prefix)![1]);
    (found[index] ??= {})[name.replace(prefix, "")] = value;
  }
  return found;
}

function copyOf(parameters: readonly ModelParameter[]): { [name: string]: Float32Array } {
  return Object.fromEntries(
    parameters.map(({ description: { name }, variable }) => [
      name,
      valuesNow(variable).slice(),
    ]),
  );
}
