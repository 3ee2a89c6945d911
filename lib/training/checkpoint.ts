import * as tf from "@tensorflow/tfjs";
import { writeFileAtomically } from "../core/files.ts";
import { sha256 } from "../core/hash.ts";
import { hashJson, type JsonObject } from "../core/json.ts";
import type { RandomState } from "../core/random.ts";
import { readFile } from "../core/runtime/files.ts";
import { numericsVersion } from "../core/version.ts";
import type { Model } from "../models/model.ts";
import { readSafetensors, type StoredTensor, writeSafetensors } from "../models/safetensors.ts";
import type { AveragingState, Optimizer } from "../optimizers/optimizer.ts";
import type { CurvePoint } from "../records/run_record.ts";
import type { FoldRecord } from "../records/study_record.ts";
import type { BatchesPosition } from "./task.ts";

/** When a long run stores what it needs to go on after its process was killed. */
export interface CheckpointInterval {
  /** Seconds after which the next step is followed by a checkpoint; null for no such limit. */
  readonly seconds: number | null;
  /** Steps from one checkpoint to the next; null for no such limit. */
  readonly steps: number | null;
}

/** Where and when a run writes checkpoints. */
export interface CheckpointOptions extends CheckpointInterval {
  /** Absolute path of the file. */
  readonly path: string;
}

/** What a run has at the end of a step, besides its weights and its optimizer's state. */
export interface RunState extends BatchesPosition {
  /** Steps done. */
  readonly step: number;
  /** All evaluations so far. */
  readonly curve: readonly CurvePoint[];
  /** Early stopping: the best evaluation, evaluations since, and its weights by parameter. */
  readonly best: {
    readonly point: CurvePoint | null;
    readonly waited: number;
    readonly weights: readonly Float32Array[];
  };
  /** Random streams by what they are for: `batches` is the position in the data. */
  readonly streams: { readonly [use: string]: RandomState };
}

/** Of what a checkpoint holds: of another one a run begins anew. */
const schemaVersion = "2";

/** What belongs to a run for good: its checkpoint is of no use to any other. */
interface Identity {
  readonly id: string;
  readonly specification: JsonObject;
  readonly fold: FoldRecord;
  readonly seed: number;
}

/** Checkpoints of one run. */
export interface Checkpoints {
  /** Puts model and optimizer where the checkpoint has them; null if there is none that fits. */
  restore(): Promise<RunState | null>;
  /** Writes a checkpoint if the interval since the last one is over; no error if it cannot. */
  saveWhenDue(step: number, state: () => RunState): Promise<void>;
  /** Writes a checkpoint now: the run pauses here. */
  save(state: RunState): Promise<void>;
}

/**
 * The checkpoints of a run: weights, optimizer, random streams, step, curve and early stopping in one
 * file, written beside and renamed, so that the file there is always a whole one.
 *
 * A file that is damaged, of another run, another engine or another numerics version is no error:
 * the run begins anew, which gives the same record.
 */
