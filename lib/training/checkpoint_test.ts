import assert from "node:assert/strict";
import { denoProgram } from "../core/runtime/deno_program.ts";
import { piecewiseLinearSchedule } from "../core/piecewise_linear_schedule.ts";
import { cosineSchedule, warmUpSchedule } from "../core/schedule.ts";
import type { JsonObject } from "../core/json.ts";
import { randomStream } from "../core/random.ts";
import { inlineText } from "../data/corpora.ts";
import { blockedFolds, makeFolds } from "../data/folds.ts";
import { characters } from "../data/tokenizers/characters.ts";
import { ema } from "../averages/ema.ts";
import { lastEvaluations } from "../averages/last_evaluations.ts";
import { swa } from "../averages/swa.ts";
import { gruLanguageModel } from "../models/gru_language_model.ts";
import { lstmLanguageModel } from "../models/lstm_language_model.ts";
import { transformerLanguageModel } from "../models/transformer_language_model.ts";
import { adam } from "../optimizers/adam.ts";
import { adamW } from "../optimizers/adam_w.ts";
import { asgd } from "../optimizers/asgd.ts";
import { rmsprop } from "../optimizers/rmsprop.ts";
import { sgd } from "../optimizers/sgd.ts";
import { proximalGroupLasso } from "../penalties/proximal_group_lasso.ts";
import { proximalL1 } from "../penalties/proximal_l1.ts";
import type { RunRecord } from "../records/run_record.ts";
import { executeRun } from "./run.ts";
import { RunCancelled, type RunRequest } from "./run_request.ts";
import type { TextSpecificationOptions } from "./specification.ts";
import { numbersOf } from "./testing/execute.ts";

const text = "the sea was calm and the whale slept below; the mast leaned. ".repeat(15);
const windowLength = 8;
const { folds } = makeFolds(blockedFolds({ count: 3 }), text.length, windowLength);
const steps = 24;

function requestOf(change: Partial<TextSpecificationOptions>, folder: string): RunRequest {
  const specification: TextSpecificationOptions = {
    corpus: inlineText(text),
    tokenizer: characters(),
    model: gruLanguageModel({
      embeddingSize: 5,
      hiddenSize: 9,
      inputDropout: 0.1,
      outputDropout: 0.2,
    }),
    penalties: [proximalL1({ strength: 1e-3 })],
    optimizer: adam({ learningRate: 1e-2 }),
    training: { steps, batchSize: 4, windowLength, evaluateEvery: 5, samples: { length: 12 } },
    ...change,
  };
  return {
    id: "test",
    specification: specification as unknown as JsonObject,
    point: {},
    // Rearranged windows need it in bytes, which are characters here.
    fold: change.training?.fillInTheMiddle ? { ...folds[0], unit: "bytes" } : folds[0],
    seed: 1,
    engine: "wasm",
    weightsPath: `${folder}/model.safetensors`,
  };
}

const early = { steps, batchSize: 4, windowLength, evaluateEvery: 1, samples: { length: 12 } };

