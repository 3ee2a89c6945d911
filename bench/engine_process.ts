/**
 * Our side of the bench: one process with one engine, driven by lines of JSON as `peer.py` is.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import process from "node:process";
import { createInterface } from "node:readline";
import { randomStream } from "../lib/core/random.ts";
import type { Batch } from "../lib/data/batches.ts";
import { type EngineName, useEngine } from "../lib/engine/engine.ts";
import { countProducts, timeProducts } from "../lib/engine/product_shapes.ts";
import {
  arenaBytes,
  arenaPointer,
  arenaTensor,
  cut,
  kernels,
  products,
} from "../lib/engine/kernels.ts";
import { createAnyModel } from "../lib/models/create.ts";
import { ema } from "../lib/averages/ema.ts";
import { adam } from "../lib/optimizers/adam.ts";
import { createOptimizer } from "../lib/optimizers/create.ts";
import { muon } from "../lib/optimizers/muon.ts";
import { lossTermsOf } from "../lib/penalties/activations.ts";
import { decoupledWeightDecay } from "../lib/penalties/decoupled_weight_decay.ts";
import { proximalL1 } from "../lib/penalties/proximal_l1.ts";
import { rDrop } from "../lib/penalties/r_drop.ts";
import { effectsOf } from "../lib/penalties/targets.ts";
import { createAveraging } from "../lib/training/averaging.ts";
import { meanCrossEntropy } from "../lib/training/evaluation.ts";
import { trainingStep } from "../lib/training/train.ts";
import type { Addition } from "./additions.ts";
import { type Configuration, type ConfigurationName, configurations } from "./configurations.ts";
import { profileCalls, summarizeProfile } from "./step_profile.ts";

/** What the bench asks for. */
export type EngineRequest =
  | {
    readonly task: "training" | "evaluation";
    readonly configuration: ConfigurationName;
    readonly addition: Addition;
    readonly steps: number;
  }
  | {
    readonly task: "profile";
    readonly of: "training" | "evaluation";
    readonly configuration: ConfigurationName;
    readonly addition: Addition;
    readonly steps: number;
  }
  | {
    /** Products of a step by shape, and the time of each. */
    readonly task: "shapes";
    readonly of: "training" | "evaluation";
    readonly configuration: ConfigurationName;
    readonly addition: Addition;
  }
  | { readonly task: "product" }
  | { readonly task: "memory" };

/** Batches that take turns, so that no training is over when it has learned one. */
const batchCount = 8;
/** The same in `peer.py`. */
const [learningRate, strength, decay, averageDecay] = [2e-3, 1e-5, 1e-2, 0.999];
const [depthRate, dropoutRate, divergence] = [0.1, 0.1, 1];

/** The model of a configuration with what an addition needs of it. */
function modelOf(model: Configuration["model"], addition: Addition): Configuration["model"] {
  const isTransformer = model.kind === "transformerLanguageModel";
  if (addition === "stochastic depth" && isTransformer) {
    return { ...model, stochasticDepth: depthRate };
  }
  if (addition !== "R-Drop") return model;
  if (isTransformer) return { ...model, residualDropout: dropoutRate };
  if (model.kind === "gruLanguageModel") return { ...model, outputDropout: dropoutRate };
  throw new Error(`The bench has no ${addition} of ${model.kind}.`);
}

/** A model in training whose step can be called again and again. */
function prepare(name: ConfigurationName, addition: Addition) {
  const configuration = configurations[name];
  const { source, vocabulary } = configuration;
  const model = createAnyModel(modelOf(configuration.model, addition), {
    vocabularySize: vocabulary,
    sourceVocabularySize: source?.vocabulary,
    seed: 1,
    fold: 0,
  });
  const penalties = addition === "penalties"
    ? [proximalL1({ strength }), decoupledWeightDecay({ strength: decay })]
    : [];
  const descriptions = model.parameters.map(({ description }) => description);
  const averaging = createAveraging({
    averages: addition === "EMA" ? [ema({ decay: averageDecay })] : [],
    chosenAverage: 0,
  }, model.parameters);
  const optimizer = averaging.follow(createOptimizer(
    addition === "Muon" ? muon({ learningRate, decay: 0 }) : adam({ learningRate }),
    model.parameters,
    effectsOf(penalties, descriptions),
    null,
  ));
  const batches = drawBatches(configuration);
  const hasMasks = addition === "R-Drop" || addition === "stochastic depth";
  const dropout = hasMasks ? randomStream(1, "dropout") : null;
  const terms = addition === "R-Drop" ? lossTermsOf([rDrop({ strength: divergence })], 1) : null;
  let steps = 0;
  return {
    training: () =>
      trainingStep(model, optimizer, batches[steps++ % batchCount], {
        ...{ learningRate, dropout, terms },
      }),
    evaluation: () => meanCrossEntropy(model, [batches[steps++ % batchCount]]),
  };
}