export function openCheckpoints(
  options: CheckpointOptions | null,
  run: Identity,
  engine: string,
  { model, optimizer }: { readonly model: Model; readonly optimizer: Optimizer },
): Checkpoints {
  if (options === null) {
    const nothing = () => Promise.resolve();
    return { restore: () => Promise.resolve(null), saveWhenDue: nothing, save: nothing };
  }
  const { path, seconds, steps } = options;
  const { id, specification, fold, seed } = run;
  const identity = hashJson({ id, specification, fold, seed, engine, numericsVersion });
  const { parameters } = model;
  let savedAt = performance.now();
  let savedStep = 0;

  async function save(state: RunState): Promise<void> {
    savedAt = performance.now();
    savedStep = state.step;
    const { best, carried, ...rest } = state;
    const { steps: optimizerSteps, values, averaging = null, averagesTaken } = optimizer.state();
    const weights = parameters.map(({ variable }) => variable.dataSync() as Float32Array);
    const optimizerTensors = Object.entries(values).map(([name, values]) =>
      [`optimizer/${name}`, { shape: [values.length], values }] as const
    );
    const bytes = writeSafetensors(
      new Map([
        ...namedTensors(model, "weights", weights),
        ...namedTensors(model, "best", best.weights),
        ...optimizerTensors,
        ...(carried?.states ?? []).map((values, index): [string, StoredTensor] => [
          `carried/${index}`,
          { shape: [values.length], values },
        ]),
      ]),
      {
        schemaVersion,
        identity,
        bestKept: JSON.stringify(best.weights.length > 0),
        optimizerSteps: JSON.stringify(optimizerSteps),
        averaging: JSON.stringify(averaging),
        ...(averagesTaken && { averagesTaken: JSON.stringify(averagesTaken) }),
        ...(carried && { carriedWindows: JSON.stringify(carried.windows) }),
        state: JSON.stringify({ ...rest, best: { point: best.point, waited: best.waited } }),
      },
    );
    // Without a checkpoint a run is as good; the next one may find room again.
    await writeFileAtomically(path, withChecksum(bytes)).catch(() => {});
  }

  return {
    save,
    async restore() {
      const content = await readCheckpoint(path, identity);
      if (content === null) return null;
      const { tensors, state, bestKept, optimizerSteps, carriedWindows, ...others } = content;
      try {
        const weights = takeWeights(model, tensors, "weights");
        const best = {
          ...state.best,
          weights: bestKept ? takeWeights(model, tensors, "best") : [],
        };
        const values = Object.fromEntries(
          [...tensors].filter(([name]) => name.startsWith("optimizer/"))
            .map(([name, { values }]) => [name.slice("optimizer/".length), values]),
        );
        const { averaging, averagesTaken } = others;
        optimizer.restore({
          steps: optimizerSteps,
          values,
          ...(averaging && { averaging }),
          ...(averagesTaken && { averagesTaken }),
        });
        weights.forEach((values, index) => {
          const { variable } = parameters[index];
          tf.tidy(() => variable.assign(tf.tensor(values, variable.shape)));
        });
        savedStep = state.step;
        const carried = carriedWindows === null ? {} : {
          carried: { windows: carriedWindows, states: listOf(tensors, "carried") },
        };
        return { ...state, ...carried, best };
      } catch (error) {
        if (error instanceof RangeError) return null;
        throw error;
      }
    },
    async saveWhenDue(step, state) {
      const elapsed = (performance.now() - savedAt) / 1000;
      const due = (seconds !== null && elapsed >= seconds) ||
        (steps !== null && step - savedStep >= steps);
      if (!due) return;
      await save(state());
    },
  };
}

/** Weights of all parameters, as tensors named `prefix/` and the parameter. */
function namedTensors({ parameters }: Model, prefix: string, weights: readonly Float32Array[]) {
  return weights.map((values, index): [string, StoredTensor] => {
    const { name, shape } = parameters[index].description;
    return [`${prefix}/${name}`, { shape, values }];
  });
}

/** The other way round. */
function takeWeights(
  { parameters }: Model,
  tensors: ReadonlyMap<string, StoredTensor>,
  prefix: string,
): Float32Array[] {
  return parameters.map(({ description: { name, shape } }) => {
    const stored = tensors.get(`${prefix}/${name}`);
    if (stored?.shape.join() !== shape.join()) {
      throw new RangeError(`${prefix}/${name} is missing or has another shape.`);
    }
    return stored!.values;
  });
}

/** Tensors named `prefix/0`, `prefix/1` and so on; null if there is none. */
function listOf(
  tensors: ReadonlyMap<string, StoredTensor>,
  prefix: string,
): Float32Array[] | null {
  const list: Float32Array[] = [];
  for (let next; (next = tensors.get(`${prefix}/${list.length}`)) !== undefined;) {
    list.push(next.values);
  }
  return list.length === 0 ? null : list;
}

/** Characters of a SHA-256 in hexadecimal; the file begins with that of the rest. */
const checksumLength = 64;

function withChecksum(bytes: Uint8Array): Uint8Array {
  const whole = new Uint8Array(checksumLength + bytes.length);
  whole.set(new TextEncoder().encode(sha256(bytes)));
  whole.set(bytes, checksumLength);
  return whole;
}

async function readCheckpoint(path: string, identity: string) {
  let whole: Uint8Array;
  try {
    whole = await readFile(path);
  } catch {
    return null;
  }
  const bytes = whole.slice(checksumLength);
  if (new TextDecoder().decode(whole.subarray(0, checksumLength)) !== sha256(bytes)) return null;
  const { tensors, metadata } = readSafetensors(bytes);
  if (metadata.schemaVersion !== schemaVersion || metadata.identity !== identity) return null;
  return {
    tensors,
    state: JSON.parse(metadata.state) as RunState,
    bestKept: JSON.parse(metadata.bestKept) as boolean,
    optimizerSteps: JSON.parse(metadata.optimizerSteps) as number,
    averaging: JSON.parse(metadata.averaging ?? "null") as AveragingState | null,
    averagesTaken: JSON.parse(metadata.averagesTaken ?? "null") as number[] | null,
    carriedWindows: JSON.parse(metadata.carriedWindows ?? "null") as number | null,
  };
}