const variants: { readonly [name: string]: Partial<TextSpecificationOptions> } = {
  "Adam": {},
  "AdamW with clipping": {
    optimizer: adamW({ learningRate: 1e-2, decay: 0.1 }),
    clipping: { norm: 0.3 },
  },
  "SGD with momentum": { optimizer: sgd({ learningRate: 0.5, momentum: 0.9, nesterov: true }) },
  "ASGD with schedules": {
    optimizer: asgd({
      learningRate: 1,
      schedule: warmUpSchedule({ steps: 9 }),
      averageFromStep: 3,
    }),
    penalties: [proximalGroupLasso({
      strength: 1e-3,
      groups: "unit",
      schedule: cosineSchedule({ steps: 30 }),
    })],
  },
  "ASGD with its trigger": {
    // So large a rate that losses rise.
    optimizer: asgd({ learningRate: 30, nonMonotoneInterval: 1 }),
    clipping: { value: 0.1 },
    training: { steps, batchSize: 4, windowLength, evaluateEvery: 1, samples: { length: 12 } },
  },
  "centered RMSprop": {
    optimizer: rmsprop({ learningRate: 1e-3, momentum: 0.5, centered: true }),
  },
  "averages": {
    training: {
      ...early,
      averages: [
        ema({ decay: 0.9, start: 3 }),
        ema({ horizon: 20, every: 3 }),
        swa({ start: 9, every: 4 }),
        lastEvaluations({ count: 3, weighting: "linear" }),
      ],
      chosenAverage: 1,
    },
  },
  "an average that stops early": {
    optimizer: adamW({ learningRate: 0.3, decay: 0.1 }),
    training: {
      ...early,
      evaluateEvery: 2,
      averages: [lastEvaluations({ count: 4 }), ema({ decay: 0.7 })],
      earlyStopping: { patience: 9 },
    },
  },
  "carried state": {
    model: lstmLanguageModel({
      embeddingSize: 6,
      hiddenSize: 6,
      layers: 2,
      tiedWeights: true,
      embeddingDropout: 0.1,
      recurrentDropout: 0.2,
    }),
    training: {
      steps,
      batchSize: 4,
      windowLength,
      carriedState: true,
      evaluateEvery: 5,
      evaluationTokens: 100,
      samples: { length: 12 },
    },
  },
  "weight dropout, scheduled dropouts and masked inputs": {
    training: {
      ...early,
      evaluateEvery: 5,
      weightDropout: { rate: 0.2, targets: ["kernel", "recurrentKernel", "bias"] },
      maskedInputs: 0.2,
      dropoutSchedule: piecewiseLinearSchedule({ steps, points: [[0, 0], [0.5, 1], [1, 0.2]] }),
    },
  },
  "windows rearranged to fill in the middle, in epochs": {
    training: {
      ...early,
      evaluateEvery: 5,
      sampling: "epochs",
      fillInTheMiddle: { rate: 0.7, heldOutPieces: 4 },
    },
  },
  "every dropout of a Transformer": {
    model: transformerLanguageModel({
      embeddingSize: 6,
      layers: 2,
      heads: 2,
      blockSize: windowLength,
      attentionDropout: 0.2,
      stochasticDepth: 0.4,
    }),
  },
  // Epochs of 17 batches, the last of two windows.
  "epochs": { training: { ...early, sampling: "epochs", evaluateEvery: 5 } },
  // So large a rate that the best evaluation lies before the last: its weights are in the checkpoint.
  "early stopping": {
    optimizer: adam({ learningRate: 0.3 }),
    training: {
      steps,
      batchSize: 4,
      windowLength,
      evaluateEvery: 1,
      earlyStopping: { patience: 9 },
      samples: { length: 12 },
    },
  },
};

