import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { alternateRows, alternateRowsTwin } from "./alternate_rows.ts";
import { randomStream } from "../core/random.ts";
import { useEngine } from "../engine/engine.ts";
import { arenaBytes } from "../engine/kernels.ts";
import {
  assertClose,
  checkAgainstTwin,
  checkByDifferences,
  checkThreads,
  type ContractCase,
  enginesUnderTest,
  stepMaskOf,
  type Tensors,
  tokensOf,
} from "./_testing/contract.ts";
import { lossCases } from "./_testing/loss_cases.ts";
import { recurrentCases } from "./_testing/recurrent_cases.ts";
import { transformerCases } from "./_testing/transformer_cases.ts";
import { dropout, dropoutTwin } from "./dropout.ts";
import { embedding, embeddingTwin } from "./embedding.ts";
import { gru, gruOfTokens, gruOfTokensTwin, type GruOptions, gruTwin } from "./gru.ts";
import { linear, linearTwin } from "./linear.ts";
import { linearCrossEntropy } from "./linear_cross_entropy.ts";
import {
  meanSquare,
  meanSquareDifference,
  meanSquareDifferenceTwin,
  meanSquareTwin,
} from "./mean_square.ts";

// deno-lint-ignore no-explicit-any -- a case hands its tensors over by name
type Loose = any;

function embeddingCase(vocabulary: number, size: number, count: number): ContractCase {
  const tokens = tokensOf(count, vocabulary);
  return {
    name: `embedding of ${count} tokens in [${vocabulary}, ${size}]`,
    tensors: { table: { shape: [vocabulary, size] } },
    fused: (t) => embedding({ ...t as Loose, tokens }),
    twin: (t) => embeddingTwin({ ...t as Loose, tokens }),
  };
}

function linearCase(
  rows: number,
  size: number,
  columns: number,
  { bias = true, residual = false, transposeKernel = false },
): ContractCase {
  const shape = transposeKernel ? [columns, size] : [size, columns];
  return {
    name: `linear [${rows}, ${size}] by [${shape}]${transposeKernel ? " transposed" : ""} ` +
      `${bias ? "with" : "without"} bias${residual ? " and with residual" : ""}`,
    tensors: {
      inputs: { shape: [rows, size] },
      kernel: { shape },
      ...bias && { bias: { shape: [columns] } },
      ...residual && { residual: { shape: [rows, columns] } },
    },
    fused: (t) => linear({ ...t as Loose, transposeKernel }),
    twin: (t) => linearTwin({ ...t as Loose, transposeKernel }),
  };
}

function meanSquareCase(time: number, batch: number, size: number, masked: boolean): ContractCase {
  const mask = masked ? stepMaskOf(time, batch) : undefined;
  return {
    name: `meanSquare and meanSquareDifference of [${time} · ${batch}, ${size}]` +
      `${masked ? " masked" : ""}`,
    tensors: { inputs: { shape: [time * batch, size] } },
    fused: ({ inputs }) => {
      const options = { inputs: inputs as tf.Tensor2D, batch, mask };
      return tf.stack([meanSquare(options), meanSquareDifference(options)]);
    },
    twin: ({ inputs }) => {
      const options = { inputs: inputs as tf.Tensor2D, batch, mask };
      return tf.stack([meanSquareTwin(options), meanSquareDifferenceTwin(options)]);
    },
  };
}

function alternateRowsCase(count: number, rows: number, size: number): ContractCase {
  const names = Array.from({ length: count }, (_, index) => `m${index}`);
  const matrices = (t: Tensors) => names.map((name) => t[name] as tf.Tensor2D);
  return {
    name: `alternateRows of ${count} matrices [${rows}, ${size}]`,
    tensors: Object.fromEntries(names.map((name) => [name, { shape: [rows, size] }])),
    fused: (t) => alternateRows(matrices(t)),
    twin: (t) => alternateRowsTwin(matrices(t)),
  };
}

interface GruSize {
  time: number;
  batch: number;
  size: number;
  hidden: number;
  resetAfter: boolean;
  recurrentBias?: boolean;
  initialState?: boolean;
  masked?: boolean;
  vocabulary?: number;
  spread?: number;
}

