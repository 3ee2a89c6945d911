import assert from "node:assert/strict";
import { randomStream } from "../core/random.ts";
import { ema } from "../averages/ema.ts";
import { inlineText } from "../data/corpora.ts";
import { blockedFolds, makeFolds } from "../data/folds.ts";
import { characters } from "../data/tokenizers/characters.ts";
import { threadsInUse } from "../engine/kernels.ts";
import { useEngine } from "../engine/engine.ts";
import { gruLanguageModel } from "../models/gru_language_model.ts";
import type { ModelSpecification } from "../models/kinds.ts";
import { llamaLanguageModel } from "../models/llama_language_model.ts";
import { transformerLanguageModel } from "../models/transformer_language_model.ts";
import { adam } from "../optimizers/adam.ts";
import { muon } from "../optimizers/muon.ts";
import { sgd } from "../optimizers/sgd.ts";
import { l2 } from "../penalties/l2.ts";
import { proximalL1 } from "../penalties/proximal_l1.ts";
import { executeRun } from "./run.ts";
import { RunCancelled, type RunHooks, type RunRequest } from "./run_request.ts";
import { numbersOf, requestOf } from "./testing/execute.ts";

const windowLength = 32;
const words = Array.from({ length: 40 }, (_, word) => {
  const letters = randomStream(word, "letters");
  return Array.from(
    { length: 1 + letters.integer(9) },
    () => String.fromCharCode(97 + letters.integer(26)),
  ).join("");
});
const order = randomStream(1, "order");
const text = Array.from({ length: 700 }, () => words[order.integer(words.length)]).join(" ");
const { folds } = makeFolds(blockedFolds({ count: 3 }), text.length, windowLength);

/** Large enough that steps are shared: most products take more than 40 µs. */
const models: { readonly [name: string]: ModelSpecification } = {
  "a GRU": gruLanguageModel({ embeddingSize: 24, hiddenSize: 64, outputDropout: 0.1 }),
  "a Llama": llamaLanguageModel({
    ...{ embeddingSize: 48, layers: 1, heads: 4, keyValueHeads: 2, blockSize: windowLength },
    residualDropout: 0.1,
  }),
  "a Transformer": transformerLanguageModel({
    embeddingSize: 48,
    layers: 1,
    heads: 3,
    blockSize: windowLength,
    residualDropout: 0.1,
  }),
};
const optimizers = {
  "Adam": { optimizer: adam({ learningRate: 1e-2 }), penalties: [proximalL1({ strength: 1e-4 })] },
  "SGD with L2": { optimizer: sgd({ learningRate: 0.1 }), penalties: [l2({ strength: 1e-3 })] },
  "Muon": { optimizer: muon({ learningRate: 1e-2, decay: 0.1 }), penalties: [] },
};

function request(
  model: ModelSpecification,
  optimizer: keyof typeof optimizers,
  change: Partial<RunRequest> = {},
): RunRequest {
  return requestOf(
    {
      corpus: inlineText(text),
      tokenizer: characters(),
      model,
      ...optimizers[optimizer],
      clipping: { norm: 0.5 },
      training: {
        steps: 8,
        batchSize: 16,
        windowLength,
        evaluateEvery: 4,
        averages: [ema({ decay: 0.9 })],
      },
    },
    folds[0],
    { hashWeights: true, ...change },
  );
}

async function numbersWith(given: RunRequest, hooks: RunHooks = {}): Promise<string> {
  try {
    return numbersOf(await executeRun(given, hooks));
  } finally {
    await useEngine("wasm");
  }
}

for (const [name, model] of Object.entries(models)) {
  for (const optimizer of Object.keys(optimizers) as (keyof typeof optimizers)[]) {
    Deno.test(`${name} by ${optimizer} has the same record on one, two and three threads`, async () => {
      const one = await numbersWith(request(model, optimizer));
      for (const threads of [2, 3]) {
        assert.equal(await numbersWith(request(model, optimizer, { threads })), one);
      }
    });
  }
}

Deno.test("a run has the same record when it is given other numbers of threads on its way", async () => {
  const model = models["a Transformer"];
  const one = await numbersWith(request(model, "Adam"));
  const seen = new Set<number>();
  let asked = 0;
  const numbers = await numbersWith(request(model, "Adam", { threads: 2 }), {
    threads: () => 1 + ++asked % 3,
    onProgress(step) {
      seen.add(threadsInUse());
      // Longer than a breath, so that it is asked after every step.
      if (step > 0) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 110);
    },
  });
  assert.equal(numbers, one);
  assert.deepEqual([...seen].sort(), [1, 2, 3]);
});

Deno.test("a run that was ended on two threads goes on with one and with three to the same bits", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const model = models["a GRU"];
    const one = await numbersWith(request(model, "Adam"));
    const checkpoint = { path: `${folder}/checkpoint`, seconds: null, steps: 1 };
    for (const [threads, later] of [[2, 1], [1, 3]]) {
      let steps = 0;
      const ended = numbersWith(request(model, "Adam", { threads, checkpoint }), {
        onProgress(step) {
          steps = step;
          if (step > 0) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 110);
        },
        isCancelled: () => steps >= 3,
      });
      await assert.rejects(ended, RunCancelled);
      assert.ok(steps >= 3 && steps < 8);
      const resumed = await numbersWith(
        request(model, "Adam", { threads: later, checkpoint }),
      );
      assert.equal(resumed, one);
      await Deno.remove(checkpoint.path);
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
