import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { randomStream } from "../core/random.ts";
import { type EngineName, useEngine } from "../engine/engine.ts";
import { arenaBytes } from "../engine/kernels.ts";
import { testOnEngines } from "./_testing/contract.ts";
import { causalAttention } from "./causal_attention.ts";
import { lockedDropout } from "./dropout.ts";
import { gelu } from "./gelu.ts";
import { groupedAttention } from "./grouped_attention.ts";
import { layerNorm } from "./layer_norm.ts";
import { linearGelu } from "./linear_gelu.ts";
import { maskedSoftmax, maskedSoftmaxTwin } from "./masked_softmax.ts";
import { rmsNorm } from "./rms_norm.ts";
import { rotary } from "./rotary.ts";
import { swiglu } from "./swiglu.ts";

const engines: readonly EngineName[] = ["cpu", "wasm"];

function values(name: string, count: number): Float32Array {
  const stream = randomStream(6, name);
  return Float32Array.from({ length: count }, () => stream.normal());
}

Deno.test("causalAttention at a step does not depend on later steps", async () => {
  for (const engine of engines) {
    await useEngine(engine);
    tf.tidy(() => {
      const [time, batch, width] = [70, 2, 4];
      const first = values("projections", time * batch * 3 * width);
      const step = (i: number) => Math.floor(i / (3 * width)) % time;
      const second = first.map((value, i) => step(i) < 30 ? value : -value);
      const [a, b] = [first, second].map((list) => {
        const projections = tf.tensor2d(list, [time * batch, 3 * width]);
        return causalAttention({ projections, time, batch, heads: 2 }).dataSync();
      });
      a.forEach((value, i) => {
        if (Math.floor(i / width) % time < 30) assert.equal(value, b[i]);
      });
      assert.notDeepEqual(a, b);
    });
  }
});

Deno.test("causalAttention gives the same bits whether its probabilities are kept or computed again", async () => {
  await useEngine("wasm");
  tf.tidy(() => {
    // 2 · 2 · 1030² probabilities are more than are kept, those of one sequence are not.
    const [time, batch, heads, width] = [1030, 2, 2, 4];
    const both = tf.tensor2d(values("projections", time * batch * 3 * width), [
      time * batch,
      3 * width,
    ]);
    for (const rate of [undefined, 0.4]) {
      const gradientOf = (projections: tf.Tensor2D, batch: number) =>
        tf.grad((x: tf.Tensor) => {
          const sizes = { projections: x as tf.Tensor2D, time, batch, heads };
          const dropout = rate && { rate, stream: randomStream(1, "mask") };
          return tf.sum(tf.square(causalAttention({ ...sizes, ...(dropout && { dropout }) })));
        })(projections).dataSync();
      const alone = gradientOf(tf.slice2d(both, [0, 0], [time, 3 * width]), 1);
      const found = gradientOf(both, 2).subarray(0, alone.length);
      assert.deepEqual(found, alone);
    }
  });
});

Deno.test("causalAttention with dropout at rate 0 has the bits of none", async () => {
  for (const engine of engines) {
    await useEngine(engine);
    tf.tidy(() => {
      const sizes = { time: 9, batch: 2, heads: 2 };
      const projections = tf.tensor2d(values("projections", 18 * 12), [18, 12]);
      const dropout = { rate: 0, stream: randomStream(1, "mask") };
      const bits = (options: { dropout?: typeof dropout }) => {
        const { value, grad } = tf.valueAndGrad((x: tf.Tensor) =>
          causalAttention({ projections: x as tf.Tensor2D, ...sizes, ...options })
        )(projections);
        return [value.dataSync(), grad.dataSync()];
      };
      assert.deepEqual(bits({ dropout }), bits({}));
      assert.throws(
        () => causalAttention({ projections, ...sizes, dropout: { ...dropout, rate: 1 } }),
        /dropout: rate .* below 1, found 1/,
      );
    });
  }
});

Deno.test("causalAttention keeps nothing for its dropout but a block of scores while it computes", async () => {
  await useEngine("wasm");
  const [time, batch, heads, width] = [128, 8, 4, 16];
  tf.tidy(() => {
    const projections = tf.tensor2d(values("projections", time * batch * 3 * width), [
      time * batch,
      3 * width,
    ]);
    const peakWith = (rate: number) => {
      const dropout = { rate, stream: randomStream(1, "mask") };
      tf.tidy(() =>
        tf.grad((x: tf.Tensor) =>
          causalAttention({ projections: x as tf.Tensor2D, time, batch, heads, dropout })
        )(projections)
      );
      return arenaBytes().peak;
    };
    const none = peakWith(0);
    // A mask of every probability would be 2 MiB.
    assert.ok(peakWith(0.5) - none <= 4 * 64 * time + 1024);
  });
});

