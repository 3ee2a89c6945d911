import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import type { JsonObject } from "../core/json.ts";
import { randomStream } from "../core/random.ts";
import type { Batch } from "../data/batches.ts";
import { blockedFolds, makeFolds } from "../data/folds.ts";
import { inlineText } from "../data/corpora.ts";
import { groupedFolds, makePairFolds } from "../data/pair_folds.ts";
import { loadTokenPairs, pairTokenizer } from "../data/pair_tokens.ts";
import { inlinePairs } from "../data/pairs.ts";
import { characters } from "../data/tokenizers/characters.ts";
import { useEngine } from "../engine/engine.ts";
import { createModel } from "../models/create.ts";
import { gruLanguageModel } from "../models/gru_language_model.ts";
import { lstmLanguageModel } from "../models/lstm_language_model.ts";
import { lstmSequenceToSequence } from "../models/lstm_sequence_to_sequence.ts";
import { rnnLanguageModel } from "../models/rnn_language_model.ts";
import { transformerLanguageModel } from "../models/transformer_language_model.ts";
import { adam } from "../optimizers/adam.ts";
import { noTerms } from "../penalties/loss_terms.ts";
import type { KeptRun } from "./kept_weights.ts";
import { executeRun } from "./run.ts";
import type { RunHooks, RunRequest } from "./run_request.ts";
import { type SpecificationOptions, validateSpecification } from "./specification.ts";
import { teacherProbabilities } from "./teacher.ts";

const ln = Math.log;

/** A model that always gives the same logits. */
function saying(...logits: number[]) {
  return {
    vocabularySize: 2,
    logits: () => tf.tensor2d(logits, [logits.length / 2, 2]),
  };
}

const anyBatch: Batch = {
  inputs: Int32Array.of(0),
  targets: Int32Array.of(0),
  time: 1,
  batch: 1,
  tokens: 1,
};

function close(found: ArrayLike<number>, expected: readonly number[], tolerance = 1e-6): void {
  assert.equal(found.length, expected.length);
  expected.forEach((value, at) =>
    assert.ok(Math.abs(found[at] - value) <= tolerance, `${at}: ${found[at]}, ${value}`)
  );
}

Deno.test("what teachers say is worked by hand: one at a temperature, two by probabilities and by logits", async () => {
  await useEngine("wasm");
  const three = saying(0, ln(9)), even = saying(0, 0);
  const say = (models: ReturnType<typeof saying>[], mean: "probabilities" | "logits", t = 1) =>
    teacherProbabilities(models, anyBatch, { temperature: t, mean });
  close(say([three], "probabilities"), [0.1, 0.9]);
  // √9 = 3: at temperature 2 the odds are 3.
  close(say([three], "probabilities", 2), [0.25, 0.75]);
  close(say([three, even], "probabilities"), [0.3, 0.7]);
  close(say([three, even], "logits"), [0.25, 0.75]);
  close(say([three, even], "probabilities", 2), [0.375, 0.625]);
  // Large logits stay finite, and of one model both means are the same.
  close(say([saying(-1e4, 1e4)], "probabilities"), [0, 1]);
  close(say([three], "logits"), [0.1, 0.9]);
});

const vocabularySize = 6, time = 4, batch = 3;
const tokens = (name: string) => {
  const stream = randomStream(1, name);
  return Int32Array.from({ length: time * batch }, () => stream.integer(vocabularySize));
};
const masked: Batch = {
  inputs: tokens("inputs"),
  targets: tokens("targets"),
  mask: Float32Array.of(1, 1, 0, 1, 1, 1, 1, 0, 1, 1, 1, 1),
  time,
  batch,
  tokens: 10,
};

