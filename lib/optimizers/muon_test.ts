import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { randomStream } from "../core/random.ts";
import { inlineText } from "../data/corpora.ts";
import { characters } from "../data/tokenizers/characters.ts";
import { type EngineName, useEngine } from "../engine/engine.ts";
import { describeParameters } from "../models/describe_parameters.ts";
import { gruLanguageModel } from "../models/gru_language_model.ts";
import { transformerLanguageModel } from "../models/transformer_language_model.ts";
import { coupledWeightDecay } from "../penalties/coupled_weight_decay.ts";
import { l1 } from "../penalties/l1.ts";
import { l2 } from "../penalties/l2.ts";
import { proximalL1 } from "../penalties/proximal_l1.ts";
import { proximalElasticNet } from "../penalties/proximal_elastic_net.ts";
import { matricesOf } from "../penalties/groups.ts";
import { effectsOf } from "../penalties/targets.ts";
import type { ParameterDescription } from "../penalties/penalty.ts";
import { checkRunnable } from "../training/check_runnable.ts";
import { validateSpecification } from "../training/specification.ts";
import { plainMatrices } from "./_matrices.ts";
import { orthogonalized } from "./_newton_schulz.ts";
import { createOptimizer } from "./create.ts";
import { muon } from "./muon.ts";
import { decayShare, penaltiesWith, rulesOf } from "./optimizer.ts";

const gruModel = gruLanguageModel({ embeddingSize: 2, hiddenSize: 3 });
const transformer = transformerLanguageModel({
  ...{ embeddingSize: 4, layers: 1, heads: 2, blockSize: 3 },
});
const described = (model: typeof gruModel | typeof transformer) =>
  describeParameters(model, { vocabularySize: 7 });

Deno.test("five iterations bring a matrix of one singular value to the quintic's value, whichever side is longer", () => {
  let x = 1;
  for (let i = 0; i < 5; i++) x = 3.4445 * x - 4.775 * x ** 3 + 2.0315 * x ** 5;
  for (const [rows, columns] of [[2, 4], [4, 2], [1, 8], [8, 1]]) {
    const values = new Float32Array(8).fill(3);
    orthogonalized({ values, rows, columns }, plainMatrices, (result) => {
      // All of one size: a single singular vector, whose entries are x/√8.
      for (const value of result) assert.ok(Math.abs(value - x / Math.sqrt(8)) < 1e-5, `${value}`);
    });
  }
  orthogonalized({ values: new Float32Array(4), rows: 2, columns: 2 }, plainMatrices, (result) => {
    assert.deepEqual([...result], [0, 0, 0, 0]);
  });
});

Deno.test("plainMatrices multiplies as the engine wasm, transposed or not, beyond one block of terms", async () => {
  await useEngine("wasm");
  const [m, n, k] = [5, 6, 600];
  const values = (count: number) => Float32Array.from({ length: count }, (_, i) => Math.sin(i + 1));
  for (const transposeA of [false, true]) {
    for (const transposeB of [false, true]) {
      const [a, b, c] = [values(m * k), values(k * n), new Float32Array(m * n)];
      plainMatrices.multiply(
        { values: a, stride: transposeA ? m : k, transposed: transposeA },
        { values: b, stride: transposeB ? k : n, transposed: transposeB },
        { values: c, stride: n },
        { m, n, k },
      );
      const found = tf.tidy(() =>
        tf.matMul(
          tf.tensor2d(a, transposeA ? [k, m] : [m, k]),
          tf.tensor2d(b, transposeB ? [n, k] : [k, n]),
          transposeA,
          transposeB,
        ).dataSync()
      );
      assert.deepEqual(found, c);
    }
  }
});

Deno.test("muon acts on kernels outside of the output layer, split into gates and queries, keys, values", () => {
  const split = (parameters: readonly ParameterDescription[]) => {
    const rules = rulesOf(muon({ learningRate: 1e-2, decay: 0 }), parameters);
    return parameters.flatMap((parameter, index) =>
      rules[index].slots.includes("momentum")
        ? [[parameter.name, matricesOf(parameter, parameters)]]
        : []
    );
  };
  assert.deepEqual(split(described(gruModel)), [["gru0/kernel", 3], ["gru0/recurrentKernel", 3]]);
  assert.deepEqual(split(described(transformer)), [
    ["block0/attention/kernel", 3],
    ["block0/attentionOutput/kernel", 1],
    ["block0/feedForward/kernel", 1],
    ["block0/feedForwardOutput/kernel", 1],
  ]);
});