Deno.test("maskedSoftmax has the bits of its twin, forward and backward, and lets no NaN get lost", async () => {
  await useEngine("wasm");
  tf.tidy(() => {
    const [batch, queries, keys] = [5, 7, 41];
    const scores = tf.tensor3d(values("scores", batch * queries * keys), [batch, queries, keys]);
    const dy = tf.tensor3d(values("dy", batch * queries * keys), [batch, queries, keys]);
    const padding = values("padding", batch * keys).map((value) => value > 1 ? -1e9 : 0);
    const mask = tf.tensor3d(padding, [batch, 1, keys]);
    const bits = (softmax: typeof maskedSoftmax) => {
      const { value, grad } = tf.valueAndGrad((x: tf.Tensor) =>
        tf.sum(tf.mul(dy, softmax({ scores: x as tf.Tensor3D, mask })))
      )(scores);
      return [softmax({ scores, mask }), value, grad].map((each) => each.dataSync());
    };
    assert.deepEqual(bits(maskedSoftmax), bits(maskedSoftmaxTwin));
    const broken = {
      scores: tf.tensor3d([[[1, NaN, 2]]]),
      mask: tf.zeros([1, 1, 3]) as tf.Tensor3D,
    };
    assert.deepEqual([...maskedSoftmax(broken).dataSync()], [NaN, NaN, NaN]);
    assert.throws(() => maskedSoftmax({ scores, mask: tf.zeros([batch, 1, 3]) }), /mask must be/);
  });
});

await testOnEngines(
  "causalAttention, layerNorm, rmsNorm, swiglu, rotary and gelu stay finite at values of ±1e4, forward and backward",
  (engine) => {
    tf.tidy(() => {
      const inputs = tf.tensor2d(values("large", 6 * 12).map((x) => 1e4 * x), [6, 12]);
      const gain = tf.ones<tf.Rank.R1>([12]);
      const operations: [string, (x: tf.Tensor) => tf.Tensor][] = [
        [
          "causalAttention",
          (x) => causalAttention({ projections: x as tf.Tensor2D, time: 3, batch: 2, heads: 2 }),
        ],
        ["layerNorm", (x) => layerNorm({ inputs: x as tf.Tensor2D, gain })],
        ["rmsNorm", (x) => rmsNorm({ inputs: x as tf.Tensor2D, gain })],
        ["swiglu", (x) => swiglu({ gate: x, up: x })],
        ["rotary", (x) => rotary({ inputs: x as tf.Tensor2D, time: 3, headSize: 6 })],
        ["gelu", (x) => gelu({ inputs: x })],
        ["gelu by tanh", (x) => gelu({ inputs: x, approximation: "tanh" })],
      ];
      for (const [name, operation] of operations) {
        const { value, grad } = tf.valueAndGrad(operation)(inputs);
        assert.ok([...value.dataSync()].every(Number.isFinite), `${name} on ${engine}`);
        assert.ok([...grad.dataSync()].every(Number.isFinite), `${name}'s gradient on ${engine}`);
      }
      const slopes = tf.grad((x: tf.Tensor) => gelu({ inputs: x, approximation: "tanh" }))(
        tf.tensor1d([1e4, -1e4]),
      ).dataSync();
      assert.ok(Math.abs(slopes[0] - 1) < 1e-6 && Math.abs(slopes[1]) < 1e-6, `${slopes}`);
    });
  },
);

Deno.test("groupedAttention with as many heads of keys as of queries has the bits of causalAttention", async () => {
  await useEngine("wasm");
  const [time, batch, heads, width] = [67, 2, 3, 12];
  tf.tidy(() => {
    const queries = tf.tensor2d(values("queries", time * batch * width), [time * batch, width]);
    const keys = tf.tensor2d(values("keys", time * batch * width), [time * batch, width]);
    const read = tf.tensor2d(values("values", time * batch * width), [time * batch, width]);
    const dy = tf.tensor2d(values("dy", time * batch * width), [time * batch, width]);
    const sizes = { time, batch, heads };
    const dropout = () => ({ rate: 0.2, stream: randomStream(1, "mask") });
    const gradients = (attention: (...inputs: tf.Tensor[]) => tf.Tensor) =>
      tf.grads((...inputs: tf.Tensor[]) => tf.mul(attention(...inputs), dy))([queries, keys, read])
        .map((gradient) => gradient.dataSync());
    assert.deepEqual(
      gradients((queries, keys, values) =>
        groupedAttention({
          queries: queries as tf.Tensor2D,
          keys: keys as tf.Tensor2D,
          values: values as tf.Tensor2D,
          ...{ ...sizes, keyValueHeads: heads, dropout: dropout() },
        })
      ),
      gradients((...inputs) =>
        causalAttention({
          projections: tf.concat(inputs as tf.Tensor2D[], 1),
          ...{ ...sizes, dropout: dropout() },
        })
      ),
    );
  });
});

await testOnEngines(
  "rotary leaves what queries and keys have in common to the distance of their positions, and lengths as they are",
  () => {
    tf.tidy(() => {
      const rows = tf.tensor2d(values("rows", 2 * 6), [2, 6]);
      const [query, key] = tf.split(rows, 2) as tf.Tensor2D[];
      const at = (inputs: tf.Tensor2D, firstPosition: number) =>
        rotary({ inputs, time: 1, headSize: 6, firstPosition });
      const score = (query: tf.Tensor2D, key: tf.Tensor2D) =>
        tf.sum(tf.mul(query, key)).dataSync()[0];
      const expected = score(at(query, 7), at(key, 3));
      for (const shift of [1, 50, 3000]) {
        const found = score(at(query, 7 + shift), at(key, 3 + shift));
        assert.ok(Math.abs(found - expected) < 1e-5, `${found}, not ${expected}`);
      }
      const [before, after] = [query, at(query, 999)].map((x) => score(x, x));
      assert.ok(Math.abs(before - after) < 1e-5);
    });
  },
);