function gruCase(options: GruSize): ContractCase {
  const { time, batch, size, hidden, resetAfter, vocabulary, spread = 0.5 } = options;
  const count = time * batch;
  const tokens = tokensOf(count, vocabulary ?? 1);
  const mask = options.masked ? stepMaskOf(time, batch) : undefined;
  const complete = (t: Tensors): Loose => ({ ...t, time, batch, resetAfter, tokens, mask });
  return {
    name:
      `${vocabulary ? `gruOfTokens (${vocabulary})` : "gru"} time ${time} batch ${batch} size ` +
      `${size} hidden ${hidden} reset ${resetAfter ? "after" : "before"}` +
      `${options.recurrentBias ? " recurrent bias" : ""}` +
      `${options.initialState ? " initial state" : ""}${options.masked ? " masked" : ""} ` +
      `spread ${spread}`,
    tensors: {
      ...vocabulary
        ? { table: { shape: [vocabulary, size] } }
        : { inputs: { shape: [count, size] } },
      kernel: { shape: [size, 3 * hidden], spread },
      recurrentKernel: { shape: [hidden, 3 * hidden], spread },
      bias: { shape: [3 * hidden], spread },
      ...options.recurrentBias && { recurrentBias: { shape: [3 * hidden], spread } },
      ...options.initialState && { initialState: { shape: [batch, hidden] } },
    },
    fused: (t) => vocabulary ? gruOfTokens(complete(t)) : gru(complete(t)),
    twin: (t) => vocabulary ? gruOfTokensTwin(complete(t)) : gruTwin(complete(t)),
    tolerance: 1e-5,
  };
}

function dropoutCase(shape: number[], rate: number): ContractCase {
  return {
    name: `dropout of [${shape}] at ${rate}`,
    tensors: { inputs: { shape } },
    fused: ({ inputs }) => dropout({ inputs, rate, stream: randomStream(1, "mask") }),
    twin: ({ inputs }) => dropoutTwin({ inputs, rate, stream: randomStream(1, "mask") }),
  };
}

const small = { size: 3, hidden: 5, time: 3, batch: 2 };
const both = [true, false];
const cases: ContractCase[] = [
  embeddingCase(1, 1, 1),
  embeddingCase(3, 17, 33),
  embeddingCase(61, 5, 7),
  linearCase(1, 1, 1, {}),
  linearCase(3, 17, 33, { bias: false }),
  linearCase(17, 3, 1, {}),
  linearCase(33, 300, 19, {}),
  linearCase(6, 8, 1031, {}),
  linearCase(3, 17, 33, { transposeKernel: true }),
  linearCase(17, 5, 1, { bias: false, transposeKernel: true }),
  linearCase(17, 5, 3, { residual: true }),
  linearCase(3, 7, 33, { bias: false, residual: true }),
  ...lossCases,
  alternateRowsCase(2, 5, 3),
  alternateRowsCase(3, 1, 4),
  meanSquareCase(1, 3, 5, false),
  meanSquareCase(4, 3, 5, false),
  meanSquareCase(7, 5, 17, true),
  ...both.flatMap((resetAfter) => [
    gruCase({ ...small, time: 1, batch: 1, size: 1, hidden: 1, resetAfter }),
    gruCase({ ...small, resetAfter }),
    gruCase({ ...small, resetAfter, recurrentBias: resetAfter, initialState: true }),
    gruCase({ time: 1, batch: 3, size: 7, hidden: 17, resetAfter, initialState: true }),
    gruCase({ time: 5, batch: 17, size: 3, hidden: 33, resetAfter, spread: 0.3 }),
    gruCase({ ...small, resetAfter, recurrentBias: resetAfter, vocabulary: 4 }),
    gruCase({ ...small, resetAfter, initialState: true, vocabulary: 4, spread: 1e-3 }),
    gruCase({ ...small, resetAfter, vocabulary: 31 }),
    gruCase({ ...small, time: 5, resetAfter, initialState: true, masked: true }),
    gruCase({ ...small, time: 4, batch: 3, resetAfter, masked: true, vocabulary: 4 }),
    gruCase({ ...small, resetAfter, recurrentBias: resetAfter, masked: true }),
  ]),
  ...recurrentCases,
  ...transformerCases,
  dropoutCase([1], 0),
  dropoutCase([3, 17], 0.3),
  dropoutCase([2, 3, 33], 0.9),
];

