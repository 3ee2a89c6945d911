import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { useEngine } from "../engine/engine.ts";
import { innerGradients, variableGradients } from "./variable_gradients.ts";

/** Sums of products that share their parts, so that gradients are added up and handed on as they are. */
function tangled(x: tf.Tensor, y: tf.Tensor): tf.Scalar {
  const sum = tf.add(x, y);
  const both = tf.add(sum, tf.add(sum, x));
  const turned = tf.reshape(tf.reshape(tf.mul(both, y), [4]), [2, 2]);
  return tf.sum(tf.add(tf.mul(turned, sum), tf.tanh(turned))) as tf.Scalar;
}

for (const engine of ["cpu", "wasm"] as const) {
  Deno.test(`gradients that free what they read have the bits of tfjs's on ${engine}, and leave nothing`, async () => {
    await useEngine(engine);
    const [x, y] = [[1, -2, 0.5, 3], [0.25, 1, -1, 2]].map((list) =>
      tf.variable(tf.tensor2d(list, [2, 2]))
    );
    const unused = tf.variable(tf.scalar(1));
    const before = tf.memory().numTensors;
    const read = ({ value, grads }: ReturnType<typeof tf.variableGrads>) => {
      const found = [value, grads[x.name], grads[y.name]].map((tensor) => [...tensor.dataSync()]);
      tf.dispose([value, grads]);
      return found;
    };
    const loss = () => tangled(x, y);
    assert.deepEqual(
      read(variableGradients(loss, [x, y])),
      read(tf.variableGrads(loss, [x, y])),
    );
    const { value, grads } = variableGradients(loss, [x, unused]);
    assert.deepEqual(Object.keys(grads), [x.name]);
    tf.dispose([value, grads]);
    assert.equal(tf.memory().numTensors, before);
    tf.dispose([x, y, unused]);
  });
}

for (const engine of ["cpu", "wasm"] as const) {
  Deno.test(`a gradient may be a tensor that was there before on ${engine}`, async () => {
    await useEngine(engine);
    const weights = tf.variable(tf.tensor1d([1, 2, 3]));
    const slope = tf.tensor1d([1, 1, 1]);
    const before = tf.memory().numTensors;
    const halfSquares = tf.customGrad((x, save) => {
      (save as tf.GradSaveFunc)([x as tf.Tensor]);
      return {
        value: tf.mul(tf.sum(tf.square(x as tf.Tensor)), 0.5),
        gradFunc: (_dy, saved) => (saved as tf.Tensor[])[0],
      };
    });
    const total = tf.customGrad((x) => ({ value: tf.sum(x as tf.Tensor), gradFunc: () => slope }));
    const twice = () => tf.add(tf.mul(weights, 2), 1);
    // ½ Σ (2w + 1)² and Σ (2w + 1).
    for (const [loss, expected] of [[halfSquares, [6, 10, 14]], [total, [2, 2, 2]]] as const) {
      const { value, grads } = variableGradients(() => loss(twice()) as tf.Scalar, [weights]);
      assert.deepEqual([...grads[weights.name].dataSync()], expected);
      tf.dispose([value, grads]);
    }
    assert.deepEqual([...slope.dataSync()], [1, 1, 1]);
    assert.equal(tf.memory().numTensors, before);
    tf.dispose([weights, slope]);
  });
}

Deno.test("a gradient inside of another leaves the outer one as it was", async () => {
  await useEngine("cpu");
  const inner = tf.customGrad((x, save) => {
    (save as tf.GradSaveFunc)([x as tf.Tensor]);
    return {
      value: tf.square(x as tf.Tensor),
      gradFunc: (dy, saved) =>
        innerGradients(() => tf.square((saved as tf.Tensor[])[0]), saved as tf.Tensor[], dy)[0],
    };
  });
  const x = tf.variable(tf.tensor1d([1, 2, 3]));
  const before = tf.memory().numTensors;
  const { value, grads } = variableGradients(
    () => tf.sum(tf.mul(inner(tf.mul(x, 2)), x)) as tf.Scalar,
    [x],
  );
  // Σ 4x³: 12x².
  assert.deepEqual([...grads[x.name].dataSync()], [12, 48, 108]);
  tf.dispose([value, grads]);
  assert.equal(tf.memory().numTensors, before);
  x.dispose();
});