for (const engine of ["cpu", "wasm"] satisfies EngineName[]) {
  Deno.test(`muon changes each gate as if it were a kernel of its own, and leaves the scale of the gradient out, on ${engine}`, async () => {
    await useEngine(engine);
    const recurrent = { name: "a/r", kind: "recurrentKernel", layer: "a", shape: [2, 6] } as const;
    const alone = { name: "b/k", kind: "kernel", layer: "b", shape: [2, 2] } as const;
    const gradient = [1, -2, 3, 1, 5, 2, -1, 1, 2, 4, -3, 1];
    const stepOf = (description: ParameterDescription, values: readonly number[]) => {
      const variable = tf.variable(tf.zeros([...description.shape]));
      const optimizer = createOptimizer(
        muon({ learningRate: 0.5, decay: 0, momentum: 0.5 }),
        [{ description, variable }],
        effectsOf([], [description]),
        null,
      );
      optimizer.step([tf.tensor([...values], [...description.shape])], 0.5);
      return [...variable.dataSync()];
    };
    const all = stepOf(recurrent, gradient);
    for (let gate = 0; gate < 3; gate++) {
      const at = [0, 1, 6, 7].map((i) => i + 2 * gate);
      const own = stepOf(alone, at.map((i) => gradient[i]));
      assert.deepEqual(at.map((i) => all[i]), own);
      // A power of two changes no rounding.
      assert.deepEqual(stepOf(alone, at.map((i) => 1024 * gradient[i])), own);
    }
  });
}

/** Five iterations as the definition has them, in double precision; the shorter side is first. */
function iterated(x: readonly number[][]): number[][] {
  const times = (a: readonly number[][], b: readonly number[][]) =>
    a.map((row) => b[0].map((_, j) => row.reduce((sum, value, k) => sum + value * b[k][j], 0)));
  const transposed = (a: readonly number[][]) => a[0].map((_, j) => a.map((row) => row[j]));
  const norm = Math.sqrt(x.flat().reduce((sum, value) => sum + value ** 2, 0));
  let result = x.map((row) => row.map((value) => value / norm));
  for (let i = 0; i < 5; i++) {
    const square = times(result, transposed(result));
    const fourth = times(square, square);
    const factor = square.map((row, i) =>
      row.map((value, j) => (i === j ? 3.4445 : 0) - 4.775 * value + 2.0315 * fourth[i][j])
    );
    result = times(factor, result);
  }
  return result;
}

for (const engine of ["cpu", "wasm", "native"] satisfies EngineName[]) {
  Deno.test(`by squares or by the matrix, an iteration is the double-precision one within 1e-5, on ${engine}`, async (t) => {
    await useEngine(engine);
    // Beyond one block of 64 rows; singular values from 1 down to 1e-5 of the largest.
    for (const [rows, columns] of [[70, 90], [90, 70], [70, 150], [150, 70], [3, 11]]) {
      await t.step(`${rows} × ${columns}`, () => {
        const stream = randomStream(1, "matrix");
        const x = Array.from(
          { length: rows },
          (_, row) =>
            Array.from({ length: columns }, () => stream.normal() * 10 ** (-5 * row / rows)),
        );
        const wide = rows <= columns;
        const expected = iterated(wide ? x : x[0].map((_, j) => x.map((row) => row[j])));
        const description = {
          ...{ name: "a/k", kind: "kernel", layer: "a", shape: [rows, columns] } as const,
        };
        const variable = tf.variable(tf.zeros([rows, columns]));
        const specification = muon({
          ...{ learningRate: 1, decay: 0, momentum: 0, scale: "original", adamLearningRate: 1 },
        });
        const optimizer = createOptimizer(
          specification,
          [{ description, variable }],
          effectsOf([], [description]),
          null,
        );
        optimizer.step([tf.tensor2d(x)], 1);
        const scale = Math.sqrt(Math.max(1, columns / rows));
        variable.dataSync().forEach((value, at) => {
          const [row, column] = [Math.floor(at / columns), at % columns];
          const target = wide ? expected[row][column] : expected[column][row];
          assert.ok(Math.abs(-value / scale - target) <= 1e-5, `${at}: ${value}, ${target}`);
        });
        optimizer.dispose();
        variable.dispose();
      });
    }
  });
}

