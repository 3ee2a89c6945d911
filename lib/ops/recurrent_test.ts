import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { randomStream } from "../core/random.ts";
import { type EngineName, useEngine } from "../engine/engine.ts";
import { testOnEngines } from "./_testing/contract.ts";
import { lstm, lstmOfTokens } from "./lstm.ts";
import { simpleRnn, simpleRnnOfTokens } from "./simple_rnn.ts";

const engines: readonly EngineName[] = ["cpu", "wasm"];
const batch = 3, size = 4, hidden = 6;

function tensor<R extends tf.Rank>(name: string, shape: tf.ShapeMap[R]): tf.Tensor<R> {
  const stream = randomStream(2, name);
  const count = tf.util.sizeFromShape(shape as number[]);
  return tf.tensor<R>(Float32Array.from({ length: count }, () => 0.5 * stream.normal()), shape);
}

function lstmCell() {
  return {
    kernel: tensor<tf.Rank.R2>("kernel", [size, 4 * hidden]),
    recurrentKernel: tensor<tf.Rank.R2>("recurrentKernel", [hidden, 4 * hidden]),
    bias: tensor<tf.Rank.R1>("bias", [4 * hidden]),
  };
}

Deno.test("lstm with padding after each sequence ends in the state of the sequence without padding, and padding has no gradient", async () => {
  for (const engine of engines) {
    await useEngine(engine);
    tf.tidy(() => {
      const time = 5, lengths = [5, 2, 1];
      const inputs = tensor<tf.Rank.R2>("inputs", [time * batch, size]);
      const cell = lstmCell();
      const mask = Float32Array.from(
        { length: time * batch },
        (_, i) => Math.floor(i / batch) < lengths[i % batch] ? 1 : 0,
      );
      const whole = lstm({ ...cell, inputs, time, batch, mask });
      lengths.forEach((length, b) => {
        const rows = Array.from({ length }, (_, t) => t * batch + b);
        const alone = lstm({ ...cell, inputs: tf.gather(inputs, rows), time: length, batch: 1 });
        for (const state of ["hidden", "cell"] as const) {
          const found = tf.slice2d(whole.finalState[state], [b, 0], [1, hidden]);
          assert.deepEqual(found.dataSync(), alone.finalState[state].dataSync());
        }
      });
      const gradient = tf.grad((x: tf.Tensor) => {
        const { states, finalState } = lstm({
          ...cell,
          inputs: x as tf.Tensor2D,
          time,
          batch,
          mask,
        });
        return tf.addN([tf.sum(states), tf.sum(finalState.hidden), tf.sum(finalState.cell)]);
      })(inputs).arraySync() as number[][];
      gradient.forEach((row, i) =>
        assert.equal(row.every((value) => value === 0), mask[i] === 0, `row ${i} on ${engine}`)
      );
    });
  }
});

Deno.test("lstm over two windows with the state carried over gives the states of one long window", async () => {
  for (const engine of engines) {
    await useEngine(engine);
    tf.tidy(() => {
      const inputs = tensor<tf.Rank.R2>("inputs", [5 * batch, size]);
      const cell = lstmCell();
      const part = (from: number, to: number) =>
        tf.slice2d(inputs, [from * batch, 0], [(to - from) * batch, size]);
      const whole = lstm({ ...cell, inputs, time: 5, batch });
      const first = lstm({ ...cell, inputs: part(0, 2), time: 2, batch });
      const { finalState: initialState } = first;
      const second = lstm({ ...cell, inputs: part(2, 5), time: 3, batch, initialState });
      const found = tf.concat2d([first.states, second.states], 0).dataSync();
      const expected = whole.states.dataSync();
      found.forEach((value, i) => assert.ok(Math.abs(value - expected[i]) <= 1e-6, `state ${i}`));
    });
  }
});

Deno.test("lstm leaves no tensor behind when only one of its outputs is used", async () => {
  for (const engine of engines) {
    await useEngine(engine);
    const cell = lstmCell();
    const inputs = tensor<tf.Rank.R2>("inputs", [2 * batch, size]);
    const variable = tf.variable(cell.kernel);
    const step = () => {
      const { value, grads } = tf.variableGrads(() =>
        tf.sum(lstm({ ...cell, kernel: variable, inputs, time: 2, batch }).finalState.cell)
      );
      tf.dispose([value, grads]);
      const { states, finalState } = lstm({ ...cell, inputs, time: 2, batch });
      tf.dispose([states, finalState]);
    };
    step();
    const before = tf.memory().numTensors;
    for (let i = 0; i < 5; i++) step();
    assert.equal(tf.memory().numTensors, before);
    tf.dispose([cell, inputs, variable]);
  }
});