/** Starts the run in a process; kills it when it has said `phase` often enough. */
async function runUntil(request: RunRequest, phase: string | null, occurrence: number) {
  const process = new Deno.Command(denoProgram("kill a run"), {
    args: [
      "run",
      "--no-check",
      "--no-prompt",
      "--quiet",
      "--allow-read",
      "--allow-write",
      "--allow-env",
      "--allow-sys",
      new URL("./testing/checkpointed_run.ts", import.meta.url).href,
      JSON.stringify(request),
    ],
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  let said = "";
  const lines: string[] = [];
  let signalled = false;
  for await (const part of process.stdout.pipeThrough(new TextDecoderStream())) {
    said += part;
    lines.push(...said.split("\n").slice(0, -1));
    said = said.slice(said.lastIndexOf("\n") + 1);
    const seen = lines.filter((line) => line.split(" ")[0] === phase).length;
    // Once: what it had written before it died is still read, and then it is there no more.
    if (phase === null || seen < occurrence || signalled) continue;
    signalled = true;
    process.kill("SIGKILL");
  }
  const { signal, success } = await process.status;
  const firstStep = Number(lines.find((line) => line.startsWith("step "))?.slice(5) ?? 1);
  const last = lines.at(-1) ?? "";
  const record: RunRecord | null = success ? JSON.parse(last.slice("record ".length)) : null;
  return { killed: signal === "SIGKILL", firstStep, record };
}

async function withFolder(use: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "parsimony-checkpoint-" });
  try {
    await use(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const exists = (path: string) => Deno.stat(path).then(() => true, () => false);

for (const [index, [name, change]] of Object.entries(variants).entries()) {
  Deno.test(`executeRun killed in every phase of a checkpoint goes on to the same bits: ${name}`, () =>
    withFolder(async (folder) => {
      const request = requestOf(change, folder);
      const undisturbed = await executeRun(request);
      const weights = await Deno.readFile(request.weightsPath!);
      if (name === "early stopping") assert.ok(undisturbed.best!.step < undisturbed.final!.step);
      await Deno.remove(request.weightsPath!);
      const path = `${folder}/run.checkpoint`;
      const resumable = { ...request, checkpoint: { path, seconds: null, steps: 2 } };
      const stream = randomStream(index, "kill -9");
      const phases = ["write", "rename", "renamed", "step"];
      const order = [...stream.permutation(phases.length)].map((at) => phases[at]);
      for (const phase of order) {
        const before = await exists(path);
        const { killed, firstStep } = await runUntil(resumable, phase, 1 + stream.integer(2));
        assert.ok(killed, `killed at ${phase}`);
        assert.equal(firstStep > 1, before, `goes on where a checkpoint is, before ${phase}`);
      }
      assert.ok(await exists(path));
      const { record, firstStep } = await runUntil(resumable, null, 0);
      assert.ok(firstStep > 1);
      assert.equal(numbersOf(record!), numbersOf(undisturbed));
      assert.deepEqual(await Deno.readFile(request.weightsPath!), weights);
    }));
}

Deno.test("executeRun begins anew, with the same record, from a checkpoint that is damaged or of another run", () =>
  withFolder(async (folder) => {
    const request = requestOf({}, folder);
    const undisturbed = numbersOf(await executeRun(request));
    const path = `${folder}/run.checkpoint`;
    const resumable = { ...request, checkpoint: { path, seconds: 0, steps: null } };
    const begins = async (changed: RunRequest) => {
      let first = 0;
      const record = await executeRun(changed, { onProgress: (step) => void (first ||= step) });
      return { first, numbers: numbersOf(record) };
    };
    assert.deepEqual(await begins(resumable), { first: 1, numbers: undisturbed });
    assert.deepEqual(await begins(resumable), { first: steps, numbers: undisturbed });
    const bytes = await Deno.readFile(path);
    assert.equal((await begins({ ...resumable, seed: 2 })).first, 1);
    await Deno.writeFile(path, bytes);
    assert.equal((await begins({ ...resumable, engine: "cpu" })).first, 1);
    for (const position of [0, 70, bytes.length >> 1, bytes.length - 1]) {
      const damaged = bytes.slice();
      damaged[position] ^= 1;
      await Deno.writeFile(path, damaged);
      assert.deepEqual(await begins(resumable), { first: 1, numbers: undisturbed });
    }
    await Deno.writeFile(path, bytes.subarray(0, 200));
    assert.deepEqual(await begins(resumable), { first: 1, numbers: undisturbed });
    await Deno.writeFile(path, new Uint8Array());
    assert.deepEqual(await begins(resumable), { first: 1, numbers: undisturbed });
  }));

Deno.test("executeRun writes no checkpoint before the interval is over, nor without options, and none where it cannot", () =>
  withFolder(async (folder) => {
    const path = `${folder}/run.checkpoint`;
    const request = { ...requestOf({}, folder), weightsPath: null };
    await executeRun({ ...request, checkpoint: null });
    await executeRun({ ...request, checkpoint: { path, seconds: 3600, steps: steps } });
    assert.deepEqual([...Deno.readDirSync(folder)], []);
    const nowhere = { path: `${folder}/file/run.checkpoint`, seconds: 0, steps: null };
    await Deno.writeTextFile(`${folder}/file`, "");
    assert.equal((await executeRun({ ...request, checkpoint: nowhere })).status, "completed");
    await assert.rejects(
      executeRun({ ...request, checkpoint: { path, seconds: null, steps: 1 } }, {
        onProgress: (step) => {
          if (step === 3) throw new RunCancelled("enough");
        },
      }),
      RunCancelled,
    );
    assert.ok(await exists(path));
  }));