/** The loss with soft targets, from logits in double precision. */
function expectedLoss(
  logits: readonly (readonly number[])[],
  { targets, mask, softTargets }: Batch,
): number {
  const { probabilities, share, temperature } = softTargets!;
  const logSoftmax = (row: readonly number[]) => {
    const sum = row.reduce((sum, each) => sum + Math.exp(each), 0);
    return row.map((each) => each - ln(sum));
  };
  let total = 0;
  logits.forEach((row, at) => {
    const cold = logSoftmax(row), warm = logSoftmax(row.map((each) => each / temperature));
    const divergence = warm.reduce((sum, log, v) => {
      const q = probabilities[at * vocabularySize + v];
      return sum + q * (ln(q) - log);
    }, 0);
    total += mask![at] * ((1 - share) * -cold[targets[at]] + share * temperature ** 2 * divergence);
  });
  return total / mask!.reduce((sum, each) => sum + each, 0);
}

Deno.test("the training loss of every model is (1 − a) cross-entropy + a T² divergence of its own logits, padding left out", async () => {
  await useEngine("wasm");
  const context = { vocabularySize, seed: 1, fold: "test" };
  const sizes = { embeddingSize: 6, hiddenSize: 5 };
  const teacher = createModel(gruLanguageModel({ embeddingSize: 9, hiddenSize: 9 }), context);
  const students = [
    gruLanguageModel(sizes),
    lstmLanguageModel(sizes),
    rnnLanguageModel(sizes),
    transformerLanguageModel({ embeddingSize: 6, layers: 1, heads: 2, blockSize: time }),
  ];
  for (const specification of students) {
    const model = createModel(specification, context);
    const options = { temperature: 1.5, mean: "probabilities" as const };
    const probabilities = teacherProbabilities([teacher], masked, options);
    const taught = { ...masked, softTargets: { probabilities, share: 0.6, temperature: 1.5 } };
    const logits = model.logits(masked);
    const expected = expectedLoss(logits.arraySync(), taught);
    const loss = tf.tidy(() => model.loss(taught, null).dataSync()[0]);
    assert.ok(Math.abs(loss - expected) < 2e-6, `${specification.kind}: ${loss}, ${expected}`);
    // Rows in the order of time, which terms on outputs need, and none that count: the same loss.
    const terms = { ...noTerms, outputSquares: 1e-30 };
    const ordered = tf.tidy(() => model.loss(taught, null, terms).dataSync()[0]);
    assert.ok(Math.abs(ordered - expected) < 2e-6, `${specification.kind} by time: ${ordered}`);
    logits.dispose();
    model.dispose();
  }
  teacher.dispose();
});

const verse = "the sea was calm and the whale slept below; the mast leaned, the men sang low. ";
const windowLength = 8;
const { folds } = makeFolds(blockedFolds({ count: 3 }), verse.length * 12, windowLength);

function request(
  training: JsonObject = {},
  rest: Partial<RunRequest> = {},
  model: SpecificationOptions["model"] = gruLanguageModel({ embeddingSize: 5, hiddenSize: 12 }),
): RunRequest {
  const specification = {
    corpus: inlineText(verse.repeat(12)),
    tokenizer: characters(),
    model,
    optimizer: adam({ learningRate: 2e-2 }),
    training: {
      steps: 20,
      batchSize: 4,
      windowLength,
      evaluateEvery: 5,
      samples: { length: 12, promptLength: 4 },
      ...training,
    },
  };
  return {
    id: "test",
    specification: specification as unknown as JsonObject,
    point: {},
    fold: folds[0],
    seed: 1,
    engine: "wasm",
    weightsPath: null,
    ...rest,
  };
}

const idOf = (letter: string) => letter.repeat(64);

