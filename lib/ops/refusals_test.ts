import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { randomStream } from "../core/random.ts";
import { useEngine } from "../engine/engine.ts";
import { dropout } from "./dropout.ts";
import { embedding } from "./embedding.ts";
import { gru, gruOfTokens } from "./gru.ts";
import { linear } from "./linear.ts";
import { linearCrossEntropy } from "./linear_cross_entropy.ts";

Deno.test("operations refuse zero lengths, wrong shapes and tokens outside the vocabulary", async () => {
  for (const engine of ["cpu", "wasm"] as const) {
    await useEngine(engine);
    tf.tidy(() => {
      const table = tf.ones<tf.Rank.R2>([3, 2]);
      const tokens = Int32Array.of(0, 1);
      const cell = {
        time: 2,
        batch: 1,
        kernel: tf.ones<tf.Rank.R2>([2, 3]),
        recurrentKernel: tf.ones<tf.Rank.R2>([1, 3]),
        bias: tf.ones<tf.Rank.R1>([3]),
        resetAfter: false,
      };
      const kernel = tf.ones<tf.Rank.R2>([2, 3]);
      const inputs = tf.ones<tf.Rank.R2>([2, 2]);
      const none = tf.zeros<tf.Rank.R2>([0, 2]);
      const refusals: [() => unknown, RegExp][] = [
        [() => embedding({ table, tokens: new Int32Array(0) }), /at least one token/],
        [() => embedding({ table, tokens: Int32Array.of(0, 3) }), /from 0 to 2, found 3 at 1/],
        [() => embedding({ table, tokens: Int32Array.of(-1) }), /found -1 at 0/],
        [() => embedding({ table: none, tokens }), /none of them 0, found float32 \[0, 2\]/],
        [() => linear({ inputs: none, kernel }), /linear: inputs .* found float32 \[0, 2\]/],
        [() => linear({ inputs, kernel: table }), /linear: kernel .*\[2, outputSize\]/],
        [() => linear({ inputs, kernel, bias: tf.ones([4]) }), /linear: bias .*\[3\]/],
        [() => gru({ ...cell, inputs: none }), /gru: inputs/],
        [() => gru({ ...cell, inputs, time: 0 }), /gru: time .* from 1, found 0/],
        [() => gru({ ...cell, inputs, mask: Float32Array.of(1, 2) }), /0 or 1, found 2 at 1/],
        [() => gru({ ...cell, inputs, recurrentBias: cell.bias }), /reset-after form only/],
        [() => gruOfTokens({ ...cell, table, tokens: Int32Array.of(1) }), /must hold 2 token ids/],
        [() => linearCrossEntropy({ inputs, kernel, targets: Int32Array.of(0, 3) }), /found 3/],
        [
          () => linearCrossEntropy({ inputs, kernel, targets: tokens, mask: new Float32Array(2) }),
          /at least one row/,
        ],
        [
          () => linearCrossEntropy({ inputs, kernel, targets: tokens, mask: new Float32Array(3) }),
          /2 weights, found 3/,
        ],
        [() => dropout({ inputs, rate: 1, stream: randomStream(1, "x") }), /below 1, found 1/],
      ];
      for (const [refused, message] of refusals) assert.throws(refused, message);
    });
  }
});