const requireAll = Deno.env.get("PARSIMONY_REQUIRE_ALL") === "1";
const engines = await enginesUnderTest();
for (const { name: engine, missing } of engines) {
  const ignore = missing !== null && !requireAll;
  const skipped = missing === null ? "" : ` (skipped: ${missing})`;
  for (const given of cases) {
    Deno.test({
      name: `${engine}: ${given.name}: value and gradients are the twin's${skipped}`,
      ignore,
      fn: async () => {
        assert.equal(missing, null);
        await checkAgainstTwin(engine, given);
      },
    });
    Deno.test({
      name: `${engine}: ${given.name}: gradients are those of finite differences${skipped}`,
      ignore,
      fn: () => checkByDifferences(engine, given),
    });
  }

  Deno.test({
    name: `${engine}: on three threads every operation has the bits of one${skipped}`,
    ignore,
    fn: () => checkThreads(engine, cases),
  });

  Deno.test({
    name: `${engine}: linearCrossEntropy stays finite at logits of ±1e4${skipped}`,
    ignore,
    fn: async () => {
      await useEngine(engine);
      tf.tidy(() => {
        const inputs = tf.tensor2d([[1e4, -1e4], [-1e4, 1e4], [1e4, 1e4]]);
        const kernel = tf.tensor2d([[1, 0, -1], [0, 1, 1]]);
        const targets = Int32Array.of(0, 0, 2);
        const { value, grads } = tf.valueAndGrads((inputs: tf.Tensor, kernel: tf.Tensor) =>
          linearCrossEntropy({
            inputs: inputs as tf.Tensor2D,
            kernel: kernel as tf.Tensor2D,
            targets,
          })
        )([inputs, kernel]);
        // Logits: (1e4, −1e4, −2e4), (−1e4, 1e4, 2e4), (1e4, 1e4, 0).
        assertClose(value.dataSync(), [(0 + 3e4 + 1e4 + Math.LN2) / 3], 1e-6, "loss");
        for (const gradient of grads) assert.ok([...gradient.dataSync()].every(Number.isFinite));
      });
    },
  });

  Deno.test({
    name: `${engine}: gru stays finite at inputs of ±1e4 and saturates${skipped}`,
    ignore,
    fn: async () => {
      await useEngine(engine);
      tf.tidy(() => {
        const cell = { ...saturating(), time: 1, batch: 2, resetAfter: true };
        const gradients = tf.grads((inputs: tf.Tensor) =>
          gru({ ...cell, inputs: inputs as tf.Tensor2D })
        )([cell.inputs]);
        // r = σ(±1e4), z = σ(∓1e4), n = ±1: h' = n where z = 0 and h = 0 where z = 1.
        assertClose(gru(cell).dataSync(), [1, 0], 1e-6, "states");
        assertClose(gradients[0].dataSync(), [0, 0], 1e-6, "gradients");
      });
    },
  });

  Deno.test({
    name: `${engine}: repeated steps leave tensors and bytes as they were${skipped}`,
    ignore,
    fn: async () => {
      await useEngine(engine);
      const parameters = modelParameters();
      const step = () => {
        const { value, grads } = tf.variableGrads(() => modelLoss(parameters));
        value.dispose();
        tf.dispose(grads);
        tf.tidy(() => modelLoss(parameters).dataSync());
      };
      step();
      const tensors = tf.memory().numTensors, { live } = arenaBytes();
      for (let i = 0; i < 20; i++) step();
      assert.equal(tf.memory().numTensors, tensors);
      assert.equal(arenaBytes().live, live);
      tf.dispose(parameters);
    },
  });

  Deno.test({
    name: `${engine}: the same computation twice gives the same bits${skipped}`,
    ignore,
    fn: async () => {
      await useEngine(engine);
      const once = () => {
        const parameters = modelParameters();
        const { value, grads } = tf.variableGrads(() => modelLoss(parameters));
        const bits = [value, ...Object.values(grads)].map((tensor) => tensor.dataSync());
        tf.dispose([parameters, value, grads]);
        return bits;
      };
      assert.deepEqual(once(), once());
    },
  });
}

function saturating(): Omit<GruOptions, "time" | "batch" | "resetAfter"> {
  return {
    inputs: tf.tensor2d([[1e4], [-1e4]]),
    kernel: tf.tensor2d([[1, -1, 1]]),
    recurrentKernel: tf.zeros<tf.Rank.R2>([1, 3]),
    bias: tf.zeros<tf.Rank.R1>([3]),
  };
}

function modelParameters() {
  const stream = randomStream(5, "model");
  const make = (shape: number[]) => {
    const size = tf.util.sizeFromShape(shape);
    return tf.variable(
      tf.tensor(Float32Array.from({ length: size }, () => stream.normal()), shape),
    );
  };
  return {
    table: make([7, 5]) as tf.Variable<tf.Rank.R2>,
    kernel: make([5, 18]) as tf.Variable<tf.Rank.R2>,
    recurrentKernel: make([6, 18]) as tf.Variable<tf.Rank.R2>,
    bias: make([18]) as tf.Variable<tf.Rank.R1>,
    output: make([6, 7]) as tf.Variable<tf.Rank.R2>,
  };
}

function modelLoss({ output, ...cell }: ReturnType<typeof modelParameters>): tf.Scalar {
  const sizes = { time: 4, batch: 3, resetAfter: true, tokens: tokensOf(12, 7) };
  const states = gruOfTokens({ ...cell, ...sizes });
  const inputs = dropout({ inputs: states, rate: 0.2, stream: randomStream(1, "mask") });
  return linearCrossEntropy({ inputs, kernel: output, targets: tokensOf(12, 7) });
}