/** Trains runs that keep their weights. */
async function withTeachers(
  use: (teachers: KeptRun[], folder: string) => Promise<void>,
  trained: readonly RunRequest[] = [request(), request({}, { seed: 2 })],
): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    const teachers: KeptRun[] = [];
    for (const [index, given] of trained.entries()) {
      const id = idOf("ab"[index]);
      const path = `${folder}/${id}.safetensors`;
      const { weightsSha256 } = await executeRun({ ...given, id, weightsPath: path });
      teachers.push({ id, path, weightsSha256 });
    }
    await use(teachers, folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function numbersOf(given: RunRequest, hooks?: RunHooks) {
  const { durationSeconds: _, finishedAt: __, host: ___, ...rest } = await executeRun(given, hooks);
  return rest;
}

const teacher = { point: {}, share: 0.5, temperature: 2 };

Deno.test("a run that learns from teachers names them, has the same bits again, and leaves no tensor", () =>
  withTeachers(async (teachers) => {
    await useEngine("wasm");
    const plain = await numbersOf(request());
    const small = gruLanguageModel({ embeddingSize: 3, hiddenSize: 4 });
    for (const model of [undefined, small]) {
      const tensors = tf.memory().numTensors;
      const given = request({ teacher }, { seed: 3, teachers }, model);
      const record = await numbersOf(given);
      assert.equal(record.status, "completed");
      assert.deepEqual(record.teachers, teachers.map(({ id }) => id));
      assert.deepEqual(record, await numbersOf(given));
      assert.equal(tf.memory().numTensors, tensors);
      // Evaluation is the plain cross-entropy: the untrained model's is that of no teacher.
      const alone = await numbersOf(request({}, { seed: 3 }, model));
      assert.deepEqual(record.curve[0], alone.curve[0]);
      assert.notDeepEqual(record.final, alone.final);
      const byLogits = { ...teacher, mean: "logits" };
      const other = await numbersOf(request({ teacher: byLogits }, { seed: 3, teachers }, model));
      assert.notDeepEqual(other.final, record.final);
    }
    assert.ok(!("teachers" in plain));
  }));

Deno.test("a run that only imitates comes nearer to its teacher than one that learns from the text", () =>
  withTeachers(async ([teacher], folder) => {
    const imitating = { point: {}, share: 1 };
    const long = { steps: 150, evaluateEvery: 150 };
    const lossAgainst = async (training: JsonObject, name: string) => {
      const weightsPath = `${folder}/${name}`;
      const id = idOf("c");
      await executeRun(request(training, { id, teachers: [teacher], weightsPath, seed: 5 }));
      const models = await Promise.all([teacher, { id, path: weightsPath }].map(modelIn));
      const [says, learned] = models.map((model) =>
        teacherProbabilities([model], textBatch, { temperature: 1, mean: "probabilities" })
      );
      models.forEach((model) => model.dispose());
      return says.reduce((sum, q, at) => sum + (q > 0 ? q * ln(q / learned[at]) : 0), 0);
    };
    const near = await lossAgainst({ ...long, teacher: imitating }, "near");
    const far = await lossAgainst(long, "far");
    assert.ok(near < far / 4, `${near}, ${far}`);
  }));

const textBatch: Batch = { ...masked, inputs: Int32Array.from(masked.inputs, (id) => id + 3) };

async function modelIn({ path }: { readonly path: string }) {
  const { readTrainedModel } = await import("./trained_model.ts");
  const trained = await readTrainedModel(await Deno.readFile(path), "wasm");
  const { vocabulary: { size }, specification } = trained;
  const model = createModel(specification.model as never, {
    vocabularySize: size,
    seed: 1,
    fold: "test",
  });
  const weights = trained.weights();
  for (const { description: { name, shape }, variable } of model.parameters) {
    tf.tidy(() => variable.assign(tf.tensor(weights.get(name)!.values, [...shape])));
  }
  trained.dispose();
  return model;
}

Deno.test("a run that learns from a teacher and is interrupted goes on to the same bits", () =>
  withTeachers(async (teachers, folder) => {
    const given = request({ teacher }, { teachers, seed: 3 });
    const whole = await numbersOf(given);
    const checkpoint = { path: `${folder}/checkpoint`, seconds: null, steps: 1 };
    const interrupted = { ...given, checkpoint };
    let stopped = 0;
    for (const at of [3, 11, 17]) {
      const hooks: RunHooks = {
        isCancelled: () => true,
        // Longer than messages wait to be read.
        onProgress: (step) => {
          if (step < at) return;
          const start = performance.now();
          while (performance.now() - start < 110);
        },
      };
      await assert.rejects(numbersOf(interrupted, hooks), /was cancelled at step/);
      stopped++;
    }
    assert.equal(stopped, 3);
    assert.deepEqual(await numbersOf(interrupted), whole);
  }));

Deno.test("a teacher that is missing, changed, of other tokens or not given is an error that says so", () =>
  withTeachers(async ([teacherRun, other], folder) => {
    const learn = (teachers?: KeptRun[], training: JsonObject = {}) =>
      executeRun(request({ teacher, ...training }, { teachers }));
    await assert.rejects(learn(), /names runs of a study, and none was given: train it with/);
    await assert.rejects(
      learn([{ ...teacherRun, path: `${folder}/none` }]),
      /Cannot learn from run a{64} by its weights in .*none/,
    );
    await assert.rejects(
      learn([{ ...teacherRun, weightsSha256: idOf("0") }]),
      /its SHA-256 is .*, the record says 0{64}/,
    );
    await assert.rejects(learn([{ ...other, id: idOf("d") }]), /holds the weights of run "b{64}"/);
    await assert.rejects(
      learn([teacherRun], { trainingTokens: 40 }),
      /run a{64} must have the model's vocabulary, found \d+ tokens for \d+; they first differ at \d+/,
    );
  }));

Deno.test("options of a teacher that cannot be are refused with what is allowed", () => {
  const refused: readonly [JsonObject, RegExp][] = [
    [{ share: 0 }, /training.teacher.share must be .*above 0.* to 1, found 0/],
    [{ share: 1.1 }, /share must be .*to 1, found 1.1/],
    [{ temperature: 0 }, /training.teacher.temperature must be .*above 0, found 0/],
    [{ mean: "losses" }, /training.teacher.mean must be .*probabilities.*logits/],
    [{ seeds: [] }, /training.teacher.seeds must be "own" or a list of at least one seed/],
    [{ seeds: [1, 1] }, /seeds must be different, found 1 twice/],
    [{ seeds: [1.5] }, /seeds\[0\] must be a whole number/],
    [{ point: "best" }, /training.teacher.point must be a point of the study, .*found "best"/],
    [{ strength: 1 }, /training.teacher: unknown option "strength"/],
  ];
  for (const [change, message] of refused) {
    const { specification } = request({ teacher: { ...teacher, ...change } });
    assert.throws(() => validateSpecification(specification), message);
  }
  const { specification } = request({ teacher, carriedState: true });
  assert.throws(
    () => validateSpecification(specification),
    /Cannot combine training.carriedState and training.teacher: a teacher reads each window from a zero/,
  );
  const { training } = validateSpecification(request({ teacher }).specification);
  assert.deepEqual(training.teacher, { ...teacher, seeds: "own", mean: "probabilities" });
});

Deno.test("an encoder-decoder learns from a larger one on padded pairs", async () => {
  const words = ["ab", "bcd", "cde", "dea", "eabc", "ba", "dcb", "edc", "aed", "cbae", "ac", "bd"];
  const corpus = inlinePairs(words.map((word) => [word, [...word].reverse().join("")] as const));
  const tokenizer = pairTokenizer({ source: characters(), target: characters() });
  const laid = makePairFolds(groupedFolds({ count: 3 }), await loadTokenPairs(corpus, tokenizer));
  const given = (hiddenSize: number, teacher: JsonObject | null): RunRequest => ({
    ...request(),
    fold: laid.folds[0],
    specification: {
      corpus,
      tokenizer,
      model: lstmSequenceToSequence({ embeddingSize: 4, hiddenSize }),
      optimizer: adam({ learningRate: 1e-2 }),
      training: { steps: 8, batchSize: 4, evaluateEvery: 4, teacher },
    } as unknown as JsonObject,
  });
  await withTeachers(async (teachers) => {
    const record = await numbersOf({ ...given(5, teacher), teachers });
    assert.equal(record.status, "completed");
    assert.deepEqual(record, await numbersOf({ ...given(5, teacher), teachers }));
    const alone = await numbersOf(given(5, null));
    assert.deepEqual(record.curve[0], alone.curve[0]);
    assert.notEqual(record.final!.heldOutLoss, alone.final!.heldOutLoss);
  }, [given(9, null)]);
});
