import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { assertClose, testOnEngines } from "./_testing/contract.ts";
import reference from "./_reference/layers.json" with { type: "json" };
import { causalAttention } from "./causal_attention.ts";
import { gelu } from "./gelu.ts";
import { groupedAttention } from "./grouped_attention.ts";
import { layerNorm } from "./layer_norm.ts";
import { lstm } from "./lstm.ts";
import { rmsNorm } from "./rms_norm.ts";
import { rotary } from "./rotary.ts";
import { simpleRnn } from "./simple_rnn.ts";
import { swiglu } from "./swiglu.ts";

interface Case {
  readonly operation: string;
  readonly options: object;
  readonly tensors: { readonly [name: string]: { shape: number[]; values: number[] } };
  readonly weights: { readonly [output: string]: number[] };
  readonly outputs: { readonly [output: string]: number[] };
  readonly gradients: { readonly [name: string]: number[] };
}

// deno-lint-ignore no-explicit-any -- tensors and options go to the operations by name
type Loose = any;
type Outputs = { readonly [output: string]: tf.Tensor };

const operations: { readonly [name: string]: (options: Loose) => Outputs } = {
  lstm({ initialHidden: hidden, initialCell: cell, ...rest }) {
    const { states, finalState } = lstm({
      ...rest,
      ...hidden && { initialState: { hidden, cell } },
    });
    return { states, ...finalState };
  },
  simpleRnn: (options) => ({ states: simpleRnn(options) }),
  layerNorm: (options) => ({ normalized: layerNorm(options) }),
  gelu: (options) => ({ activated: gelu(options) }),
  rmsNorm: (options) => ({ normalized: rmsNorm(options) }),
  rotary: (options) => ({ turned: rotary(options) }),
  swiglu: (options) => ({ gated: swiglu(options) }),
  groupedAttention: (options) => ({ attended: groupedAttention(options) }),
  causalAttention({ dropout, ...rest }) {
    if (dropout === undefined) return { attended: causalAttention(rest) };
    const keys = dropout.keys.values();
    const stream = { uint32: () => keys.next().value };
    return { attended: causalAttention({ ...rest, dropout: { rate: dropout.rate, stream } }) };
  },
};

function checkCase({ operation, options, ...one }: Case, tolerance: number): void {
  tf.tidy(() => {
    const names = Object.keys(one.tensors);
    const tensors = names.map((name) =>
      tf.tensor(one.tensors[name].values, one.tensors[name].shape)
    );
    const run = (list: tf.Tensor[]) =>
      operations[operation]({
        ...options,
        ...Object.fromEntries(names.map((name, i) => [name, list[i]])),
      });
    const outputs = run(tensors);
    assert.deepEqual(Object.keys(outputs).sort(), Object.keys(one.outputs).sort());
    for (const [name, output] of Object.entries(outputs)) {
      assertClose(output.dataSync(), one.outputs[name], tolerance, `${operation}: ${name}`);
    }
    const gradients = tf.grads((...list: tf.Tensor[]) =>
      tf.addN(
        Object.entries(run(list)).map(([name, output]) =>
          tf.sum(tf.mul(output, tf.tensor(one.weights[name], output.shape)))
        ),
      )
    )(tensors);
    names.forEach((name, i) => {
      const what = `${operation}: gradient of ${name}`;
      assertClose(gradients[i].dataSync(), one.gradients[name], tolerance, what);
    });
  });
}

for (const operation of Object.keys(operations)) {
  const cases = (reference.cases as unknown as Case[]).filter((one) => one.operation === operation);
  await testOnEngines(
    `${operation} gives the values and gradients of PyTorch ${reference.versions.torch} within 1e-5`,
    () => {
      assert.ok(cases.length >= 2);
      for (const one of cases) checkCase(one, 1e-5);
    },
  );
}