Deno.test("layerNorm of a row of equal values gives the shift, with finite gradients", async () => {
  for (const engine of engines) {
    await useEngine(engine);
    tf.tidy(() => {
      const inputs = tf.fill<tf.Rank.R2>([2, 5], 1e3);
      const gain = tf.ones<tf.Rank.R1>([5]), shift = tf.tensor1d([1, 2, 3, 4, 5]);
      const { value, grad } = tf.valueAndGrad((x: tf.Tensor) =>
        layerNorm({ inputs: x as tf.Tensor2D, gain, shift })
      )(inputs);
      assert.deepEqual([...value.dataSync()], [1, 2, 3, 4, 5, 1, 2, 3, 4, 5]);
      assert.ok([...grad.dataSync()].every(Number.isFinite));
    });
  }
});

Deno.test("layerNorm, rmsNorm, gelu, swiglu, rotary, attention and lockedDropout refuse zero lengths and what does not fit", async () => {
  for (const engine of engines) {
    await useEngine(engine);
    tf.tidy(() => {
      const inputs = tf.ones<tf.Rank.R2>([4, 6]), none = tf.zeros<tf.Rank.R2>([0, 6]);
      const gain = tf.ones<tf.Rank.R1>([6]), short = tf.ones<tf.Rank.R1>([5]);
      const window = { time: 2, batch: 2 };
      const stream = randomStream(1, "masks");
      const grouped = (sizes: object) =>
        groupedAttention({
          ...{ queries: inputs, keys: inputs, values: inputs, ...window },
          ...{ heads: 3, keyValueHeads: 3, ...sizes },
        });
      const refusals: [() => unknown, RegExp][] = [
        [() => layerNorm({ inputs: none, gain }), /layerNorm: inputs .* found float32 \[0, 6\]/],
        [() => layerNorm({ inputs, gain: short }), /layerNorm: gain .*\[6\]/],
        [() => layerNorm({ inputs, gain, shift: short }), /layerNorm: shift .*\[6\]/],
        [() => layerNorm({ inputs, gain, epsilon: 0 }), /layerNorm: epsilon .* above 0, found 0/],
        [() => gelu({ inputs: none }), /gelu: inputs .* found float32 \[0, 6\]/],
        [() => gelu({ inputs, approximation: "erf" as "none" }), /one of "none", "tanh"/],
        [() => linearGelu({ inputs: none, kernel: inputs }), /linearGelu: inputs/],
        [() => linearGelu({ inputs, kernel: inputs }), /linearGelu: kernel .*\[6, outputSize\]/],
        [() => causalAttention({ projections: none, ...window, heads: 1 }), /projections/],
        [() => causalAttention({ projections: inputs, time: 0, batch: 2, heads: 1 }), /from 1/],
        [() => causalAttention({ projections: inputs, ...window, heads: 3 }), /3 heads divide/],
        [() => causalAttention({ projections: inputs, time: 3, batch: 2, heads: 1 }), /\[6, /],
        [() => rmsNorm({ inputs: none, gain }), /rmsNorm: inputs .* found float32 \[0, 6\]/],
        [() => rmsNorm({ inputs, gain: short }), /rmsNorm: gain .*\[6\]/],
        [() => rmsNorm({ inputs, gain, epsilon: 0 }), /rmsNorm: epsilon .* above 0, found 0/],
        [() => swiglu({ gate: inputs, up: none }), /swiglu: up .* found float32 \[0, 6\]/],
        [() => rotary({ inputs, time: 2, headSize: 3 }), /even number, found .* headSize 3/],
        [() => rotary({ inputs, time: 3, headSize: 2 }), /\[4, 6\] for time 3/],
        [() => rotary({ inputs, time: 2, headSize: 4 }), /headSize 4/],
        [() => grouped({ heads: 4 }), /divide the columns of queries/],
        [
          () => grouped({ keyValueHeads: 2 }),
          /multiple of keyValueHeads, found 3, 6 columns and 2/,
        ],
        [() => grouped({ keyValueHeads: 1 }), /groupedAttention: keys .*\[4, 2\]/],
        [() => grouped({ time: 3 }), /groupedAttention: queries .*\[6, /],
        [() => lockedDropout({ inputs, time: 3, batch: 1, rate: 0.5, stream }), /\[3, columns\]/],
        [() => lockedDropout({ inputs, ...window, rate: 1, stream }), /below 1, found 1/],
        [
          () => lockedDropout({ inputs: none, ...window, rate: 0, stream }),
          /found float32 \[0, 6\]/,
        ],
      ];
      for (const [refused, message] of refusals) assert.throws(refused, message);
    });
  }
});