Deno.test("muon's kernels have the bits of its TypeScript, with penalties, clipping, splits and odd sizes", async () => {
  const shapes = [[5, 7], [7, 5], [3, 30], [30, 3], [6, 18], [66, 9]];
  const descriptions = shapes.map((shape, i): ParameterDescription => ({
    ...{ name: `a${i}/k`, kind: "kernel", layer: `a${i}`, shape },
  }));
  // A recurrent kernel splits its columns by three.
  descriptions.push({ name: "r/r", kind: "recurrentKernel", layer: "r", shape: [5, 15] });
  const penalties = [
    [],
    [l1({ strength: 0.1 }), l2({ strength: 0.2 })],
    [coupledWeightDecay({ strength: 0.3 }), proximalL1({ strength: 0.02 })],
    [proximalElasticNet({ l1Strength: 0.02, l2Strength: 0.3 })],
  ];
  const steps = async (engine: EngineName, index: number) => {
    await useEngine(engine);
    const stream = randomStream(index, "muon");
    const normals = (shape: readonly number[]) =>
      tf.tensor(
        Array.from({ length: shape[0] * shape[1] }, () => stream.normal()),
        [...shape],
      );
    const parameters = descriptions.map((description) => ({
      ...{ description, variable: tf.variable(normals(description.shape)) },
    }));
    const specification = muon({
      learningRate: 0.1,
      decay: index === 0 ? 0.5 : 0,
      nesterov: index !== 1,
    });
    const optimizer = createOptimizer(
      specification,
      parameters,
      effectsOf(penaltiesWith(specification, penalties[index]), descriptions),
      index === 2 ? { norm: 1 } : null,
    );
    const norms = [0, 1, 2].map(() =>
      optimizer.step(descriptions.map(({ shape }) => normals(shape)), 0.1).gradientNorm
    );
    return [norms, ...parameters.map(({ variable }) => [...variable.dataSync()])];
  };
  for (const index of penalties.keys()) {
    assert.deepEqual(await steps("wasm", index), await steps("cpu", index));
  }
});

Deno.test("muon's decay is by each part's own learning rate, and none at decay 0", () => {
  const optimizer = muon({ learningRate: 0.2, adamLearningRate: 0.1, decay: 0.5 });
  const parameters = described(gruModel);
  const effects = effectsOf(penaltiesWith(optimizer, []), parameters);
  const shares = rulesOf(optimizer, parameters).map(({ rateFactor }, index) => [
    parameters[index].name,
    decayShare(optimizer, effects[index], 0.2, rateFactor),
  ]);
  assert.deepEqual(Object.fromEntries(shares), {
    "embedding/table": 0,
    "gru0/kernel": 0.1,
    "gru0/recurrentKernel": 0.1,
    "gru0/bias": 0,
    "gru0/recurrentBias": 0,
    "output/kernel": 0.05,
    "output/bias": 0,
  });
  assert.deepEqual(penaltiesWith(muon({ learningRate: 0.2, decay: 0 }), []), []);
});

Deno.test("muon is refused on vectors and where it has no matrix, before anything is trained", () => {
  const specification = (muonLayers?: string[]) =>
    validateSpecification({
      corpus: inlineText("abcdefg"),
      tokenizer: characters(),
      model: gruModel,
      optimizer: muon({ learningRate: 0.1, decay: 0, muonLayers }),
      training: { steps: 1, batchSize: 1, windowLength: 1 },
    });
  checkRunnable(specification(), []);
  assert.throws(
    () => checkRunnable(specification(["embedding"]), []),
    /muonLayers must be layers with a kernel of two extents, which are "gru0", "output"; found "embedding"/,
  );
  const bias = { name: "output/bias", kind: "bias", layer: "output", shape: [3] } as const;
  assert.throws(
    () => rulesOf(muon({ learningRate: 0.1, decay: 0 }), [bias]),
    /muon acts on no matrix: the layers with a kernel of two extents are none, .* Take adamW/,
  );
});