function drawBatches({ source, vocabulary, time, batch }: Configuration): Batch[] {
  const stream = randomStream(1, "tokens");
  const draw = (count: number, limit: number) =>
    Int32Array.from({ length: count }, () => stream.integer(limit));
  const tokens = time * batch;
  return Array.from({ length: batchCount }, () => ({
    inputs: draw(tokens, vocabulary),
    targets: draw(tokens, vocabulary),
    time,
    batch,
    tokens,
    ...source === null ? {} : {
      source: { tokens: draw(source.time * batch, source.vocabulary), time: source.time, batch },
    },
  }));
}

/** GFLOP/s of a square matrix product, the best of several. */
function productSpeed(): number {
  const size = 1024;
  return tf.tidy(() => {
    const [a, b, c] = [0, 1, 2].map(() => {
      const tensor = arenaTensor<tf.Rank.R2>([size, size]);
      kernels().fill(arenaPointer(tensor), tensor.size, 1);
      return arenaPointer(tensor);
    });
    let best = Infinity;
    for (let i = 0; i < 8; i++) {
      const started = performance.now();
      // deno-fmt-ignore
      products().multiply(false, false, size, size, size, a, size, b, size, false, c, size);
      best = Math.min(best, performance.now() - started);
    }
    return 2 * size ** 3 / best / 1e6;
  });
}

/**
 * The kernels' names by their index in the module, as V8 names exported functions: of those that a part of
 * the work calls, since those that threads share are no exports.
 */
function kernelNames(): Map<number, string> {
  const names = new Map<number, string>();
  cut({ count: 1, unit: 1, nanoseconds: 0 }).run((_first, _count, { kernels }) => {
    for (const [name, value] of Object.entries(kernels)) {
      if (typeof value === "function") names.set(Number(value.name), name);
    }
  });
  return names;
}

async function serve(engineName: string, threads?: string): Promise<void> {
  const options = threads === undefined ? {} : { threads: Number(threads) };
  const engine = await useEngine(engineName as EngineName, options);
  const write = (answer: object) => {
    const bytes = new TextEncoder().encode(`${JSON.stringify(answer)}\n`);
    for (let at = 0; at < bytes.length;) at += Deno.stdout.writeSync(bytes.subarray(at));
  };
  write({ engine, deno: Deno.version.deno, tfjs: tf.version.tfjs });
  const ready = new Map<string, ReturnType<typeof prepare>>();
  for await (const line of createInterface({ input: process.stdin })) {
    try {
      write(await answer(JSON.parse(line) as EngineRequest, ready));
    } catch (error) {
      write({ error: String(error) });
    }
  }
}

async function answer(
  request: EngineRequest,
  ready: Map<string, ReturnType<typeof prepare>>,
): Promise<object> {
  if (request.task === "product") return { gigaflopsPerSecond: productSpeed() };
  if (request.task === "memory") {
    // Of the bench of memory only (--expose-gc): V8's heap is as large as it likes until it is full.
    (globalThis as { gc?: () => void }).gc?.();
    const { rss, heapTotal } = Deno.memoryUsage();
    return {
      // Kilobytes on every system, as in Node.
      peakMebibytes: process.resourceUsage().maxRSS / 1024,
      residentMebibytes: rss / 2 ** 20,
      heapMebibytes: heapTotal / 2 ** 20,
      engineMebibytes: arenaBytes().live / 2 ** 20,
      enginePeakMebibytes: arenaBytes().peak / 2 ** 20,
      tensors: tf.memory().numTensors,
      tensorMebibytes: tf.memory().numBytes / 2 ** 20,
    };
  }
  const { configuration, addition } = request;
  const key = `${configuration} ${addition}`;
  const prepared = ready.get(key) ?? prepare(configuration, addition);
  ready.set(key, prepared);
  if (request.task === "shapes") {
    return { shapes: timeProducts(countProducts(prepared[request.of])) };
  }
  const { steps } = request;
  if (request.task === "profile") {
    const profile = await profileCalls(prepared[request.of], steps);
    return { rows: summarizeProfile(profile, steps, kernelNames()) };
  }
  const started = performance.now();
  for (let step = 0; step < steps; step++) prepared[request.task]();
  return { milliseconds: (performance.now() - started) / steps };
}

if (import.meta.main) await serve(Deno.args[0], Deno.args[1]);
