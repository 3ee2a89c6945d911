import { writeFileAtomically } from "../core/files.ts";
import { sha256OfFile } from "../core/file_hash.ts";
import { sha256 } from "../core/hash.ts";
import { hashJson, type JsonObject } from "../core/json.ts";
import { release } from "../core/release.ts";
import type { RandomState } from "../core/random.ts";
import { openFileSync, readAtSync } from "../core/runtime/files.ts";
import { numericsVersion } from "../core/version.ts";
import { setValues, valuesNow } from "../engine/kernels.ts";
import type { Model } from "../models/model.ts";
import { safetensorsPieces, type StoredTensor } from "../models/safetensors.ts";
import { openSafetensors, type SafetensorsFile } from "../models/safetensors_file.ts";
import type { AveragingState, Optimizer, OptimizerState } from "../optimizers/optimizer.ts";
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
  restore(): RunState | null;
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
    return { restore: () => null, saveWhenDue: nothing, save: nothing };
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
    const { steps: optimizerSteps, values, averaging = null, averagesTaken } = optimizer.view();
    const optimizerTensors = Object.entries(values).map(([name, values]) =>
      [`optimizer/${name}`, { shape: [values.length], values }] as const
    );
    const given = [
      new Map([
        ...namedTensors(model, "weights", parameters.map(({ variable }) => valuesNow(variable))),
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
    ] as const;
    // In pieces, because the whole file is as large as what the training holds.
    const content = function* () {
      yield new TextEncoder().encode(sha256(safetensorsPieces(...given)));
      yield* safetensorsPieces(...given);
    };
    // Without a checkpoint a run is as good; the next one may find room again.
    await writeFileAtomically(path, content()).catch(() => {});
  }

  return {
    save,
    restore() {
      using file = openCheckpoint(path, identity);
      if (file === null) return null;
      try {
        const { state, bestKept, optimizerSteps, carriedWindows, ...others } = detailsOf(file);
        checkWeights(model, file, "weights");
        if (bestKept) checkWeights(model, file, "best");
        const { averaging, averagesTaken } = others;
        optimizer.restore({
          steps: optimizerSteps,
          values: valuesUnder(file, "optimizer/"),
          ...(averaging && { averaging }),
          ...(averagesTaken && { averagesTaken }),
        });
        for (const { variable, description: { name } } of parameters) {
          const values = file.read(`weights/${name}`);
          setValues(variable, values);
          release(values);
        }
        const weights = bestKept
          ? parameters.map(({ description: { name } }) => file.read(`best/${name}`))
          : [];
        savedStep = state.step;
        const carried = carriedWindows === null ? {} : {
          carried: { windows: carriedWindows, states: listUnder(file, "carried/") },
        };
        return { ...state, ...carried, best: { ...state.best, weights } };
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

/** Refuses a file that lacks weights of the model. */
function checkWeights({ parameters }: Model, { tensors }: SafetensorsFile, prefix: string): void {
  for (const { description: { name, shape } } of parameters) {
    if (tensors.get(`${prefix}/${name}`)?.shape.join() === shape.join()) continue;
    throw new RangeError(`${prefix}/${name} is missing or has another shape.`);
  }
}

/** Values of all tensors whose names begin with a prefix, each read when asked for and there until the next. */
function valuesUnder(file: SafetensorsFile, prefix: string): OptimizerState["values"] {
  let last: Float32Array = new Float32Array();
  const read = (name: string) => {
    release(last);
    return last = file.read(name);
  };
  const names = [...file.tensors.keys()].filter((name) => name.startsWith(prefix));
  return Object.defineProperties(
    {},
    Object.fromEntries(
      names.map((name) => [
        name.slice(prefix.length),
        { enumerable: true, get: () => read(name) },
      ]),
    ),
  );
}

/** Tensors named `prefix0`, `prefix1` and so on; null if there is none. */
function listUnder({ tensors, read }: SafetensorsFile, prefix: string): Float32Array[] | null {
  const list: Float32Array[] = [];
  while (tensors.has(`${prefix}${list.length}`)) list.push(read(`${prefix}${list.length}`));
  return list.length === 0 ? null : list;
}

/** Characters of a SHA-256 in hexadecimal; the file begins with that of the rest. */
const checksumLength = 64;

/** The checkpoint of a run, open; null where there is none that is whole and the run's. */
function openCheckpoint(path: string, identity: string): SafetensorsFile | null {
  try {
    if (checksumOf(path) !== sha256OfFile(path, checksumLength)) return null;
    const options = { offset: checksumLength, anyNumbers: true };
    const file = openSafetensors(path, path, options);
    const { schemaVersion: version, identity: own } = file.metadata;
    if (version === schemaVersion && own === identity) return file;
    file[Symbol.dispose]();
    return null;
  } catch {
    return null;
  }
}

function checksumOf(path: string): string {
  using file = openFileSync(path);
  return new TextDecoder().decode(readAtSync(file, 0, checksumLength));
}

function detailsOf({ metadata }: SafetensorsFile) {
  return {
    state: JSON.parse(metadata.state) as RunState,
    bestKept: JSON.parse(metadata.bestKept) as boolean,
    optimizerSteps: JSON.parse(metadata.optimizerSteps) as number,
    averaging: JSON.parse(metadata.averaging ?? "null") as AveragingState | null,
    averagesTaken: JSON.parse(metadata.averagesTaken ?? "null") as number[] | null,
    carriedWindows: JSON.parse(metadata.carriedWindows ?? "null") as number | null,
  };
}