await testOnEngines("lstm stays finite and saturates at inputs of ±1e4", () => {
  tf.tidy(() => {
    const cell = {
      kernel: tf.tensor2d([[1, -1, 1, 1]]),
      recurrentKernel: tf.zeros<tf.Rank.R2>([1, 4]),
      bias: tf.zeros<tf.Rank.R1>([4]),
      time: 1,
      batch: 2,
    };
    // i = o = 1, f = 0, n = 1 for the first sequence; i = o = 0, f = 1 for the second.
    const inputs = tf.tensor2d([[1e4], [-1e4]]);
    const states = lstm({ ...cell, inputs }).states.dataSync();
    assert.ok(Math.abs(states[0] - Math.tanh(1)) < 1e-6 && states[1] === 0, `${states}`);
    const gradient = tf.grad((x: tf.Tensor) => lstm({ ...cell, inputs: x as tf.Tensor2D }).states)(
      inputs,
    ).dataSync();
    assert.deepEqual([...gradient].map(Math.abs), [0, 0]);
  });
});

Deno.test("lstm and simpleRnn refuse zero lengths, wrong shapes, masks and activations", async () => {
  for (const engine of engines) {
    await useEngine(engine);
    tf.tidy(() => {
      const sizes = { time: 2, batch: 1 };
      const inputs = tf.ones<tf.Rank.R2>([2, size]);
      const none = tf.zeros<tf.Rank.R2>([0, size]);
      const long = { ...lstmCell(), ...sizes };
      const activation = "tanh" as const;
      const simple = {
        ...sizes,
        activation,
        kernel: tf.ones<tf.Rank.R2>([size, 2]),
        recurrentKernel: tf.ones<tf.Rank.R2>([2, 2]),
        bias: tf.ones<tf.Rank.R1>([2]),
      };
      const table = tf.ones<tf.Rank.R2>([3, size]);
      const tokens = Int32Array.of(0, 3);
      const wrongState = { hidden: tf.ones<tf.Rank.R2>([1, 6]), cell: tf.ones<tf.Rank.R2>([1, 5]) };
      const other = "gelu" as "relu";
      const refusals: [() => unknown, RegExp][] = [
        [() => lstm({ ...long, inputs: none }), /lstm: inputs .* found float32 \[0, 4\]/],
        [() => lstm({ ...long, inputs, time: 0 }), /lstm: time .* from 1, found 0/],
        [() => lstm({ ...long, inputs, batch: 0 }), /lstm: batch .* from 1, found 0/],
        [
          () => lstm({ ...long, inputs, kernel: simple.kernel }),
          /lstm: kernel .*\[inputSize, 24\]/,
        ],
        [() => lstm({ ...long, inputs, bias: simple.bias }), /lstm: bias .*\[24\]/],
        [() => lstm({ ...long, inputs, initialState: wrongState }), /initialState.cell .*\[1, 6\]/],
        [() => lstm({ ...long, inputs, mask: new Float32Array(3) }), /2 zeros and ones, found 3/],
        [() => lstm({ ...long, inputs, mask: Float32Array.of(1, 0.5) }), /0 or 1, found 0.5 at 1/],
        [() => lstmOfTokens({ ...long, table, tokens }), /from 0 to 2, found 3 at 1/],
        [() => simpleRnn({ ...simple, inputs: none }), /simpleRnn: inputs/],
        [() => simpleRnn({ ...simple, inputs, time: 1.5 }), /simpleRnn: time .* whole number/],
        [() => simpleRnn({ ...simple, inputs, activation: other }), /"tanh", "relu", found "gelu"/],
        [() => simpleRnnOfTokens({ ...simple, table, tokens }), /found 3 at 1/],
        [
          () => simpleRnnOfTokens({ ...simple, table, tokens: Int32Array.of(1) }),
          /must hold 2 token ids/,
        ],
      ];
      for (const [refused, message] of refusals) assert.throws(refused, message);
    });
  }
});
